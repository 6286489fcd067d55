/**
 * What the address says, so that it can be shared: `#/c/CONVERSATION/ANSWER` shows a turn,
 * `#/d/DOCUMENT/START-END` a span of a document's text; nothing is a new conversation.
 */

export function here() {
  const [, kind, id, rest] = location.hash.split("/").map(decoded);
  if (kind === "c" && id) return { conversation: id, answer: rest || null };
  if (kind === "d" && id) {
    const [, start, end] = /^(\d{1,12})-(\d{1,12})$/.exec(rest ?? "") ?? [];
    return { document: id, start: start === undefined ? null : Number(start), end: end === undefined ? null : Number(end) };
  }
  return {};
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The hash of a turn, or of a conversation. */
export function toConversation(id, answer = null) {
  return ["#/c", id, ...(answer ? [answer] : [])].map(encoded).join("/");
}

/** The hash of a document, or of a span of it in code points. */
export function toDocument(id, start = null, end = null) {
  return ["#/d", id, ...(start === null ? [] : [`${start}-${end}`])].map(encoded).join("/");
}

const encoded = (part, place) => (place === 0 ? part : encodeURIComponent(part));

/** The whole address of a hash, to copy. */
export function address(hash) {
  return new URL(hash, location.href).href;
}

let current = null;

/** Changes the address without acting on it. */
export function note(hash) {
  if (location.hash === hash) return;
  history.pushState(null, "", hash || location.pathname);
  current = location.hash;
}

/** Acts on the address now and whenever it changes. */
export function follow(act) {
  const look = () => {
    if (location.hash === current) return; // hashchange and popstate tell of one step
    current = location.hash;
    act(here());
  };
  addEventListener("hashchange", look);
  addEventListener("popstate", look);
  look();
}
