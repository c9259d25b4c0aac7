export { SentencePiece } from './sentencepiece.js';
export { TextTranslator } from './text.js';
export { Translator } from './translator.js';
