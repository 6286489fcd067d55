/** Answers with their citations, as texts to paste elsewhere. */

import { copied } from "../base/clipboard.js";
import { icon, textButton } from "../base/dom.js";
import { menu } from "../base/menu.js";
import { cut, sourceOf } from "./answer.js";

export function copyMenu(question, answer) {
  const as = (label, format) => textButton(label, () => copied(format(question, answer), `Copied as ${label}.`));
  return menu(icon("copy"), "Copy with citation", as("Text", plain), as("Markdown", markdown), as("BibTeX", bibtex));
}

const same = (text) => text;
const escaped = (text) => text.replace(/\s+/g, " ").replace(/[\\`*_[\]<>&#~|$]/g, "\\$&");
const braced = (text) => text.replace(/[\s\\{}]+/g, " ").replace(/[%&$#_]/g, "\\$&");

export const plain = (question, answer) => written(question, answer, same, same, (...lines) => lines.join("\n"));

function markdown(question, answer) {
  const bold = (text) => `**${escaped(text)}**`;
  return written(question, answer, escaped, bold, (...lines) => `> ${lines.join("\n>\n> ")}`);
}

/** The question, what answers it, and each place with its source. */
function written(question, { spans, citations }, text, bold, block) {
  const marks = (numbers) => text(numbers.map((number) => `[${number}]`).join(""));
  const things = spans.map((one) => `${bold(one.text)} ${marks(one.citations)}`).join("; ");
  const places = citations.map((one) => {
    const [before, quote, after] = cut(one);
    const about = [...sourceOf(one), one.published, one.url, `characters ${one.start}–${one.end}`];
    return block(`${text(before)}${bold(quote)}${text(after)}`, text(`[${one.number}] ${about.filter(Boolean).join(" · ")}`));
  });
  return [bold(question), things, ...places].join("\n\n");
}

function bibtex(_, { citations }) {
  return citations.map((one) => {
    const note = `“${one.quote}”, characters ${one.start}–${one.end}, SHA-256 of the text ${one.sha256}`;
    const fields = { title: one.title || one.name, author: one.author, date: one.published, url: one.url, pages: one.page, note };
    const lines = Object.entries(fields).filter(([, value]) => value).map(([key, value]) => `  ${key} = {${braced(`${value}`)}},\n`);
    return `@misc{pincite-${one.document_id.slice(0, 8)}-${one.start},\n${lines.join("")}}`;
  }).join("\n\n");
}
