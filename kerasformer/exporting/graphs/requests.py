"""The graphs of a translator for servers with what is asked beside the default search: options, scores, token ids."""

import tensorflow as tf

from kerasformer.exporting.graphs.signatures import IDS, OPTIONS, TEXTS, graph_function
from kerasformer.generation import length_penalty
from kerasformer.inference.scoring import teacher_forced_scores
from kerasformer.tokenizer import BOS_ID, EOS_ID, PAD_ID


class RequestModule(tf.Module):
    """The functions for requests; the module that inherits it has the model, its options, its searches and the text."""

    @graph_function(input_signature=[TEXTS, TEXTS, TEXTS, *OPTIONS.values()])
    def translate_with_options(
        self, texts, prefixes, suppress, repetition_penalty, min_length, length_penalty, max_new_tokens
    ):
        options = repetition_penalty, min_length, length_penalty, max_new_tokens
        return self.search_with_options(texts, self.text.beginnings(prefixes), self.text.sequences(suppress), *options)

    @graph_function(input_signature=[TEXTS, IDS, IDS, *OPTIONS.values()])
    def search_with_options(self, texts, prefix_ids, suppressed_ids, *options):
        given = self._beam_options.with_inputs(**dict(zip(OPTIONS, options, strict=True)))

        def search(source_ids, prefix_ids):
            return self._search_plain(source_ids, given, prefix=prefix_ids, suppressed=suppressed_ids)

        return self._ranked(*self._search_all(texts, search, given, prefix_ids))

    @graph_function(input_signature=[TEXTS, TEXTS])
    def score(self, texts, translations):
        words = self.text.tokenize(translations, "target")[:, : self._model.config.max_length - 1]
        labels = tf.concat([words, tf.fill([words.nrows(), 1], EOS_ID)], axis=1)
        length, labels = labels.row_lengths(), labels.to_tensor(PAD_ID)
        found = self.token_log_probs(self.text.encode(texts), labels)
        log_probs = tf.reduce_sum(found, axis=1)
        scores = log_probs / length_penalty(length, self._options)
        return {"log_probs": log_probs, "scores": scores, "tokens": self.text.pieces(labels), "token_log_probs": found}

    @graph_function(input_signature=[IDS, IDS])
    def token_log_probs(self, source_ids, labels):
        """Log-probabilities (batch, target) of padded target ids, given those before each; 0 for padding."""
        begun = tf.pad(labels[:, :-1], [[0, 0], [1, 0]], constant_values=BOS_ID)
        found = teacher_forced_scores(self._model.training, source_ids, begun, labels)[:, 0]
        return tf.where(labels != PAD_ID, found, 0.0)

    @graph_function(input_signature=[TEXTS])
    def encode(self, texts):
        """Cleaned texts (batch,) -> int32 ids (batch, length) without `eos`, padded."""
        return self.text.tokenizer.tokenize(texts).to_tensor(PAD_ID)

    @graph_function(input_signature=[IDS])
    def pieces(self, token_ids):
        return self.text.pieces(token_ids)
