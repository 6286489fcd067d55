/** A small box beside a place in the text: closed by Escape, by a press elsewhere, by scrolling. */

import { el } from "../base/dom.js";

const SPACE = 8;

/** `{show(rect, children, focus), hide()}`; with `focus` it takes the focus, and gives it back. */
export function popup(root, label) {
  const box = el("div", { class: "popup", role: "dialog", "aria-label": label, popover: "manual" });
  let opener = null;
  root.append(box);

  function show(rect, children, focus) {
    opener = focus ? document.activeElement : null;
    box.replaceChildren(...children);
    box.hidePopover();
    box.showPopover();
    const under = rect.bottom + SPACE;
    const fits = under + box.offsetHeight < innerHeight;
    box.style.top = `${fits ? under : Math.max(rect.top - SPACE - box.offsetHeight, SPACE)}px`;
    box.style.left = `${Math.max(Math.min(rect.left, innerWidth - box.offsetWidth - SPACE), SPACE)}px`;
    if (focus) box.querySelector("button").focus();
  }

  function hide() {
    const back = box.contains(document.activeElement) && opener;
    box.hidePopover();
    if (back?.isConnected) back.focus({ preventScroll: true });
  }

  const onkeydown = (event) => {
    if (event.key !== "Escape" || !box.matches(":popover-open")) return;
    event.preventDefault();
    hide();
  };
  document.addEventListener("keydown", onkeydown, true);
  document.addEventListener("pointerdown", ({ target }) => box.contains(target) || hide());
  root.addEventListener("scroll", ({ target }) => box.contains(target) || hide(), true);
  return { show, hide };
}
