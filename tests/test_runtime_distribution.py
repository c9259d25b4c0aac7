"""kerasformer-runtime, which the folder `runtime` builds: its wheel works where only its requirements are installed."""

import configparser
import email
import json
import os
import pathlib
import runpy
import subprocess
import sys
import zipfile

import pytest

from kerasformer import __version__

ROOT = pathlib.Path(__file__).parents[1]
RUNTIME = ROOT / "runtime"
BUILD = "build --build-base {0} egg_info --egg-base {0} bdist_wheel --dist-dir {0}"
# The requirements of the wheel and of those, and nothing else.
WITHOUT_OTHERS = """
import importlib, json, sys
from importlib.machinery import BuiltinImporter, FrozenImporter, PathFinder
installed = {"numpy", "sentencepiece", "ai_edge_litert", "flatbuffers", "ml_dtypes", "tqdm", "google"}
installed |= {"typing_extensions", "backports", "kerasformer"}
class Refuses:
    def find_spec(name, path=None, target=None):
        package = name.partition(".")[0]
        if package not in installed and package not in sys.stdlib_module_names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path[:] = Refuses, BuiltinImporter, FrozenImporter, PathFinder  # without those of `pip install -e`
"""
RUN = "from kerasformer.cli.main import main\nsys.exit(main(sys.argv[1:]))"


@pytest.fixture(scope="module")
def setup():
    """What runtime/setup.py defines."""
    return runpy.run_path(str(RUNTIME / "setup.py"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, unpacked."""
    folder = tmp_path_factory.mktemp("runtime")
    command = [sys.executable, "setup.py", "-q", *BUILD.format(folder / "build").split()]
    folder.joinpath("build").mkdir()
    subprocess.run(command, cwd=RUNTIME, check=True, capture_output=True)
    [path] = (folder / "build").glob("*.whl")
    zipfile.ZipFile(path).extractall(folder / "installed")
    return folder / "installed"


def run(wheel, program, *arguments):
    """Run a program where the wheel is installed."""
    command = [sys.executable, "-c", WITHOUT_OTHERS + program, *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(wheel)}
    return subprocess.run(command, cwd=wheel, env=environment, capture_output=True, text=True, check=False)


def test_it_has_the_modules_that_its_starts_import_and_no_other(setup, wheel):
    starts = [f"kerasformer.{name}" for name in (*setup["STARTS"], *setup["TASKS"])]
    documents = [f"kerasformer.documents.{file.stem}" for file in (wheel / "kerasformer" / "documents").glob("[!_]*")]
    program = "for name in sys.argv[1:]: importlib.import_module(name)\nprint(json.dumps([*sys.modules]))"
    done = run(wheel, program, *starts, *documents)
    assert done.returncode == 0, done.stderr
    imported = {name for name in json.loads(done.stdout) if name.startswith("kerasformer")}
    files = (file.relative_to(wheel).with_suffix("") for file in wheel.glob("kerasformer/**/*") if file.is_file())
    assert imported == setup["MODULES"] == {".".join(file.parts).removesuffix(".__init__") for file in files}


def test_its_metadata_agree_with_those_of_the_full_package(wheel):
    [path] = wheel.glob("*.dist-info/METADATA")
    found = email.message_from_string(path.read_text(encoding="utf-8"))
    assert (found["Name"], found["Version"], found["License"]) == ("kerasformer-runtime", __version__, "Apache-2.0")
    assert set(found["Requires-Python"].split(",")) == {">=3.10", "<3.15"}
    config, full = (configparser.ConfigParser() for _ in range(2))
    config.read(RUNTIME / "setup.cfg")
    full.read(ROOT / "setup.cfg")
    needs, of_full = (set(one["options"]["install_requires"].split("\n")[1:]) for one in (config, full))
    assert len(found.get_all("Requires-Dist")) == len(needs) == 3
    assert needs <= of_full
    assert [file.read_bytes() for file in path.parent.rglob("LICENSE")] == [(ROOT / "LICENSE").read_bytes()]


def test_it_verifies_and_translates(wheel, int8_path, tflite_path, opened_once):
    done = run(wheel, RUN, "verify", int8_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "golden pairs have the same answer" in done.stdout
    text = "Le chat dort."
    done = run(wheel, RUN, "translate", "--model", tflite_path, text)
    assert (done.stdout, done.stderr) == (f"{opened_once(str(tflite_path))(text)}\n", "")


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["evaluate", "--model", "{}"], "needs kerasformer.evaluation"),
        (["serve", "--model", "{}"], "needs kerasformer.serving.server, which kerasformer-runtime does not have"),
        (["translate", "Oui."], "no pretrained model is installed here: give the path of a model"),
    ],
)
def test_what_it_lacks_is_said_in_one_line(wheel, int8_path, command, message):
    done = run(wheel, RUN, *(word.format(int8_path) for word in command))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert message in done.stderr
