/** A conversation in the list, and what can be done with it. */

import { remove, send } from "../base/api.js";
import { ago } from "../base/dates.js";
import { typed } from "../base/dialog.js";
import { el, icon, textButton } from "../base/dom.js";
import { download } from "../base/download.js";
import { menu } from "../base/menu.js";
import { deleteLater, toast } from "../base/notices.js";
import { showSide } from "../base/panes.js";
import { toConversation } from "../base/route.js";
import { focusBeside } from "../base/section.js";
import { currentConversation, newConversation } from "../talk/talk.js";

const deleted = new Set();

/** Whether a conversation was deleted here, for good or not yet. */
export const isDeleted = (id) => deleted.has(id);

/** `gone()` is called when the row was taken out, `back()` when that was undone. */
export function conversationRow({ id, title, created_at }, gone, back) {
  const path = `/v1/conversations/${id}`;
  const name = el("span", { class: "name", dir: "auto" });
  const open = el("a", { class: "open", href: toConversation(id), onclick: () => showSide(false) }, name, el("span", { class: "muted" }, ago(created_at)));
  const action = (label, title, run) =>
    textButton(label, () => run().catch((error) => toast(error.message, { error: true })), { title });
  const actions = menu(
    icon("more"),
    "",
    action("Rename", null, rename),
    action("Delete", null, drop),
    action("Markdown", "Export as Markdown", () => download(`${path}/export?format=markdown`)),
    action("JSON", "Export as JSON", () => download(`${path}/export?format=json`)),
  );
  const row = el("li", {}, open, actions);
  row.conversation = id;
  call(title);
  return row;

  function call(given) {
    title = given || "No question yet";
    name.textContent = title;
    actions.firstChild.title = actions.firstChild.ariaLabel = `More: ${title}`;
  }

  async function rename() {
    const given = await typed("Rename the conversation", "Title", { value: title, yes: "Rename" });
    if (!given) return;
    await send("PATCH", path, { title: given });
    call(given);
  }

  async function drop() {
    const wasOpen = currentConversation() === id;
    focusBeside(row);
    deleted.add(id);
    row.remove();
    gone();
    if (wasOpen) newConversation();
    deleteLater(`Deleted “${title}”.`, {
      run: (options) => remove(path, options),
      undo: () => {
        deleted.delete(id);
        back();
        if (wasOpen && !currentConversation()) location.hash = toConversation(id);
      },
    });
  }
}
