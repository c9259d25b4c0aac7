// Whole files: dropped anywhere on the page or chosen, translated by the service, saved by the user.

import * as api from "./api.js";
import { t } from "./interface.js";
import { chosen } from "./languages.js";

const chooser = document.getElementById("file");
const root = document.documentElement;

/** Begin with settings of the service. */
export function start({ filesTranslation, supportedFilesFormat = [] }) {
  if (!filesTranslation) return;
  document.getElementById("documents").hidden = false;
  chooser.accept = supportedFilesFormat.join();
  write({ supportedFilesFormat });
  chooser.addEventListener("change", () => {
    translate(chooser.files);
    chooser.value = "";
  });
  addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    root.classList.add("dragging");
  });
  addEventListener("dragleave", (event) => event.relatedTarget || root.classList.remove("dragging"));
  addEventListener("drop", (event) => {
    root.classList.remove("dragging");
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    translate(event.dataTransfer.files);
  });
}

/** Write the formats in the language of the page. */
export function write({ supportedFilesFormat = [] }) {
  const formats = supportedFilesFormat.map((format) => format.replace(/^\./, "")).join(", ");
  document.getElementById("formats").textContent = t("formats", { formats });
}

function translate(files) {
  for (const file of files) one(file);
}

async function one(file) {
  const li = document.createElement("li");
  const name = Object.assign(document.createElement("span"), { textContent: file.name });
  const state = Object.assign(document.createElement("span"), { className: "hint", textContent: t("fileWaits") });
  li.append(name, state);
  document.getElementById("files").append(li);
  try {
    const href = await api.translateFile(file, chosen());
    state.replaceWith(Object.assign(document.createElement("a"), { href, download: "", textContent: t("fileDone") }));
  } catch (failure) {
    state.className = "failed";
    state.textContent = failure.status === 0 ? t("offline") : t("failed", { reason: failure.message });
  }
}
