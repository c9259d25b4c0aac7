// Requests to the service. Paths are relative to the page, so that it works behind a prefix as well.

import { keep, kept } from "./store.js";

/** A request that was not answered: status 0 if the service cannot be reached. */
export class Failure extends Error {
  constructor(status, message, retryAfter = 0) {
    super(message);
    Object.assign(this, { status, retryAfter });
  }
}

/** Use this API key from now on. */
export const useKey = (key) => keep("key", key);

async function ask(path, options = {}) {
  const response = await fetch(path, options).catch((error) => {
    throw error.name === "AbortError" ? error : new Failure(0, error.message);
  });
  if (response.ok) return response;
  const { error } = await response.json().catch(() => ({ error: response.statusText }));
  throw new Failure(response.status, error, Number(response.headers.get("retry-after")));
}

function post(path, values, signal) {
  const headers = { "content-type": "application/json" };
  return ask(path, { method: "POST", headers, body: JSON.stringify({ ...values, api_key: kept("key", "") }), signal });
}

/** [{code, name, targets}] */
export const languages = async () => (await ask("languages")).json();

/** What the page needs to know about the service; see LibreTranslate's `/frontend/settings`. */
export const settings = async () => (await ask("frontend/settings")).json();

/** Yields what the service sends while it translates a text, sentence by sentence. */
export async function* translate(q, { source, target }, signal) {
  const response = await post("translate", { q, source, target, stream: true }, signal);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read().catch((error) => {
      throw error.name === "AbortError" ? error : new Failure(0, error.message);
    });
    if (done) return;
    const events = (rest + value).replaceAll("\r\n", "\n").split("\n\n");
    rest = events.pop();
    for (const event of events) {
      const data = event.split("\n").filter((line) => line.startsWith("data:")).map((line) => line.slice(5));
      if (data.length) yield JSON.parse(data.join("\n"));
    }
  }
}

/** The translation of a sentence and other ones: {translatedText, alternatives, scores}. */
export const alternatives = async (q, { source, target }, count) =>
  (await post("translate", { q, source, target, alternatives: count })).json();

/** What the words of a translation looked at: {source: [word], target: [word], weights: [target][source]}. */
export const attention = async (q, translation, { source, target }) =>
  (await post("attention", { q, translation, source, target })).json();

/** The address of the translation of a file, on this service. */
export async function translateFile(file, { source, target }) {
  const body = new FormData();
  for (const [name, value] of Object.entries({ source, target, api_key: kept("key", "") })) body.append(name, value);
  body.append("file", file);
  const { translatedFileUrl } = await (await ask("translate_file", { method: "POST", body })).json();
  return new URL(new URL(translatedFileUrl, location).pathname, location).href;
}
