// One cleaning of text, as kerasformer/interface/cleaning.py defines it.

import { replace } from './python.js';
import { cleaning } from './rules.js';

export const VISIBLE = cleaning.VISIBLE,
  CLEANINGS = cleaning.CLEANINGS;

// A text after the steps of a cleaning, without the halves of surrogate pairs, which are no characters.
export function clean(text, steps) {
  text = text.replace(/[\ud800-\udfff]/gu, '');
  for (const place of steps) {
    const step = cleaning.STEPS[place];
    text = step === cleaning.NFKC ? text.normalize('NFKC') : replace(step[0], text, step[1]);
  }
  return text;
}
