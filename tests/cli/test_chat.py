"""`kerasformer chat` over each kind of artefact, through a pipe; and what `--temperature` does to `translate`."""

import io
import sys

import pytest

from kerasformer.cli.main import main

KINDS = ("bundle", "saved_model", "tflite")
HOT = ("--temperature", "1.5", "--top-k", "50", "--seed", "3")

pytestmark = pytest.mark.usefixtures("opened_once")


@pytest.fixture(params=KINDS)
def model(request):
    return str(request.getfixturevalue(f"{request.param}_path"))


@pytest.fixture
def chat(monkeypatch, capfd):
    """Say some bytes to `chat`; returns the answers and the lines on stderr."""

    def run(model, said, *options):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(said), encoding="utf-8"))
        assert main(["chat", "--model", str(model), *options]) == 0
        out, err = capfd.readouterr()
        assert out == "" or out.endswith("\n")
        return out.split("\n")[:-1], err.splitlines()

    return run


def test_a_conversation(model, chat, opened_once):
    answers, complaints = chat(model, "Il pleut.\n\nOù est le chat ?\n/quit\nOui.\n".encode())
    assert answers == [opened_once(model, beam_size=1)(text) for text in ("Il pleut.", "", "Où est le chat ?")]
    assert complaints == []
    assert chat(model, b"") == ([], [])


def test_a_line_that_is_far_too_long_is_told_the_limit(model, chat):
    answers, complaints = chat(model, "가".encode() * 10_000 + b"\nIl pleut.\n\xed\xa0\x80\n")
    assert [bool(answer) for answer in answers] == [False, True, False]
    assert [line.split(":")[:3] for line in complaints] == [
        ["kerasformer", " line 1", " too long"],
        ["kerasformer", " line 3", " not UTF-8"],
    ]
    assert "10,000 characters, and a line has at most 1,000" in complaints[0]


def test_all_kinds_draw_alike_anew_each_turn_and_again_with_the_same_seed(
    bundle_path, saved_model_path, tflite_path, chat
):
    said = b"Il pleut.\n" * 4
    first = chat(bundle_path, said, *HOT)
    assert len(set(first[0])) == 4
    assert chat(saved_model_path, said, *HOT) == chat(tflite_path, said, *HOT) == first
    assert chat(tflite_path, said, *HOT[:-1], "4")[0][:3] == first[0][1:]


def test_a_beam_holds_a_conversation_too(bundle_path, chat, opened_once):
    answers, _ = chat(bundle_path, b"Il pleut.\n", "--beam-size", "4")
    assert answers == [opened_once(str(bundle_path), beam_size=4)("Il pleut.")]


def test_translate_draws(model, answer, opened_once):
    drawn = answer("translate", "--model", model, *HOT, "Il pleut.").splitlines()
    # What a conversation answers first, and nothing that is always answered.
    assert drawn == [opened_once(model, beam_size=1, temperature=1.5, top_k=50, seed=3)("Il pleut.")]
    assert drawn != [opened_once(model, beam_size=1)("Il pleut.")]


def test_what_cannot_be_drawn_is_refused(bundle_path, tflite_path, complaint):
    for command, texts in (("translate", ["Oui."]), ("chat", [])):
        asked = command, "--model", tflite_path, *texts
        assert "give a --temperature above 0 as well" in complaint(*asked, "--top-k", 5)
        assert "cannot do beam_size=4" in complaint(*asked, "--temperature", 1, "--beam-size", 4)
    beam = complaint("chat", "--model", bundle_path, "--temperature", 1, "--beam-size", 4)
    assert "beam_size must be 1 for a temperature above 0, which samples, got 4" in beam
    assert "top_p must be above 0" in complaint("chat", "--model", bundle_path, "--temperature", 1, "--top-p", 0)
