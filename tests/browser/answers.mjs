// What the JavaScript answers, for tests: node answers.mjs TASK < task.json; the answer is JSON.

import { readFileSync } from 'node:fs';

const src = new URL('../../export/browser/src/', import.meta.url);
const task = JSON.parse(readFileSync(0, 'utf8'));
const { SentencePiece } = await import(new URL('sentencepiece.js', src));

function tokenizer() {
  return new SentencePiece(new Uint8Array(readFileSync(task.tokenizer)));
}

// A bad translation, as test_text.py makes it.
function reworded(text) {
  const words = text.split(' '),
    number = [...text].reduce((sum, c) => sum + c.codePointAt(0), 0) % 6;
  if (number === 1) return words.reverse().join(' ');
  if (number === 2) return words.slice(0, -1).join(' ');
  if (number === 3) return text.replaceAll('€', '$').replaceAll(',', '.');
  if (number === 4) return words.slice(1).join(' ');
  return number === 5 ? `${text} $5 www.` : text;
}

const TASKS = {
  tokens() {
    const found = tokenizer();
    return task.texts.map(text => {
      const ids = found.encode(text);
      return [ids, found.decode(ids)];
    });
  },
  async text() {
    const { TextTranslator } = await import(new URL('text.js', src));
    const translator = new TextTranslator(task.about, tokenizer());
    translator.decode = async text =>
      [reworded(translator.clean(text)), translator.clean(text)].map(text => ({ text, score: 0, ids: [] }));
    const answers = [];
    for (const text of task.texts) {
      const { text: found, parts } = await translator.explain(text);
      answers.push([
        translator.clean(text),
        translator.clean(text, 'target'),
        parts.map(part => part.source),
        found,
        parts.map(part => part.alternatives[0]?.text ?? part.text),
      ]);
    }
    return answers;
  },
  // The error message of each file, or of each set of text rules.
  async errors() {
    const { TextTranslator } = await import(new URL('text.js', src));
    const { unzip } = await import(new URL('archive.js', src));
    const complaint = async work => work().then(String, error => error.message);
    const files = task.files.map(bytes => complaint(() => unzip(new Uint8Array(bytes))));
    const rules = task.rules.map(text_rules =>
      complaint(async () => new TextTranslator({ source: 'fr', target: 'en', max_length: 8, text_rules }, tokenizer())),
    );
    return Promise.all([...files, ...rules]);
  },
  // The names of what the page says, and how many values each takes, by language.
  async words() {
    const { LANGUAGES, wordsOf } = await import(new URL('../page/words.js', src));
    const values = said => (typeof said === 'function' ? said.length : 0);
    const names = language => Object.entries(wordsOf(language)).map(([name, said]) => [name, values(said)]);
    return Object.fromEntries(LANGUAGES.map(language => [language, names(language)]));
  },
  async beam() {
    const { Translator } = await import(new URL('index.js', src));
    const translator = await Translator.load(new Uint8Array(readFileSync(task.path)));
    const answers = [];
    for (const text of task.texts) answers.push((await translator.explain(text, { beam: true })).parts[0]);
    return answers;
  },
  // The translation of each text, and what is shown before.
  async stream() {
    const { Translator } = await import(new URL('index.js', src));
    const translator = await Translator.load(new Uint8Array(readFileSync(task.path)));
    const answers = [];
    for (const text of task.texts) {
      const shown = [];
      answers.push([await translator.translate(text, { show: begun => shown.push(begun) }), shown]);
    }
    return answers;
  },
  async litert() {
    const { Translator } = await import(new URL('index.js', src));
    const translator = await Translator.load(new Uint8Array(readFileSync(task.path)));
    const answers = [];
    for (const text of task.texts) answers.push(await translator.explain(text));
    const attention = await translator.attention(...task.pair);
    const verified = await translator.verify();
    translator.about.golden[1].token_ids.push(5);
    return { answers, attention, verified, spoilt: (await translator.verify()).changed, size: translator.size };
  },
};

const answer = await TASKS[process.argv[2]]();
process.stdout.write(JSON.stringify(answer), () => process.exit());
