/** Says when the server is away or still starting, and when it is back. */

import { el } from "./dom.js";

const FIRST_MS = 500;
const LONGEST_MS = 8000;

let waiting = null;

/** Waits until the server takes questions; one banner and one line of attempts for all callers. */
export function whenLost() {
  waiting ??= untilReady().finally(() => (waiting = null));
  return waiting;
}

async function untilReady() {
  for (let pause = FIRST_MS; ; pause = Math.min(pause * 2, LONGEST_MS)) {
    const state = await probe();
    if (state === "ready") break;
    show(state === "starting" ? "Pincite is starting: models and index are loading." : "The server doesn’t answer. Trying again…");
    await Promise.race([sleep(pause), pressed()]);
  }
  const banner = document.getElementById("connection");
  if (banner.firstChild) banner.replaceChildren();
}

async function probe() {
  try {
    const response = await fetch("/health/ready", { cache: "no-store" });
    return response.ok ? "ready" : "starting";
  } catch {
    return "away";
  }
}

let again = () => {};

function pressed() {
  return new Promise((resolve) => (again = resolve));
}

function show(text) {
  const banner = document.getElementById("connection");
  if (banner.firstChild?.textContent === text) return;
  banner.replaceChildren(el("span", {}, text), el("button", { type: "button", onclick: () => again() }, "Try now"));
}

function sleep(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
