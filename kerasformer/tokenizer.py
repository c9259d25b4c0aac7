"""Convert text to token ids and back with a SentencePiece unigram model; the special ids are defined here.

The model is a unigram without byte fallback: only such models give the same ids in SentencePiece, in the graph
operations of tensorflow-text and on a device.
"""

import array
import bisect
import io
import itertools
import pathlib
import tempfile

import numpy as np
import sentencepiece

from kerasformer.errors import InputError

PAD_ID, UNK_ID, BOS_ID, EOS_ID = 0, 1, 2, 3
MARKS = tuple(f"<p{number}>" for number in range(10))  # symbols for what a translation must not change
SEGMENTATIONS = 64  # of a word, among which one is sampled
_CACHED = 100_000  # words whose segmentations are kept in memory, about 1.3 KB each
_THREADS = 2  # fixed, because SentencePiece finds slightly different pieces with another number


class Tokenizer:
    """A trained SentencePiece model.

    Args:
        model: bytes, a serialised SentencePiece model.

    Raises:
        InputError: if the bytes are not a SentencePiece model, or its special ids differ.

    Reference: Kudo and Richardson 2018, "SentencePiece"; Kudo 2018, "Subword Regularization" (the unigram model).
    """

    def __init__(self, model):
        self.model = bytes(model)
        self._processor = sentencepiece.SentencePieceProcessor()
        self._segmentations = {}  # by word and alpha
        try:
            self._processor.LoadFromSerializedProto(self.model)
        except RuntimeError:
            raise InputError("the tokenizer is not a SentencePiece model; the file is damaged") from None
        processor = self._processor
        ids = (processor.pad_id(), processor.unk_id(), processor.bos_id(), processor.eos_id())
        if ids != (PAD_ID, UNK_ID, BOS_ID, EOS_ID):
            raise InputError(f"the tokenizer's pad, unk, bos and eos ids are {ids}, kerasformer needs (0, 1, 2, 3)")

    @property
    def vocab_size(self):
        """Number of entries, special ones included."""
        return self._processor.GetPieceSize()

    def encode(self, text):
        """Token ids (list of int) of a text, or of each text of a list; without `bos` and `eos`."""
        return self._processor.EncodeAsIds(text)

    def knows(self, texts):
        """Whether all characters of each text of a list are known: list of bool."""
        return [UNK_ID not in row for row in self.encode(list(texts))]

    @property
    def marks(self):
        """The `MARKS` that are symbols of this tokenizer: all of them, or none: tuple of str."""
        return MARKS if self._processor.PieceToId(MARKS[-1]) != UNK_ID else ()

    @property
    def characters(self):
        """The characters that the tokenizer knows: set of str."""
        ids = [i for i in range(EOS_ID + 1, self.vocab_size) if self._processor.IdToPiece(i) not in MARKS]
        return set("".join(self.pieces(ids))) - {"\u2581"}

    def sample(self, texts, alpha, seed):
        """Token ids of each text of a list, with a sampled segmentation for each word.

        SentencePiece can sample too, but version 0.2.3 ignores its seed, so that no run could resume exactly.

        Args:
            texts: list of str.
            alpha: float above 0; one of the `SEGMENTATIONS` most likely segmentations is sampled with its probability
                to this power, so lower values sample more diverse segmentations.
            seed: int, 0 or more; the same seed gives the same result.

        Returns:
            list of lists of int.

        Reference: Kudo 2018, "Subword Regularization", section 3.3.
        """
        rows = [text.split() for text in texts]
        numbers = iter(np.random.default_rng(seed).random(sum(map(len, rows))).tolist())
        return [[token_id for word in row for token_id in self._sampled(word, alpha, next(numbers))] for row in rows]

    def _sampled(self, word, alpha, number):
        """The segmentation of a word that a number from 0 to 1 selects: token ids."""
        if (word, alpha) not in self._segmentations:
            has_mark = any(mark in word for mark in self.marks)  # SentencePiece would split it in some segmentations
            rows = self._processor.NBestEncodeAsIds(word, nbest_size=1 if has_mark else SEGMENTATIONS)
            scores = np.array([sum(map(self._processor.GetScore, row)) for row in rows])
            weights = np.exp(alpha * (scores - scores.max()))
            ends = array.array("i", itertools.accumulate(map(len, rows), initial=0))
            if len(self._segmentations) >= _CACHED:
                self._segmentations.clear()
            bounds = array.array("d", (np.cumsum(weights) / weights.sum())[:-1])
            self._segmentations[word, alpha] = array.array("i", itertools.chain(*rows)), ends, bounds
        token_ids, ends, bounds = self._segmentations[word, alpha]
        place = bisect.bisect(bounds, number)
        return token_ids[ends[place] : ends[place + 1]]

    def decode(self, token_ids):
        """The text of a list of token ids, or of each list of a list; special ids are left out."""
        if not len(token_ids) or not isinstance(token_ids[0], (list, tuple)):
            return self.decode([token_ids])[0]
        kept = [[int(i) for i in row if i not in (PAD_ID, BOS_ID, EOS_ID)] for row in token_ids]
        return [self._processor.DecodeIds(row) if row else "" for row in kept]

    def pieces(self, token_ids):
        """The piece (str) of each id, as an attention picture shows it."""
        return [self._processor.IdToPiece(int(i)) for i in token_ids]


def train_tokenizer(sentences, vocab_size, *, exact=True, seed=0, rules="", symbols=()):
    """Train a tokenizer on an iterable of texts of both languages.

    Args:
        sentences: iterable of str.
        vocab_size: int, number of entries, special ones included.
        exact: bool, whether `vocab_size` must be reached; False accepts fewer entries if the texts do not allow more.
        seed: int, of the sampling of sentences from large corpora.
        rules: str, how text is normalised before it is split, as `data.typography.charsmap` returns it; "" for NFKC,
            which leaves cleaned text as it is.
        symbols: tuple of str, which are one piece each wherever they are.

    Returns:
        The `Tokenizer`.

    Raises:
        InputError: for an empty corpus, or a `vocab_size` that the texts do not allow (the message says which they do).
    """
    texts = (text for text in sentences if text.strip())
    first = next(texts, None)
    if first is None:
        raise InputError("there is no text to train a tokenizer on: the corpus is empty")
    sentencepiece.set_random_generator_seed(seed)
    model = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:  # SentencePiece reads rules from a file only
        path = pathlib.Path(folder) / "rules.tsv"
        path.write_text(rules, encoding="utf-8")
        options = {"normalization_rule_tsv": str(path)} if rules else {"normalization_rule_name": "nfkc"}
        options |= {"hard_vocab_limit": exact, "user_defined_symbols": list(symbols)}
        _train(itertools.chain([first], texts), model, vocab_size, **options)
    return Tokenizer(model.getvalue())


def _train(sentences, model, vocab_size, **options):
    try:
        sentencepiece.SentencePieceTrainer.Train(
            sentence_iterator=sentences, model_writer=model, model_type="unigram",
            vocab_size=vocab_size, byte_fallback=False, character_coverage=1.0,
            pad_id=PAD_ID, unk_id=UNK_ID, bos_id=BOS_ID, eos_id=EOS_ID, pad_piece="<pad>", unk_surface=" ⁇ ",
            input_sentence_size=500_000, shuffle_input_sentence=True, num_threads=_THREADS,
            max_sentence_length=65536, minloglevel=2, **options,
        )  # fmt: skip
    except RuntimeError as error:
        raise InputError(_explain(error, vocab_size)) from None


def _explain(error, vocab_size):
    text = str(error)
    if "too high" in text:
        limit = text.split("<=")[-1].strip(" .")
        return f"vocab_size {vocab_size} is more than the corpus allows; choose at most {limit}"
    if "smaller than required_chars" in text or "too small" in text:
        return f"vocab_size {vocab_size} is too small for the characters of the corpus; choose a larger one"
    return f"training the tokenizer failed: {text}"


def pad_rows(rows, width, count=None):
    """Token id lists as one array.

    Args:
        rows: list of lists of token ids.
        width: int, length of the longest row or more.
        count: int, rows of the array; more than `rows` has are all padding. None for as many as `rows` has.

    Returns:
        int32 (rows, width), filled up with `PAD_ID`.
    """
    padded = np.full((count or len(rows), width), PAD_ID, "int32")
    for row, token_ids in zip(padded, rows, strict=False):
        row[: len(token_ids)] = token_ids
    return padded
