/** Elements without HTML strings: whatever an article, a name or a question says stays text. */

/**
 * An element. Properties beginning with `on` are listeners, `false`, `null` and `undefined` are
 * left out, `true` is an attribute without a value; children are nodes, strings or nothing.
 */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) set(element, name, value);
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function set(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (name === "href") setLink(element, value);
  else element.setAttribute(name, value === true ? "" : value);
}

function setLink(element, address) {
  if (/^(#|\/(?![/\\]))/.test(address)) element.setAttribute("href", address);
  else if (isWeb(address)) {
    element.setAttribute("href", address);
    element.setAttribute("rel", "noopener noreferrer");
    element.setAttribute("target", "_blank");
  }
}

/** Whether an address is http or https: nothing else is ever made a link. */
export function isWeb(address) {
  return /^https?:\/\//i.test(address ?? "") && URL.canParse(address);
}

/** The parts of `icon`s, drawn in a square of 24 with a line of 1.8. */
const SHAPES = {
  menu: "M4 7h16M4 12h16M4 17h16",
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6L6 18",
  up: "M6 15l6-6 6 6",
  down: "M6 9l6 6 6-6",
  more: "M5 12h.6M11.7 12h.6M18.4 12h.6",
  copy: "M9 9h10v11H9zM5 15V4h10",
  edit: "M4 20l1-4L16 5l3 3L8 19z",
  right: "M7 11v9H4v-9zM7 11l4-7c2 0 2.5 1.5 2 3l-.6 3H19l-1.5 8.5c-.2 1-.8 1.5-2 1.5H7",
  wrong: "M7 13V4H4v9zM7 13l4 7c2 0 2.5-1.5 2-3l-.6-3H19l-1.5-8.5c-.2-1-.8-1.5-2-1.5H7",
  link: "M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-5.5-5.5l-1 1M14 10a4 4 0 0 0-6-.5l-3 3A4 4 0 0 0 10.5 18l1-1",
  away: "M13 5h6v6M19 5l-9 9M17 14v5H5V7h5",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10 11v6M14 11v6",
  send: "M12 19V5M6 11l6-6 6 6",
  stop: "M7 7h10v10H7z",
  theme: "M12 4a8 8 0 1 0 0 16zM12 4a8 8 0 0 1 0 16",
  upload: "M12 15V4M7 9l5-5 5 5M5 15v5h14v-5",
  download: "M12 4v11M7 10l5 5 5-5M5 15v5h14v-5",
  text: "M5 6h14M5 10h14M5 14h14M5 18h9",
};

/** A small picture beside words or in a button that has a label of its own. */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}

/** A button with words in it; `children` is what it shows. */
export function textButton(children, onclick, properties = {}) {
  return el("button", { type: "button", onclick, ...properties }, children);
}

/** A button that shows an icon only; `label` names it, and shows when it is pointed at. */
export function iconButton(name, label, onclick, properties = {}) {
  return el("button", { type: "button", class: "quiet", "aria-label": label, title: label, onclick, ...properties }, icon(name));
}
