/** The server's API: JSON in and out, problems as errors, the key with every call. */

import { events } from "./events.js";
import { key } from "./preferences.js";

/** What the server refused (RFC 9457); `message` says what to do. */
export class ProblemError extends Error {
  constructor(problem, status, retryAfter = null) {
    super(problem?.detail ?? `The server answered with status ${status}.`);
    this.type = problem?.type ?? "about:blank";
    this.title = problem?.title ?? "";
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** The server did not answer at all, or broke off. */
export class Unreachable extends Error {
  constructor() {
    super("The server can’t be reached.");
  }
}

let askForKey = async () => null;
let lost = async () => {};

/**
 * `keyWanted(wrong)` gives the key that a person types, or null; `whenLost()` waits until the
 * server answers again.
 */
export function connect({ keyWanted, whenLost }) {
  askForKey = keyWanted;
  lost = whenLost;
}

/** The response to a call. Throws ProblemError and Unreachable; an abort as fetch throws it. */
export async function call(method, path, { json, body, headers = {}, signal, keepalive } = {}) {
  const sent = { ...headers };
  if (json !== undefined) sent["Content-Type"] = "application/json";
  for (;;) {
    const given = key.get();
    if (given) sent.Authorization = `Bearer ${given}`;
    const response = await reach(path, {
      method, headers: sent, signal, keepalive, body: json === undefined ? body : JSON.stringify(json),
    });
    if (response.ok) return response;
    const problem = await problemOf(response);
    if (problem.status !== 401 || !(await newKey(given))) throw problem;
  }
}

let asking = null;

/** Whether there is another key now than the one that was turned away; one dialog for all calls. */
async function newKey(refused) {
  if (key.get() !== refused) return true;
  asking ??= askForKey(Boolean(refused)).finally(() => (asking = null));
  const typed = await asking;
  if (typed) key.set(typed);
  return Boolean(typed);
}

async function reach(path, options) {
  try {
    return await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Unreachable();
  }
}

async function problemOf(response) {
  const problem = await response.json().catch(() => null);
  return new ProblemError(problem, response.status, Number(response.headers.get("Retry-After")) || null);
}

/** Whether trying again later can help: the server is away, starting, stopping or full. */
export function isPassing(error) {
  return error instanceof Unreachable || (error instanceof ProblemError && [429, 503].includes(error.status));
}

/** The JSON of a GET, asked for until the server answers. */
export async function get(path, options = {}) {
  return patiently(async () => (await call("GET", path, options)).json(), options.signal);
}

/** The text of a GET, asked for until the server answers. */
export async function getText(path, options = {}) {
  return patiently(async () => (await call("GET", path, options)).text(), options.signal);
}

async function patiently(attempt, signal) {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!isPassing(error) || signal?.aborted) throw error;
      await lost();
    }
  }
}

/** Waits, saying so, until the server answers. */
export function serverBack() {
  return lost();
}

/** The JSON of a POST or PATCH; null where there is none. */
export async function send(method, path, json, options = {}) {
  const response = await call(method, path, { json, ...options });
  return response.status === 204 ? null : response.json();
}

/** Deletes what may be gone already. */
export async function remove(path, options = {}) {
  await call("DELETE", path, options).catch((error) => {
    if (error.status !== 404) throw error;
  });
}

/**
 * The steps of an answer: yields `{name, data}` for `interpretation`, `passages` and `answer`.
 * Throws ProblemError, and Unreachable where the stream ends before `done`.
 */
export async function* ask(path, json, signal) {
  const response = await call("POST", path, { json, signal, headers: { Accept: "text/event-stream" } });
  try {
    for await (const event of events(response)) {
      if (event.name === "error") throw new ProblemError(event.data, event.data.status);
      if (event.name === "done") return;
      yield event;
    }
  } catch (error) {
    if (error instanceof ProblemError || error.name === "AbortError") throw error;
  }
  throw new Unreachable();
}

/** Sends a form with progress, `onprogress(sent, total)` in bytes; gives `{status, body}`. */
export async function upload(path, form, { onprogress, signal, headers = {} } = {}) {
  for (;;) {
    const given = key.get();
    const sent = given ? { ...headers, Authorization: `Bearer ${given}` } : headers;
    const { status, text, retryAfter } = await post(path, form, { onprogress, signal, headers: sent });
    const body = parsed(text);
    if (status < 400) return { status, body };
    if (status !== 401 || !(await newKey(given))) throw new ProblemError(body, status, retryAfter);
  }
}

function post(path, form, { onprogress, signal, headers }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => onprogress?.(event.loaded, event.total);
    request.onload = () =>
      resolve({
        status: request.status,
        text: request.responseText,
        retryAfter: Number(request.getResponseHeader("Retry-After")) || null,
      });
    request.onerror = () => reject(new Unreachable());
    request.onabort = () => reject(new DOMException("The upload was stopped.", "AbortError"));
    signal?.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
