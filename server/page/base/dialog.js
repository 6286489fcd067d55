/** Modal dialogs: named by their heading, closed by Escape, focus given back where it was. */

import { el, iconButton } from "./dom.js";

let count = 0;

/**
 * Opens a dialog; gives what `close(value)` was called with, or null where it was left.
 * `content(close)` makes its nodes. The element with `autofocus` gets the focus.
 */
export function openDialog(title, content, { wide = false } = {}) {
  const before = document.activeElement;
  const id = `dialog-${++count}`;
  return new Promise((resolve) => {
    let value = null;
    const close = (given = null) => {
      value = given;
      dialog.close();
    };
    const dialog = el(
      "dialog",
      { "aria-labelledby": id, class: wide ? "wide" : null },
      el("header", {}, el("h2", { id }, title), iconButton("close", "Close", () => close())),
      content(close),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      // The browser gives it back itself, unless something took the focus with the dialog.
      if (document.activeElement === document.body && before?.isConnected) before.focus();
      resolve(value);
    });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) close();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Asks for a line of text; the text, or null where the dialog was left or it was blank. */
export async function typed(title, label, { value = "", yes = "Save", hint = null, secret = false } = {}) {
  return openDialog(title, (close) => {
    const input = el("input", {
      id: "typed", type: secret ? "password" : "text", autocomplete: "off", autofocus: true,
      "aria-describedby": hint ? "typed-hint" : null,
    });
    input.value = value;
    const done = (event) => {
      event.preventDefault();
      close(input.value.trim() || null);
    };
    return el(
      "form",
      { onsubmit: done },
      el("label", { for: "typed" }, label),
      input,
      hint && el("p", { id: "typed-hint", class: "muted" }, hint),
      el(
        "footer",
        {},
        el("button", { type: "button", onclick: () => close() }, "Cancel"),
        el("button", { class: "primary" }, yes),
      ),
    );
  });
}
