/** Earlier conversations: found, opened, renamed, deleted. */

export function mountHistory(root) {}
