/** A text as elements: the part that is wanted first, the rest while the browser has time. */

import { el } from "../base/dom.js";
import { placeOf } from "./blocks.js";
import { marked } from "./marks.js";

const GROUP = 6000;
const AT_ONCE_MS = 8;
const LINE_PX = 27;
const LETTER_PX = 7.6;

/**
 * Every character of the text stands in `element`, in order. Blocks are made, and laid out, in
 * groups; one that is not near the view has the height that it is guessed to have.
 */
export function articleOf({ text, blocks }, inlineSize) {
  const highest = Math.min(...blocks.map(({ level = 6 }) => level));
  const groups = [];
  let marks = [];
  for (const block of blocks) {
    if (!groups.length || block.end - groups.at(-1).from > GROUP) groups.push({ from: block.from, blocks: [] });
    groups.at(-1).blocks.push(block);
    groups.at(-1).end = block.end;
  }
  const element = el("div", { class: "article" }, groups.map(shell), hidden(blocks.at(-1).end, text.length));

  function hidden(from, to) {
    return from < to && el("span", { hidden: true }, text.slice(from, to));
  }

  function shell(group) {
    const lines = group.blocks.map(({ start, end }) => 0.5 + Math.ceil(((end - start) * LETTER_PX) / inlineSize));
    const height = `${LINE_PX * lines.reduce((sum, one) => sum + one)}px`;
    group.element = el("div", { class: "group" });
    group.element.group = group;
    group.element.style.containIntrinsicBlockSize = `auto ${height}`;
    group.element.style.minBlockSize = height;
    return group.element;
  }

  function fill({ element, blocks }) {
    if (element.firstChild) return;
    element.append(...blocks.flatMap((block) => [hidden(block.from, block.start), elementOf(block)]).filter(Boolean));
    element.style.minBlockSize = "";
  }

  function elementOf(block) {
    const { kind, level, page } = block;
    const tag = level && kind !== "apart" ? `h${Math.min(3 + level - highest, 6)}` : "p";
    const looks = ["continued", "tight", "wrapped"].filter((name) => block[name]);
    block.element = el(tag, { class: ["block", kind, ...looks].join(" "), dir: "auto", "data-page": page && `Page ${page}` }, marked(text, block, marks));
    block.element.block = block;
    return block.element;
  }

  return {
    element,

    /** The element of a block, which is made, with those around it, where it is not yet. */
    at(place) {
      const block = blocks[Math.min(place, blocks.length - 1)];
      const near = placeOf(groups, block.start);
      groups.slice(Math.max(near - 1, 0), near + 2).forEach(fill);
      return block.element;
    },

    /** Shows these marks and no others. */
    mark(next) {
      const touched = [...marks, ...next].flatMap(({ start, end }) => blocks.slice(placeOf(blocks, start), placeOf(blocks, end - 1) + 1));
      marks = next;
      for (const block of new Set(touched)) block.element?.replaceChildren(...marked(text, block, marks));
    },

    /** Makes what is missing, as long as the element is shown. */
    async finish() {
      let since = 0;
      for (const group of groups) {
        if (performance.now() - since > AT_ONCE_MS) {
          await new Promise((resolve) => setTimeout(resolve));
          since = performance.now();
        }
        if (!element.isConnected) return;
        fill(group);
      }
    },

    /** The position of a place in the page, as a Range has it; null where it isn't in the text. */
    unitAt(node, offset) {
      const holder = (node.closest ? node : node.parentElement).closest(".group");
      if (!element.contains(holder)) return null;
      const range = new Range();
      range.setStart(holder, 0);
      range.setEnd(node, offset);
      return holder.group.from + range.toString().length;
    },
  };
}
