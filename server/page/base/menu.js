/** A menu of a few buttons: closed by choosing, by Escape, and by going elsewhere. */

import { el } from "./dom.js";

/** `label` is what its button shows, `title` names it. */
export function menu(label, title, ...choices) {
  const summary = el("summary", { title, "aria-label": title }, label);
  const close = () => {
    box.open = false;
    summary.focus();
  };
  const onkeydown = (event) => {
    if (event.key !== "Escape" || !box.open) return;
    event.preventDefault();
    close();
  };
  const list = el("div", {}, choices);
  const box = el("details", { class: "menu", onkeydown }, summary, list);
  list.addEventListener("click", close, { capture: true }); // before the choice takes the focus
  return box;
}

for (const kind of ["pointerdown", "focusin"]) {
  document.addEventListener(kind, ({ target }) => {
    for (const box of document.querySelectorAll(".menu[open]")) if (!box.contains(target)) box.open = false;
  });
}
