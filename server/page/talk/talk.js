/** The conversation: questions, answers told in steps, refusals that help. */

export function mountTalk(root) {}
export function newConversation() {}
export function showConversation(id, answerId) {}
