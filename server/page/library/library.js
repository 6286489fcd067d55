/** The articles: added, listed, chosen, deleted. */

export function mountLibrary(root) {}
