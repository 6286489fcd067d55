/** Texts to paste elsewhere. */

import { openDialog } from "./dialog.js";
import { el } from "./dom.js";
import { toast } from "./notices.js";

/** Copies a text; shows it where the browser lets no page do that. */
export async function copied(text, said) {
  try {
    await navigator.clipboard.writeText(text);
    toast(said);
  } catch {
    const field = el("textarea", { rows: 8, readonly: true, autofocus: true, "aria-label": "Text", onfocus: () => field.select() });
    field.value = text;
    openDialog("Copy this", () => field);
  }
}
