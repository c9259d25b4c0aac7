// The two panes: the text on the left, its translation on the right, both in sentences and words that can be lit.

import { number, percent, t } from "./interface.js";

export const source = document.getElementById("source-text");
export const output = document.getElementById("output");
export const mirror = document.getElementById("mirror"); // the text once more, behind the field, which cannot light words
const byId = (id) => document.getElementById(id);
const UNSURE = 0.4; // mean probability of a token below which a sentence is marked
const LONG = 400; // characters of a text that is set smaller
const FARTHEST = 40; // characters between two parts that follow each other

/** The sentences that are shown: {source, text, separator, score}. */
export let sentences = [];

/** The translation that is shown. */
export const translation = () => output.textContent;

/** What a score, a mean log-probability, says: the mean probability of a token. */
export const probability = (score) => Math.exp(Math.min(score, 0));

/** Show sentences of a translation; those from `fresh` on are of an older text. */
export function show(found, fresh = found.length) {
  const focused = output.contains(document.activeElement) ? document.activeElement.dataset.index : null;
  sentences = found;
  fill(mirror, source.value, found.map((sentence) => sentence.source), "part");
  const whole = found.map(({ text, separator }) => text + separator).join("");
  fill(output, whole, found.map((sentence) => sentence.text), "sentence");
  output.querySelectorAll(".sentence").forEach((span) => {
    const { text, score } = sentences[span.dataset.index];
    Object.assign(span, { tabIndex: 0, role: "button", ariaHasPopup: "menu", ariaExpanded: "false" });
    span.ariaLabel = t("sentence", { text });
    span.classList.toggle("old", span.dataset.index >= fresh);
    span.classList.toggle("unsure", score !== undefined && probability(score) < UNSURE);
  });
  if (focused) sentenceElement(output, focused)?.focus();
  byId("copy").disabled = !found.length;
  showScore();
}

/** Show that the text has changed: its length, and no sentences of it until they are translated again. */
export function showText(limit) {
  const length = [...source.value].length;
  mirror.textContent = `${source.value}\u200b`; // a last empty line has its height, too
  byId("count").textContent = limit > 0 ? t("count", { count: number(length), limit: number(limit) }) : number(length);
  byId("clear").hidden = !length;
  for (const pane of [source, mirror, output]) pane.classList.toggle("long", length > LONG);
}

/** Show whether a translation is on its way. */
export function showBusy(isBusy) {
  document.querySelector(".answer").classList.toggle("busy", isBusy);
}

/** The sentence on one side: an element, or null. */
export const sentenceElement = (side, index) => side.querySelector(`:scope > [data-index="${index}"]`);

/** Divide a sentence on one side into words. */
export function divide(side, index, words) {
  const element = sentenceElement(side, index);
  if (element) fill(element, element.textContent, words, "word");
}

/** The text of a sentence with one of its other translations in place of the one shown. */
export function replace(index, text, score) {
  show(sentences.map((sentence, i) => (i === index ? { ...sentence, text, score } : sentence)));
  sentenceElement(output, index)?.focus();
}

/** Write a text into an element, with a span around each of its parts that is found in order. */
function fill(element, whole, parts, name) {
  const nodes = [];
  const searched = plain(whole);
  let end = 0;
  parts.forEach((part, index) => {
    const at = searched.indexOf(plain(part), end);
    if (!part || at < 0 || at - end > FARTHEST) return;
    const span = document.createElement("span");
    Object.assign(span, { className: name, textContent: whole.slice(at, at + part.length) });
    span.dataset.index = index;
    nodes.push(whole.slice(end, at), span);
    end = at + part.length;
  });
  element.replaceChildren(...nodes, whole.slice(end));
  if (element === mirror) element.append("\u200b");
}

/** A text with plain quotation marks, as models see it; every character stays in its place. */
const plain = (text) => text.replace(/[‘’]/g, "'").replace(/[“”]/g, '"');

function showScore() {
  const scores = sentences.map(({ score }) => score).filter((score) => score !== undefined);
  byId("score").hidden = !scores.length;
  if (!scores.length) return;
  const mean = probability(scores.reduce((sum, score) => sum + score, 0) / scores.length);
  byId("score").title = t("scoreHelp");
  byId("score-text").textContent = t("score", { percent: percent(mean) });
  byId("score").style.setProperty("--score", mean);
}

byId("copy").addEventListener("click", async () => {
  await copy(translation());
  const label = byId("copy").querySelector("span");
  label.textContent = t("copied");
  setTimeout(() => (label.textContent = t("copy")), 1500);
});

/** Copy a text; a page that was not loaded over HTTPS or from this machine has no clipboard of its own. */
async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  getSelection().selectAllChildren(output);
  document.execCommand("copy");
  getSelection().removeAllRanges();
}
