"""train.py where TensorFlow cannot be imported: `python trained_elsewhere.py FOLDER TEXT...`

Trains a small translator on numbers to be copied, into FOLDER/run, and trains it further, into FOLDER/further; runs the
tests of our own gradients, of the loss and of the optimizer; and prints what it translates the texts to, and the exit
code of the tests.
"""

import json
import pathlib
import runpy
import sys

sys.modules["tensorflow"] = sys.modules["tensorflow_text"] = None  # cannot be imported

import pytest  # noqa: E402

from kerasformer.inference.translator import Translator  # noqa: E402

TESTS = pathlib.Path(__file__).parent
FILES = ("layers/test_affine.py", "training/test_loss.py", "training/test_optimizer.py")
OPTIONS = "--preset test --epochs 2 --max-length 24 --num-shapes 1 --batch-tokens 512 --warmup-steps 4 --average-last 1"


def main(folder, texts):
    files = [folder / f"numbers.{language}" for language in ("fr", "en")]
    for file in files:
        file.write_text("".join(f"{a} {b} {a * b}\n" for a in range(20) for b in range(20)), encoding="utf-8")
    further = ["--from", str(folder / "run" / "bundle"), "--epochs", "1"]
    for name, options in {"run": OPTIONS.split(), "further": further}.items():
        sys.argv = ["train.py", "--data", *map(str, files), *options, "--out", str(folder / name)]
        runpy.run_path(str(TESTS.parent / "train.py"), run_name="__main__")
    found = [best for best, *_ in Translator.load(folder / "further" / "bundle").hypotheses(texts)]
    answers = [[list(best.token_ids), best.score] for best in found]
    code = pytest.main(["-q", "-n", "0", "-p", "no:cacheprovider", *(str(TESTS / file) for file in FILES)])
    print(json.dumps([answers, int(code)]))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), sys.argv[2:])
