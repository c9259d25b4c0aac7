// Split texts into the pieces that a model translates, as sentence_ends.py and segmentation.py of kerasformer/interface.

import * as py from './python.js';
import { segmentation, sentence_ends as ends } from './rules.js';

const ABBREVIATIONS = new Set(ends.ABBREVIATIONS),
  FILE_ENDINGS = new Set(ends.FILE_ENDINGS);

// Split a text at sentence ends and newlines: list of [sentence, separator].
function splitSentences(text) {
  const pairs = [];
  let start = 0,
    position = 0;
  for (let match; (match = py.search(ends.BOUNDARY, text, position));) {
    const { space } = match.groups;
    position = match.index + match[0].length;
    let end = match.index;
    if (space) {
      if (start < end && position < text.length && !hasNewline(space)) continue;
    } else if (endsSentence(text, start, match)) {
      end = position;
      position += py.match(ends.SPACE, text, end)[0].length;
    } else continue;
    pairs.push([text.slice(start, end), text.slice(end, position)]);
    start = position;
  }
  if (start < text.length) pairs.push([text.slice(start), '']);
  return pairs;
}

const hasNewline = separator => [...separator].some(character => ends.NEWLINES.includes(character));

function endsSentence(text, start, match) {
  const { run, closers } = match.groups,
    end = match.index + match[0].length;
  const following = text.slice(end, end + 4),
    [next = '', second = ''] = following;
  if (!following || ends.WIDE_ENDS.includes(run.at(-1))) return true;
  if (!py.isSpace(next)) return isFollowedAtOnce(text, start, match);
  const pauses = closers || run === '...' || run.at(-1) === '\u2026';
  if (pauses && py.isLower(second)) return false;
  if (run !== '.' || closers) return true;
  const around = text.slice(0, end + 12);
  for (let at = Math.max(start, match.index - 4), found; (found = py.search(ends.WITH_SPACE, around, at));) {
    at = found.index + found[0].length;
    if (found.index <= match.index && match.index < at) return false;
  }
  return !isAbbreviation(py.tail(text.slice(start, match.index), 24));
}

function isFollowedAtOnce(text, start, match) {
  const { run, closers } = match.groups,
    before = py.tail(text.slice(start, match.index), 48);
  const last = py.search(ends.LAST_WORD, before),
    following = py.match(ends.NEXT_WORD, text, match.index + match[0].length);
  if (!py.strip(before) || !following || (closers && `'"\u2019`.includes(closers.at(-1)))) return false;
  const word = following.groups.word,
    rest = word.slice(py.first(word).length);
  if (!py.isUpper(py.first(word)) || !py.isLower(rest || 'a')) return false;
  if (py.search(ends.CODE, py.words(before).at(-1))) return false;
  if (run !== '.') return py.isAlnum(py.last(py.rstrip(before))) || last !== null;
  if (last === null || isAbbreviation(before) || FILE_ENDINGS.has(word.toLowerCase())) return false;
  const known = last.groups.word;
  return Boolean(closers) || !known || py.isLower(known) || py.isDigit(known) || [...word].length <= 3;
}

function isAbbreviation(before) {
  if (!before || py.isSpace(before.at(-1))) return false;
  const word = py
    .words(before)
    .at(-1)
    .replace(/^["'«“‘([{]+/u, '');
  if (ABBREVIATIONS.has(word.toLowerCase()) || py.fullmatch(ends.LIST_NUMBER, before)) return true;
  return py.isUpper(word) && py.fullmatch(ends.INITIALS, word) !== null;
}

// Split a text into pieces of at most `maxSentences` sentences of a line, and at most `maxTokens` tokens.
// count: function of a text that returns its number of tokens; masked: function of a text that returns one of the same
// length, which is split in the same places. Returns {before, pieces, separators}, in which separators follow pieces.
export function plan(text, count, maxTokens, maxSentences, masked) {
  let sentences = splitAs(text, masked(text));
  const limit = segmentation.MAX_SENTENCE_CHARACTERS;
  if (text.length > limit && splitSentences(text).some(([sentence]) => [...sentence].length > limit)) {
    throw new Error(`a single sentence has more than ${limit} characters: split it with sentence ends or newlines`);
  }
  const before = sentences.length && !sentences[0][0] ? sentences.shift()[1] : '';
  if (maxSentences > 1) sentences = grouped(sentences, count, maxTokens, maxSentences);
  const pieces = [],
    separators = [];
  for (const [sentence, after] of sentences) {
    const cut = fit(sentence, count, maxTokens);
    pieces.push(...cut);
    separators.push(...cut.slice(1).map(() => ' '), after);
  }
  return { before, pieces, separators };
}

// The translation of a text from those of its pieces.
export function join({ before, separators }, translations) {
  const followed = (translation, i) => translation + (translation || hasNewline(separators[i]) ? separators[i] : '');
  return before + translations.map(followed).join('');
}

function splitAs(text, masked) {
  let place = 0;
  return splitSentences(masked).map(([sentence, separator]) => {
    const end = place + sentence.length,
      from = place;
    place = end + separator.length;
    return [text.slice(from, end), text.slice(end, place)];
  });
}

function grouped(sentences, count, maxTokens, maxSentences) {
  const stretches = [];
  let isOpen = false,
    held = 0,
    tokens = 0;
  for (let [sentence, after] of sentences) {
    const more = count(sentence);
    if (isOpen && held < maxSentences && tokens + more <= maxTokens) {
      sentence = stretches.pop().join('') + sentence;
      [held, tokens] = [held + 1, tokens + more];
    } else [held, tokens] = [1, more];
    stretches.push([sentence, after]);
    isOpen = !hasNewline(after);
  }
  return stretches;
}

function fit(stretch, count, maxTokens) {
  const whole = count(stretch);
  if (whole <= maxTokens || py.fullmatch(segmentation.CHARACTER, stretch)) return [stretch];
  const parts = cutUp(stretch);
  return pack(parts, parts.map(count), whole, maxTokens).flatMap(part => fit(part, count, maxTokens));
}

// A stretch split at its clauses, else at its spaces, else between its characters.
function cutUp(stretch) {
  for (const cut of segmentation.CUTS) {
    const places = py.all(cut, stretch).map(found => found.index);
    if (places.length) return [0, ...places].map((place, i) => stretch.slice(place, places[i]));
  }
  return py.all(segmentation.CHARACTER, stretch).map(found => found[0]);
}

function pack(parts, counts, whole, maxTokens) {
  const total = Math.max(
    counts.reduce((a, b) => a + b, 0),
    1,
  );
  let packs = [[]],
    weight = 0;
  parts.forEach((part, i) => {
    weight += counts[i];
    if (packs.at(-1).length && weight * whole > maxTokens * total) {
      packs.push([]);
      weight = counts[i];
    }
    packs.at(-1).push(part);
  });
  if (packs.length === 1) packs = [parts.slice(0, parts.length >> 1), parts.slice(parts.length >> 1)];
  return packs.map(pack => py.strip(pack.join(''))).filter(text => text);
}
