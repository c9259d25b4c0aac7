// A SentencePiece unigram model without byte fallback, read from its protobuf: the same ids as the C++ library.
// Reference: Kudo and Richardson 2018, "SentencePiece"; Kudo 2018, "Subword Regularization" (the unigram model).

const NORMAL = 1,
  UNKNOWN = 2,
  CONTROL = 3,
  USER_DEFINED = 4; // types of pieces
const SPACE = '\u2581';
const UNKNOWN_PENALTY = 10;
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true }),
  bytes = new TextEncoder();

// The fields of a protobuf message: [number, value].
function* fields(buffer) {
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
  let at = 0;
  const varint = () => {
    let value = 0,
      scale = 1,
      byte;
    do {
      byte = buffer[at++];
      value += (byte & 127) * scale;
      scale *= 128;
    } while (byte > 127);
    return value;
  };
  while (at < buffer.length) {
    const key = varint(),
      number = Math.floor(key / 8),
      type = key & 7;
    if (type === 0) yield [number, varint()];
    else if (type === 1) at += 8;
    else if (type === 5) yield [number, view.getFloat32((at += 4) - 4, true)];
    else {
      const length = varint();
      yield [number, buffer.subarray(at, (at += length))];
    }
  }
}

const offset = unit => (unit >>> 10) << ((unit & 512) >>> 6); // of a unit of a Darts double array

export class SentencePiece {
  // model: Uint8Array, a serialised model.
  constructor(model) {
    this.pieces = []; // {text, score, type} by id
    this.ids = new Map(); // of the pieces that text may contain
    this.symbols = []; // user-defined ones, the longest first
    this.addsPrefix = this.squeezes = true;
    for (const [number, value] of fields(model)) {
      if (number === 1) this.addPiece(value);
      else if (number === 3) this.readNormaliser(value);
    }
    this.symbols.sort((a, b) => b.length - a.length);
    const scores = this.pieces.filter(piece => piece.type === NORMAL).map(piece => piece.score);
    this.unknownScore = Math.fround(scores.reduce((a, b) => Math.min(a, b)) - UNKNOWN_PENALTY);
    const best = scores.reduce((a, b) => Math.max(a, b));
    for (const piece of this.pieces) {
      if (piece.type === USER_DEFINED) piece.score = bytes.encode(piece.text).length * best - 0.1;
    }
    this.longest = Math.max(...[...this.ids.keys()].map(text => [...text].length));
  }

  addPiece(message) {
    const piece = { text: '', score: 0, type: NORMAL };
    for (const [number, value] of fields(message)) {
      if (number === 1) piece.text = utf8.decode(value);
      else if (number === 2) piece.score = value;
      else if (number === 3) piece.type = value;
    }
    if (piece.type === UNKNOWN) this.unknown = this.pieces.length;
    if (piece.type === NORMAL || piece.type === USER_DEFINED) this.ids.set(piece.text, this.pieces.length);
    if (piece.type === USER_DEFINED) this.symbols.push(piece.text);
    this.pieces.push(piece);
  }

  readNormaliser(message) {
    for (const [number, value] of fields(message)) {
      if (number === 2 && value.length) {
        // the character map: length of the trie, the trie, texts that end in 0
        const length = new DataView(value.buffer, value.byteOffset, 4).getUint32(0, true);
        this.trie = new Uint32Array(value.slice(4, 4 + length).buffer);
        this.normal = value.subarray(4 + length);
      } else if (number === 3) this.addsPrefix = Boolean(value);
      else if (number === 4) this.squeezes = Boolean(value);
    }
  }

  // The longest entry of the character map at a place of UTF-8 text: [its length, its replacement].
  mapped(raw, start) {
    let node = offset(this.trie[0]),
      length = 0,
      place = 0;
    for (let i = start; i < raw.length; i++) {
      node ^= raw[i];
      const unit = this.trie[node];
      if ((unit & 0x800000ff) >>> 0 !== raw[i]) break;
      node ^= offset(unit);
      if ((unit >>> 8) & 1) [length, place] = [i + 1 - start, this.trie[node] & 0x7fffffff];
    }
    return [length, length ? utf8.decode(this.normal.subarray(place, this.normal.indexOf(0, place))) : ''];
  }

  // Text as it is split: mapped, with a mark in place of each space and before the first word.
  normalise(text) {
    let out = '';
    for (const [index, part] of this.apart(text).entries()) {
      if (index % 2) {
        // a symbol stays as it is
        out += part;
        continue;
      }
      const raw = bytes.encode(part);
      for (let at = 0; at < raw.length;) {
        const [length, replacement] = this.trie ? this.mapped(raw, at) : [0, ''];
        const size = length || (raw[at] < 128 ? 1 : raw[at] < 224 ? 2 : raw[at] < 240 ? 3 : 4);
        out += length ? replacement : utf8.decode(raw.subarray(at, at + size));
        at += size;
      }
    }
    if (this.squeezes) out = out.replace(/ +/g, ' ').replace(/^ /, '');
    out = out && ((this.addsPrefix ? ' ' : '') + out).replaceAll(' ', SPACE);
    return this.squeezes ? out.replace(/\u2581+$/, '') : out;
  }

  // Text in parts: what is between symbols, and each symbol, in turn.
  apart(text) {
    if (!this.symbols.some(symbol => text.includes(symbol))) return [text];
    this.symbolPattern ??= new RegExp(`(${this.symbols.map(s => s.replace(/[^\w<>]/gu, '\\$&')).join('|')})`, 'u');
    return text.split(this.symbolPattern);
  }

  // Token ids of a text, the best segmentation by Viterbi's algorithm, in float32 as in C++.
  encode(text) {
    const characters = [...this.normalise(text)],
      best = [{ score: 0 }];
    const reach = (end, score, id, start) => {
      if (!best[end] || score > best[end].score) best[end] = { score: Math.fround(score), id, start };
    };
    for (let start = 0; start < characters.length; start++) {
      let single = false,
        piece = '';
      for (let end = start + 1; end <= characters.length && end - start <= this.longest; end++) {
        const id = this.ids.get((piece += characters[end - 1]));
        if (id === undefined) continue;
        single ||= end === start + 1;
        const score = best[start].score + this.pieces[id].score;
        reach(end, this.pieces[id].type === NORMAL ? Math.fround(score) : score, id, start);
      }
      if (!single) reach(start + 1, Math.fround(best[start].score + this.unknownScore), this.unknown, start);
    }
    const ids = []; // backwards; unknown characters side by side are one token
    for (let at = characters.length; at > 0; at = best[at].start) {
      if (best[at].id !== this.unknown || ids.at(-1) !== this.unknown) ids.push(best[at].id);
    }
    return ids.reverse();
  }

  // Whether all characters of a text are known.
  knows(text) {
    return !this.encode(text).includes(this.unknown);
  }

  // The text of token ids.
  decode(ids) {
    let text = '';
    for (const id of ids) {
      const { text: piece, type } = this.pieces[id];
      if (type === UNKNOWN) text += ' \u2047 ';
      else if (type !== CONTROL)
        text += (!text && piece.startsWith(SPACE) ? piece.slice(1) : piece).replaceAll(SPACE, ' ');
    }
    return text;
  }
}
