// The worker of the page: it loads models, translates, shows attention and tests itself. A classic worker, because
// LiteRT.js loads its wasm by importScripts.

import { Translator } from '../src/index.js';

const MOST_PIECES = 500; // whose translations are kept: while one types, only the last sentence changes
const translators = new Map(); // by file

function load(file, wasm) {
  if (!translators.has(file)) {
    const loaded = Translator.load(file, { wasm }).then(keepPieces);
    translators.set(file, loaded);
    loaded.catch(() => translators.delete(file));
  }
  return translators.get(file);
}

function keepPieces(translator) {
  const known = new Map(),
    translatePiece = translator.translatePiece.bind(translator);
  translator.translatePiece = async (piece, protection, beam, show) => {
    if (beam) return translatePiece(piece, protection, beam);
    if (!known.has(piece)) {
      if (known.size >= MOST_PIECES) known.clear();
      known.set(piece, await translatePiece(piece, protection, beam, show));
    }
    return known.get(piece);
  };
  translator.forget = () => known.clear();
  return translator;
}

const TASKS = {
  async load({ file, wasm }) {
    const translator = await load(file, wasm);
    await translator.translate('a'); // the first run is slow
    const { hasAttention, beamSize, about } = translator;
    return { hasAttention, hasBeam: beamSize > 1, hasGolden: Boolean(about.golden) };
  },
  async translate({ file, text, forget, show }) {
    const translator = await load(file);
    if (forget) translator.forget();
    const start = performance.now();
    return { ...(await translator.explain(text, { show })), ms: performance.now() - start };
  },
  async alternatives({ file, text }) {
    const { parts } = await (await load(file)).explain(text, { beam: true });
    return parts.flatMap(({ text, alternatives }) => [text, ...alternatives.map(other => other.text)]);
  },
  async attention({ file, source, target }) {
    return (await load(file)).attention(source, target);
  },
  async verify({ file }) {
    return (await load(file)).verify();
  },
};

self.onmessage = async ({ data: { id, task, ...values } }) => {
  try {
    const show = values.shows && (begun => self.postMessage({ id, begun }));
    self.postMessage({ id, answer: await TASKS[task]({ ...values, show }) });
  } catch (error) {
    self.postMessage({ id, error: error.message });
  }
};
