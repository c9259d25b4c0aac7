"""Models of four words, whose next token depends on the last one; every sentence they can say; and a search in them."""

import itertools

import numpy as np
from keras import ops

from kerasformer.generation import Constraints, SpecialIds, search

PAD, BOS, EOS = 0, 1, 2
SPECIAL = SpecialIds(PAD, BOS, EOS, suppressed=(PAD, BOS))
VOCAB = 6  # pad, bos, eos and three words: with eos, four things to say
LIMIT = 4


def bigram_model(seed):
    """A model whose next token depends on the last one, the position and the sentence; state carries a checksum."""
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(3, LIMIT + 4, VOCAB, VOCAB)).astype("float32")  # sentence, position, last, next

    def start(source_ids):
        return {"sentence": source_ids, "said": ops.zeros_like(source_ids)}

    def decode_step(token_ids, position, state):
        rows = ops.take(ops.convert_to_tensor(table), position, axis=1)
        rows = ops.take(rows, state["sentence"], axis=0)  # (batch, last, next)
        one_hot = ops.one_hot(token_ids[:, 0], VOCAB)
        logits = ops.sum(rows * ops.expand_dims(one_hot, -1), axis=1)
        return ops.expand_dims(logits, 1), {**state, "said": state["said"] * 7 + token_ids[:, 0]}

    return table, start, decode_step


def brute_force(table, sentence, alpha, limit=LIMIT, min_length=0, penalty=1.0):
    """Every sentence there is, with its score, best first."""
    found = []
    for length in range(1, limit + 1):
        for words in itertools.product([2, 3, 4, 5], repeat=length):
            if EOS in words[:-1] or (words[-1] != EOS and length < limit):
                continue
            if words[-1] == EOS and length <= min_length:
                continue
            log_prob, last = 0.0, BOS
            for position, word in enumerate(words):
                row = table[sentence, position, last].astype("float64")
                for said in set(words[:position]):
                    row[said] = row[said] / penalty if row[said] > 0 else row[said] * penalty
                log_prob += row[word] - np.log(np.exp(row).sum())
                last = word
            found.append((log_prob / ((5 + length) / 6) ** alpha, words))
    return sorted(found, reverse=True)


def run(start, decode_step, options, sentences=(0, 1, 2), limits=None, max_length=LIMIT, choose=None, **given):
    source = ops.convert_to_tensor(np.array(sentences, "int32"))
    limits = ops.convert_to_tensor(np.array(limits or [LIMIT] * len(sentences), "int32"))
    given = {name: ops.convert_to_tensor(np.array(value, "int32")) for name, value in given.items()}
    token_ids, scores = search(
        start, decode_step, source, limits, max_length, options, SPECIAL, choose, Constraints(**given)
    )
    return ops.convert_to_numpy(token_ids), ops.convert_to_numpy(scores)


def words(row):
    return tuple(int(i) for i in row if i != PAD)
