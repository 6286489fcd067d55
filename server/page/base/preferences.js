/** What the browser remembers. Where it may not, nothing is remembered and nothing breaks. */

export function remembered(name, otherwise) {
  try {
    return localStorage.getItem(`pincite.${name}`) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export function remember(name, value) {
  try {
    localStorage.setItem(`pincite.${name}`, value);
  } catch {
    // A private window: it holds until the page is closed.
  }
}

/** The server's key, for as long as this tab is open. */
export const key = {
  get: () => {
    try {
      return sessionStorage.getItem("pincite.key");
    } catch {
      return null;
    }
  },
  set: (value) => {
    try {
      sessionStorage.setItem("pincite.key", value);
    } catch {
      // Asked for again with the next page.
    }
  },
};
