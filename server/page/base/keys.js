/** Keyboard shortcuts, and the list of them. Single keys can be turned off (WCAG 2.1.4). */

import { openDialog } from "./dialog.js";
import { el } from "./dom.js";
import { remember, remembered } from "./preferences.js";

const shortcuts = [];

/** `key` as KeyboardEvent.key; `run` may return false where it does not apply now. */
export function shortcut(key, label, run) {
  shortcuts.push({ key, label, run });
}

/** Lists a key that some part handles by itself, as arrow keys in a list. */
export function alsoListed(key, label) {
  shortcuts.push({ key, label, run: null });
}

const isTyping = (target) => target.closest?.("input, textarea, select, [contenteditable]");
const active = () => remembered("keys", "on") === "on";

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.key !== "Escape" && (isTyping(event.target) || !active())) return;
  const found = shortcuts.find(({ key, run }) => key === event.key && run);
  if (found && found.run(event) !== false) event.preventDefault();
});

export function showShortcuts() {
  const toggle = el("input", {
    type: "checkbox", id: "keys-on", onchange: () => remember("keys", toggle.checked ? "on" : "off"),
  });
  toggle.checked = active();
  return openDialog("Keyboard shortcuts", () => [
    el(
      "dl",
      { class: "keys" },
      shortcuts.map(({ key, label }) => el("div", {}, el("dt", {}, el("kbd", {}, NAMES[key] ?? key)), el("dd", {}, label))),
    ),
    el("p", {}, toggle, " ", el("label", { for: "keys-on" }, "Single keys act as shortcuts")),
  ]);
}

const NAMES = { Escape: "Esc", ArrowUp: "↑", ArrowDown: "↓" };
