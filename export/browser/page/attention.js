// Which words of a source a word of its translation attends to.

// Where the words of a text are: list of {start, end}.
export const wordsIn = text =>
  [...text.matchAll(/\S+/gu)].map(({ index, 0: word }) => ({ start: index, end: index + word.length }));

// For each word of a text, the places of its tokens. Both are matched by their letters and digits, as tokens are cleaned.
function tokensOf(text, tokens) {
  const letters = wordsIn(text).flatMap(({ start, end }, word) =>
    (text.slice(start, end).match(/[\p{L}\p{N}]/gu) ?? []).map(() => word),
  );
  const found = wordsIn(text).map(() => []);
  let at = 0;
  tokens.forEach((token, place) => {
    const count = token === '</s>' ? 0 : (token.match(/[\p{L}\p{N}]/gu) ?? []).length,
      word = letters[Math.min(at, letters.length - 1)];
    if (count && word !== undefined) found[word].push(place);
    at += count;
  });
  return found;
}

// For each word of the translation, the weight of each word of the source, from 0 to 1: of the last layer, the mean of its
// heads, without what goes to punctuation and the end.
export function wordWeights({ weights, sourceTokens, targetTokens }, source, target) {
  const heads = weights.at(-1),
    sources = tokensOf(source, sourceTokens);
  const mean = (row, column) => heads.reduce((sum, head) => sum + head[row][column], 0) / heads.length;
  return tokensOf(target, targetTokens).map(rows => {
    const found = sources.map(columns =>
      columns.reduce((sum, column) => sum + rows.reduce((s, row) => s + mean(row, column), 0), 0),
    );
    const most = Math.max(...found, Number.MIN_VALUE);
    return found.map(weight => weight / most);
  });
}
