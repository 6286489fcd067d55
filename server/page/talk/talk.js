/** The conversation: questions, answers told in steps, refusals that help. */

import { get } from "../base/api.js";
import { on, tell } from "../base/bus.js";
import { copied } from "../base/clipboard.js";
import { el, icon, textButton } from "../base/dom.js";
import { download } from "../base/download.js";
import { shortcut } from "../base/keys.js";
import { menu } from "../base/menu.js";
import { announce, toast } from "../base/notices.js";
import { isPhone, isWide, showSource } from "../base/panes.js";
import { note, toConversation } from "../base/route.js";
import { open, settlePlaces, worded } from "./answer.js";
import { answerTo, pathOf } from "./asking.js";
import { composer } from "./composer.js";
import { plain } from "./copy.js";
import { startView } from "./start.js";
import { turnOf } from "./turn.js";

const log = el("div", { class: "log", role: "log", "aria-live": "off", "aria-label": "Questions and answers" });
const choices = [exporting("Markdown"), exporting("JSON"), textButton("Print", () => print())];
const head = el("header", { class: "head" }, menu([icon("download"), "Export"], "Export this conversation", ...choices));
const acts = { ask, again: queue, compose, conversation: currentConversation };
let session = sessionOf(null);
let field = null;
let start = null;
let isThere = () => true;
let follows = true; // the source shows each new answer, until somebody closes it

/** An open conversation: its turns, how many the server has, what is under way, and what stops it. */
function sessionOf(id) {
  return { id, turns: [], stored: 0, line: Promise.resolve(), stop: null };
}

export function currentConversation() {
  return session.id;
}

export function mountTalk(root) {
  field = composer({ asked: ask, stopped: () => session.stop?.abort(), last: () => last()?.question });
  start = startView(field.focus);
  log.append(start);
  root.replaceChildren(log, field.element);
  on("documents", (documents) => {
    const ids = new Set(documents.map(({ id }) => id));
    isThere = (id) => ids.has(id);
    settlePlaces(log, isThere);
  });
  on("shown", (id) => (follows = id !== null));
  shortcut("j", "Next answer", () => step(1));
  shortcut("k", "Previous answer", () => step(-1));
  shortcut("c", "Copy the answer with its citation", () => {
    const { question, answer } = focused() ?? {};
    return Boolean(answer?.answered) && void copied(plain(question, answer), "Copied with its citation.");
  });
  shortcut("e", "Edit the last question", () => compose(last()?.question ?? ""));
}

/** Puts a text into the question field. */
export function compose(text) {
  if (isPhone()) showSource(false);
  field.write(text);
}

export function newConversation() {
  note("");
  enter(sessionOf(null));
  log.replaceChildren(start);
  if (document.readyState === "complete" && !document.activeElement.closest("#side")) field.focus();
}

/** Shows a conversation at an answer, or at its end. */
export async function showConversation(id, answerId = null) {
  if (session.id !== id || !session.turns.length) enter(sessionOf(id));
  await session.line;
  if (session.id === id && answerId) showTurn(answerId);
}

/** Scrolls to a turn and focuses it. */
export function showTurn(answerId) {
  focusTurn(session.turns.findLast(({ answer }) => answer?.id === answerId));
}

function focusTurn(turn) {
  if (!turn) return;
  if (isPhone()) showSource(false);
  bring(turn.element, "start");
  turn.element.focus({ preventScroll: true });
}

/** Scrolls to an element, and again when what came near has got its height. */
function bring(element, block) {
  const scroll = () => element.scrollIntoView({ block });
  scroll();
  requestAnimationFrame(() => requestAnimationFrame(scroll));
}

const last = () => session.turns.at(-1);

/** The turn in focus, else the last. */
const focused = () => document.activeElement.closest(".turn")?.turn ?? last();

function step(by) {
  const isIn = document.activeElement.closest(".turn");
  focusTurn(isIn ? session.turns[session.turns.indexOf(isIn.turn) + by] : last());
}

function enter(next) {
  session = next;
  if (next.id) next.line = load(next);
  tell("conversation", next.id);
  settle();
}

async function load(mine) {
  const say = (role, ...parts) => mine === session && log.replaceChildren(el("div", { class: "start", role }, parts));
  say("status", el("p", {}, "Loading…"));
  try {
    const { messages } = await get(pathOf(mine.id));
    mine.stored = messages.length;
    mine.turns.unshift(...messages.map(({ question, answer, feedback }) => {
      const turn = turnOf(question, {}, acts);
      turn.show(answer, feedback);
      return turn;
    }));
    if (mine !== session) return;
    log.replaceChildren(mine.turns.length ? head : start, ...mine.turns.map(({ element }) => element));
    settlePlaces(log, isThere);
    settle();
    bring(log.lastChild, "end");
  } catch (error) {
    const isGone = error.status === 404;
    const again = isGone ? textButton("New conversation", newConversation) : textButton("Try again", () => (mine.line = load(mine)));
    say("alert", el("p", {}, isGone ? "This conversation is gone." : error.message), again);
    if (isGone && mine === session) tell("conversation", (mine.id = null)); // a question starts another
  }
}

/** Shows and tells what the session holds now. */
function settle() {
  const { turns, stop } = session;
  field.busy(stop);
  log.ariaBusy = String(Boolean(stop));
  const cited = ({ question, answer }) => answer?.citations.map((citation) => ({ answer_id: answer.id, question, citation })) ?? [];
  tell("citations", turns.flatMap(cited));
}

function ask(question, options = {}) {
  const turn = turnOf(question, options, acts);
  if (!session.turns.length) log.replaceChildren(head);
  session.turns.push(turn);
  log.append(turn.element);
  queue(turn);
  turn.element.scrollIntoView({ block: "end" });
}

/** Asks a turn's question after those before it. */
function queue(turn) {
  const mine = session;
  turn.working("Waiting for the answer before…");
  mine.line = mine.line.then(() => run(mine, turn));
}

async function run(mine, turn) {
  const stop = (mine.stop = new AbortController());
  if (mine === session) settle();
  try {
    const answer = await answerTo(mine, turn, stop.signal, () => named(mine));
    const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 100;
    mine.stored += 1;
    turn.show(answer);
    tell("asked", mine.id);
    if (mine === session) arrived(turn, isAtEnd);
    else if (mine.id === session.id) enter(sessionOf(mine.id)); // left and come back to meanwhile
  } catch (error) {
    if (error.name === "AbortError") turn.ended("Stopped.");
    else turn.ended(error.message, "alert");
  }
  mine.stop = null;
  if (mine === session) settle();
}

/** A session has got its conversation. */
function named(mine) {
  if (mine !== session) return;
  note(toConversation(mine.id));
  tell("conversation", mine.id);
}

function arrived({ element, answer }, isAtEnd) {
  announce(answer.answered ? `${worded(answer.confidence)}: ${answer.answer}` : "The text does not say.");
  if (answer.answered && follows && isWide()) open(answer.citations[0], answer.id, true);
  if (isAtEnd) element.scrollIntoView({ block: element.offsetHeight > log.clientHeight ? "start" : "nearest" });
}

function exporting(label) {
  const path = () => `${pathOf(session.id)}/export?format=${label.toLowerCase()}`;
  return textButton(label, () => download(path()).catch((error) => toast(error.message, { error: true })));
}
