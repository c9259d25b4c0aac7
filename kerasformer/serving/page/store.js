// What stays in this browser: a few choices, the history and an API key.

const PREFIX = "kerasformer.";

/** What was kept under a name, or else a default; also where the browser keeps nothing. */
export function kept(name, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

/** Keep a value under a name, if the browser allows it. */
export function keep(name, value) {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // Storage is full or not allowed: the page works without it.
  }
}
