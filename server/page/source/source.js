/** The article beside the answer. */

export function mountSource(root) {}
export function openSource({ document_id, start = null, end = null }) {}
