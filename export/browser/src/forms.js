// The forms in which a model gets a sentence, and how its spans are found in a translation: as forms.py and
// currencies.py of kerasformer/interface, without glossaries.

import * as py from './python.js';
import { currencies, forms } from './rules.js';

export const STAND_INS = forms.STAND_INS,
  OUTER = forms.OUTER;
const FIRST_SLOT = 0xf0000; // private characters, which hold the places of spans in a translation
const SLOT = /[\u{f0000}-\u{ffffd}]/gu;

// A form: {text, needles, priced, strays, inCapitals, end, loose}; a needle: {pattern, span, follows, isFollowed}.
// The text with its spans, the list of the spans that it lacks, and how many faults it has.
export function restore(form, translation) {
  const found = [],
    missing = [];
  for (const { pattern, span, follows, isFollowed } of form.needles) {
    const match = py.search(pattern, translation);
    if (!match) {
      missing.push(span);
      continue;
    }
    let before = translation.slice(0, match.index),
      after = translation.slice(match.index + match[0].length);
    if (follows) before = py.rstrip(before);
    if (isFollowed) after = py.lstrip(after);
    translation = before + String.fromCodePoint(FIRST_SLOT + found.length) + after;
    found.push(span);
  }
  missing.sort((a, b) => a.start - b.start);
  let faults = missing.length;
  if (form.strays && py.search(form.strays, translation)) {
    translation = py.words(py.replace(form.strays, translation, '')).join(' ');
    faults++;
  }
  if (form.priced) {
    const [corrected, isWrong] = withRightSigns(form.priced, translation);
    translation = corrected;
    faults += isWrong;
  }
  if (form.end) translation = translation.replace(/[.!?\u2026 ]+$/u, '') + form.end;
  if (form.loose) translation = withLoose(form.loose, translation, found);
  if (form.inCapitals) translation = translation.toUpperCase();
  const filled = translation.replace(SLOT, slot => found[slot.codePointAt(0) - FIRST_SLOT]?.text ?? slot);
  return [filled, missing.map(span => span.text), faults];
}

// A translation with slots for the emoji at about their places, which are added to the spans found.
function withLoose(loose, translation, found) {
  const words = translation.split(' '),
    count = words.length;
  for (const { share, span } of [...loose].reverse()) {
    const place = Math.max(1, Math.min(count - 1, Math.floor(share * count + 0.5)));
    words.splice(place, 0, String.fromCodePoint(FIRST_SLOT + found.length));
    found.push(span);
  }
  return words.join(' ');
}

// How spans are found in a translation whose source had them; the longest first, which may contain others.
export function plainNeedles(spans, clean) {
  const size = span => [...span.text].length;
  const sorted = [...spans].sort((a, b) => size(b) - size(a));
  return sorted.map(span => ({ pattern: loosely(clean(span.text), span.name), span }));
}

export const whole = symbol => new RegExp(`(?<![\\p{L}\\p{N}_.])${py.escaped(symbol)}(?!${py.WORD})`, 'gu');

export function strays(marks) {
  const boundary = `(?:(?<=${py.WORD})(?!${py.WORD})|(?<!${py.WORD})(?=${py.WORD}))`;
  const fragments = ['www\\.(?:x\\p{Nd}*)?(?:\\.com)?', `${boundary}x\\p{Nd}\\.com`];
  return new RegExp([...marks.map(py.escaped), ...(marks === STAND_INS ? fragments : [])].join('|'), 'gu');
}

// The pattern of a span as a model may write it: a number in the other language's form, other spaces and quotes.
function loosely(text, name) {
  const space = `${py.SPACE}*`;
  const parts = name === 'number' && py.fullmatch(forms.AMOUNT, text);
  let written;
  if (parts) {
    const { before, value, unit } = parts.groups,
      around = before || unit;
    written = value
      .split(/(\p{Nd}+)/u)
      .map(digits)
      .join('');
    if (around) {
      const sign = around === '%' ? forms.PERCENT : py.escaped(around);
      written = `(?:${sign}${space}${written}|${written}(?:${py.SPACE}|-)*${sign})`;
    }
  } else if (name === 'time') {
    const found = py.all(forms.TIME, text).map(([part]) => part);
    written = found.map(part => ('hH:'.includes(part) ? '[hH:]' : py.escaped(part))).join(space);
  } else {
    written = py.words(text).map(py.escaped).join(space).replaceAll('\\u{27}', "['\\u2019]");
  }
  const [head] = text,
    tail = py.last(text);
  const before = py.isAlnum(head) ? `(?<!${py.WORD})(?<!\\p{Nd}[.,])` : `(?<!${py.escaped(head)})`;
  const after = py.isAlnum(tail) ? `(?![.,]?\\p{Nd})(?!${py.WORD})` : `(?!${py.escaped(tail)})`;
  return new RegExp(before + written + after, 'gu');
}

// The pattern of digits, or of what is between them: a separator may differ.
function digits(part) {
  const isSeparator = [...part].every(character => forms.LOOSE.includes(character));
  return py.isDigit(part) || !isSeparator ? py.escaped(part) : part && forms.SEPARATOR;
}

// A translation with the signs of the currencies that its source names, and whether it had a wrong one.
function withRightSigns(source, translation) {
  const signs = [...new Set(py.all(currencies.SIGN, translation).map(found => found[1]))];
  const wrong = signs.filter(sign => !source.includes(sign));
  if (!wrong.length || py.search(currencies.OTHER_LETTERS, source)) return [translation, false];
  const named = Object.keys(currencies.NAMED).filter(sign => py.search(currencies.NAMED[sign], source));
  if (wrong.every(sign => named.includes(sign))) return [translation, false];
  const corrected = py.replace(currencies.SIGN, translation, (all, sign) =>
    source.includes(sign) || named.includes(sign) ? all : (named[0] ?? ' '),
  );
  return [named.length ? corrected : corrected.replace(/ +(?=[ .,;:!?)]|$)|^ +/gu, ''), true];
}
