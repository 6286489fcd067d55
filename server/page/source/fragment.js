/** The address of a span of a web page: a text fragment, which browsers scroll to and mark. */

const LONG = 100;
const WINDOW = 80;
const CONTEXT = 4;
const EDGE = 5;

/**
 * A page's address with `prefix-,start,end,-suffix` for `text.slice(start, end)` (WICG URL Fragment
 * Text Directives). A quote that is long or of several lines is given by its first and last words;
 * the context is of whole words in the same line.
 */
export function withFragment(url, text, start, end) {
  const lines = text.slice(start, end).trim().split(/\s*\n\s*/);
  const [first, last] = [words(lines[0]), words(lines.at(-1))];
  const isShort = lines.length === 1 && (lines[0].length < LONG || first.length <= 2 * EDGE);
  const quote = isShort ? [first] : [first.slice(0, EDGE), last.slice(-EDGE)];
  // A character more than the window, to tell whether a word is whole.
  const before = text.slice(Math.max(start - WINDOW - 1, 0), start).split("\n").at(-1);
  const after = text.slice(end, end + WINDOW + 1).split("\n")[0];
  const prefix = encoded(words(before.length > WINDOW ? before.replace(/^\S*/, "") : before).slice(-CONTEXT));
  const suffix = encoded(words(after.length > WINDOW ? after.replace(/\S*$/, "") : after).slice(0, CONTEXT));
  const parts = [prefix && `${prefix}-`, ...quote.map(encoded), suffix && `-${suffix}`];
  const [address] = url.split(":~:");
  return `${address}${address.includes("#") ? "" : "#"}:~:text=${parts.filter(Boolean).join(",")}`;
}

const words = (text) => text.split(/\s+/).filter(Boolean);

/** Percent-encoded, and so are dashes, which are marks of the directive. */
const encoded = (given) => encodeURIComponent(given.join(" ")).replaceAll("-", "%2D");
