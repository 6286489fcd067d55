/** The articles that the server has, newest first, and those of them that are asked. */

import { get, remove } from "../base/api.js";
import { tell } from "../base/bus.js";
import { deleteLater } from "../base/notices.js";
import { kept } from "../base/preferences.js";

const session = kept("scope");
const hidden = new Set();
let known = [];
let chosen = JSON.parse(session.get() ?? "[]");
let readings = 0;

export const documents = () => known.filter(({ id }) => !hidden.has(id));
export const nameOf = ({ title, name }) => title || name;

/** What a document is called; empty where it is not known. */
export function titleOf(documentId) {
  const found = known.find(({ id }) => id === documentId);
  return found ? nameOf(found) : "";
}

/** The ids of the documents to ask, or null for all. */
export function scope() {
  const ids = chosen.filter((id) => !hidden.has(id));
  return ids.length ? ids : null;
}

/** Asks only these documents; all where there are none. */
export function choose(ids) {
  chosen = ids;
  session.set(JSON.stringify(ids));
  tell("scope", scope());
}

/** Reads the whole list; only the latest reading counts. */
export async function reload() {
  const reading = ++readings;
  const found = [];
  for (let cursor = ""; cursor !== null; ) {
    const page = await get(`/v1/documents?limit=1000&cursor=${cursor}`);
    found.push(...page.documents);
    cursor = page.next_cursor;
  }
  if (reading === readings) change(found.reverse());
}

/** Hides a document, and deletes it unless that is undone. */
export function discard(document) {
  const { id } = document;
  const show = (now) => {
    hidden.delete(id);
    change(now);
  };
  hidden.add(id);
  change(known);
  deleteLater(`Deleted “${nameOf(document)}”.`, {
    run: async (options) => {
      await remove(`/v1/documents/${id}`, options);
      show(known.filter((one) => one.id !== id));
    },
    undo: () => show(known),
  });
}

function change(now) {
  known = now;
  const ids = new Set(known.map(({ id }) => id));
  tell("documents", documents());
  choose(chosen.filter((id) => ids.has(id)));
}
