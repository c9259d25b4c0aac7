// The page: what one types is translated at once by a worker, with the models that models.json lists.

import { wordsIn, wordWeights } from './attention.js';
import { LANGUAGES, wordsOf } from './words.js';

const WAIT = 120; // ms after the last key
const LEAST_RIGHT = 0.95; // of the golden pairs: processors round 8-bit products differently, so that a few change
const LEAST_WEIGHT = 0.15; // of a word that is shown
const get = id => document.getElementById(id);
const [source, target, status, figures, verified] = ['source', 'target', 'status', 'figures', 'verified'].map(get);

let models = [],
  model,
  says,
  language,
  worker,
  shown = null,
  chosen = null,
  answered = 0,
  pending = false,
  running = false;

// Let the worker do a task: a promise of its answer.
function ask(task, values) {
  const id = ++answered;
  return new Promise((resolve, reject) => {
    const hear = ({ data }) => {
      if (data.id !== id) return;
      worker.removeEventListener('message', hear);
      if (data.error) reject(new Error(data.error));
      else resolve(data.answer);
    };
    worker.addEventListener('message', hear);
    worker.postMessage({ id, task, file: model.file, ...values });
  });
}

const number = (value, unit, digits) =>
  new Intl.NumberFormat(language, { style: 'unit', unit, maximumFractionDigits: digits }).format(value);
const megabytes = bytes => number(bytes / 1e6, 'megabyte', 1);

function speak(chosenLanguage) {
  language = chosenLanguage;
  says = wordsOf(language);
  document.documentElement.lang = get('language').value = language;
  document.title = says.title;
  for (const element of document.querySelectorAll('[data-words]')) element.textContent = says[element.dataset.words];
  for (const element of document.querySelectorAll('[data-title]'))
    element.title = element.ariaLabel = says[element.dataset.title];
  source.placeholder = says.placeholder;
  name();
}

// Show the languages of the model.
function name() {
  if (!model) return;
  const names = new Intl.DisplayNames(language, { type: 'language' });
  const named = code => names.of(code).replace(/^./u, first => first.toLocaleUpperCase(language));
  get('from').textContent = named(model.source);
  get('to').textContent = named(model.target);
  source.lang = get('backdrop').lang = model.source;
  target.lang = model.target;
  showFigures();
  showState();
}

function showFigures() {
  figures.textContent = shown
    ? says.figures(number(shown.ms, 'millisecond', shown.ms < 10 ? 1 : 0), megabytes(model.size))
    : '';
}

async function showState() {
  const files = models.map(({ file }) => file),
    kept = await Promise.all(files.map(file => globalThis.caches?.match(file)));
  if (model.isReady)
    status.textContent = navigator.serviceWorker?.controller && kept.every(Boolean) ? says.offline : says.ready;
  else status.textContent = says.loading(megabytes(model.size));
}

function fail(error) {
  get('problem').hidden = !error;
  get('problem').textContent = error ? says.failed(error.message) : '';
}

async function choose(next) {
  model = next;
  get('swap').hidden = models.length < 2;
  verified.textContent = '';
  get('changed').hidden = true;
  name();
  fail();
  try {
    Object.assign(next, await ask('load', { wasm: new URL(next.wasm, location.href).href }), { isReady: true });
  } catch (error) {
    return fail(error);
  }
  get('verify').hidden = !model.hasGolden;
  document.querySelector('.hint').hidden = !model.hasAttention;
  await translate();
  await keepForOffline();
}

// Fetch all models: the service worker keeps them.
async function keepForOffline() {
  if (navigator.serviceWorker?.controller && !navigator.connection?.saveData) {
    await Promise.all(models.map(({ file }) => fetch(file))).catch(() => {});
  }
  await showState();
}

// Translate the text; while a translation runs, the newest text waits.
async function translate() {
  const asked = model,
    text = source.value;
  grow();
  if (!asked?.isReady) return;
  pending = running;
  if (running) return;
  running = true;
  try {
    const found = text.trim() ? await ask('translate', { text }) : null;
    if (asked === model) show(found, text);
    fail();
  } catch (error) {
    fail(error);
  }
  running = false;
  if (pending) translate();
}

function grow() {
  highlight();
  source.style.height = 'auto';
  source.style.height = `${source.scrollHeight}px`;
  get('clear').hidden = !source.value;
}

function show(found, text) {
  shown = found && { ...found, source: text };
  get('copy').hidden = !found;
  target.classList.remove('old');
  target.replaceChildren(...(found ? spans(found, text) : []));
  const lacking = found?.parts.flatMap(part => part.lacking) ?? [];
  if (lacking.length) target.title = says.lacking(lacking.join(', '));
  else target.removeAttribute('title');
  showFigures();
}

// An element for each word of the translation, which knows where it comes from.
function spans({ text: translation, parts }, text) {
  const nodes = [];
  let at = 0,
    place = 0;
  for (const part of parts) {
    const start = translation.indexOf(part.text, at);
    part.place = text.indexOf(part.source, place);
    place = Math.max(place, part.place + part.source.length);
    wordsIn(part.text).forEach((word, index) => {
      const span = Object.assign(document.createElement('span'), {
        className: 'word',
        textContent: part.text.slice(word.start, word.end),
      });
      span.origin = { part, index };
      nodes.push(translation.slice(at, start + word.start), span);
      at = start + word.end;
    });
  }
  return [...nodes, translation.slice(at)];
}

// Show what a word comes from; null for none.
async function attend(span) {
  if (span === chosen || !model.hasAttention) return;
  chosen?.classList.remove('chosen');
  chosen = span;
  if (!span) return highlight();
  span.classList.add('chosen');
  const { part, index } = span.origin,
    asked = shown;
  part.weights ??= ask('attention', { source: part.source, target: part.text }).then(found =>
    wordWeights(found, part.source, part.text),
  );
  const weights = (await part.weights)[index];
  if (chosen === span && shown === asked && part.place >= 0) highlight(part, weights);
}

function highlight(part, weights) {
  const text = source.value,
    nodes = [];
  let at = 0;
  for (const [i, { start, end }] of (part ? wordsIn(part.source) : []).entries()) {
    if (weights[i] < LEAST_WEIGHT) continue;
    const word = Object.assign(document.createElement('mark'), {
      textContent: text.slice(part.place + start, part.place + end),
    });
    word.style.setProperty('--weight', (0.55 * weights[i]).toFixed(2));
    nodes.push(text.slice(at, part.place + start), word);
    at = part.place + end;
  }
  get('backdrop').replaceChildren(...nodes, `${text.slice(at)}\n`);
}

// Go through the words of the translation by the keyboard.
function step(event) {
  const all = [...target.querySelectorAll('.word')],
    by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (event.key === 'Escape') attend(null);
  if (!by || !all.length) return;
  event.preventDefault();
  const next = chosen?.isConnected ? all.indexOf(chosen) + by : by > 0 ? 0 : all.length - 1;
  attend(all[Math.min(Math.max(next, 0), all.length - 1)]);
}

async function verify() {
  verified.textContent = says.verifying;
  const { count, changed } = await ask('verify'),
    right = count - changed.length;
  verified.textContent = `${right / count < LEAST_RIGHT ? '✗' : '✓'} ${says.verified(right, count)}`;
  get('changed').hidden = !changed.length;
  get('changed').replaceChildren(
    ...changed.map(({ source, expected, answer }) =>
      Object.assign(document.createElement('li'), { textContent: `${source} → ${answer} (≠ ${expected})` }),
    ),
  );
}

function swap() {
  const next =
    models.find(other => other.source === model.target && other.target === model.source) ??
    models[(models.indexOf(model) + 1) % models.length];
  if (shown && next.source === model.target) source.value = shown.text;
  target.classList.add('old');
  choose(next);
}

function listen() {
  let timer;
  source.addEventListener('input', () => {
    grow();
    clearTimeout(timer);
    timer = setTimeout(translate, WAIT);
  });
  target.addEventListener('pointerover', ({ target: word }) => attend(word.closest('.word')));
  target.addEventListener('pointerleave', () => attend(null));
  target.addEventListener('click', ({ target: word }) => attend(word.closest('.word')));
  target.addEventListener('keydown', step);
  target.addEventListener('blur', () => attend(null));
  get('swap').addEventListener('click', swap);
  get('verify').addEventListener('click', verify);
  get('clear').addEventListener('click', () => {
    source.value = '';
    source.focus();
    translate();
  });
  get('copy').addEventListener('click', async () => {
    await navigator.clipboard.writeText(shown.text);
    get('copy').textContent = says.copied;
    setTimeout(() => {
      get('copy').textContent = says.copy;
    }, 1500);
  });
  get('language').addEventListener('change', ({ target: { value } }) => {
    localStorage.setItem('language', value);
    speak(value);
  });
  addEventListener('resize', grow);
}

// Wait for the service worker, which keeps what is loaded; without one the page works all the same.
async function controlled() {
  if (!navigator.serviceWorker) return;
  const change = new Promise(resolve =>
    navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true }),
  );
  try {
    await navigator.serviceWorker.register('service_worker.js');
    if (!navigator.serviceWorker.controller)
      await Promise.race([change, new Promise(resolve => setTimeout(resolve, 3000))]);
  } catch {} // such as in a private window
}

const preferred = [localStorage.getItem('language'), ...navigator.languages.map(code => code.slice(0, 2)), 'en'];
speak(preferred.find(code => LANGUAGES.includes(code)));
listen();
await controlled();
models = await (await fetch('models.json')).json();
worker = new Worker('worker.js');
await choose(models.find(({ source }) => source === language) ?? models[0]);
