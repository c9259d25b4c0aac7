// The two languages: which there are, which are chosen, and which one was detected.

import { languageName, t } from "./interface.js";
import { keep, kept } from "./store.js";

const from = document.getElementById("source-language");
const to = document.getElementById("target-language");
const AUTO = "auto";
let known = [];
let detected = null;

/** What a request asks for: {source, target}; the source may be "auto". */
export const chosen = () => ({ source: from.value, target: to.value });

/** The languages of the translation that is shown; the source is the detected one. */
export const direction = () => ({ source: from.value === AUTO ? (detected ?? from.value) : from.value, target: to.value });

/** Offer languages, as `/languages` lists them. `changed` is called after every choice. */
export function start(languages, usual, changed) {
  known = languages;
  const { source, target } = kept("languages", { source: AUTO, target: usual });
  write();
  set(source, target);
  from.addEventListener("change", () => settle(changed));
  to.addEventListener("change", () => settle(changed));
}

/** Choose two languages, as far as there are models for them. */
export function choose(source, target) {
  set(source, target);
  keep("languages", chosen());
}

function set(source, target) {
  from.value = source;
  if (!from.value) from.value = AUTO;
  offerTargets(target);
}

/** Write the names again, after the page has changed its language. */
export function write() {
  const { source, target } = chosen();
  const options = known.map(({ code, name }) => new Option(languageName(code, name), code));
  from.replaceChildren(new Option("", AUTO), ...options);
  set(source, target);
  detect(detected);
}

/** Show which language was detected. */
export function detect(code) {
  detected = code;
  const name = code && languageName(code, code);
  from.options[0].text = name ? t("detected", { language: name }) : t("detect");
  if (code && from.value === AUTO && !targetsOf(code).includes(to.value)) offerTargets(targetsOf(code)[0]);
}

/** Choose each language in place of the other. */
export function swap() {
  const { source, target } = direction();
  choose(target, source === AUTO ? to.value : source);
}

function settle(changed) {
  detect(null);
  offerTargets(to.value);
  keep("languages", chosen());
  changed();
}

function targetsOf(source) {
  const of = known.filter(({ code }) => source === AUTO || code === source);
  return [...new Set(of.flatMap(({ code, targets }) => targets.filter((target) => target !== code)))];
}

function offerTargets(wanted) {
  const targets = targetsOf(from.value);
  const names = Object.fromEntries(known.map(({ code, name }) => [code, name]));
  to.replaceChildren(...targets.map((code) => new Option(languageName(code, names[code] ?? code), code)));
  to.value = targets.includes(wanted) ? wanted : (targets[0] ?? "");
}
