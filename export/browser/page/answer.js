// The translation on the page: its words, where they come from, and other translations.

import { wordsIn, wordWeights } from './attention.js';
import { ask, get, source, state, target } from './state.js';

const LEAST_WEIGHT = 0.15; // of a word that is shown
let chosen = null; // the word that is pointed at

export function show(found, text) {
  state.shown = found && { ...found, source: text };
  get('copy').hidden = !found;
  target.classList.remove('old');
  get('alternatives').hidden = true;
  target.replaceChildren(...(found ? spans(found, text) : []));
  const lacking = found?.parts.flatMap(part => part.lacking) ?? [];
  if (lacking.length) target.title = state.says.lacking(lacking.join(', '));
  else target.removeAttribute('title');
}

// Show what has come of a translation, once there is more of it than of the one before.
export function showBegun(text) {
  if (text.length > (state.shown?.text.length ?? 0)) target.textContent = text;
}

// An element for each word of the translation, which knows where it comes from.
function spans({ text: translation, parts }, text) {
  const nodes = [];
  let at = 0,
    place = 0;
  for (const part of parts) {
    const start = (part.start = translation.indexOf(part.text, at));
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
export async function attend(span) {
  if (span === chosen) return;
  chosen?.classList.remove('chosen');
  chosen = span;
  if (!span) return highlight();
  span.classList.add('chosen');
  if (!state.model.hasAttention) return;
  const { part, index } = span.origin,
    asked = state.shown;
  part.weights ??= ask('attention', { source: part.source, target: part.text }).then(found =>
    wordWeights(found, part.source, part.text),
  );
  const weights = (await part.weights)[index];
  if (chosen === span && state.shown === asked && part.place >= 0) highlight(part, weights);
}

export function highlight(part, weights) {
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

// Offer the other translations of the sentence of a word, if the model has a beam.
export async function offer(span) {
  attend(span);
  if (!span || !state.model.hasBeam) return;
  const { part } = span.origin,
    asked = state.shown,
    found = await ask('alternatives', { text: part.source });
  if (state.shown !== asked) return;
  const others = [...new Set(found)].filter(text => text !== part.text);
  const buttons = others.map(text => {
    const button = Object.assign(document.createElement('button'), {
      type: 'button',
      textContent: text,
      lang: state.model.target,
    });
    button.addEventListener('click', () => exchange(part, text));
    return button;
  });
  get('alternatives').replaceChildren(
    ...buttons.map(button => {
      const item = document.createElement('li');
      item.append(button);
      return item;
    }),
  );
  get('alternatives').hidden = !others.length;
}

function exchange(part, text) {
  const { text: whole, parts, source } = state.shown,
    end = part.start + part.text.length;
  const changed = parts.map(one => (one === part ? { ...part, text, weights: undefined } : one));
  show({ ...state.shown, text: whole.slice(0, part.start) + text + whole.slice(end), parts: changed }, source);
  target.focus();
}

// Go through the words of the translation by the keyboard.
export function step(event) {
  const all = [...target.querySelectorAll('.word')],
    by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (event.key === 'Escape') attend(null);
  if (event.key === 'Enter') offer(chosen);
  if (!by || !all.length) return;
  event.preventDefault();
  const next = chosen?.isConnected ? all.indexOf(chosen) + by : by > 0 ? 0 : all.length - 1;
  attend(all[Math.min(Math.max(next, 0), all.length - 1)]);
}
