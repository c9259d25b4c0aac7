// Translate with a .tflite of kerasformer over LiteRT.js, as kerasformer/runtime/litert.py does: greedily, or with the beam of the file.

import { loadAndCompile, Tensor } from '@litertjs/core';
import { unzip } from './archive.js';
import { loadRuntime } from './litert.js';
import { SentencePiece } from './sentencepiece.js';
import { TextTranslator } from './text.js';

const FORMAT = 'kerasformer-litert',
  FORMAT_VERSION = 2;
const MAX_DIFFERENCE = 0.05; // of scores: processors round 8-bit products differently

export class Translator extends TextTranslator {
  // Open a file: its URL, or its bytes (Uint8Array or ArrayBuffer). wasm: URL of the folder of the wasm files.
  static async load(source, { wasm } = {}) {
    const [file] = await Promise.all([read(source), loadRuntime(wasm)]);
    const found = await unzip(file),
      about = JSON.parse(new TextDecoder().decode(found['kerasformer.json']));
    if (
      about.format !== FORMAT ||
      about.format_version > FORMAT_VERSION ||
      (about.task ?? 'translation') !== 'translation'
    ) {
      throw new Error('the file is no translator, or of a newer kerasformer: update this module');
    }
    const model = await loadAndCompile(file, { accelerator: 'wasm' });
    return new Translator(model, about, new SentencePiece(found['tokenizer.model']), file.length);
  }

  constructor(model, about, tokenizer, size) {
    super(about, tokenizer, (source, beam, show) =>
      show && !beam && this.canStream ? this.stream(source, show) : this.run(source, beam),
    );
    this.model = model;
    this.size = size; // of the file in bytes
    this.turn = Promise.resolve(); // one run at a time
    this.signatures = Object.keys(model.signatures ?? {});
    this.hasAttention = this.signatures.includes('attention');
    this.canStream = ['encode', 'decode_step'].every(name => this.signatures.includes(name));
    this.beamSize = this.signatures.includes('translate_beam') ? about.beam_size : 1;
  }

  // Translate token ids, without special ones, greedily or with the beam of the file: list of {ids, score}, best first.
  async run(source, beam = false) {
    const { eos_id: eos, max_length: longest, buckets = [] } = this.about,
      ids = [...source, eos],
      search = beam && this.beamSize > 1 ? 'translate_beam' : 'translate';
    const size = buckets.find(size => ids.length <= size && this.signatures.includes(`${search}_${size}`));
    const inputs = { source_ids: this.padded(ids, size ?? longest) };
    const { token_ids: found, score, scores = score } = await this.invoke(size ? `${search}_${size}` : search, inputs);
    const width = found.length / scores.length;
    return [...scores].map((score, row) => ({ ids: this.words(found.subarray(row * width, (row + 1) * width)), score }));
  }

  // Translate token ids greedily, and show the ids that have come after each token; the answer is that of `run`.
  async stream(source, show) {
    const { eos_id: eos, max_length: longest } = this.about;
    const { shape, ...state } = await this.invoke('encode', { source_ids: this.padded([...source, eos], longest) });
    for (;;) {
      const found = await this.invoke('decode_step', state),
        ids = this.words(found.token_ids);
      show(ids);
      if (found.done[0]) return [{ ids, score: found.score[0] }];
      for (const name of Object.keys(state)) state[name] = found[name] ?? state[name];
    }
  }

  // The ids of a row that are neither padding nor its end.
  words(row) {
    return [...row].filter(id => id !== this.about.pad_id && id !== this.about.eos_id);
  }

  // How much each token of a translation attends to each token of its source, both of one sentence: weights of
  // [layer][head][target][source], and the pieces of both.
  async attention(source, target) {
    if (!this.hasAttention) throw new Error('the model of this file has no attention to show');
    const { bos_id: bos, eos_id: eos, max_length: length } = this.about;
    const [sources, targets] = [this.clean(source), this.clean(target, 'target')].map(text =>
      this.tokenizer.encode(text).slice(0, this.maxTokens),
    );
    const sourceIds = this.padded([...sources, eos], length),
      targetIds = this.padded([bos, ...targets], length);
    const inputs = { source_ids: sourceIds, target_ids: targetIds };
    const { attention, shape } = await this.invoke('attention', inputs);
    const [, layers, heads] = shape;
    const at = (layer, head, row) => {
      const start = ((layer * heads + head) * length + row) * length;
      return [...attention.subarray(start, start + sources.length + 1)];
    };
    const range = count => [...Array(count).keys()];
    const weights = range(layers).map(layer =>
      range(heads).map(head => range(targets.length + 1).map(row => at(layer, head, row))),
    );
    const pieces = ids => [...ids, eos].map(id => this.tokenizer.pieces[id].text);
    return { weights, sourceTokens: pieces(sources), targetTokens: pieces(targets) };
  }

  // Compare what the file makes of its golden pairs with what it made of them when it was written, as `kerasformer verify`
  // does: the number of pairs, and the list of those that changed: {source, expected, answer}.
  async verify() {
    const golden = this.about.golden ?? [],
      changed = [];
    if (!golden.length) throw new Error('the file has no golden pairs: an older kerasformer wrote it');
    for (const { text, source_ids: sourceIds, token_ids: tokenIds, answer, score } of golden) {
      const found = await this.decode(text),
        source = this.tokenizer.encode(this.clean(text));
      if (this.canStream) found.push(...(await this.decode(text, false, () => {})));
      const isSame = found =>
        `${source};${found.ids}` === `${sourceIds};${tokenIds}` && Math.abs(found.score - score) <= MAX_DIFFERENCE;
      const other = found.find(one => !isSame(one));
      if (other) changed.push({ source: text, expected: answer, answer: other.text });
    }
    return { count: golden.length, changed };
  }

  padded(ids, length) {
    const row = new Int32Array(length).fill(this.about.pad_id);
    row.set(ids);
    return row;
  }

  // The outputs of a signature as typed arrays, and the shape of the last one.
  invoke(signature, inputs) {
    const run = async () => {
      const tensors = Object.fromEntries(
        Object.entries(inputs).map(([name, row]) => [name, new Tensor(row, [1, row.length])]),
      );
      const found = await this.model.run(signature, tensors),
        outputs = {};
      for (const [name, tensor] of Object.entries(found)) {
        outputs[name] = tensor.toTypedArray().slice();
        outputs.shape = [...tensor.type.layout.dimensions];
        tensor.delete();
      }
      Object.values(tensors).forEach(tensor => tensor.delete());
      return outputs;
    };
    const found = this.turn.then(run);
    this.turn = found.catch(() => {});
    return found;
  }

  // Free the memory of the model.
  delete() {
    this.model.delete();
  }
}

async function read(source) {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  const response = await fetch(source);
  if (!response.ok) throw new Error(`${source} cannot be loaded: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}
