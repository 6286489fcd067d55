/**
 * Which panes are seen. Wide: side, talk and source beside each other. Narrower: the side is a
 * drawer. On a phone the source covers the talk. What is covered can't be reached by keyboard.
 */

import { icon } from "./dom.js";
import { tell } from "./bus.js";

const wide = matchMedia("(min-width: 68rem)");
const phone = matchMedia("(max-width: 43.99rem)");
const pane = (id) => document.getElementById(id);

let drawer = false;
let opener = null;

export const isPhone = () => phone.matches;
export const isWide = () => wide.matches;
export const isSourceOpen = () => !pane("source").hidden;

/** Shows or closes the drawer; where the side is always seen, only moves the focus to it. */
export function showSide(open = true) {
  if (open && wide.matches) return focusIn("side");
  if (open === drawer) return;
  if (open) opener = document.activeElement;
  drawer = open;
  arrange();
  open ? focusIn("side") : opener?.isConnected && opener.focus();
}

/** Shows or closes the source; closing gives the focus back. */
export function showSource(open = true) {
  const source = pane("source");
  if (source.hidden !== open) return;
  if (open) sourceOpener = document.activeElement;
  source.hidden = !open;
  arrange();
  if (open) return;
  tell("shown", null);
  if (sourceOpener?.isConnected) sourceOpener.focus({ preventScroll: true });
}

let sourceOpener = null;

/** Closes what lies on top; whether there was anything. */
export function closeTop() {
  if (drawer && !wide.matches) showSide(false);
  else if (isSourceOpen()) showSource(false);
  else return false;
  return true;
}

function focusIn(id) {
  [...pane(id).querySelectorAll("button, input, a[href]")].find((control) => control.checkVisibility())?.focus();
}

function arrange() {
  const covered = phone.matches && isSourceOpen();
  const open = drawer && !wide.matches;
  const root = document.documentElement;
  root.classList.toggle("drawer", open);
  root.classList.toggle("with-source", isSourceOpen());
  pane("side").inert = !wide.matches && !open;
  pane("talk").inert = covered || open;
  pane("source").inert = open;
  document.querySelector(".bar").inert = covered || open;
  pane("open-side").setAttribute("aria-expanded", String(open));
}

export function mountPanes() {
  const openSide = pane("open-side");
  const closeSide = pane("close-side");
  openSide.append(icon("menu"));
  closeSide.append(icon("close"));
  openSide.addEventListener("click", () => showSide());
  closeSide.addEventListener("click", () => showSide(false));
  const leave = ({ target }) => drawer && !pane("side").contains(target) && showSide(false);
  document.querySelector(".panes").addEventListener("click", leave, { capture: true }); // before what opens it
  wide.addEventListener("change", arrange);
  phone.addEventListener("change", arrange);
  arrange();
}
