"""Parts that all exported graphs share: the tokenizer, and the inputs for sampling."""

import dataclasses
import functools

import tensorflow as tf

from kerasformer.errors import InputError
from kerasformer.inference import saved_model
from kerasformer.interface.cleaning import CLEANINGS, NFKC
from kerasformer.tokenizer import EOS_ID, PAD_ID

# Nothing here needs AutoGraph, which takes seconds to rewrite every function that a search calls.
graph_function = functools.partial(tf.function, autograph=False)
TEXTS = tf.TensorSpec((None,), tf.string)
IDS = tf.TensorSpec((None, None), tf.int32)
NOISE = tf.TensorSpec((None, None), tf.float32)
# The inputs of a signature that samples, beside the noise, in the order in which every function takes them.
SAMPLING = {
    "temperature": tf.TensorSpec((), tf.float32),
    "top_k": tf.TensorSpec((), tf.int32),
    "top_p": tf.TensorSpec((), tf.float32),
}
# The inputs of a signature with decode options, beside those of its texts.
OPTIONS = {name: tf.TensorSpec((), dtype) for name, dtype in saved_model.OPTIONS.items()}


def device_sampling(length):
    """The inputs of a device's signature that samples `length` tokens, by name."""
    return {"noise": tf.TensorSpec((1, length), tf.float32), **SAMPLING}


def text_operations():
    """The module tensorflow_text, whose operations take part in the graphs of servers; those of devices need none.

    Raises:
        InputError: if it is not installed.
    """
    try:
        import tensorflow_text
    except ModuleNotFoundError as error:
        if error.name != "tensorflow_text":
            raise
        raise InputError(
            "a SavedModel that reads text needs tensorflow-text, which is not installed here (Windows has no wheel of "
            "it): leave the SavedModel out with --format litert-fp32 litert-int8, or export on Linux or macOS"
        ) from None
    return tensorflow_text


def clean(texts, steps):
    """`interface.cleaning.clean` of texts (batch,), in the graph."""
    for step in steps:
        if step is NFKC:
            texts = text_operations().normalize_utf8(texts, NFKC)
        else:
            texts = tf.strings.regex_replace(texts, *step)
    return texts


def stored_once(model):
    """An `EncoderDecoder` whose larger graphs a SavedModel holds once, and not in every function that calls them.

    TensorFlow takes memory for each operation that it loads. The graphs of a step are not among them, because a call of
    a function in every step takes time.
    """
    graphs = {name: getattr(model, name) for name in ("start", "attention")}
    functions = {name: _as_function(graph) for name, graph in graphs.items() if graph is not None}
    return dataclasses.replace(model, **functions)


def _as_function(graph):
    function = graph_function(functools.partial(graph, training=False))
    return lambda inputs, training: function(inputs)


class TextGraph(tf.Module):
    """The tokenizer as graph operations.

    Args:
        tokenizer: the `Tokenizer`.
        max_length: int, the most tokens of a source, `eos` included; longer ones are cut.
        cleaning: the `Cleaning` that texts go through.
    """

    def __init__(self, tokenizer, max_length, cleaning=CLEANINGS["nfkc"]):
        super().__init__()
        self.max_length = max_length
        self.cleaning = cleaning
        self.tokenizer = text_operations().SentencepieceTokenizer(model=tokenizer.model)

    def tokenize(self, texts, side="source"):
        """Texts (batch,) of a side, "source" or "target" -> ragged int32 ids (batch, source) after cleaning."""
        return self.tokenizer.tokenize(clean(texts, getattr(self.cleaning, side)))

    def encode(self, texts, side="source"):
        """Texts (batch,) -> int32 ids (batch, source) that end in `eos`; a text without tokens has only padding."""
        ids = self.tokenize(texts, side)[:, : self.max_length - 1]
        counts = tf.cast(ids.row_lengths() > 0, tf.int64)  # of eos in each row: one or none
        eos = tf.RaggedTensor.from_row_lengths(tf.fill([tf.reduce_sum(counts)], EOS_ID), counts)
        return tf.concat([ids, eos], axis=1).to_tensor(PAD_ID)

    def beginnings(self, texts):
        """Texts (batch,) of the target -> int32 ids (batch, target + 1), padded, without `eos`."""
        return tf.pad(self.tokenize(texts, "target").to_tensor(PAD_ID), [[0, 0], [0, 1]])

    def sequences(self, texts):
        """Texts (count,) of the target -> int32 ids (count, 1 + target) with padding before them."""
        ids = self.tokenize(texts, "target")[:, ::-1].to_tensor(PAD_ID)
        return tf.pad(ids, [[0, 0], [0, 1]])[:, ::-1]

    def decode(self, token_ids):
        """Ids (batch, target) -> texts (batch,), without `eos` and padding."""
        is_word = tf.logical_and(token_ids != PAD_ID, token_ids != EOS_ID)
        return self.tokenizer.detokenize(tf.ragged.boolean_mask(token_ids, is_word))

    def pieces(self, token_ids):
        """Ids (batch, length) -> pieces (batch, length), "" for padding."""
        return tf.where(token_ids != PAD_ID, self.tokenizer.id_to_string(token_ids), "")
