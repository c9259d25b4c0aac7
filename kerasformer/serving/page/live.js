// Live translation: a while after the last key, the newest text is translated; older answers never replace newer ones.

import * as api from "./api.js";
import { number, t } from "./interface.js";
import { chosen, detect } from "./languages.js";
import * as panes from "./panes.js";

const notice = document.getElementById("notice");
const keyForm = document.getElementById("key-form");
const BUSY = [429, 503, 504]; // try again
const MOMENT = 50; // milliseconds in which the sentences that arrive are shown together
const LONGEST_WAIT = 30; // seconds between two tries
let wait = 400; // milliseconds after the last key
let limit = -1; // characters of a text; -1 for no limit
let timer, request, failures = 0;
let isStarted = false; // whether it is known what the service can do
let isDue = false; // whether the text has changed since the last request
let retry = now; // what failed last
let finished = () => {};

/** Begin with settings of the service; `whenDone` is called after each translation. */
export function start(settings, whenDone) {
  limit = settings.charLimit ?? -1;
  wait = Math.min(settings.frontendTimeout ?? wait, 1000);
  finished = whenDone;
  isStarted = true;
  panes.showText(limit);
}

/** The text has changed: translate it after a short while. */
export function changed() {
  panes.showText(limit);
  if (!isStarted) return;
  stop();
  isDue = true;
  timer = setTimeout(now, wait);
}

/** Do not wait for a pause: the text is translated now, if it has changed. */
export const settle = () => isDue && now();

/** Translate the text at once. */
export async function now() {
  if (!isStarted) return;
  stop();
  isDue = false;
  const mine = (request = new AbortController());
  panes.showText(limit);
  if (!panes.source.value.trim()) return clear();
  const count = [...panes.source.value].length;
  if (limit > 0 && count > limit) return tell(t("tooLong", { count: number(count), limit: number(limit) }));
  panes.showBusy(true);
  try {
    const isWhole = await receive(mine);
    if (!isWhole || request !== mine) return;
    failures = 0;
    tell("");
    finished();
  } catch (failure) {
    if (request === mine && failure.name !== "AbortError") fail(failure);
  }
  if (request === mine) panes.showBusy(false);
}

/** Receive the sentences of one request; false if a newer one has begun, or begins because of what was detected. */
async function receive(mine) {
  const asked = chosen();
  const before = panes.sentences;
  const found = [];
  let shown = 0; // when
  for await (const event of api.translate(panes.source.value, asked, mine.signal)) {
    if (request !== mine) return false;
    if (event.error) throw new api.Failure(500, event.error);
    if (event.detectedLanguage) {
      detect(event.detectedLanguage.language);
      if (chosen().target !== asked.target) return void now();
    }
    if (event.text === undefined) continue;
    found.push(event);
    if (performance.now() - shown < MOMENT) continue;
    shown = performance.now();
    panes.show([...found, ...before.slice(found.length)], found.length);
  }
  panes.show(found);
  return true;
}

function stop() {
  clearTimeout(timer);
  request?.abort();
  request = null;
  panes.showBusy(false);
}

function clear() {
  panes.show([]);
  panes.showText(limit);
  detect(null);
  tell("");
}

/** Say why something was not answered, and do it `again` after a while if that can help. */
export function fail({ status, message, retryAfter }, again = now) {
  retry = again;
  panes.show(panes.sentences, 0); // of an older text
  keyForm.hidden = status !== 403;
  const isTemporary = status === 0 || BUSY.includes(status);
  tell(status === 0 ? t("offline") : BUSY.includes(status) ? t("busy") : t("failed", { reason: message }), isTemporary);
  if (!isTemporary) return;
  failures += 1;
  timer = setTimeout(again, 1000 * Math.max(retryAfter, Math.min(2 ** failures, LONGEST_WAIT)));
}

/** Show what is wrong; nothing if the text is empty. */
function tell(text, canRetry = false) {
  document.getElementById("notice-text").textContent = text;
  document.getElementById("notice-retry").hidden = !canRetry;
  notice.hidden = !text;
  if (!text) keyForm.hidden = true;
}

document.getElementById("notice-retry").addEventListener("click", () => retry());
addEventListener("online", () => notice.hidden || retry());
keyForm.addEventListener("submit", (event) => {
  event.preventDefault();
  api.useKey(document.getElementById("key").value);
  retry();
});
