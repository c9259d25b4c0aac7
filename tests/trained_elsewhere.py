"""train.py where TensorFlow cannot be imported: `python trained_elsewhere.py FOLDER TEXT...`

Trains a small translator on numbers to be copied, into FOLDER/run, and prints what it translates the texts to.
"""

import json
import pathlib
import runpy
import sys

sys.modules["tensorflow"] = sys.modules["tensorflow_text"] = None  # cannot be imported

from kerasformer.inference.translator import Translator  # noqa: E402

TRAIN = pathlib.Path(__file__).parents[1] / "train.py"
OPTIONS = "--preset test --epochs 2 --max-length 24 --num-shapes 1 --batch-tokens 512 --warmup-steps 4 --average-last 1"


def main(folder, texts):
    files = [folder / f"numbers.{language}" for language in ("fr", "en")]
    for file in files:
        file.write_text("".join(f"{a} {b} {a * b}\n" for a in range(20) for b in range(20)), encoding="utf-8")
    sys.argv = ["train.py", "--data", *map(str, files), *OPTIONS.split(), "--out", str(folder / "run")]
    runpy.run_path(str(TRAIN), run_name="__main__")
    found = [best for best, *_ in Translator.load(folder / "run" / "bundle").hypotheses(texts)]
    print(json.dumps([[list(best.token_ids), best.score] for best in found]))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), sys.argv[2:])
