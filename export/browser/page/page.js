// The page: what one types is translated at once by a worker, with the models that models.json lists.

import { keep, kept } from '../../../kerasformer/serving/page/store.js';
import { attend, highlight, offer, show, showBegun, step } from './answer.js';
import { ask, get, source, state, target } from './state.js';
import { LANGUAGES, wordsOf } from './words.js';

const WAIT = 120; // ms after the last key
const LONG = 200; // characters of a text whose translation is shown as it comes
const LEAST_RIGHT = 0.95; // of the golden pairs: processors round 8-bit products differently, so that a few change
const [status, figures, verified] = ['status', 'figures', 'verified'].map(get);
let pending = false,
  running = false;

const number = (value, unit, digits) =>
  new Intl.NumberFormat(state.language, { style: 'unit', unit, maximumFractionDigits: digits }).format(value);
const megabytes = bytes => number(bytes / 1e6, 'megabyte', 1);

function speak(chosenLanguage) {
  state.language = chosenLanguage;
  state.says = wordsOf(state.language);
  document.documentElement.lang = get('language').value = state.language;
  document.title = state.says.title;
  for (const element of document.querySelectorAll('[data-words]'))
    element.textContent = state.says[element.dataset.words];
  for (const element of document.querySelectorAll('[data-title]'))
    element.title = element.ariaLabel = state.says[element.dataset.title];
  get('alternatives').ariaLabel = state.says.alternatives;
  source.placeholder = state.says.placeholder;
  name();
}

// Show the languages of the model.
function name() {
  if (!state.model) return;
  const names = new Intl.DisplayNames(state.language, { type: 'language' });
  const named = code => names.of(code).replace(/^./u, first => first.toLocaleUpperCase(state.language));
  get('from').textContent = named(state.model.source);
  get('to').textContent = named(state.model.target);
  source.lang = get('backdrop').lang = state.model.source;
  target.lang = state.model.target;
  showFigures();
  showState();
}

function showFigures() {
  figures.textContent = state.shown
    ? state.says.figures(
        number(state.shown.ms, 'millisecond', state.shown.ms < 10 ? 1 : 0),
        megabytes(state.model.size),
      )
    : '';
}

async function showState() {
  const files = state.models.map(({ file }) => file),
    kept = await Promise.all(files.map(file => globalThis.caches?.match(file)));
  if (state.model.isReady)
    status.textContent =
      navigator.serviceWorker?.controller && kept.every(Boolean) ? state.says.offline : state.says.ready;
  else status.textContent = state.says.loading(megabytes(state.model.size));
}

function fail(error) {
  get('problem').hidden = !error;
  get('problem').textContent = error ? state.says.failed(error.message) : '';
}

async function choose(next) {
  state.model = next;
  get('swap').hidden = state.models.length < 2;
  verified.textContent = '';
  get('changed').hidden = true;
  name();
  fail();
  try {
    Object.assign(next, await ask('load', { wasm: new URL(next.wasm, location.href).href }), { isReady: true });
  } catch (error) {
    return fail(error);
  }
  get('verify').hidden = !state.model.hasGolden;
  const hint = document.querySelector('.hint');
  hint.hidden = !state.model.hasAttention;
  hint.dataset.words = state.model.hasBeam ? 'hintBeam' : 'hint';
  hint.textContent = state.says[hint.dataset.words];
  await translate();
  await keepForOffline();
}

// Fetch all models: the service worker keeps them.
async function keepForOffline() {
  if (navigator.serviceWorker?.controller && !navigator.connection?.saveData) {
    await Promise.all(state.models.map(({ file }) => fetch(file))).catch(() => {});
  }
  await showState();
}

// Translate the text; while a translation runs, the newest text waits.
async function translate() {
  const asked = state.model,
    text = source.value;
  grow();
  if (!asked?.isReady) return;
  pending = running;
  if (running) return;
  running = true;
  try {
    const begun = text.length >= LONG && (words => asked === state.model && showBegun(words));
    const found = text.trim() ? await ask('translate', { text }, begun) : null;
    if (asked === state.model) show(found, text);
    showFigures();
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

async function verify() {
  verified.textContent = state.says.verifying;
  const { count, changed } = await ask('verify'),
    right = count - changed.length;
  verified.textContent = `${right / count < LEAST_RIGHT ? '✗' : '✓'} ${state.says.verified(right, count)}`;
  get('changed').hidden = !changed.length;
  get('changed').replaceChildren(
    ...changed.map(({ source, expected, answer }) =>
      Object.assign(document.createElement('li'), { textContent: `${source} → ${answer} (≠ ${expected})` }),
    ),
  );
}

function swap() {
  const next =
    state.models.find(other => other.source === state.model.target && other.target === state.model.source) ??
    state.models[(state.models.indexOf(state.model) + 1) % state.models.length];
  if (state.shown && next.source === state.model.target) source.value = state.shown.text;
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
  target.addEventListener('click', ({ target: word }) => offer(word.closest('.word')));
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
    await navigator.clipboard.writeText(state.shown.text);
    get('copy').textContent = state.says.copied;
    setTimeout(() => {
      get('copy').textContent = state.says.copy;
    }, 1500);
  });
  get('language').addEventListener('change', ({ target: { value } }) => {
    keep('language', value);
    speak(value);
  });
  addEventListener('resize', grow);
  addEventListener('unhandledrejection', ({ reason }) => fail(reason));
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

const preferred = [kept('language'), ...navigator.languages.map(code => code.slice(0, 2)), 'en'];
speak(preferred.find(code => LANGUAGES.includes(code)));
listen();
await controlled();
state.models = await (await fetch('models.json')).json();
state.worker = new Worker('worker.js');
await choose(state.models.find(({ source }) => source === state.language) ?? state.models[0]);
