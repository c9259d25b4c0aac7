/** Metadata of a .tflite of kerasformer. */
export interface Metadata {
  source: string;
  target: string;
  max_length: number;
  precision: string;
  [name: string]: unknown;
}

export interface Options {
  /** Whether numbers, addresses, placeholders, markup and so on stay as they are (default: true). */
  protect?: boolean;
  /** Whether to search with the beam of the file, if it has one (default: false). */
  beam?: boolean;
  /**
   * Called with the translation as far as it has come: after each sentence, and after each token if the file was exported
   * with --streaming. What must not change may look otherwise until its sentence is complete.
   */
  show?: (text: string) => void;
}

export interface Hypothesis {
  text: string;
  /** Length-normalised log-probability in nats. */
  score: number;
  /** Tokens of the translation, without special ones. */
  ids: number[];
}

/** A piece of a text that was translated at once. */
export interface Part extends Hypothesis {
  source: string;
  /** What else the beam found, best first; empty without a beam. */
  alternatives: Hypothesis[];
  /** What must not change, but was missing and is appended. */
  lacking: string[];
  /** White space after the part. */
  separator: string;
}

export interface Explanation {
  text: string;
  /** The mean of the scores of the parts. */
  score: number;
  parts: Part[];
}

export interface Attention {
  /** [layer][head][target][source] */
  weights: number[][][][];
  sourceTokens: string[];
  targetTokens: string[];
}

/** A SentencePiece unigram model without byte fallback. */
export class SentencePiece {
  constructor(model: Uint8Array);
  encode(text: string): number[];
  decode(ids: number[]): string;
  knows(text: string): boolean;
}

/** The text side of a translator, over any function that translates token ids. */
export class TextTranslator {
  constructor(
    about: Metadata,
    tokenizer: SentencePiece,
    decode: (
      ids: number[],
      beam: boolean,
      show?: (ids: number[]) => void,
    ) => Promise<{ ids: number[]; score: number }[]>,
  );
  readonly about: Metadata;
  readonly tokenizer: SentencePiece;
  translate(text: string, options?: Options): Promise<string>;
  translate(texts: string[], options?: Options): Promise<string[]>;
  explain(text: string, options?: Options): Promise<Explanation>;
}

/** Translates with a .tflite of kerasformer over LiteRT.js. */
export class Translator extends TextTranslator {
  /**
   * @param source URL of the file, or its bytes.
   * @param options.wasm URL of the folder with the wasm files of @litertjs/core (default: wasm/ beside the page);
   *   Node takes them from the package.
   */
  static load(source: string | URL | Uint8Array | ArrayBuffer, options?: { wasm?: string | URL }): Promise<Translator>;
  /** Size of the file in bytes. */
  readonly size: number;
  readonly hasAttention: boolean;
  /** Whether the file translates token by token. */
  readonly canStream: boolean;
  /** The beam of the file; 1 if it has none. */
  readonly beamSize: number;
  /** How the tokens of a translation attend to those of its source; both are one sentence, cut at the model's length. */
  attention(source: string, target: string): Promise<Attention>;
  /** Compare what the file makes of its golden pairs with what it made of them when it was written. */
  verify(): Promise<{ count: number; changed: { source: string; expected: string; answer: string }[] }>;
  /** Free the memory of the model. */
  delete(): void;
}
