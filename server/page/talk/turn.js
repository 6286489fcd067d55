/** A question and what came of it. */

import { copied } from "../base/clipboard.js";
import { el, iconButton, textButton } from "../base/dom.js";
import { address, toConversation } from "../base/route.js";
import { answered } from "./answer.js";
import { copyMenu } from "./copy.js";
import { verdicts } from "./feedback.js";
import { refused } from "./refusal.js";

let count = 0;

/**
 * `options` go with the question. What can be done with a turn: `ask(question, options)` anew,
 * `again(turn)` in its place, `compose(question)`; `conversation()` is the id for a link.
 */
export function turnOf(question, options, { ask, again, compose, conversation }) {
  const id = `turn-${++count}`;
  const told = el("div", { class: "told" });
  const heading = el("h2", { id, dir: "auto" }, question);
  const element = el("article", { class: "turn", tabindex: -1, "aria-labelledby": id }, heading, told);
  const turn = { element, question, answer: null, options, working, ended, show };
  const edit = () => iconButton("edit", "Edit and ask again", () => compose(question));
  element.turn = turn;
  return turn;

  /** Says what is being done. */
  function working(text) {
    told.replaceChildren(el("p", { class: "working muted" }, text));
  }

  /** Says why there is no answer. */
  function ended(text, role = null) {
    const way = el("div", { class: "row" }, textButton("Ask again", () => again(turn)), edit());
    told.replaceChildren(el("p", { role, class: role && "error" }, text), way);
  }

  function show(answer, feedback) {
    turn.answer = answer;
    const anew = (option) => () => ask(question, { ...options, ...option });
    const as = answer.interpreted_as;
    const link = () => copied(address(toConversation(conversation(), answer.id)), "Link copied.");
    const parts = [
      as.trim() !== question.trim() &&
        el("p", { class: "row muted" }, el("span", {}, "Understood as: ", el("bdi", {}, as)), textButton("Ask word for word", anew({ resolve: false }))),
      ...(answer.answered ? answered(answer) : refused(answer, anew({ min_confidence: 0 }))),
      ...verdicts(
        answer.id,
        feedback,
        edit(),
        answer.answered && copyMenu(question, answer),
        iconButton("link", "Copy a link to this answer", link),
      ),
    ];
    told.replaceChildren(...parts.filter(Boolean));
  }
}
