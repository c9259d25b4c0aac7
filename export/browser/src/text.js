// What kerasformer's translators do with text, as kerasformer/interface/text.py: a text is split into sentences, cleaned,
// translated and joined, and some of it never changes.

import { CLEANINGS, clean, VISIBLE } from './cleaning.js';
import { carry, Protection, seenAlone } from './protection.js';
import { patterns, rules } from './rules.js';
import { join, plan } from './sentences.js';

const OLDEST = {
  cleaning: 'nfkc',
  sentences: 1,
  protected: Object.keys(patterns.PATTERNS),
  patterns_version: patterns.VERSION,
  marks: [],
  unseen: '',
  lower_capitals: false,
};

export class TextTranslator {
  // about: the metadata of a .tflite; tokenizer: a SentencePiece; decode: token ids, whether to search with a beam, and a
  // function that is shown the ids that have come, or none -> promise of a list of {ids, score}, best first.
  constructor(about, tokenizer, decode) {
    this.about = about;
    this.tokenizer = tokenizer;
    this.decodeIds = decode;
    this.rules = { ...OLDEST, ...about.text_rules };
    const areKnown = Object.keys(this.rules).every(name => name in OLDEST);
    if (!areKnown || !CLEANINGS[this.rules.cleaning] || this.rules.patterns_version > patterns.VERSION) {
      throw new Error('the file has text rules of a newer kerasformer: update this module');
    }
    this.maxTokens = about.max_length - 1;
    this.known = new Map(); // by character
    const isTalk = rules.CONVERSATION.every(name => [about.source, about.target].includes(name));
    this.protections = new Map(
      [true, false].map(isOn => {
        const names = isOn && !isTalk ? this.rules.protected : [];
        const count = names.length && this.rules.lower_capitals ? text => this.count(text) : null;
        return [isOn, new Protection(names, this.rules.marks, count)];
      }),
    );
  }

  clean(text, side = 'source') {
    return clean(text, CLEANINGS[this.rules.cleaning][side]);
  }

  count(text) {
    return this.tokenizer.encode(this.clean(text)).length;
  }

  // The characters of a text that the tokenizer does not know, each once.
  unknownCharacters(text) {
    const seen = [...seenAlone(text)].sort((a, b) => a.codePointAt(0) - b.codePointAt(0));
    for (const character of seen) {
      if (!this.known.has(character)) this.known.set(character, this.tokenizer.knows(this.clean(character)));
    }
    return seen.filter(character => !this.known.get(character)).join('');
  }

  unspellable(text, protection) {
    if (!protection.names.length) return '';
    const unseen = [...this.rules.unseen].filter(c => text.includes(c) && this.clean(c) === c); // others never come to the model
    const found = this.unknownCharacters(text) + unseen.join('');
    return [...found].filter(character => !/\p{P}/u.test(character)).join('');
  }

  plan(text, protection) {
    const visible = clean(text, VISIBLE),
      unknown = this.unspellable(visible, protection);
    const count = piece => {
      const marked = this.count(protection.compact(piece, unknown));
      return protection.marks.length ? marked : Math.min(marked, this.count(piece));
    };
    return plan(visible, count, this.maxTokens, this.rules.sentences, masked => protection.masked(masked));
  }

  // Everything about the translation of a text: {text, score, parts}, a part for each piece that was translated at once:
  // {source, text, score, ids, alternatives, lacking, separator}. beam: whether to search with the beam of the file, if it
  // has one, which finds alternatives: list of {text, score, ids}. show: function of the translation as far as it has come,
  // which is called after each part; and after each token, if the file translates token by token and there is no beam.
  async explain(text, { protect = true, beam = false, show } = {}) {
    if (typeof text !== 'string') throw new TypeError('translate needs a string or a list of strings');
    const protection = this.protections.get(protect),
      planned = this.plan(text, protection),
      parts = [];
    const begun =
      show &&
      (last => {
        const found = join(planned, [...parts.map(part => part.text), last]);
        show(parts.length + 1 < planned.pieces.length ? found.trimEnd() : found);
      });
    for (const [i, source] of planned.pieces.entries()) {
      const part = await this.translatePiece(source, protection, beam, begun);
      if (begun) begun(part.text);
      parts.push({ source, ...part, separator: planned.separators[i] });
    }
    const score = parts.reduce((sum, part) => sum + part.score, 0) / Math.max(parts.length, 1);
    const translations = parts.map(part => part.text);
    return { text: join(planned, translations), score, parts };
  }

  async translatePiece(piece, protection, beam, show) {
    const sentence = protection.sentence(piece, this.unspellable(piece, protection), text => this.clean(text));
    const fits = text => this.count(text) <= this.maxTokens;
    const { found, lacking } = await carry(sentence, fits, text => this.decode(text, beam, show));
    const [best, ...alternatives] = found.length ? found : [{ text: sentence.before, score: 0, ids: [] }];
    return { ...best, alternatives, lacking };
  }

  async decode(text, beam, show) {
    const source = this.tokenizer.encode(this.clean(text));
    if (!source.length) return [{ text: '', score: 0, ids: [] }];
    const found = await this.decodeIds(source, beam, show && (ids => show(this.tokenizer.decode(ids))));
    return found.map(({ ids, score }) => ({ text: this.tokenizer.decode(ids), score, ids }));
  }

  // The translation of a text, or those of a list of texts.
  async translate(texts, options) {
    if (!Array.isArray(texts)) return (await this.explain(texts, options)).text;
    const translations = [];
    for (const text of texts) translations.push((await this.explain(text, options)).text);
    return translations;
  }
}
