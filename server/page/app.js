/** The page: puts its parts together. Each part has a folder; what they share is in `base/`. */

import { connect } from "./base/api.js";
import { whenLost } from "./base/connection.js";
import { typed } from "./base/dialog.js";
import { icon } from "./base/dom.js";
import { shortcut, showShortcuts } from "./base/keys.js";
import { undoLatest } from "./base/notices.js";
import { closeTop, mountPanes, showSide } from "./base/panes.js";
import { follow } from "./base/route.js";
import { mountTheme } from "./base/theme.js";
import { mountHistory } from "./history/history.js";
import { mountLibrary } from "./library/library.js";
import { mountSource, openSource } from "./source/source.js";
import { mountTalk, newConversation, showConversation } from "./talk/talk.js";

const part = (id) => document.getElementById(id);

connect({
  whenLost,
  keyWanted: (wrong) =>
    typed("This server asks for a key", "Key", {
      secret: true,
      yes: "Use it",
      hint: wrong ? "The server turned the key down. Check it and try again." : "It is kept until you close this tab.",
    }),
});

mountTheme();
mountPanes();
mountLibrary(part("library"));
mountHistory(part("history"));
mountTalk(part("talk"));
mountSource(part("source"));

const startNew = part("new-conversation");
startNew.append(icon("plus"), "New");
startNew.title = "New conversation";
startNew.setAttribute("aria-label", "New conversation");
startNew.addEventListener("click", newConversation);
part("shortcuts").addEventListener("click", showShortcuts);

shortcut("/", "Go to the question", () => part("question").focus());
shortcut("n", "New conversation", newConversation);
shortcut("a", "Articles and conversations", () => showSide());
shortcut("z", "Undo the latest delete", undoLatest);
shortcut("?", "This list", () => void showShortcuts());
shortcut("Escape", "Close what lies on top", closeTop);

follow(({ conversation, answer, document: id, start, end }) => {
  if (id) openSource({ document_id: id, start, end });
  else if (conversation) showConversation(conversation, answer);
  else newConversation();
});
