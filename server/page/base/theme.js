/** Light, dark, or as the system is; the button goes round. */

import { el, icon } from "./dom.js";
import { remember, remembered } from "./preferences.js";

const NEXT = { system: "light", light: "dark", dark: "system" };
const NAMED = { system: "as the system is", light: "light", dark: "dark" };

export function mountTheme() {
  const button = document.getElementById("theme");
  const apply = (theme) => {
    document.documentElement.dataset.theme = theme;
    const label = `Colours: ${NAMED[theme]}`;
    button.replaceChildren(icon("theme"), el("span", { class: "unseen" }, label));
    button.title = label;
  };
  const known = remembered("theme", "system");
  let theme = known in NEXT ? known : "system";
  apply(theme);
  button.addEventListener("click", () => {
    theme = NEXT[theme];
    remember("theme", theme);
    apply(theme);
  });
}
