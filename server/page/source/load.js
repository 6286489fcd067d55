/** Documents with their texts, kept: a stored text never changes. */

import { get, getText } from "../base/api.js";
import { blocksOf } from "./blocks.js";
import { offsetsOf } from "./offsets.js";

const KEPT = 8;
const kept = new Map();

/** `{document, text, offsets, blocks, headings}`. Throws as `get` does. */
export function load(id) {
  if (kept.has(id)) return kept.get(id);
  const reading = read(`/v1/documents/${encodeURIComponent(id)}`);
  reading.catch(() => kept.delete(id));
  kept.set(id, reading);
  if (kept.size > KEPT) kept.delete(kept.keys().next().value);
  return reading;
}

async function read(path) {
  const [document, decoded, outline] = await Promise.all([get(path), getText(`${path}/text`), get(`${path}/outline`)]);
  const found = offsetsOf(decoded);
  const text = found.points < document.characters ? `\ufeff${decoded}` : decoded; // taken for a byte-order mark
  const offsets = text === decoded ? found : offsetsOf(text);
  await new Promise((resolve) => setTimeout(resolve)); // a long text holds up nothing for long
  return { document, text, offsets, blocks: blocksOf(text, outline, offsets.toUnit), headings: outline.headings };
}
