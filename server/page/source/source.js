/** The article beside the answer: its whole text, and in it what answers cite. */

import { on, tell } from "../base/bus.js";
import { day } from "../base/dates.js";
import { el, iconButton, textButton } from "../base/dom.js";
import { shortcut } from "../base/keys.js";
import { announce } from "../base/notices.js";
import { isPhone, isSourceOpen, showSource } from "../base/panes.js";
import { titleOf } from "../library/library.js";
import { compose, showTurn } from "../talk/talk.js";
import { articleOf } from "./article.js";
import { placeOf } from "./blocks.js";
import { load } from "./load.js";
import { popup } from "./popup.js";
import { mountSelection } from "./selection.js";
import { copyLink, toolsOf } from "./tools.js";

const LONGEST_QUOTE = 300;

const title = el("h2", { dir: "auto", tabindex: "-1" });
const facts = el("p", { class: "muted" });
const tools = el("div");
const steps = el("div");
const view = el("div", { class: "text", tabindex: "0", role: "region", "aria-label": "Text of the article" });
let answers = null;
let citations = [];
let listed = new Set();
let wanted = {};
let shown = null; // what `load` gave, and its article

export function mountSource(root) {
  const close = iconButton("close", "Close the article", () => showSource(false));
  root.append(el("header", {}, title, close, steps, facts, tools), view);
  answers = popup(root, "Answers that cite this");
  mountSelection(root, view, { current: () => shown, acts: { "Ask about this": askAbout, "Copy link": (range) => copyLink(shown, range) }, placed });
  view.addEventListener("click", ({ target }) => getSelection().isCollapsed && list(target.closest("mark")));
  view.addEventListener("keydown", (event) => {
    if ((event.key === "Enter" || event.key === " ") && list(event.target.closest("mark"))) event.preventDefault();
  });
  on("citations", (all) => {
    citations = all;
    showSteps();
    if (shown) mark();
  });
  on("documents", (documents) => {
    const { document_id: id } = wanted;
    const now = new Set(documents.map((one) => one.id));
    if (listed.has(id) && !now.has(id)) say("This article has been deleted.");
    else if (now.has(id) && !listed.has(id) && !shown && isSourceOpen()) openSource(wanted);
    listed = now;
  });
  shortcut("]", "Next citation", () => step(1));
  shortcut("[", "Previous citation", () => step(-1));
  shortcut("s", "Go to the article", () => isSourceOpen() && (view.querySelector(".now[tabindex]") ?? view).focus());
}

/**
 * Shows a document; with `start` and `end`, in code points, that span, and the sentence around it.
 * `quiet` where something else is said of it.
 */
export async function openSource({ document_id, start = null, end = null, sentence = null, answer_id = null, quiet = false }) {
  const mine = { document_id, start, end, sentence, answer_id, quiet };
  const isNew = shown?.document.id !== document_id;
  wanted = mine;
  showSource();
  tell("shown", document_id);
  if (isPhone()) title.focus();
  showSteps();
  if (isNew && !(await present(mine))) return;
  const range = spanOf(mine);
  tools.replaceChildren(...toolsOf(shown, range, goTo));
  mark();
  if (range) reveal(mine, range, isNew);
  else if (start !== null) announce("The link is to a place that this article doesn’t have.");
  shown.article.finish();
}

/** Puts a document in the panel; whether it could, and is still wanted. */
async function present(mine) {
  say();
  title.textContent = titleOf(mine.document_id) || "Article";
  try {
    const loaded = await load(mine.document_id);
    if (wanted !== mine) return false;
    shown = { ...loaded, article: articleOf(loaded, view.clientWidth) };
  } catch (error) {
    if (wanted !== mine) return false;
    if (error.status === 404) say("This article has been deleted.");
    else say(`This article can’t be shown. ${error.message}`, textButton("Try again", () => openSource(mine)));
    return false;
  }
  const { title: given, name, author, published, characters } = shown.document;
  const about = [author, published && day(published), `${characters.toLocaleString("en")} characters`];
  title.textContent = given || name;
  facts.replaceChildren(...about.filter(Boolean).map((part) => el("bdi", {}, part)));
  view.replaceChildren(shown.article.element);
  view.scrollTop = 0;
  shown.article.at(0);
  return true;
}

/** Says why there is no text; without a word, that it is on its way. */
function say(text, ...more) {
  shown = null;
  facts.replaceChildren();
  tools.replaceChildren();
  view.replaceChildren(el("p", text ? { role: "alert" } : { class: "loading", role: "status", "aria-label": "Loading" }, text), ...more);
}

/** A span of code points in UTF-16; null where there is none in this text. */
function spanOf(span) {
  const [start, end] = [span?.start, span?.end].map((point) => shown.offsets.toUnit(point ?? 0));
  return start < end ? { start, end } : null;
}

function mark() {
  const here = citations.filter(({ citation }) => citation.document_id === shown.document.id);
  const marks = here.map((entry) => ({ ...spanOf(entry.citation), kind: "cited", entry }));
  shown.article.mark([...marks, { ...spanOf(wanted), kind: "now" }, { ...spanOf(wanted.sentence), kind: "soft" }].filter(({ end }) => end));
}

/** Brings a span to the middle of the view, and tells it to those who do not see it. */
async function reveal(mine, { start, end }, isNew) {
  const block = shown.article.at(placeOf(shown.blocks, start));
  const place = block.querySelector(".now");
  const isFar = Math.abs(place.getBoundingClientRect().top) > 3 * innerHeight;
  const isSmooth = !isNew && !isFar && matchMedia("(prefers-reduced-motion: no-preference)").matches;
  if (!mine.quiet) announce(`${title.textContent}, cited: ${shortened(shown.text.slice(start, end))}`);
  // What comes near the view gets its height only then, and may move the place.
  for (let time = isSmooth ? 3 : 0; time < 4 && wanted === mine; time++) {
    place.scrollIntoView({ block: "center", behavior: isSmooth ? "smooth" : "instant" });
    await new Promise(requestAnimationFrame);
  }
}

function goTo(point) {
  const block = shown.article.at(placeOf(shown.blocks, shown.offsets.toUnit(point)));
  block.tabIndex = -1;
  block.scrollIntoView();
  setTimeout(() => block.focus({ preventScroll: true })); // the menu gives the focus back before
}

function current() {
  const { document_id: id, start, end, answer_id: by } = wanted;
  return citations.findIndex(({ answer_id, citation: one }) => answer_id === by && one.document_id === id && one.start === start && one.end === end);
}

function showSteps() {
  const place = current();
  const count = el("span", { class: "muted" }, place < 0 ? `${citations.length} cited` : `${place + 1} of ${citations.length}`);
  const buttons = [iconButton("up", "Previous citation", () => step(-1)), count, iconButton("down", "Next citation", () => step(1))];
  steps.replaceChildren(...(citations.length ? buttons : []));
}

/** Shows the next citation of the conversation; from none the first, if it can one of this document. */
function step(by) {
  if (!citations.length) return false;
  const place = current();
  const here = citations.findIndex(({ citation }) => citation.document_id === wanted.document_id);
  const { answer_id, citation } = citations.at(place < 0 ? Math.max(here, 0) : (place + by) % citations.length);
  openSource({ ...citation, answer_id });
}

/** Lists the answers that cite a marked place; whether there are any. */
function list(place) {
  if (!place?.entries.length) return false;
  const questions = new Map(place.entries.map(({ answer_id, question }) => [answer_id, question]));
  const go = (id) => () => {
    answers.hide();
    showTurn(id);
  };
  const rows = [...questions].map(([id, question]) => textButton(question, go(id), { dir: "auto" }));
  place.focus();
  answers.show(place.getBoundingClientRect(), [el("p", { class: "muted" }, "Cited for"), ...rows], true);
  return true;
}

function askAbout({ start, end }) {
  compose(`“${shortened(shown.text.slice(start, end))}” `);
}

function placed({ start, end }) {
  return [start, end].map((unit) => shown.offsets.toPoint(unit).toLocaleString("en")).join("–");
}

function shortened(text) {
  const letters = [...text.replace(/\s+/g, " ")];
  return letters.length > LONGEST_QUOTE ? `${letters.slice(0, LONGEST_QUOTE - 1).join("")}…` : letters.join("");
}
