/** The articles: added, listed, chosen, deleted. */

import { on } from "../base/bus.js";
import { el, icon, textButton } from "../base/dom.js";
import { shortcut } from "../base/keys.js";
import { section, trouble } from "../base/section.js";
import { showAdder } from "./adding.js";
import { reload } from "./documents.js";
import { mountDropping } from "./dropping.js";
import { documentList } from "./list.js";
import { resume, work } from "./work.js";

export { documents, reload, scope, titleOf } from "./documents.js";

export function mountLibrary(root) {
  const add = () => showAdder();
  const count = el("span", { class: "muted" });
  const state = el("div", { class: "state" }, el("p", { class: "muted" }, "Loading…"));
  const content = section(root, ["Articles ", count], textButton([icon("plus"), "Add"], add, { "aria-label": "Add articles" }));
  content.append(el("div", {}, work), state, ...documentList());
  on("documents", ({ length }) => {
    count.textContent = length || "";
    state.replaceChildren(...(length ? [] : empty(add)));
  });
  const load = () => reload().catch((error) => state.replaceChildren(...trouble(error, load)));
  shortcut("u", "Add articles", add);
  mountDropping();
  load();
  resume().catch(() => {}); // what was under way will be in the list in the end
  document.addEventListener("visibilitychange", () => document.hidden || load());
}

function empty(add) {
  return [
    el("p", {}, "No articles yet."),
    el("p", { class: "muted" }, "Add some and ask what they say. Files can be dropped anywhere on this page."),
    textButton("Add articles", add, { class: "primary" }),
  ];
}
