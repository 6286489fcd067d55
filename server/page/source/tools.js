/** What else can be done with an article: its contents, a link to it, the page it is from. */

import { copied } from "../base/clipboard.js";
import { el, icon, iconButton, isWeb, textButton } from "../base/dom.js";
import { menu } from "../base/menu.js";
import { address, toDocument } from "../base/route.js";
import { withFragment } from "./fragment.js";

/** Buttons for what is shown and, if it is not null, a span of it in UTF-16. */
export function toolsOf(shown, range, goTo) {
  const { document: { url }, headings, text } = shown;
  const entries = headings.map(({ start, level, text: heading }) => textButton(heading, () => goTo(start), { dir: "auto", "data-level": level }));
  const label = "Open the original page";
  const page = () => el("a", { href: range ? withFragment(url, text, range.start, range.end) : url, "aria-label": label, title: label }, icon("away"));
  return [
    entries.length > 1 && menu(icon("text"), "Contents", ...entries),
    iconButton("link", range ? "Copy a link to this place" : "Copy a link to this article", () => copyLink(shown, range)),
    isWeb(url) && page(),
  ].filter(Boolean);
}

export function copyLink({ document, offsets }, range) {
  const points = range ? [range.start, range.end].map(offsets.toPoint) : [];
  return copied(address(toDocument(document.id, ...points)), "Link copied.");
}
