// Sentences in capitals: put in lower case for the model, which learned from few of them, as capitals.py of
// kerasformer/interface.

import * as py from './python.js';
import { capitals } from './rules.js';

const size = word => [...word].length;
const capital = word => py.first(word.toUpperCase()) + word.slice(py.first(word).length);
const changed = (character, other) => (other.length === character.length ? other : character);

function inCapitals(text) {
  const words = py
    .all(capitals.WORD, text)
    .map(([word]) => word)
    .filter(word => size(word) > 1);
  const isLoud = word => 2 * [...word].filter(py.isUpper).length > size(word);
  return words.length > 1 && Math.max(...words.map(size)) >= capitals.SHORTEST && words.every(isLoud);
}

// A text in capitals as it would be written otherwise, with as many characters; null if it is not in capitals, spans aside.
// It begins with a capital, and so does each word that has fewer tokens so, as names have.
export function inLowerCase(text, spans, count) {
  let others = text;
  for (const { start, end } of spans) others = others.slice(0, start) + ' '.repeat(end - start) + others.slice(end);
  if (!inCapitals(others)) return null;
  const lower = [...others].map(character => changed(character, character.toLowerCase())).join('');
  const words = py.all(capitals.WORD, lower),
    names = new Set(words.map(([word]) => word));
  for (const word of names) if (count(capital(word)) >= count(word)) names.delete(word);
  let out = '',
    at = 0;
  words.forEach(({ 0: word, index }, i) => {
    const head = py.first(word),
      isRaised = i === 0 || names.has(word);
    out += text.slice(at, index) + (isRaised ? changed(head, head.toUpperCase()) + word.slice(head.length) : word);
    at = index + word.length;
  });
  return out + text.slice(at);
}
