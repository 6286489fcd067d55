/** The list of articles: opened, chosen, deleted, filtered. */

import { on } from "../base/bus.js";
import { day } from "../base/dates.js";
import { el, iconButton, textButton } from "../base/dom.js";
import { showSide } from "../base/panes.js";
import { focusBeside, searchField } from "../base/section.js";
import { openSource } from "../source/source.js";
import { choose, discard, nameOf, scope } from "./documents.js";

const FILTER_ABOVE = 8;

/** The list's elements, which keep themselves up to date. */
export function documentList() {
  const made = new Map();
  let rows = [];
  const list = el("ul", { class: "entries" });
  const asked = el("p", { class: "asked muted" });
  const none = el("p", { class: "muted", role: "status" });
  const filter = searchField("Filter articles", sift);
  const all = textButton("Ask all", () => {
    choose([]);
    rows[0].box.focus({ preventScroll: true });
  });

  function sift() {
    const words = folded(filter.hidden ? "" : filter.value).split(/\s+/);
    for (const { row, text } of rows) row.hidden = !words.every((word) => text.includes(word));
    none.textContent = rows.length && rows.every(({ row }) => row.hidden) ? "No article matches." : "";
  }

  function tick() {
    const ids = new Set(scope());
    for (const { id, box } of rows) box.checked = ids.has(id);
    const hint = rows.length > 1 ? "Asking all. Tick some to ask only those." : "";
    asked.replaceChildren(...(ids.size ? [`Asking ${ids.size} of ${rows.length}`, all] : [hint]));
  }

  on("documents", (known) => {
    const focused = document.activeElement;
    for (const one of known) if (!made.has(one.id)) made.set(one.id, rowOf(one));
    rows = known.map(({ id }) => made.get(id));
    list.replaceChildren(...rows.map(({ row }) => row));
    if (list.contains(focused)) focused.focus({ preventScroll: true });
    filter.hidden = rows.length <= FILTER_ABOVE;
    sift();
  });
  on("scope", tick);
  on("shown", (shown) => rows.forEach(({ id, open }) => (open.ariaCurrent = String(id === shown))));
  return [filter, asked, none, list];
}

function rowOf(document) {
  const { id, author, published, url, characters } = document;
  const name = nameOf(document);
  const about = [author, published && day(published), `${characters.toLocaleString("en")} characters`].filter(Boolean);
  const box = el("input", { type: "checkbox", "aria-label": `Ask only what is ticked: ${name}`, onchange: () => {
    const rest = (scope() ?? []).filter((one) => one !== id);
    choose(box.checked ? [...rest, id] : rest);
  } });
  const title = el("span", { class: "name", dir: "auto" }, name);
  const open = textButton([title, el("span", { class: "muted" }, about.map((part) => el("bdi", {}, part)))], () => show(id), { class: "plain open" });
  const trash = iconButton("trash", `Delete ${name}`, () => {
    focusBeside(row);
    discard(document);
  });
  const row = el("li", {}, el("label", {}, box), open, trash);
  return { id, row, box, open, text: folded([name, author, published, url].join(" ")) };
}

/** Shows an article beside the conversation. */
export function show(id) {
  showSide(false);
  openSource({ document_id: id });
}

/** A text as it is compared: without case and accents. */
function folded(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
