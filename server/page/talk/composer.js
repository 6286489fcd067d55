/** The question field: it grows, asks on Enter, and says which articles are asked. */

import { on } from "../base/bus.js";
import { el, icon, iconButton, textButton } from "../base/dom.js";
import { showSide } from "../base/panes.js";
import { documents } from "../library/library.js";

/** Calls `asked(text)` and `stopped()`; `last()` gives the latest question. */
export function composer({ asked, stopped, last }) {
  const field = el("textarea", {
    id: "question", rows: 1, dir: "auto", "aria-label": "Question", placeholder: "Ask your articles", enterkeyhint: "send", oninput: grow, onkeydown: press,
  });
  const stop = iconButton("stop", "Stop", stopped, { hidden: true });
  const go = el("button", { class: "primary", "aria-label": "Ask", title: "Ask (Enter)" }, icon("send"));
  const which = textButton("", () => showSide(), { title: "Choose the articles to ask" });
  on("scope", (ids) => (which.textContent = scopeInWords(ids?.length, documents().length)));
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault(); // its hash would be taken for an address
    field.focus();
  });
  const element = el(
    "form",
    { class: "composer", onsubmit: submit },
    el("div", { class: "field" }, field, stop, go),
    el("div", { class: "under" }, which, el("span", { class: "muted" }, "Shift+Enter for a new line")),
  );
  return { element, write, focus: () => field.focus(), busy: (now) => (stop.hidden = !now) };

  function grow() {
    field.style.blockSize = "auto";
    field.style.blockSize = `${field.scrollHeight}px`;
  }

  function write(text) {
    field.value = text;
    grow();
    field.focus();
    field.setSelectionRange(text.length, text.length);
  }

  function press(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) submit(event);
    if (event.key !== "ArrowUp" || field.value || !last()) return;
    event.preventDefault();
    write(last());
  }

  function submit(event) {
    event.preventDefault();
    const text = field.value.trim();
    write("");
    if (text) asked(text);
  }
}

function scopeInWords(chosen, all) {
  if (all < 2) return all ? "Asking 1 article" : "No articles yet";
  return chosen ? `Asking ${chosen} of ${all} articles` : `Asking all ${all} articles`;
}
