"""Write the students of `train.py` as bundles: python benchmarks/general/bundles.py RUN OUT

RUN also holds tokenizer.model and unseen.txt of `prepare.py`. The weights are stored as 8-bit rows; golden.py then adds
golden pairs.
"""

import pathlib
import sys

import numpy as np

from kerasformer.bundle import Bundle, save_bundle
from kerasformer.config import ModelConfig
from kerasformer.data.general import ATTRIBUTION
from kerasformer.interface.rules import TextRules
from kerasformer.jobs.translation import DECODING
from kerasformer.models import build_model
from kerasformer.tokenizer import Tokenizer
from train import Sizes, weights_for_keras

ABOUT = (
    "sentences of Tatoeba, novels, the Bible, Canadian law, software manuals, web pages and blogs, and pairs made from "
    "them"
)


def main(run, out):
    tokenizer = Tokenizer((pathlib.Path(run) / "tokenizer.model").read_bytes())
    unseen = (pathlib.Path(run) / "unseen.txt").read_text(encoding="utf-8")
    rules = TextRules("typography", unseen=unseen, lower_capitals=True)
    sizes = Sizes(tokenizer.vocab_size, 256, 1024, 8, 6, 2)
    config = ModelConfig(
        vocab_size=sizes.vocab, max_length=128, num_layers=sizes.encoder, num_decoder_layers=sizes.decoder,
        hidden_dim=sizes.hidden, intermediate_dim=sizes.inner, num_heads=sizes.heads, dropout=0.05,
    )  # fmt: skip
    for name in ("fr-en", "en-fr"):
        flat = np.concatenate([np.load(f"{run}/{name}.{i}.npy") for i in (0, 1)]).astype("float32")
        model = build_model(config)
        weights = weights_for_keras(sizes, flat)
        for variable in model.training.trainable_variables:
            variable.assign(weights[variable.path])
        corpus = {"name": "general-fra-eng", "about": ABOUT, "attribution": ATTRIBUTION}
        bundle = Bundle(model, tokenizer, *name.split("-"), text_rules=rules, decoding=DECODING, corpus=corpus)
        save_bundle(bundle, pathlib.Path(out) / name, "int8")


if __name__ == "__main__":
    main(*sys.argv[1:])
