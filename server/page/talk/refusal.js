/** A refusal: why, what the articles lack, and where to look instead. */

import { el, textButton } from "../base/dom.js";
import { showAdder } from "../library/adding.js";
import { titleOf } from "../library/library.js";
import { placed } from "./answer.js";

const EXCERPT = 300;

const WHY = {
  nothing_indexed: "There are no articles to ask yet.",
  nothing_retrieved: "No passage has anything in common with the question.",
  not_in_text: "The passages closest to the question don’t answer it.",
};

/** `guess()` asks for the best candidate all the same. */
export function refused({ id, reason, missing = [], passages, confidence }, guess) {
  const words = missing.flatMap((word, place) => [place ? ", " : "", el("b", {}, el("bdi", {}, word))]);
  const closest = passages.map((one) => placed(one, id, excerpt(one.text), [one.title || titleOf(one.document_id)]));
  return [
    el("p", { class: "refusal" }, "The text does not say."),
    el("p", {}, WHY[reason] ?? WHY.not_in_text),
    words.length && el("p", {}, `The articles don’t have ${missing.length === 1 ? "this word" : "these words"}: `, words),
    reason === "nothing_indexed" && textButton("Add an article", () => showAdder(), { class: "primary" }),
    confidence !== null && textButton("Show the best guess anyway", guess),
    closest.length && el("h3", {}, "The closest passages"),
    el("ol", { class: "places closest" }, closest),
  ];
}

function excerpt(text) {
  const points = [...text];
  return points.length > EXCERPT ? `${points.slice(0, EXCERPT).join("")}…` : text;
}
