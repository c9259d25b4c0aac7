"""Engines in several threads and in forked processes, and what a program that uses them prints."""

import json
import subprocess
import sys
import types
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from kerasformer.errors import InputError
from kerasformer.runtime import LiteRTClassifier, LiteRTIllustrator, LiteRTTranslator, interpreter
from kerasformer.runtime.compiled import CompiledModel
from kerasformer.runtime.interpreter import SharedInterpreter
from kerasformer.runtime.metadata import describe_litert
from kerasformer.tokenizer import EOS_ID, pad_rows

THREADS = 8
TEXTS = ["Le chat dort.", "Il pleut.", "J'ai froid.", "Où est la gare ?", "Bonjour."] * 16
PROGRAM = """
import json, os, sys
from kerasformer import InputError, LiteRTTranslator, Translator, open_artefact

translate = Translator.load(sys.argv[1])
print(translate("Le chat dort."))
for count in (1, 2, 9):
    translate(["Le chat dort."] * count)
    translate(["Le chat" + " noir" * 20] * count)
engines = {"bundle": translate, "saved_model": open_artefact(sys.argv[2]), "tflite": LiteRTTranslator(sys.argv[3])}
for count in (2, 9, 70):
    engines["saved_model"](["Le chat dort." + " Il pleut." * (count % 3)] * count)
assert "tensorflow_text" not in sys.modules  # which takes 100 MB, when two of its libraries are enough
of_list = ["Le chat dort.", "Il pleut.", "Il est tard."] * 3
alone = [engines["tflite"](text) for text in of_list]

def answer(engine):
    try:
        return engine("Le chat dort.")
    except InputError as error:
        return f"InputError: {error}"

def in_a_fork(function):
    read, write = os.pipe()
    if not os.fork():
        os.write(write, function().encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        said = pipe.read()
    assert os.wait()[1] == 0
    return said

forked = {name: in_a_fork(lambda: answer(engine)) for name, engine in engines.items()}
forked["loaded after"] = in_a_fork(lambda: answer(lambda text: Translator.load(sys.argv[1])(text)))
in_list = {"forked": in_a_fork(lambda: json.dumps(engines["tflite"](of_list))), "parent": engines["tflite"](of_list)}
assert json.loads(in_list["forked"]) == in_list["parent"] == alone
print(json.dumps({"forked": forked, "parent": {name: answer(engine) for name, engine in engines.items()}}))
"""


@pytest.fixture(scope="module")
def program(bundle_path, saved_model_path, tflite_path):
    """What `PROGRAM` printed: its output and its messages."""
    command = [sys.executable, "-c", PROGRAM, bundle_path, saved_model_path, tflite_path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def test_a_program_prints_its_answer_and_nothing_else_for_any_number_and_length_of_texts(program):
    out, err = program
    answers = json.loads(out.splitlines()[-1])["parent"]
    assert out.splitlines()[:-1] == [answers["bundle"]]
    assert err == ""


@pytest.mark.parametrize("form", ["bundle", "saved_model", "loaded after"])
def test_tensorflow_in_a_forked_process_is_refused_and_does_not_hang(program, form):
    answer = json.loads(program[0].splitlines()[-1])["forked"][form]
    assert answer.startswith("InputError: this process was forked from one that had loaded a model")
    assert "load models only after the fork" in answer


def test_litert_answers_in_a_forked_process(program):
    answers = json.loads(program[0].splitlines()[-1])
    assert answers["forked"]["tflite"] == answers["parent"]["tflite"]


def test_a_translator_on_a_device_gives_many_threads_the_answers_of_one(tflite_path):
    translate = LiteRTTranslator(tflite_path)
    assert in_threads(translate, TEXTS) == translate(TEXTS)


def test_a_compiled_model_finds_what_an_interpreter_finds(tflite_path, int8_path, monkeypatch):
    for path in (tflite_path, int8_path):
        compiled = LiteRTTranslator(path)
        with monkeypatch.context() as patch:
            patch.setattr(SharedInterpreter, "_compile", lambda self: None)
            interpreted = LiteRTTranslator(path)
        for options in ({}, {"temperature": 1.0, "seed": 3}):
            assert compiled.hypotheses(TEXTS[:5], **options) == interpreted.hypotheses(TEXTS[:5], **options)
        assert compiled._interpreter._compiled
        assert not interpreted._interpreter._compiled


def test_a_compiled_model_serves_the_thread_that_opened_it_until_another_one_runs(tflite_path):
    translate = LiteRTTranslator(tflite_path)
    answer = translate("Il pleut.")
    assert translate._interpreter._compiled
    assert not translate._interpreter._free
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(translate, "Il pleut.").result() == translate("Il pleut.") == answer
    assert len(translate._interpreter._free) == 1
    assert not translate._interpreter._compiled


def test_a_compiled_model_of_floats_has_the_first_runs_only(tflite_path, int8_path, monkeypatch):
    monkeypatch.setattr(interpreter, "_FIRST", 2)
    for path, lasting in ((tflite_path, False), (int8_path, True)):
        translate = LiteRTTranslator(path)
        assert len({translate("Il pleut.") for _ in range(2)}) == 1
        assert translate._interpreter._compiled
        translate("Il pleut.")
        assert bool(translate._interpreter._compiled) == lasting


def test_a_compiled_model_refuses_inputs_of_other_names_and_shapes(tflite_path):
    compiled = CompiledModel(tflite_path)
    with pytest.raises(ValueError, match="translate takes source_ids, got ids"):
        compiled.run("translate", ids=np.zeros((1, 32), "int32"))
    with pytest.raises(ValueError, match=r"source_ids of translate is int32 \(1, 32\), got int32 \(1, 3\)"):
        compiled.run("translate", source_ids=np.zeros((1, 3), "int32"))


def test_a_file_that_is_cut_off_is_damaged(tflite_path, tmp_path):
    (tmp_path / "cut.tflite").write_bytes(tflite_path.read_bytes()[:10_000])
    with pytest.raises(InputError, match=r"cut\.tflite is damaged: LiteRT cannot read it"):
        SharedInterpreter(tmp_path / "cut.tflite")


def test_a_list_is_shared_out_over_interpreters_and_comes_back_in_order(tflite_path, monkeypatch):
    monkeypatch.setattr(interpreter, "_ALONE", 0)
    texts = [text * (1 + place % 3) for place, text in enumerate(TEXTS)]
    one, two = (LiteRTTranslator(tflite_path, workers=workers) for workers in (1, 2))
    options = {"temperature": 1.0, "seed": 3}
    assert two(texts) == one(texts)
    assert two(texts[:9], **options) == one(texts[:9], **options)
    assert [len(translator._interpreter._free) for translator in (one, two)] == [1, 2]


def test_the_longest_of_a_list_begin(tflite_path, monkeypatch):
    monkeypatch.setattr(interpreter, "_ALONE", 5)
    shared, begun = SharedInterpreter(tflite_path, most=2), []
    shared._threads = types.SimpleNamespace(map=map)
    assert shared.each(len, ["a", "ccc"], [1, 3]) == [1, 3]  # alone
    found = shared.each(lambda text: begun.append(text) or len(text), ["a", "ccc", "bb"], [1, 3, 2])
    assert (found, begun) == ([1, 3, 2], ["ccc", "bb", "a"])


def test_a_classifier_on_a_device_gives_many_threads_the_answers_of_one(classifier_paths, digits):
    classify, images = LiteRTClassifier(classifier_paths["tflite"]), digits.test.pixels[:40]
    alone = classify.probabilities(images)
    assert len(np.unique(alone, axis=0)) > 1
    np.testing.assert_array_equal(in_threads(lambda image: classify.probabilities(image[None])[0], images), alone)


def test_an_illustrator_on_a_device_gives_many_threads_the_answers_of_one(drawing_paths):
    illustrator, seeds = LiteRTIllustrator(drawing_paths["tflite"]), range(16)

    def draw(seed):
        return illustrator.draw("a three", temperature=1.0, seed=seed)

    np.testing.assert_array_equal(in_threads(draw, seeds), list(map(draw, seeds)))


def test_no_more_interpreters_are_opened_than_run_at_once(tflite_path, monkeypatch):
    opened, original = [], SharedInterpreter._open
    monkeypatch.setattr(SharedInterpreter, "_open", lambda self: opened.append(1) or original(self))
    shared = SharedInterpreter(tflite_path, most=2)
    length = describe_litert(tflite_path).metadata["max_length"]
    source_ids = pad_rows([[7, 8, 9, EOS_ID]], length)
    shared.run("translate", source_ids=source_ids)
    assert not opened
    in_threads(lambda _: shared.run("translate", source_ids=source_ids), range(100))
    assert len(opened) == 2


def in_threads(function, items):
    """The results of a function for many items, from `THREADS` threads at once."""
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(function, items))
