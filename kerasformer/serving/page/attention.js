// Light on hover: a word of the translation lights the words of the text that it looked at, and the other way round.

import * as api from "./api.js";
import { percent, t } from "./interface.js";
import { direction } from "./languages.js";
import { divide, mirror, output, sentenceElement, sentences, source } from "./panes.js";

const lit = document.getElementById("lit");
const LEAST = 0.08; // the share of attention below which a word is not lit
const MOST = 3; // words that are named
const MOST_KEPT = 500; // answers
const answers = new Map(); // promises of what `/attention` says
let pointer = null; // where the pointer was last: {x, y}

function ask(index) {
  const { source, text } = sentences[index];
  const languages = direction();
  const key = JSON.stringify([source, text, languages]);
  if (!answers.has(key)) {
    const answer = api.attention(source, text, languages);
    answer.catch(() => answers.delete(key)); // asked again at the next hover
    if (answers.size >= MOST_KEPT) answers.delete(answers.keys().next().value);
    answers.set(key, answer);
  }
  return answers.get(key);
}

/** What a sentence looked at, or null if there is nothing; its words are divided on both sides. */
async function open(index) {
  const sentence = sentences[index];
  const found = await ask(index).catch(() => null);
  if (!found || sentences[index] !== sentence) return null;
  if (!sentenceElement(output, index)?.querySelector(".word")) {
    divide(output, index, found.target);
    divide(mirror, index, found.source);
  }
  return found;
}

/** Light a word of a sentence and what belongs to it; `side` is the pane of the word. */
async function light(side, index, word) {
  const found = await open(index);
  if (!found) return;
  dim();
  const isTarget = side === output;
  const weights = isTarget ? found.weights[word] : found.weights.map((row) => row[word]);
  const [here, there] = isTarget ? [found.target, found.source] : [found.source, found.target];
  const other = sentenceElement(isTarget ? mirror : output, index);
  const highest = Math.max(...weights);
  wordElement(sentenceElement(side, index), word)?.style.setProperty("--weight", 1);
  weights.forEach((weight, i) => {
    if (weight >= LEAST) wordElement(other, i)?.style.setProperty("--weight", weight / highest);
  });
  const order = weights.map((weight, i) => ({ weight, word: there[i] })).sort((a, b) => b.weight - a.weight);
  const named = order.filter(({ weight }) => weight >= LEAST).slice(0, MOST);
  const words = named.map(({ weight, word }) => `${word} ${percent(weight)}`).join(", ");
  lit.textContent = words && t(isTarget ? "lookedAt" : "lookedAtBy", { word: here[word], words });
}

/** Put out the light. */
export function dim() {
  lit.textContent = "";
  document.querySelectorAll(".word[style]").forEach((word) => word.removeAttribute("style"));
}

const wordElement = (sentence, word) => sentence?.querySelector(`.word[data-index="${word}"]`);

/** The sentence and the word at a point: {side, index, word}; word is null before the sentence is divided. */
function under({ x, y }) {
  const elements = document.elementsFromPoint(x, y);
  const part = elements.find((element) => element.matches(".sentence, .part"));
  if (!part || part.classList.contains("old")) return null;
  const word = elements.find((element) => element.matches(".word"));
  const side = part.parentElement;
  return { side, index: Number(part.dataset.index), word: word ? Number(word.dataset.index) : null };
}

async function follow(event) {
  const here = (pointer = { x: event.clientX, y: event.clientY });
  let at = under(here);
  if (at && at.word === null && (await open(at.index))) at = under(pointer ?? here);
  if (!pointer) return;
  if (!at || at.word === null) return dim();
  light(at.side, at.index, at.word);
}

function leave() {
  pointer = null;
  dim();
}

for (const pane of [output, source]) {
  pane.addEventListener("pointermove", follow);
  pane.addEventListener("pointerleave", leave);
}

/** Light the next or the previous word of the sentence that has the focus; at its end, of the next sentence. */
async function step(by) {
  const sentence = document.activeElement;
  const index = Number(sentence.dataset.index);
  if (!(await open(index))) return;
  const words = [...sentence.querySelectorAll(".word")];
  const now = words.findIndex((word) => word.classList.contains("current"));
  const next = now < 0 ? (by > 0 ? 0 : words.length - 1) : now + by;
  words[now]?.classList.remove("current");
  if (words[next]) {
    words[next].classList.add("current");
    return light(output, index, Number(words[next].dataset.index));
  }
  sentenceElement(output, index + by)?.focus();
  if (document.activeElement !== sentence) await step(by);
}

output.addEventListener("keydown", (event) => {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!by || !event.target.matches(".sentence")) return;
  event.preventDefault();
  step(by);
});
output.addEventListener("focusout", dim);
