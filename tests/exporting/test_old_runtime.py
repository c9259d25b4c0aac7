"""A file with the precision int8-compat in TensorFlow Lite of 2023, which has no kernels for a scale for each row."""

import os
import subprocess

import pytest

from kerasformer.exporting.litert import export_litert
from kerasformer.formats import describe

PYTHON = os.environ.get("KERASFORMER_OLD_PYTHON")
needs_old_runtime = pytest.mark.skipif(
    not PYTHON, reason="name a Python 3.11 or older with tflite-runtime 2.14 and numpy 1 in KERASFORMER_OLD_PYTHON"
)
RUN_GOLDEN_PAIRS = """
import json, sys, zipfile
import numpy as np
from tflite_runtime.interpreter import Interpreter
about = json.loads(zipfile.ZipFile(sys.argv[1]).read("kerasformer.json"))
translate = Interpreter(model_path=sys.argv[1]).get_signature_runner("translate")
same = 0
for pair in about["golden"]:
    ids = [*pair["source_ids"], about["eos_id"]]
    source = np.array([ids + [about["pad_id"]] * (about["max_length"] - len(ids))], "int32")
    found = translate(source_ids=source)["token_ids"][0].tolist()
    same += [i for i in found if i not in (about["pad_id"], about["eos_id"])] == pair["token_ids"]
print(same, len(about["golden"]))
"""


@pytest.fixture(scope="module")
def compat_path(bundle, made_once, only_signatures):
    def write(path):
        with only_signatures("translate"):
            export_litert(bundle, path, "litert-int8-compat")

    return made_once("compat.tflite", write)


def test_it_needs_2_9(compat_path, int8_path):
    assert describe(compat_path).metadata["least_runtime"] == "2.9"
    assert compat_path.stat().st_size < int8_path.stat().st_size


@needs_old_runtime
def test_an_old_runtime_gives_the_golden_answers(compat_path):
    run = subprocess.run([PYTHON, "-c", RUN_GOLDEN_PAIRS, compat_path], capture_output=True, text=True, check=True)
    same, count = map(int, run.stdout.split())
    assert same == count >= 16
