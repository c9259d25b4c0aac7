"""The C++ client of export/cpp, compiled against the library that the wheel of ai-edge-litert has."""

import importlib.metadata
import importlib.util
import pathlib
import shutil
import subprocess

import pytest

from kerasformer.formats import describe

SOURCE = pathlib.Path(__file__).parents[2] / "export" / "cpp" / "translate.cpp"
LITERT = pathlib.Path(importlib.util.find_spec("ai_edge_litert").origin).parent
VERSION = tuple(map(int, importlib.metadata.version("ai-edge-litert").split(".")[:2]))
pytestmark = [
    pytest.mark.skipif(not shutil.which("g++"), reason="there is no g++"),
    pytest.mark.skipif(not (LITERT / "libLiteRt.so").exists(), reason="ai-edge-litert has no libLiteRt.so here"),
    pytest.mark.skipif(VERSION < (2, 3), reason="the file declares the functions of LiteRT 2.3"),
]


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    path = tmp_path_factory.mktemp("cpp") / "translate"
    options = ["-std=c++17", "-Wall", "-Wextra", "-Werror", f"-L{LITERT}", "-lLiteRt", f"-Wl,-rpath,{LITERT}"]
    subprocess.run(["g++", SOURCE, *options, "-o", path], check=True)
    return path


def test_it_gives_the_golden_answers(program, int8_path):
    golden = describe(int8_path).metadata["golden"]
    lines = "".join(" ".join(map(str, pair["source_ids"])) + "\n" for pair in golden)
    done = subprocess.run([program, int8_path], input=lines, capture_output=True, text=True, check=True)
    found = [line.split("\t") for line in done.stdout.splitlines()]
    assert [list(map(int, ids.split())) for ids, _ in found] == [pair["token_ids"] for pair in golden]
    assert [float(score) for _, score in found] == pytest.approx([pair["score"] for pair in golden], abs=0.05)


@pytest.mark.parametrize(
    ("file", "ids", "message"),
    [("int8_path", "5 " * 500, "too many tokens"), ("classifier_paths", "5", "is no translator of kerasformer")],
)
def test_what_it_cannot_do_it_says(program, file, ids, message, request):
    found = request.getfixturevalue(file)
    path = found if isinstance(found, pathlib.Path) else found["int8"]
    done = subprocess.run([program, path], input=ids, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr.splitlines()[-1]
