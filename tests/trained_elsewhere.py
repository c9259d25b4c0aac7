"""A small translator trained where TensorFlow cannot be imported: `python trained_elsewhere.py FOLDER SENTENCE...`

Trains on numbers to be copied, saves the bundle in FOLDER and prints what it translates the sentences to.
"""

import json
import pathlib
import sys

sys.modules["tensorflow"] = sys.modules["tensorflow_text"] = None  # cannot be imported

import keras  # noqa: E402

from kerasformer.bundle import Bundle, save_bundle  # noqa: E402
from kerasformer.config import TrainingConfig  # noqa: E402
from kerasformer.data.batches import Batches  # noqa: E402
from kerasformer.models import build_model  # noqa: E402
from kerasformer.presets import preset  # noqa: E402
from kerasformer.tokenizer import train_tokenizer  # noqa: E402
from kerasformer.training import Trainer  # noqa: E402
from kerasformer.translator import Translator  # noqa: E402

CONFIG = TrainingConfig(epochs=2, batch_tokens=128, num_shapes=1, learning_rate=1e-2, warmup_steps=4, average_last=1)


def main(folder, sentences):
    texts = [f"{a} {b} {a * b}" for a in range(12) for b in range(12)]
    tokenizer = train_tokenizer(texts, 40, exact=False)
    ids = tokenizer.encode(texts)
    batches = Batches(ids, ids, batch_tokens=CONFIG.batch_tokens, num_shapes=1, max_length=16)
    keras.utils.set_random_seed(0)
    model = build_model(preset("test", vocab_size=tokenizer.vocab_size, max_length=16, dropout=0.1))
    trainer = Trainer(model.training, CONFIG, folder / "training", len(batches), tensorboard=folder / "tensorboard")
    trainer.fit(batches, batches)
    bundle = Bundle(model, tokenizer, "fr", "en")
    save_bundle(bundle, folder / "bundle")
    found = [best for best, *_ in Translator(bundle).hypotheses(sentences)]
    print(json.dumps([[list(best.token_ids), best.score] for best in found]))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), sys.argv[2:])
