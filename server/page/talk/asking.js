/** A question on its way: its steps are shown, a broken connection is waited out. */

import { ask, get, isPassing, send, serverBack } from "../base/api.js";
import { finishDeletes } from "../base/notices.js";
import { scope } from "../library/library.js";

export const pathOf = (id) => `/v1/conversations/${encodeURIComponent(id)}`;

/**
 * The answer to a turn. A session without a conversation gets one, and `named()` is called. Asks once more where the server
 * was away or full. Throws ProblemError, Unreachable, and AbortError when stopped.
 */
export async function answerTo(session, turn, signal, named) {
  try {
    return await attempt(session, turn, signal, named);
  } catch (error) {
    if (!isPassing(error)) throw error;
    turn.working(`${error.message} Waiting to ask again…`);
    await Promise.race([Promise.all([serverBack(), pause(error.retryAfter)]), stopped(signal)]);
    return (await kept(session, turn, signal)) ?? attempt(session, turn, signal, named);
  }
}

async function attempt(session, { question, options, working }, signal, named) {
  working("Looking through the articles…");
  await finishDeletes();
  if (!session.id) {
    session.id = (await send("POST", "/v1/conversations", {}, { signal })).id;
    named();
  }
  const ids = scope();
  const json = { question, ...options, ...(ids && { document_ids: ids }) };
  for await (const { name, data } of ask(`${pathOf(session.id)}/messages`, json, signal)) {
    if (name === "passages") working(data.passages.length === 1 ? "Reading a passage…" : `Reading ${data.passages.length} passages…`);
    if (name === "answer") return data;
  }
}

/** What the conversation has got while the connection was away. */
async function kept({ id, stored }, { question }, signal) {
  if (!id) return null;
  const { messages } = await get(pathOf(id), { signal });
  return messages.slice(stored).find((one) => one.question === question)?.answer;
}

const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, (seconds ?? 0) * 1000));

const stopped = (signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
