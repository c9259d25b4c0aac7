// Other translations of a sentence, on a click or with Enter.

import * as api from "./api.js";
import { percent, t } from "./interface.js";
import { direction } from "./languages.js";
import { output, probability, replace, sentenceElement, sentences } from "./panes.js";

const menu = document.getElementById("alternatives");
const COUNT = 4;
let opened = null; // the index of the sentence
let changed = () => {};

/** Begin; `whenChosen` is called after another translation was chosen. */
export function start(whenChosen) {
  changed = whenChosen;
}

async function open(index) {
  close();
  opened = index;
  const sentence = sentences[index];
  const element = sentenceElement(output, index);
  element.ariaExpanded = "true";
  fill([note(t("searching"))]);
  menu.hidden = false;
  const below = element.getBoundingClientRect().bottom - menu.offsetParent.getBoundingClientRect().top;
  menu.style.setProperty("top", `${below + 8}px`);
  let items;
  try {
    items = list(await api.alternatives(sentence.source, direction(), COUNT), sentence);
  } catch (failure) {
    items = [note(t("failed", { reason: failure.message }))];
  }
  if (opened !== index || sentences[index] !== sentence) return;
  fill(items);
  menu.querySelector("button")?.focus();
}

/** The items of the menu: the translation that is shown, then the others. */
function list({ translatedText, alternatives = [], scores = [] }, shown) {
  const found = new Map([[shown.text, shown.score]]);
  [translatedText, ...alternatives].forEach((text, i) => found.set(text, scores[i] ?? found.get(text)));
  const items = [...found].map(([text, score], i) => item(text, score, i === 0));
  return items.length > 1 ? items : [...items, note(t("noAlternatives"))];
}

function item(text, score, isShown) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", role: "menuitemradio", ariaChecked: String(isShown) });
  const label = document.createElement("span");
  const chance = document.createElement("small");
  label.textContent = text;
  chance.textContent = score === undefined ? "" : percent(probability(score));
  button.append(label, chance);
  button.addEventListener("click", () => {
    const index = opened;
    close();
    replace(index, text, score);
    changed();
  });
  return button;
}

function note(text) {
  return Object.assign(document.createElement("p"), { className: "hint", textContent: text });
}

function fill(items) {
  menu.replaceChildren(...items);
}

/** Close the menu; the sentence gets the focus if the menu had it. */
export function close() {
  if (opened === null) return;
  const element = sentenceElement(output, opened);
  if (element) element.ariaExpanded = "false";
  if (menu.contains(document.activeElement)) element?.focus();
  menu.hidden = true;
  opened = null;
}

output.addEventListener("click", (event) => {
  const sentence = event.target.closest(".sentence:not(.old)");
  if (sentence && getSelection().isCollapsed) open(Number(sentence.dataset.index));
});
output.addEventListener("keydown", (event) => {
  if (!event.target.matches(".sentence:not(.old)") || ![" ", "Enter"].includes(event.key)) return;
  event.preventDefault();
  open(Number(event.target.dataset.index));
});
menu.addEventListener("keydown", (event) => {
  const buttons = [...menu.querySelectorAll("button")];
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by) {
    event.preventDefault();
    buttons.at((buttons.indexOf(document.activeElement) + by) % buttons.length).focus();
  } else if (event.key === "Escape") {
    event.stopPropagation();
    close();
  }
});
document.addEventListener("pointerdown", ({ target }) => menu.contains(target) || output.contains(target) || close());
menu.addEventListener("focusout", ({ relatedTarget }) => relatedTarget && !menu.contains(relatedTarget) && close());
