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

/** A value that is remembered as long as this tab is open. */
export function kept(name) {
  return {
    get: () => {
      try {
        return sessionStorage.getItem(`pincite.${name}`);
      } catch {
        return null;
      }
    },
    set: (value) => {
      try {
        sessionStorage.setItem(`pincite.${name}`, value);
      } catch {
        // Asked for again with the next page.
      }
    },
  };
}

/** The server's key. */
export const key = kept("key");
