/** Files and texts that are dropped on the page, or pasted beside its fields. */

import { el } from "../base/dom.js";
import { addFiles, showAdder } from "./adding.js";

const STALE_MS = 600; // while something is over the page, `dragover` comes more often
const WORTH_ADDING = /^https?:\S+$|^.{200}/s;

export function mountDropping() {
  const { classList } = document.documentElement;
  let own = false; // the page's own text is dragged
  let timer = null;
  const leave = () => classList.remove("dropping");
  document.body.append(el("p", { class: "drop-hint", "aria-hidden": "true" }, "Drop to add"));
  addEventListener("dragstart", () => (own = true));
  addEventListener("dragend", () => (own = false));
  addEventListener("dragleave", ({ relatedTarget }) => relatedTarget || leave());
  addEventListener("dragover", (event) => {
    if (own || !isWanted(event.dataTransfer, event)) return;
    classList.add("dropping");
    clearTimeout(timer);
    timer = setTimeout(leave, STALE_MS);
  });
  addEventListener("drop", (event) => {
    leave();
    if (!own && isWanted(event.dataTransfer, event)) take(event.dataTransfer);
  });
  addEventListener("paste", (event) => {
    const { clipboardData: pasted } = event;
    const text = pasted.getData("text/plain");
    if ((pasted.files.length || WORTH_ADDING.test(text)) && isWanted(pasted, event)) take(pasted);
  });
}

/** Files anywhere, texts where they go into no field; neither where another dialog is open. */
function isWanted({ types }, event) {
  const dialog = document.querySelector("dialog[open]");
  const isOurs = !dialog || dialog.querySelector(".drop");
  const wanted = isOurs && (types.includes("Files") || (types.includes("text/plain") && !event.target.closest?.("input, textarea")));
  if (wanted) event.preventDefault();
  return wanted;
}

function take(transfer) {
  const items = [...transfer.items].filter((item) => item.kind === "file" && !item.webkitGetAsEntry()?.isDirectory);
  addFiles(items.map((item) => item.getAsFile()));
  showAdder(transfer.files.length ? "" : transfer.getData("text/plain").trim());
}
