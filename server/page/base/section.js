/** A part of the side: a list under a heading that folds it. */

import { el, textButton } from "./dom.js";

/** Fills `root`; gives the element for the content. */
export function section(root, heading, ...beside) {
  const content = el("details", { open: true }, el("summary", {}, el("h2", { id: `${root.id}-title` }, heading)));
  root.append(...beside, content);
  return content;
}

export function searchField(label, oninput) {
  return el("input", { type: "search", placeholder: label, "aria-label": label, oninput, hidden: true });
}

/** What to show where a list can't be had. */
export function trouble(error, again) {
  return [el("p", { role: "alert" }, "This can’t be listed. ", error.message), textButton("Try again", again)];
}

/** Focuses the entry beside a row that goes, or what comes first in the section. */
export function focusBeside(row) {
  const entry = row.nextElementSibling ?? row.previousElementSibling ?? row.closest("section");
  entry.querySelector(".open, button, summary").focus();
}
