/** Short messages: seen as toasts, heard through live regions; and deletes that can be undone. */

import { el, iconButton } from "./dom.js";

const SECONDS = 8;

/** Says something to screen readers only. */
export function announce(text) {
  const live = document.getElementById("live");
  live.textContent = "";
  setTimeout(() => (live.textContent = text), 50);
}

/**
 * Shows a message for some seconds, longer while it is pointed at or in focus; an error stays.
 * `action` is `{label, run}`; `gone` is called once when the message goes without it.
 */
export function toast(text, { action, error = false, gone } = {}) {
  let timer = null;
  const end = (acted) => {
    clearTimeout(timer);
    if (!box.isConnected) return;
    box.remove();
    acted ? action.run() : gone?.();
  };
  const box = el(
    "div",
    { class: error ? "toast error" : "toast", role: error ? "alert" : "status" },
    el("span", {}, text),
    action && el("button", { type: "button", onclick: () => end(true) }, action.label),
    iconButton("close", "Dismiss", () => end(false)),
  );
  const wait = () => {
    clearTimeout(timer);
    if (!error) timer = setTimeout(() => end(false), SECONDS * 1000);
  };
  const hold = () => clearTimeout(timer);
  box.addEventListener("pointerenter", hold);
  box.addEventListener("pointerleave", wait);
  box.addEventListener("focusin", hold);
  box.addEventListener("focusout", wait);
  document.getElementById("toasts").append(box);
  wait();
  return { dismiss: () => end(false), act: () => end(true), get open() { return box.isConnected; } };
}

const pending = [];

/**
 * A delete with time to undo it: `run({keepalive})` deletes once the message is gone, `undo` shows
 * again what was hidden. A failing `run` undoes and says why.
 */
export function deleteLater(text, { run, undo }) {
  const entry = { done: false };
  const commit = async (options = {}) => {
    if (entry.done) return;
    entry.done = true;
    drop(entry);
    try {
      await run(options);
    } catch (error) {
      undo();
      toast(error.message, { error: true });
    }
  };
  const back = () => {
    if (entry.done) return;
    entry.done = true;
    drop(entry);
    undo();
    announce("Undone.");
  };
  entry.commit = commit;
  entry.notice = toast(text, { action: { label: "Undo", run: back }, gone: commit });
  pending.push(entry);
}

function drop(entry) {
  const place = pending.indexOf(entry);
  if (place >= 0) pending.splice(place, 1);
}

/** Undoes the latest delete that still can be; whether there was one. */
export function undoLatest() {
  const entry = pending.at(-1);
  entry?.notice.act();
  return Boolean(entry);
}

/** Carries out all deletes that wait, as before a question is asked or the page is left. */
export async function finishDeletes(options = {}) {
  const entries = [...pending];
  await Promise.all(entries.map((entry) => entry.commit(options)));
  for (const entry of entries) entry.notice.dismiss();
}

addEventListener("pagehide", () => finishDeletes({ keepalive: true }));
