"""Write the golden pairs of golden.tsv, with a model's answers, into its bundle: python golden.py BUNDLE [BUNDLE ...]

`kerasformer verify --model BUNDLE` compares the answers, and `kerasformer export` compares exports on these pairs.
"""

import json
import pathlib
import sys
import warnings

from kerasformer.inference.translator import Translator
from kerasformer.manifest import METADATA_FILE, read_metadata
from kerasformer.system.files import write_text

PAIRS = pathlib.Path(__file__).with_name("golden.tsv")  # French, English


def main(*bundles):
    pairs = [line.split("\t") for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    for folder in map(pathlib.Path, bundles):
        translator = Translator.load(folder)
        turned = pairs if translator.source == "fr" else [pair[::-1] for pair in pairs]
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # no golden answer has lost something that must not change
            answers = translator([source for source, _ in turned])
        golden = [[source, answer, reference] for (source, reference), answer in zip(turned, answers, strict=True)]
        metadata = read_metadata(folder)
        files = metadata.pop("files")
        text = json.dumps({**metadata, "golden": golden, "files": files}, indent=2, ensure_ascii=False)
        write_text(folder / METADATA_FILE, text + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
