// Operations on text that mean what Python's mean: white space, letters and digits are the same, and so are patterns.

import { characters } from './rules.js';

const { WHITE } = characters;
const LEFT = new RegExp(`^[${WHITE}]+`, 'u'),
  RIGHT = new RegExp(`[${WHITE}]+$`, 'u');
const SPACES = new RegExp(`[${WHITE}]+`, 'u');

export const WORD = `[${characters.WORD}]`,
  SPACE = `[${WHITE}]`;
export const isSpace = character => character !== '' && !character.replace(LEFT, '');
export const lstrip = text => text.replace(LEFT, '');
export const rstrip = text => text.replace(RIGHT, '');
export const strip = text => lstrip(rstrip(text));
export const words = text => text.split(SPACES).filter(word => word);
export const hasAlnum = text => /[\p{L}\p{N}]/u.test(text);
export const hasAlpha = text => /\p{L}/u.test(text);
export const isAlnum = text => /^[\p{L}\p{N}]+$/u.test(text);
export const isDigit = text => /^\p{Nd}+$/u.test(text);
export const isUpper = text => /\p{Uppercase}/u.test(text) && !/\p{Lowercase}|\p{Lt}/u.test(text);
export const isLower = text => /\p{Lowercase}/u.test(text) && !/\p{Uppercase}|\p{Lt}/u.test(text);
export const first = text => (text ? String.fromCodePoint(text.codePointAt(0)) : '');
export const last = text => [...text.slice(-2)].at(-1) ?? '';
export const tail = (text, count) => [...text.slice(-2 * count)].slice(-count).join(''); // its last characters

// A text as a part of a pattern.
export const escaped = text => text.replace(/[^\p{L}\p{N}_ ]/gu, c => `\\u{${c.codePointAt(0).toString(16)}}`);

// Functions of a pattern: one of rules.js, which is [source, flags] or a source and compiled once; or a RegExp of flag g.
const searching = new Map(),
  matching = new Map(),
  whole = new Map();
function compile(pattern, known = searching) {
  if (pattern instanceof RegExp) return pattern;
  if (!known.has(pattern)) {
    const [source, flags] = typeof pattern === 'string' ? [pattern, 'u'] : pattern;
    const written = known === whole ? `(?:${source})(?![^])` : source;
    known.set(pattern, new RegExp(written, flags + (known === searching ? 'g' : 'y')));
  }
  return known.get(pattern);
}

function run(found, text, start) {
  found.lastIndex = start;
  return found.exec(text);
}

export const replace = (pattern, text, by) => text.replace(compile(pattern), by);
export const search = (pattern, text, start = 0) => run(compile(pattern), text, start);
export const match = (pattern, text, start = 0) => run(compile(pattern, matching), text, start);
export const fullmatch = (pattern, text) => run(compile(pattern, whole), text, 0);

// As matchAll, which would compile the pattern again.
export function all(pattern, text) {
  const found = [];
  for (let at = 0, one; at <= text.length && (one = search(pattern, text, at));) {
    found.push(one);
    at = one.index + one[0].length;
    if (!one[0]) at += first(text.slice(at)).length || 1;
  }
  return found;
}
