/** A verdict on an answer: given by a press, taken back by another. */

import { remove, send } from "../base/api.js";
import { el, iconButton } from "../base/dom.js";
import { toast } from "../base/notices.js";

const ASKED = "What would have been right? (optional)";

/** The verdict in a row behind `actions`, and the form that a wrong answer asks to fill in. */
export function verdicts(answerId, feedback, ...actions) {
  let given = null;
  const right = iconButton("right", "Right", () => press("right"));
  const wrong = iconButton("wrong", "Wrong", () => press("wrong"));
  const expected = el("input", { "aria-label": ASKED, placeholder: ASKED, dir: "auto", autocomplete: "off" });
  const form = el("form", { class: "row", onsubmit: submit }, expected, el("button", {}, "Save"));
  expected.value = feedback?.expected ?? "";
  show(feedback?.verdict ?? null);
  return [el("div", { class: "actions" }, actions, right, wrong), form];

  function show(verdict) {
    given = verdict;
    right.ariaPressed = String(verdict === "right");
    wrong.ariaPressed = String(verdict === "wrong");
    form.hidden = verdict !== "wrong";
  }

  async function press(verdict) {
    const before = given;
    show(given === verdict ? null : verdict);
    form.scrollIntoView({ block: "nearest" });
    if (!(await kept(given))) show(before);
  }

  async function submit(event) {
    event.preventDefault();
    const said = expected.value.trim();
    if (!(await kept("wrong", said && { expected: said }))) return;
    form.hidden = true;
    wrong.focus();
    toast("Thank you. That is kept.");
  }

  /** Whether the server could be told. */
  async function kept(verdict, more) {
    try {
      if (verdict) await send("POST", "/v1/feedback", { answer_id: answerId, verdict, ...more });
      else await remove(`/v1/feedback/${answerId}`);
    } catch (error) {
      toast(error.message, { error: true });
      return false;
    }
    return true;
  }
}
