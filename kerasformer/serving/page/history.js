// Earlier translations, kept in this browser only.

import { t } from "./interface.js";
import { keep, kept } from "./store.js";

const dialog = document.getElementById("history");
const byId = (id) => document.getElementById(id);
const MOST = 100;
const SETTLED = 1500; // milliseconds without a change
let timer;
let restore = () => {};

/** Begin; `whenChosen` gets the entry that was chosen. */
export function start(whenChosen) {
  restore = whenChosen;
}

/** Remember a translation {q, translation, source, target} once it stays; the same text in the making is one entry. */
export function remember(entry) {
  clearTimeout(timer);
  timer = setTimeout(() => {
    const [last, ...others] = kept("history", []);
    const older = last && !isSameText(last, entry) ? [last, ...others] : others;
    const rest = older.filter(({ q, target }) => q !== entry.q || target !== entry.target);
    keep("history", [entry, ...rest].slice(0, MOST));
  }, SETTLED);
}

function isSameText(a, b) {
  return a.target === b.target && (a.q.startsWith(b.q) || b.q.startsWith(a.q));
}

function list() {
  const entries = kept("history", []);
  byId("entries").replaceChildren(...entries.map(row));
  byId("history-empty").hidden = entries.length > 0;
  byId("history-delete").hidden = !entries.length;
}

function row(entry, index) {
  const li = document.createElement("li");
  const choice = Object.assign(document.createElement("button"), { type: "button", className: "entry" });
  for (const text of [entry.q, entry.translation]) {
    choice.append(Object.assign(document.createElement("span"), { textContent: text }));
  }
  choice.addEventListener("click", () => {
    dialog.close();
    restore(entry);
  });
  const cross = byId("history-close").cloneNode(true);
  cross.removeAttribute("id");
  cross.ariaLabel = cross.title = t("deleteEntry");
  cross.addEventListener("click", () => {
    keep("history", kept("history", []).toSpliced(index, 1));
    list();
    (byId("entries").querySelectorAll(".entry")[index] ?? byId("history-close")).focus();
  });
  li.append(choice, cross);
  return li;
}

byId("history-open").addEventListener("click", () => {
  list();
  dialog.showModal();
});
byId("history-close").addEventListener("click", () => dialog.close());
byId("history-delete").addEventListener("click", () => {
  keep("history", []);
  list();
  byId("history-close").focus();
});
dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close()); // beside it
