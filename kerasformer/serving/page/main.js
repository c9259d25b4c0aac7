// Begins the page: asks the service what it can do, and connects the parts.

import * as alternatives from "./alternatives.js";
import * as api from "./api.js";
import { dim } from "./attention.js";
import * as files from "./files.js";
import * as history from "./history.js";
import { start as startInterface } from "./interface.js";
import * as languages from "./languages.js";
import * as live from "./live.js";
import { output, show, sentences, source, translation } from "./panes.js";

const byId = (id) => document.getElementById(id);
let settings = {};

function write() {
  output.dataset.empty = byId("output").getAttribute("aria-label");
  languages.write();
  files.write(settings);
  show(sentences);
  live.changed();
}

function done() {
  const { source: from, target } = languages.direction();
  source.lang = from;
  output.lang = target;
  history.remember({ q: source.value, translation: translation(), source: from, target });
}

function put(text) {
  source.value = text;
  live.now();
  source.focus();
}

/** Ask the service what it can do, again and again until it answers. */
async function connect() {
  try {
    const [known, found] = await Promise.all([api.languages(), api.settings()]);
    if (!known.length) throw new api.Failure(503, ""); // the service is still loading its models
    settings = found;
    languages.start(known, settings.language?.target?.code ?? "en", live.now);
    live.start(settings, done);
    files.start(settings);
    live.now();
  } catch (failure) {
    live.fail(failure, connect);
  }
}

source.addEventListener("input", () => {
  alternatives.close();
  dim();
  live.changed();
});
byId("clear").addEventListener("click", () => put(""));
byId("swap").addEventListener("click", () => {
  const text = translation();
  languages.swap();
  put(text);
});
addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    Promise.resolve(live.settle()).then(() => output.querySelector(".sentence")?.focus());
  } else if (event.key === "Escape" && output.contains(document.activeElement)) {
    source.focus();
  }
});
alternatives.start(done);
history.start((entry) => {
  languages.choose(entry.source, entry.target);
  put(entry.q);
});

await startInterface(write);
write();
connect();
