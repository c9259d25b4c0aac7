// The language of the page itself, and its colours.

import { keep, kept } from "./store.js";

let texts = {};
let code = "en";

/** A text of the page in its language, with {names} replaced by values. */
export function t(key, values = {}) {
  return texts[key].replace(/{(\w+)}/g, (_, name) => values[name]);
}

/** A number as the language of the page writes it. */
export const number = (value) => value.toLocaleString(code);

/** A share between 0 and 1 as the language of the page writes it. */
export const percent = (value) => value.toLocaleString(code, { style: "percent" });

/** The name of a language in the language of the page. */
export function languageName(of, otherwise) {
  try {
    const name = new Intl.DisplayNames(code, { type: "language", fallback: "none" }).of(of) ?? otherwise;
    return name.charAt(0).toLocaleUpperCase(code) + name.slice(1);
  } catch {
    return otherwise;
  }
}

/** Show the page in a language. */
async function speak(wanted) {
  code = wanted;
  texts = await (await fetch(new URL(`i18n/${code}.json`, import.meta.url))).json();
  document.documentElement.lang = code;
  document.querySelectorAll("[data-text]").forEach((e) => (e.textContent = t(e.dataset.text)));
  document.querySelectorAll("[data-label]").forEach((e) => {
    e.setAttribute("aria-label", t(e.dataset.label));
    if (e.tagName === "BUTTON") e.title = t(e.dataset.label);
  });
  document.querySelectorAll("[data-placeholder]").forEach((e) => (e.placeholder = t(e.dataset.placeholder)));
}

/** Show the page as it was last chosen, else as the browser asks for. `changed` is called after every choice. */
export async function start(changed) {
  const choice = document.getElementById("interface");
  const known = [...choice.options].map((option) => option.value);
  const asked = navigator.languages.map((language) => language.split("-")[0]);
  choice.value = [kept("interface"), ...asked].find((language) => known.includes(language)) ?? "en";
  choice.addEventListener("change", async () => {
    keep("interface", choice.value);
    await speak(choice.value);
    changed();
  });
  document.getElementById("theme").addEventListener("click", switchColours);
  colour(kept("theme"));
  await speak(choice.value);
}

function colour(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
}

function switchColours() {
  const isDark = getComputedStyle(document.documentElement).colorScheme === "dark";
  const system = matchMedia("(prefers-color-scheme: dark)").matches;
  const now = document.documentElement.dataset.theme ? isDark : system;
  colour(now ? "light" : "dark");
  keep("theme", document.documentElement.dataset.theme);
}
