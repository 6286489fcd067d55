/** A text cut into blocks: what is set as a heading, a paragraph, or not part of the article. */

import { countWhile } from "./offsets.js";

const LONG = 6000;
const SHORT = 120;
const ITEM = /^\s*(?:[-*+•|>]|\d{1,3}[.)])\s/;

/**
 * Blocks in order, in UTF-16: `{from, start, end, kind}`, only white space lying from `from` to
 * `start`. `kind` is `top` (the `first` line of it too), `body` or `apart`; `level` that of a heading; `page` the number of the
 * page that begins here. Very long paragraphs go on in blocks that are `continued`.
 */
export function blocksOf(text, { header, body, headings, pages }, toUnit) {
  const units = ({ start, end }, kind) => ({ start: toUnit(start), end: toUnit(end), kind });
  const ranges = [...header.map((one, place) => units(one, place ? "top" : "top first")), ...body.map((one) => units(one, "body"))];
  const blocks = [];
  let at = 0;
  for (const range of [...ranges.sort((one, other) => one.start - other.start), { start: text.length, end: 0 }]) {
    for (const { 0: line, index } of text.slice(at, range.start).matchAll(/\S[^\n]*/g)) {
      add(blocks, text, at + index, at + index + line.trimEnd().length, "apart");
    }
    add(blocks, text, Math.max(range.start, at), range.end, range.kind);
    at = Math.max(at, range.end);
  }
  let before = { start: 0, end: 0 };
  for (const block of blocks) {
    settle(text, before, block);
    before = block;
  }
  for (const { start, end, level } of headings) {
    const block = blocks[placeOf(blocks, toUnit(start))];
    if (block && !/[\p{L}\p{N}]/u.test(text.slice(toUnit(end), block.end))) block.level = level;
  }
  pages.forEach(({ start, end }, number) => {
    const block = blocks[placeOf(blocks, toUnit(start))];
    if (block?.start < toUnit(end)) block.page ??= number + 1;
  });
  return blocks;
}

/** The place of the block that holds a position or is the next after it. */
export function placeOf(blocks, unit) {
  return countWhile(blocks.length, (place) => blocks[place].end <= unit);
}

function add(blocks, text, start, end, kind) {
  for (let at = start; at < end; ) {
    const stop = end - at > LONG ? at + pieceOf(text.slice(at, at + LONG)) : end;
    blocks.push({ start: at, end: stop, kind, continued: at > start });
    at = stop;
  }
}

/** How much of a text to take, so that it ends with a sentence, a word, or at least a character. */
function pieceOf(text) {
  const [end] = /^[^]{3000,}[.!?؟。][^\p{L}\p{N}]*\s/u.exec(text) ?? /^[^]{3000,}\s/.exec(text) ?? /^[^]*[^\ud800-\udbff]/.exec(text);
  return end.length;
}

/** Gives a line of the body its indent, and says how it stands to the one before. */
function settle(text, before, block) {
  const gap = text.slice(before.end, block.start);
  block.from = before.end;
  if (block.kind === "body" && (gap.includes("\n") || !before.end)) block.start -= /[ \t]*$/.exec(gap)[0].length;
  const own = text.slice(block.start, block.end);
  block.wrapped = own.includes("\n");
  block.tight = gap.split("\n").length === 2 && (ITEM.test(own) || Math.max(before.end - before.start, own.length) < SHORT);
}
