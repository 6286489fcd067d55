/** What a selection in the text can be used for, by pointer and by keyboard. */

import { el, textButton } from "../base/dom.js";
import { alsoListed } from "../base/keys.js";
import { popup } from "./popup.js";

const PAUSE_MS = 250;

/**
 * Offers `acts`, `{label: run(span)}`, where text is selected. `current()` gives what is shown; a
 * span is `{start, end}` in UTF-16; `placed(span)` is how it is told.
 */
export function mountSelection(root, view, { current, acts, placed }) {
  const box = popup(root, "Selected text");
  let timer = null;
  let pressed = false;

  function offer(focus) {
    const found = current() && selected(current());
    if (!found) return box.hide();
    const buttons = Object.entries(acts).map(([label, run]) => textButton(label, () => {
      box.hide();
      run(found.span);
    }));
    box.show(found.rect, [...buttons, el("span", { class: "muted" }, placed(found.span))], focus);
  }

  function later() {
    clearTimeout(timer);
    if (!pressed) timer = setTimeout(offer, PAUSE_MS);
  }

  const released = () => {
    if (!pressed) return;
    pressed = false;
    later();
  };
  view.addEventListener("pointerdown", () => (pressed = true));
  for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, released);
  document.addEventListener("selectionchange", () => view.contains(getSelection().anchorNode) && later());
  view.addEventListener("scrollend", later);
  view.addEventListener("keydown", (event) => {
    const block = event.target.closest(".block");
    const by = { j: 1, k: -1 }[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey || !current()) return;
    if (by) step(view, current(), block, by);
    else if (event.key === "Enter" && event.target === (block ?? view)) {
      if (block && !selected(current())) getSelection().selectAllChildren(block);
      offer(true);
    } else return;
    event.preventDefault();
  });
  alsoListed("j k", "Within an article: next or previous paragraph");
  alsoListed("Enter", "Within an article: what to do with the paragraph");
}

/** The part of the selection that is in the article, without white space around; null for none. */
function selected({ article, text }) {
  const selection = getSelection();
  if (selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  const from = article.unitAt(range.startContainer, range.startOffset);
  const part = text.slice(from, article.unitAt(range.endContainer, range.endOffset) ?? text.length);
  const start = from + part.length - part.trimStart().length;
  const end = start + part.trim().length;
  return from === null || start === end ? null : { span: { start, end }, rect: range.getBoundingClientRect() };
}

/** Moves the focus to the next block; from where there is none, to the first in view. */
function step(view, { article, blocks }, from, by) {
  const { top } = view.getBoundingClientRect();
  const inView = () => blocks.findIndex(({ element }) => element?.getBoundingClientRect().bottom > top + 8);
  const place = from ? blocks.indexOf(from.block) + by : inView();
  if (!blocks[place]) return;
  const element = article.at(place);
  element.tabIndex = -1;
  element.focus({ preventScroll: true });
  element.scrollIntoView({ block: "nearest" });
}
