/** What a new conversation shows: what to do, and places to begin with. */

import { get } from "../base/api.js";
import { on } from "../base/bus.js";
import { el, textButton } from "../base/dom.js";
import { isPhone } from "../base/panes.js";
import { showAdder } from "../library/adding.js";
import { documents, titleOf } from "../library/library.js";
import { open } from "./answer.js";

const MOST = 6;

/** `ready()` is called when a place was opened beside, so that a question about it may follow. */
export function startView(ready) {
  let latest = null;
  const places = el("ul");
  on("scope", async (ids) => {
    latest = ids;
    const found = documents().length ? (await suggestions(ids)).map(place) : empty();
    if (latest === ids) places.replaceChildren(...found.map((one) => el("li", {}, one)));
  });
  return el(
    "section",
    { class: "start" },
    el("h2", {}, "What would you like to know?"),
    el("p", { class: "muted" }, "Every answer is a quote from your articles. Where they don’t say, you are told so."),
    places,
  );

  function place(suggestion) {
    const { kind, text, document_id } = suggestion;
    const show = () => {
      open(suggestion, null);
      if (!isPhone()) ready();
    };
    const title = titleOf(document_id);
    return textButton([el("span", { class: kind, dir: "auto" }, text), title !== text && el("span", { class: "muted", dir: "auto" }, title)], show);
  }
}

const empty = () => [el("div", { class: "row" }, "There are no articles yet.", textButton("Add articles", () => showAdder(), { class: "primary" }))];

/** From the chosen documents, or the newest; none where there are none to be had. */
async function suggestions(ids) {
  const paths = ids ? ids.slice(0, MOST).map((id) => `/v1/documents/${id}/suggestions`) : ["/v1/suggestions"];
  const each = Math.floor(MOST / paths.length);
  const lists = await Promise.all(paths.map((path) => get(`${path}?limit=${each}`).catch(() => ({ suggestions: [] }))));
  return lists.flatMap((list) => list.suggestions);
}
