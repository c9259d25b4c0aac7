"""Strings in, strings out, inside the graph, and what tokens are drawn with: what surrounds an exported search."""

import tensorflow as tf
import tensorflow_text as tf_text

from kerasformer.tokenizer import EOS_ID, PAD_ID

TEXTS = tf.TensorSpec((None,), tf.string)
NOISE = tf.TensorSpec((None, None), tf.float32)
KNOB_NAMES = ("temperature", "top_k", "top_p")
KNOBS = [tf.TensorSpec((), tf.float32), tf.TensorSpec((), tf.int32), tf.TensorSpec((), tf.float32)]


def device_knobs(length):
    """By name, what a device draws `length` tokens with."""
    return {"noise": tf.TensorSpec((1, length), tf.float32), **dict(zip(KNOB_NAMES, KNOBS, strict=True))}


def limits_of(source_ids, options, max_length):
    """In the graph, what `SearchOptions.limit` says for each source: int32 (batch,).

    Args:
        source_ids: int32 (batch, source), `eos` included.
        options: `SearchOptions`.
        max_length: int, the most tokens a hypothesis may have.
    """
    lengths = tf.reduce_sum(tf.cast(source_ids != PAD_ID, tf.int32), axis=1) - 1
    scaled = tf.cast(tf.floor(options.max_length_ratio * tf.cast(lengths, tf.float32)), tf.int32)
    # An empty source, which only fills a batch, is done after one step.
    limits = tf.minimum(scaled + options.max_length_offset, max_length)
    return tf.where(lengths > 0, limits, 1)


class TextGraph(tf.Module):
    """The tokenizer as graph operations.

    Args:
        tokenizer: the `Tokenizer`.
        max_length: int, tokens a source may have, `eos` included; longer ones are cut.
    """

    def __init__(self, tokenizer, max_length):
        super().__init__()
        self.max_length = max_length
        self.tokenizer = tf_text.SentencepieceTokenizer(model=tokenizer.model)

    def encode(self, texts):
        """Texts (batch,) -> int32 ids (batch, source), each ending in `eos`; without a token there is only padding."""
        ids = self.tokenizer.tokenize(texts)[:, : self.max_length - 1]
        lengths = ids.row_lengths()
        eos = tf.RaggedTensor.from_row_lengths(tf.fill([tf.reduce_sum(tf.cast(lengths > 0, tf.int64))], EOS_ID),
                                               tf.cast(lengths > 0, tf.int64))  # fmt: skip
        return tf.concat([ids, eos], axis=1).to_tensor(PAD_ID)

    def decode(self, token_ids):
        """Ids (batch, target) -> texts (batch,); `eos` and padding leave no trace."""
        is_word = tf.logical_and(token_ids != PAD_ID, token_ids != EOS_ID)
        return self.tokenizer.detokenize(tf.ragged.boolean_mask(token_ids, is_word))

    def pieces(self, token_ids):
        """Ids (batch, length) -> pieces (batch, length), "" for padding."""
        return tf.where(token_ids != PAD_ID, self.tokenizer.id_to_string(token_ids), "")
