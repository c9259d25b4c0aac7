"""Write the weights of a translator's bundle as a model of CTranslate2, and translate with it."""

import ctranslate2
import numpy as np
from ctranslate2.specs import common_spec, transformer_spec

from kerasformer.errors import InputError
from kerasformer.layers.position import sinusoidal_table
from kerasformer.tokenizer import BOS_ID, EOS_ID, UNK_ID

BATCH = 32  # sentences of equal length together, where more are given


def convert(bundle, folder):
    """Write a bundle of a Transformer with norm "pre" and sinusoidal positions into a folder, in float32.

    Raises:
        InputError: for a bundle of another model.
    """
    config, model = bundle.model.config, bundle.model.training
    if (config.kind, config.norm, config.position) != ("transformer", "pre", "sinusoidal"):
        raise InputError('CTranslate2 gets only a Transformer with norm "pre" and sinusoidal positions')
    layers = config.num_layers, config.num_decoder_layers or config.num_layers
    spec = transformer_spec.TransformerSpec.from_config(
        layers, config.num_heads, pre_norm=True, activation=common_spec.Activation.RELU
    )
    table = np.array(model.get_layer("embedding").embeddings)
    spec.encoder.embeddings[0].weight = spec.decoder.embeddings.weight = spec.decoder.projection.weight = table
    for name in ("encoder", "decoder"):
        side = getattr(spec, name)
        side.scale_embeddings = True
        side.position_encodings.encodings = sinusoidal_table(config.max_length, config.hidden_dim)
        _normalisation(side.layer_norm, model.get_layer(f"{name}_norm"))
        for i, layer in enumerate(side.layer):
            _block(layer, model.get_layer(f"{name}_{i}"))
    pieces = unique_pieces(bundle)
    spec.register_source_vocabulary(pieces)
    spec.register_target_vocabulary(pieces)
    spec.config.layer_norm_epsilon, spec.config.decoder_start_token = 1e-6, pieces[BOS_ID]
    spec.validate()
    spec.save(folder)


def unique_pieces(bundle):
    """The names of the tokens in CTranslate2: those of the tokenizer, with a number where one is there already."""
    names = {UNK_ID: "<unk>", BOS_ID: "<s>", EOS_ID: "</s>"}
    for i in range(bundle.model.config.vocab_size):
        piece = bundle.tokenizer.pieces([i])[0]
        names.setdefault(i, f"{piece}#{i}" if piece in names.values() else piece)
    return [names[i] for i in sorted(names)]


class CTranslate2Translator:
    """Translates texts, which are cleaned, with a model that `convert` wrote.

    Args:
        bundle: the `Bundle`, whose tokenizer and limits of length hold here too.
        folder: where the model is.
        compute_type: "float32" or "int8".
        threads: int, for each batch.
        workers: int, batches at the same time.
    """

    def __init__(self, bundle, folder, compute_type, threads=1, workers=1):
        self._tokenizer, self._pieces = bundle.tokenizer, np.array(unique_pieces(bundle), object)
        self._ids = {piece: i for i, piece in enumerate(self._pieces)}
        self._max_length = bundle.model.config.max_length
        self._translator = ctranslate2.Translator(
            str(folder), compute_type=compute_type, intra_threads=threads, inter_threads=workers
        )

    def __call__(self, texts, beam_size=1):
        rows = self._tokenizer.encode(texts)
        found = self._translator.translate_batch(
            [[*self._pieces[row[: self._max_length - 1]], self._pieces[EOS_ID]] for row in rows],
            beam_size=beam_size,
            max_batch_size=BATCH,
            max_decoding_length=self._max_length,
        )
        return self._tokenizer.decode([[self._ids[piece] for piece in row.hypotheses[0]] for row in found])


def _block(spec, block):
    own = block.self_attention
    _dense(spec.self_attention.linear[0], own.query_dense, own.key_dense, own.value_dense)
    _dense(spec.self_attention.linear[1], own.output_dense)
    _normalisation(spec.self_attention.layer_norm, block.self_attention_residual._normalise)
    if hasattr(block, "memory_attention"):
        other = block.memory_attention
        _dense(spec.attention.linear[0], other.query_dense)
        _dense(spec.attention.linear[1], other.key_dense, other.value_dense)
        _dense(spec.attention.linear[2], other.output_dense)
        _normalisation(spec.attention.layer_norm, block.memory_attention_residual._normalise)
    _dense(spec.ffn.linear_0, block.feed_forward.intermediate)
    _dense(spec.ffn.linear_1, block.feed_forward.output_dense)
    _normalisation(spec.ffn.layer_norm, block.feed_forward_residual._normalise)


def _dense(spec, *layers):
    spec.weight = np.concatenate([np.array(layer.kernel).T for layer in layers])
    spec.bias = np.concatenate([np.array(layer.bias) for layer in layers])


def _normalisation(spec, layer):
    spec.gamma, spec.beta = np.array(layer.gamma), np.array(layer.beta)
