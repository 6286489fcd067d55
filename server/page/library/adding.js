/** The dialog to add articles: files, pasted text, or web addresses. */

import { openDialog } from "../base/dialog.js";
import { el, icon, isWeb, textButton } from "../base/dom.js";
import { add, tidy, work } from "./work.js";

const READ = ".txt,.md,.markdown,.html,.htm,.pdf,.docx,.epub";
const BARE_ADDRESS = /^[\w-]+(\.[\w-]+)*\.[a-z]{2,}(\/\S*)?$/i;
const LONGEST_NAME = 60;

/** Opens the dialog; `text` is put into its field. */
export function showAdder(text = "") {
  const place = work.parentElement;
  const back = () => {
    place.append(work);
    tidy();
  };
  if (!place.closest("dialog")) openDialog("Add articles", content, { wide: true }).then(back);
  const field = document.getElementById("add-text");
  if (text) field.value = text;
  if (text) field.focus();
}

function content() {
  const picker = el("input", { type: "file", multiple: true, accept: READ, hidden: true, onchange: () => {
    addFiles(picker.files);
    picker.value = "";
  } });
  const text = el("textarea", { id: "add-text", rows: 4, required: true, dir: "auto" });
  const title = el("input", { id: "add-title", autocomplete: "off", dir: "auto" });
  const submit = (event) => {
    event.preventDefault();
    addText(text.value.trim(), title.value.trim());
    event.target.reset();
  };
  return [
    el(
      "div",
      { class: "drop" },
      icon("upload"),
      el("span", {}, "Drop files here, or"),
      textButton("Choose files", () => picker.click(), { class: "primary", autofocus: true }),
      picker,
      el("p", { class: "muted" }, "Text, Markdown, HTML, PDF, Word or EPUB"),
    ),
    work,
    el(
      "form",
      { onsubmit: submit },
      el("label", { for: "add-text" }, "Or paste a text, or web addresses"),
      text,
      el("label", { for: "add-title" }, "Title of the text (optional)"),
      el("div", { class: "row" }, title, el("button", {}, "Add")),
    ),
  ];
}

export function addFiles(files) {
  for (const file of files) {
    const body = new FormData();
    body.append("file", file);
    add(file.name, body);
  }
}

function addText(text, title) {
  const words = text.split(/\s+/).map((word) => (BARE_ADDRESS.test(word) ? `https://${word}` : word));
  if (words.every(isWeb)) words.forEach((url) => add(url, { url }));
  else add(title || text.slice(0, LONGEST_NAME), { text, ...(title && { title }) });
}
