/** An answer: its quotes, how sure they are, and where each stands. */

import { day } from "../base/dates.js";
import { el, textButton } from "../base/dom.js";
import { openSource } from "../source/source.js";

const LEVELS = [[0.9, "Very likely"], [0.7, "Likely"], [0.5, "More likely than not"], [0.25, "Unsure, to be checked"], [0, "A guess, to be checked"]];

/** The word for a calibrated probability. */
export const worded = (confidence) => LEVELS.find(([least]) => confidence >= least)[1];

export function answered({ id, spans, citations, confidence }) {
  const mark = (number) => {
    const citation = citations.find((one) => one.number === number);
    return el("sup", {}, opener(citation, id, `[${number}]`, { class: "plain", "aria-label": `Show ${number} in the article` }));
  };
  const quotes = el("blockquote", {}, spans.map((one) => el("p", { dir: "auto" }, el("q", {}, one.text), one.citations.map(mark))));
  return [
    ...(confidence < 0.5 ? [sureness(confidence), quotes] : [quotes, sureness(confidence)]),
    el("ol", { class: "places" }, citations.map((one) => cited(one, id))),
  ];
}

function sureness(confidence) {
  const percent = Math.min(Math.max(Math.round(confidence * 100), 1), 99); // never shown as certain
  return el(
    "details",
    { class: confidence < 0.5 ? "sureness guess" : "sureness" },
    el("summary", {}, `${worded(confidence)} · ${percent}\u202f%`),
    el("p", {}, `Of 100 answers with this confidence, about ${percent} are right. The words stand in the article in any case.`),
  );
}

function cited(citation, answerId) {
  const { number, published } = citation;
  const [before, quote, after] = cut(citation);
  const about = [...sourceOf(citation), published && day(published)];
  return placed(citation, answerId, [before, el("mark", {}, quote), after], about, el("span", { class: "muted" }, `[${number}]`));
}

/** Where a citation is from, in parts, of which some may say nothing. */
export const sourceOf = ({ title, name, section, page, author }) => [title || name, section, page && `p. ${page}`, author];

/** A sentence in three, the quote in the middle; the quote alone where it is not all in the sentence. */
export function cut({ quote, start, sentence }) {
  const points = [...sentence.text];
  const first = start - sentence.start;
  const last = first + [...quote].length;
  const text = (from, to) => points.slice(from, to).join("");
  return first >= 0 && text(first, last) === quote ? [text(0, first), quote, text(last)] : ["", quote, ""];
}

/** A place in an article: its text, what it is from, and what opens it. */
export function placed(place, answerId, text, about, number = null) {
  return el(
    "li",
    {},
    number,
    el("p", { class: "sentence", dir: "auto" }, text),
    el("p", { class: "about muted" }, about.filter(Boolean).map((part) => el("bdi", {}, part))),
    opener(place, answerId, "Show in article"),
    el("span", { class: "gone muted" }, "This article has been removed."),
  );
}

function opener(place, answerId, label, properties) {
  const { document_id, removed } = place;
  return textButton(label, () => open(place, answerId), { "data-document": document_id, "data-removed": removed, disabled: removed, ...properties });
}

/** Shows a citation or a passage in its article; `quiet` where something else is said of it. */
export function open({ document_id, start, end, sentence = null }, answerId, quiet = false) {
  openSource({ document_id, start, end, sentence, answer_id: answerId, quiet });
}

/** Lets only those documents be opened that `has(id)` says are there. */
export function settlePlaces(root, has) {
  for (const one of root.querySelectorAll("[data-document]:not([data-removed])")) one.disabled = !has(one.dataset.document);
}
