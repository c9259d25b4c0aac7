// Spans that a translation must not change: found in a sentence, carried through the model and put back, as protection.py
// and carrying.py of kerasformer/interface, without glossaries.

import { inLowerCase } from './capitals.js';
import { OUTER, plainNeedles, restore, STAND_INS, strays, whole } from './forms.js';
import * as py from './python.js';
import { capitals, patterns, protection } from './rules.js';

const EDGE = new Set(OUTER);

export class Protection {
  // names: of the patterns; marks: symbols of the tokenizer that the model learned to copy, or none; count: function of a
  // text that returns its number of tokens, for a model that gets sentences in capitals in lower case, or null.
  constructor(names, marks, count) {
    this.count = count;
    this.names = Object.keys(patterns.PATTERNS).filter(name => names.includes(name));
    const parts = this.names.map(name => `(?<${name}>${patterns.PATTERNS[name]})`);
    this.pattern = parts.length ? new RegExp(parts.join('|'), 'gu') : null; // the first one that matches applies
    this.marks = marks;
    this.standIns = marks.length ? marks : STAND_INS;
  }

  // The spans {start, end, name, text} of a text; words with a character of `unknown` are spans too.
  find(text, unknown = '') {
    if (!unknown && !(this.pattern && py.search(patterns.POSSIBLE, text))) return [];
    const scans = [this.pattern, unknown && unknownWords(unknown, joined(text))].filter(Boolean);
    const next = scans.map(pattern => py.search(pattern, text)),
      spans = [];
    while (next.some(Boolean)) {
      // the leftmost one; where both begin, that of the patterns
      const found = next.filter(Boolean).reduce((a, b) => (b.index < a.index ? b : a)),
        end = found.index + found[0].length;
      const name = this.names.find(name => found.groups?.[name] !== undefined) ?? 'unknown';
      spans.push({ start: found.index, end, name, text: found[0] });
      next.forEach((one, i) => {
        if (one && one.index < end) next[i] = py.search(scans[i], text, end);
      });
    }
    return spans;
  }

  // A text of the same length to split into sentences: none ends within a span, and tags are like brackets.
  masked(text) {
    for (const { start, end, name } of this.find(text)) {
      const inside = text.slice(start, end);
      const hidden = EDGE.has(name) ? ')'.repeat(end - start) : py.replace(protection.ENDS, inside, 'x');
      text = text.slice(0, start) + hidden + text.slice(end);
    }
    return text;
  }

  // A text as it is counted before it is split: in the marked form.
  compact(text, unknown) {
    text = this.lowered(text, unknown) ?? text;
    const spans = this.find(text, unknown),
      marks = this.standIns.slice(0, spans.length);
    return spans.length ? mark(text, spans.slice(0, marks.length), marks) : text;
  }

  // A sentence to translate: what stays before and after it, and its forms in the order to try them.
  sentence(text, unknown, clean) {
    unknown = [...unknown].filter(character => text.includes(character)).join('');
    const lowered = this.lowered(text, unknown);
    text = lowered ?? text;
    const found = this.find(text, unknown);
    if (!found.length && this.names.length && !py.hasAlnum(text)) return { before: text, after: '', forms: [] };
    let { start, end, spans } = inner(text, found);
    let before = text.slice(0, start);
    const after = text.slice(end);
    const lead = this.names.length ? py.match(protection.LEAD, text.slice(0, end), start)[0] : '';
    if (!spans.length || start + lead.length <= spans[0].start) {
      // the model writes straight quotation marks
      before += py.replace(protection.QUOTE, lead, '"');
      start += lead.length;
    }
    const repeated = this.names.length ? py.search(protection.REPEATED, text.slice(0, end), start) : null;
    if (repeated) end = repeated.index + 1;
    text = text.slice(start, end);
    spans = spans.map(span => ({ ...span, start: span.start - start, end: span.end - start }));
    if (
      found.length &&
      !py.hasAlpha(
        replaced(
          text,
          spans,
          spans.map(() => ''),
        ),
      )
    ) {
      return { before: before + text + after, after: '', forms: [] };
    }
    let loose = [];
    if (this.names.length && !this.marks.length) ({ text, spans, loose } = loosened(text, spans));
    const traits = {
      priced: this.names.includes('number') ? text : '',
      inCapitals: lowered !== null,
      end: repeated?.[0],
      loose,
    };
    return { before, after, forms: this.forms(text, spans, unknown, clean).map(form => ({ ...form, ...traits })) };
  }

  // A sentence in capitals in lower case, except its spans; null for another one.
  lowered(text, unknown) {
    if (!this.count || !py.search(capitals.LOUD, text)) return null;
    return inLowerCase(text, this.find(text, unknown), this.count);
  }

  forms(text, spans, unknown, clean) {
    if (!spans.length) return [{ text, needles: [] }];
    const plain = { text, needles: plainNeedles(spans, clean) };
    const marked = this.marked(text, spans, clean);
    const isHopeless = spans.some(span => [...span.text].some(character => unknown.includes(character)));
    if (this.marks.length) return isHopeless ? [marked] : [marked, plain];
    return isHopeless ? [marked, plain] : [plain, marked];
  }

  // The marked form; spans for which there is no mark stay as they are.
  marked(text, spans, clean) {
    const marks = this.standIns.slice(0, spans.length);
    const withMark = spans.slice(0, marks.length),
      others = spans.slice(marks.length);
    const around = touched(text, spans);
    const needles = withMark.map((span, i) => ({ pattern: whole(marks[i]), span, ...around[i] }));
    return {
      text: mark(text, withMark, marks),
      needles: [...needles, ...plainNeedles(others, clean)],
      strays: strays(this.standIns),
    };
  }
}

// Translate a sentence in its next form if the best translation of the last one has a fault; the attempt with the fewest
// is taken. fits: whether the model can read a text at once; decode: text -> promise of a list of {text, ...}, best first.
// Returns the list with finished texts, empty if there was nothing to translate; and the spans that the best one lacks,
// which are appended.
export async function carry(sentence, fits, decode) {
  let forms = sentence.forms,
    best = null;
  if (forms.length > 1) forms = forms.filter(form => fits(form.text));
  for (const form of forms.length ? forms : sentence.forms.slice(-1)) {
    const found = await decode(form.text),
      restored = found.map(one => restore(form, one.text)),
      faults = restored[0][2];
    if (!best || faults < best.faults) best = { found, restored, faults };
    if (!faults) break;
  }
  if (!best) return { found: [], lacking: [] };
  const found = best.found.map((one, i) => {
    const [text, missing] = best.restored[i];
    return { ...one, text: [sentence.before + text + sentence.after, ...missing].join(' ') };
  });
  return { found, lacking: best.restored[0][1] };
}

// The characters of a text that have a meaning alone: no white space, accents or format characters.
export const seenAlone = text => new Set([...text].filter(c => !py.isSpace(c) && !/[\p{M}\p{C}]/u.test(c)));

// The pattern of words with unknown characters; of scripts that do not separate words, of the characters alone.
function unknownWords(unknown, joined) {
  const characters = py.escaped(unknown),
    more = py.escaped(joined),
    letter = `[${patterns.LETTERS}${more}]`;
  const word = `(?<!${letter})${letter}*(?=[${patterns.LETTERS}])[${characters}]${letter}*`;
  return new RegExp(`${word}|[${characters}][${characters}${more}]*`, 'gu');
}

const joined = text => [...new Set(text.match(/[\p{M}\u200c\u200d]/gu))].sort().join('');

function mark(text, spans, marks) {
  const around = touched(text, spans);
  return replaced(
    text,
    spans,
    marks.map((symbol, i) => (around[i].follows ? ' ' : '') + symbol + (around[i].isFollowed ? ' ' : '')),
  );
}

// Whether each span follows a letter, a digit or another span, and whether a letter or digit follows it.
function touched(text, spans) {
  const ends = new Set(spans.map(span => span.end));
  ends.delete(0);
  return spans.map(({ start, end }) => ({
    follows: py.isAlnum(py.last(text.slice(0, start))) || ends.has(start),
    isFollowed: py.isAlnum(py.first(text.slice(end))),
  }));
}

function replaced(text, spans, others) {
  let out = '',
    place = 0;
  spans.forEach((span, i) => {
    out += text.slice(place, span.start) + others[i];
    place = span.end;
  });
  return out + text.slice(place);
}

// A text without its emoji between words, its other spans, and the emoji with the share of the words before them.
function loosened(text, spans) {
  const others = [],
    found = [];
  let out = '',
    place = 0;
  for (const span of spans) {
    if (span.name === 'emoji' && text[span.start - 1] === ' ' && text[span.end] === ' ') {
      out += text.slice(place, span.start);
      place = span.end + 1;
      found.push({ before: py.words(out).length, span });
    } else {
      const gone = place - out.length;
      others.push({ ...span, start: span.start - gone, end: span.end - gone });
    }
  }
  out += text.slice(place);
  const count = py.words(out).length;
  return { text: out, spans: others, loose: found.map(({ before, span }) => ({ share: before / count, span })) };
}

// Where a text begins and ends without the tags, markup and emoji at its ends; and the spans within.
function inner(text, found) {
  const spans = [...found];
  let start = 0,
    end = text.length;
  while (spans.length && EDGE.has(spans[0].name) && !py.strip(text.slice(start, spans[0].start))) {
    start = spans.shift().end;
    start += text.length - start - py.lstrip(text.slice(start)).length;
  }
  while (spans.length && EDGE.has(spans.at(-1).name) && !py.strip(text.slice(spans.at(-1).end, end))) {
    end = py.rstrip(text.slice(0, spans.pop().start)).length;
  }
  return { start, end: Math.max(start, end), spans };
}
