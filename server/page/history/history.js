/** Earlier conversations: found, opened, renamed, exported, deleted. */

import { get } from "../base/api.js";
import { on } from "../base/bus.js";
import { el, textButton } from "../base/dom.js";
import { shortcut } from "../base/keys.js";
import { showSide } from "../base/panes.js";
import { searchField, section, trouble } from "../base/section.js";
import { currentConversation } from "../talk/talk.js";
import { conversationRow, isDeleted } from "./row.js";

const PAGE = 30;
const LONGEST_PAGE = 1000;
const PAUSE_MS = 200;

export function mountHistory(root) {
  let next = null;
  let stop = null;
  let timer = null;
  const content = section(root, "Conversations");
  const search = searchField("Search conversations", () => {
    clearTimeout(timer);
    timer = setTimeout(load, PAUSE_MS);
  });
  const state = el("div", { class: "state", role: "status" }, el("p", { class: "muted" }, "Loading…"));
  const list = el("ul", { class: "entries" });
  const more = textButton("Show more", () => load(PAGE, next), { hidden: true });
  content.append(search, state, list, more);

  /** Reads the list anew, or the page after a cursor; only the latest call shows anything. */
  async function load(limit = PAGE, cursor = "") {
    stop?.abort();
    const { signal } = (stop = new AbortController());
    const words = search.value.trim();
    const asked = new URLSearchParams({ limit, cursor, ...(words && { search: words }) });
    try {
      show(await get(`/v1/conversations?${asked}`, { signal }), cursor);
    } catch (error) {
      if (!signal.aborted) state.replaceChildren(...trouble(error, () => load(limit, cursor)));
    }
  }

  const reload = () => load(Math.min(LONGEST_PAGE, Math.max(PAGE, list.children.length + 1)));

  function show({ conversations, next_cursor }, cursor) {
    const rows = conversations.filter(({ id }) => !isDeleted(id)).map((one) => conversationRow(one, settle, reload));
    next = next_cursor;
    more.hidden = !next;
    if (!cursor) list.replaceChildren();
    list.append(...rows);
    if (cursor) rows[0]?.firstChild.focus();
    mark(currentConversation());
    settle();
  }

  function settle() {
    const words = search.value.trim();
    const text = words ? `Nothing found for “${words}”.` : "No conversations yet. A first question starts one.";
    const isEmpty = !next && !list.firstChild;
    search.hidden = isEmpty && !words;
    state.replaceChildren(isEmpty ? el("p", { class: "muted" }, text) : "");
  }

  function mark(current) {
    for (const { conversation, firstChild } of list.children) firstChild.ariaCurrent = String(conversation === current);
  }

  on("conversation", mark);
  on("asked", reload);
  shortcut("h", "Search conversations", () => {
    showSide();
    content.open = true;
    (search.hidden ? content.firstChild : search).focus();
  });
  load();
}
