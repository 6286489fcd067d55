/** Articles on their way in: sent two at a time, then followed on the server; a row tells of each. */

import { get, ProblemError, remove, upload } from "../base/api.js";
import { el, textButton } from "../base/dom.js";
import { finishDeletes, toast } from "../base/notices.js";
import { showSide } from "../base/panes.js";
import { nameOf, reload } from "./documents.js";
import { show } from "./list.js";

const AT_ONCE = 2;
const FIRST_MS = 200;
const LONGEST_MS = 500;
const STAGES = { extract: "Reading…", chunk: "Splitting…", embed: "Indexing", store: "Storing…" };

const queue = [];
const summary = el("p", { class: "muted", role: "status" });
const list = el("ul");
let busy = 0;
let added = 0;
let failed = 0;

/** The rows: in the dialog while it is open, else above the list of articles. */
export const work = el("div", { class: "work" }, summary, list);

/** Adds what a request's body says, a form or JSON as an object; or what a job of the server adds. */
export function add(name, body, job) {
  const item = { body, job, said: el("span", { class: "said", dir: "auto" }), bar: el("progress", { "aria-label": name }) };
  item.name = el("span", { class: "name", dir: "auto" }, name);
  item.act = textButton("", () => item.run());
  item.off = textButton("", () => leave(item));
  item.row = el("li", {}, item.name, item.said, item.act, item.off, item.bar);
  list.append(item.row);
  start(item);
}

/** Takes up what was under way before the page was loaded. */
export async function resume() {
  const { jobs } = await get("/v1/jobs");
  const open = jobs.filter(({ state }) => ["waiting", "running", "failed"].includes(state));
  for (const job of open.reverse()) add(job.name, null, job);
}

/** Takes off the rows of what is there. */
export function tidy() {
  for (const row of list.querySelectorAll(".done")) row.remove();
  summary.textContent = "";
}

function start(item) {
  item.stop = new AbortController();
  say(item, "Waiting…");
  queue.push(item);
  proceed();
}

async function proceed() {
  if (busy === AT_ONCE || !queue.length) return;
  busy++;
  await carry(queue.shift());
  busy--;
  if (!busy && !queue.length) tellEnd();
  proceed();
}

function leave(item) {
  item.stop.abort();
  item.row.remove();
  forget(item);
}

function forget({ job }) {
  if (job) remove(`/v1/jobs/${job.id}`).catch(() => {});
}

async function carry(item) {
  try {
    item.stop.signal.throwIfAborted();
    const { document, created } = await arrived(item);
    await reload();
    added++;
    item.name.textContent = nameOf(document);
    end(item, "done", created ? "Added" : "Already there", "Open", () => {
      work.closest("dialog")?.close();
      show(document.id);
    });
  } catch (error) {
    if (item.stop.signal.aborted) return;
    failed++;
    end(item, "failed", `Not added: ${error.message}`, item.body && "Retry", () => {
      forget(item);
      item.job = null;
      start(item);
    });
  }
}

async function arrived(item) {
  if (item.job) return followed(item, item.job);
  await finishDeletes(); // the same text may be on its way out
  const isForm = item.body instanceof FormData;
  const { status, body } = await upload("/v1/documents", isForm ? item.body : JSON.stringify(item.body), {
    headers: { Prefer: "respond-async", ...(!isForm && { "Content-Type": "application/json" }) },
    signal: item.stop.signal,
    onprogress: (sent, total) => say(item, "Sending", sent / total),
  });
  return status === 202 ? followed(item, body) : { document: body, created: status === 201 };
}

/** Asks after a job until it is done. */
async function followed(item, job) {
  for (let pause = FIRST_MS; job.state !== "done"; pause = Math.min(pause * 1.3, LONGEST_MS)) {
    item.job = job;
    if (job.state === "cancelled") throw new Error("It was cancelled.");
    if (job.problem) throw new ProblemError(job.problem);
    say(item, STAGES[job.stage] ?? "Waiting for the server…", job.stage === "embed" ? job.done / job.total : 0);
    await new Promise((resolve) => setTimeout(resolve, pause));
    job = await get(`/v1/jobs/${job.id}`, { signal: item.stop.signal });
  }
  return job;
}

function say(item, words, part = 0) {
  item.row.className = "going";
  item.said.textContent = words.endsWith("…") ? words : `${words} ${Math.floor(100 * part)} %`;
  item.bar.value = part;
  summary.textContent = "";
  label(item, "", "Cancel");
}

function end(item, kind, words, action, run) {
  item.row.className = kind;
  item.said.textContent = words;
  item.run = run;
  label(item, action, "Dismiss");
}

function label({ act, off, name }, action, leaving) {
  for (const [button, text] of [[act, action], [off, leaving]]) {
    button.hidden = !text;
    button.textContent = text;
    button.ariaLabel = `${text} ${name.textContent}`;
  }
}

/** Says how it went: in the dialog, or where that is closed. */
function tellEnd() {
  const text = [added && `${added} added`, failed && `${failed} not added`].filter(Boolean).join(", ");
  const error = failed > 0;
  added = failed = 0;
  if (work.closest("dialog")) summary.textContent = text;
  else if (text) toast(`Articles: ${text}.`, { error, action: { label: "Show", run: () => showSide() } });
  if (!work.closest("dialog")) tidy();
}
