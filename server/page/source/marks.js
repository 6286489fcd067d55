/** A block's text with its marks, cut where any of them begins or ends, so that they may overlap. */

import { el } from "../base/dom.js";

/**
 * The nodes of a block. Each of `marks` is `{start, end, kind, entry}` in UTF-16: `cited` by an
 * answer of the conversation, `now` shown, `soft` the sentence around. What an answer cites is a
 * button, whose `entries` say which.
 */
export function marked(text, { start, end }, marks) {
  const here = marks.filter((one) => one.start < end && start < one.end);
  const cuts = [start, end, ...here.flatMap((one) => [one.start, one.end])].filter((at) => start <= at && at <= end);
  const places = [...new Set(cuts)].sort((one, other) => one - other);
  return places.slice(1).map((to, place) => {
    const from = places[place];
    const over = here.filter((one) => one.start <= from && to <= one.end);
    return over.length ? part(text.slice(from, to), from, over) : text.slice(from, to);
  });
}

function part(text, from, over) {
  const cited = over.filter(({ entry }) => entry);
  const isFirst = cited.some(({ start }) => start === from);
  const acts = cited.length && { role: "button", "aria-haspopup": "dialog", "aria-description": "cited", tabindex: isFirst && "0" };
  const mark = el("mark", { class: over.map(({ kind }) => kind).join(" "), ...acts }, text);
  mark.entries = cited.map(({ entry }) => entry);
  return mark;
}
