"""A model that draws in every form it ships in: the same codes and images, and a gate that stops other ones."""

import json
import subprocess
import sys

import numpy as np
import pytest

from kerasformer.data.images.captions import all_captions
from kerasformer.errors import InputError
from kerasformer.exporting import gate
from kerasformer.exporting.proofs.drawing import SAMPLING, DrawingProof
from kerasformer.exporting.proofs.proof import TIE
from kerasformer.exporting.report import table
from kerasformer.inference.illustrator import Illustrator
from kerasformer.inference.saved_model import SavedModelIllustrator
from kerasformer.interface.sampling import uniform_noise
from kerasformer.runtime import LiteRTClassifier, LiteRTIllustrator

LENGTH = 16
KNOBS = {"temperature": 1.5, "top_k": 9, "top_p": 0.9}
ON_A_DEVICE = """
import sys
sys.modules["tensorflow"] = sys.modules["keras"] = sys.modules["tensorflow_text"] = None  # cannot be imported
import numpy as np
from kerasformer.runtime import LiteRTIllustrator
np.save(sys.argv[2], LiteRTIllustrator(sys.argv[1]).draw(sys.argv[3:], temperature=0.0)[:, 0])
"""


@pytest.fixture(scope="module")
def captions():
    said = [caption for language in ("en", "ko", "fr") for _, caption in all_captions(language)]
    return [said[i] for i in np.random.default_rng(0).permutation(len(said))[:40]]


@pytest.fixture(scope="module")
def illustrator(drawing_bundle):
    return Illustrator(drawing_bundle)


@pytest.fixture(scope="module")
def engines(drawing_paths):
    tflite = LiteRTIllustrator(drawing_paths["tflite"])
    return {"saved_model": SavedModelIllustrator(drawing_paths["saved_model"]), "tflite": tflite}


@pytest.mark.parametrize("form", ["saved_model", "tflite"])
def test_it_draws_what_the_bundle_draws(form, engines, illustrator, captions):
    engine, noise = engines[form], uniform_noise(captions, 3, LENGTH)
    about = [(e.shape, e.caption_length, e.image_length, e.words) for e in (engine, illustrator)]
    assert about[0] == about[1]
    for given in ((None,), (noise, 1.0), (noise, *KNOBS.values())):
        ours, theirs = engine.render(captions, *given), illustrator.render(captions, *given)
        np.testing.assert_array_equal(ours[0], theirs[0])
        assert np.abs(ours[1].astype(int) - theirs[1]).max() <= 1
        assert ours[1].dtype == np.uint8
        assert ours[0].shape == (40, LENGTH)
    assert len({row.tobytes() for row in ours[0]}) > 30


@pytest.mark.parametrize("form", ["saved_model", "tflite"])
def test_drawing_with_a_seed_is_the_same_everywhere(form, engines, illustrator, captions):
    ours, theirs = (e.draw(captions[:3], seed=5, count=2, **KNOBS) for e in (engines[form], illustrator))
    assert np.abs(ours.astype(int) - theirs).max() <= 1
    assert ours.shape == (3, 2, 16, 16, 1)
    assert engines[form].draw([], count=2).shape == (0, 2, 16, 16, 1)


@pytest.mark.parametrize("form", ["saved_model", "tflite"])
def test_bad_captions_are_refused_by_every_engine(form, engines):
    for caption, said in (("", "empty"), (" \n", "empty"), ("a three " * 9, "18 tokens, the model reads 15")):
        with pytest.raises(InputError, match=f"{said}"):
            engines[form].draw([caption])
    assert engines[form].unknown_words("a purple three, l\u2019éléphant") == ["purple", "l\u2019éléphant"]


def test_it_runs_where_there_is_no_tensorflow(drawing_paths, illustrator, captions, tmp_path):
    command = [sys.executable, "-c", ON_A_DEVICE, drawing_paths["tflite"], tmp_path / "images.npy", *captions[:3]]
    subprocess.run(command, check=True, timeout=120)
    expected = illustrator.draw(captions[:3], temperature=0.0)[:, 0]
    assert np.abs(np.load(tmp_path / "images.npy").astype(int) - expected).max() <= 1


def test_a_server_needs_no_xla(drawing_paths):
    from tensorflow.core.protobuf import saved_model_pb2

    proto = saved_model_pb2.SavedModel.FromString((drawing_paths["saved_model"] / "saved_model.pb").read_bytes())
    graph = proto.meta_graphs[0].graph_def
    nodes = [node.op for function in graph.library.function for node in function.node_def]
    assert "While" in nodes or "StatelessWhile" in nodes
    assert not [op for op in nodes if op.startswith("Xla")]
    compiled = [f.signature.name for f in graph.library.function if f.attr["_XlaMustCompile"].b]
    assert not compiled


def test_one_invoke_of_builtin_operations_only(drawing_paths):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(drawing_paths["tflite"]))
    assert set(interpreter.get_signature_list()) == {"draw"}
    runner = interpreter.get_signature_runner("draw")
    shapes = {name: tensor["shape"].tolist() for name, tensor in runner.get_input_details().items()}
    assert shapes == {"caption_ids": [1, 16], "noise": [1, 16], "temperature": [], "top_k": [], "top_p": []}
    outputs = {name: (t["dtype"], t["shape"].tolist()) for name, t in runner.get_output_details().items()}
    assert outputs == {"images": (np.uint8, [1, 16, 16, 1]), "codes": (np.int32, [1, 16])}
    names = {operation["op_name"] for operation in interpreter._get_ops_details()}
    assert not [name for name in names if name.startswith("Flex") or name == "CUSTOM"]


def test_another_task_is_refused(drawing_paths, classifier_paths):
    with pytest.raises(InputError, match="is a model that draws, not a classifier of images: use it with .kerasformer"):
        LiteRTClassifier(drawing_paths["tflite"])
    with pytest.raises(InputError, match="is a classifier of images, not a model that draws"):
        SavedModelIllustrator(classifier_paths["saved_model"])


@pytest.fixture(scope="module")
def proof(drawing_bundle, captions, illustrator):
    return DrawingProof(drawing_bundle, ["", *captions, "a three " * 20], lambda line: None, illustrator)


class Redrawn:
    """An illustrator that draws other codes or images than the one it wraps."""

    def __init__(self, illustrator, change, paint=lambda images: images):
        self.illustrator, self.change, self.paint = illustrator, change, paint
        self.shape, self.image_length = illustrator.shape, illustrator.image_length

    def render(self, captions, noise, *knobs, **options):
        codes = self.change(self.illustrator.render(captions, noise, *knobs, **options)[0].copy())
        return codes, self.paint(self.illustrator.paint(codes))


def shuffled(codes):
    codes[3, 5] = (codes[3, 5] + 1) % 16
    return codes


def darker(by):
    return lambda images: np.maximum(images.astype(int) - by, 0).astype("uint8")


def test_the_bundle_itself_passes_and_captions_that_do_not_fit_are_left_out(proof, captions):
    found = proof.compare(Redrawn(proof.reference, lambda codes: codes), exact=True)
    assert (found["passed"], found["differences"], found["captions"]) == (True, [], 40)
    assert (found["psnr"], found["max_pixel_difference"], found["perplexity"]) == (None, 0, proof.perplexity)
    assert list(proof.lines(found))[-1] == "passed: required is the same codes, ties aside, and pixels within 1"
    assert proof.items == captions


def test_another_code_fails(proof, captions):
    found = proof.compare(Redrawn(proof.reference, shuffled), exact=True)
    assert not found["passed"]
    # Once in the likeliest image of the caption, once in the one drawn at random.
    assert found["differences"] == [{"caption": captions[3], "place": 5, "tie": False}] * 2
    assert found["identical_share"] == found["identical_drawn_share"] == 39 / 40
    assert f"{captions[3]!r}" in proof.complaint(found)
    assert any(line == f"{captions[3]!r}: codes differ from number 6 on" for line in proof.lines(found))


def test_a_tie_is_a_difference_but_no_failure(proof, monkeypatch):
    monkeypatch.setattr(proof.reference, "code_scores", lambda said, codes: (np.full(codes.shape, -3.0), None))
    found = proof.compare(Redrawn(proof.reference, shuffled), exact=True)
    assert (found["passed"], [difference["tie"] for difference in found["differences"]]) == (True, [True] * 2)


def test_a_draw_may_differ_where_the_number_lies_on_a_boundary(proof, captions):
    def differences(by):
        noise = np.minimum(proof.noise + np.float32(by), 1 - 1e-6)
        drawn, _ = proof.reference.render(captions, noise, **SAMPLING)
        return proof._differences(proof.sampled, drawn, 40, proof._is_tied_draw)

    assert all(difference["tie"] for difference in differences(TIE / 2))
    far = differences(0.05)
    assert len(far) > 20
    assert not all(difference["tie"] for difference in far)


def test_other_pixels_of_the_same_codes_fail(proof):
    for by, passes in ((1, True), (2, False)):
        engine = Redrawn(proof.reference, lambda codes: codes, darker(by))
        assert proof.compare(engine, exact=True)["passed"] is passes


def test_8_bits_may_draw_less_likely_codes_and_blur_a_little_only(proof):
    rng = np.random.default_rng(0)

    def passes(share=0.0, by=0):
        def change(codes):
            return np.where(rng.random(codes.shape) < share, rng.integers(16, size=codes.shape), codes).astype("int32")

        engine = Redrawn(proof.reference, change, darker(by))
        return proof.compare(engine, exact=False)["passed"]

    assert passes()
    assert passes(by=4)
    assert not passes(by=40)
    assert not passes(share=0.5)


def test_every_format_passes_and_is_reported(
    drawing_bundle, drawing_paths, captions, tmp_path, illustrator, exported_already
):
    exported_already(drawing_paths)
    lines = []
    report = gate.export(drawing_bundle, tmp_path / "out", captions, say=lines.append, reference=illustrator)
    rows = report["artefacts"]
    assert [row["file"] for row in rows] == ["", "saved_model", "illustrator.fp32.tflite", "illustrator.int8.tflite"]
    assert json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8")) == report
    assert [row["identical_share"] for row in rows[:3]] == [1.0, 1.0, 1.0]
    assert [row["identical_drawn_share"] for row in rows[:3]] == [1.0, 1.0, 1.0]
    assert (report["task"], report["captions"]) == ("drawing", 40)
    assert lines[0].startswith("note: only 40 held-out captions")
    assert table(report).row_count == 4


def test_a_failed_gate_leaves_nothing(
    drawing_bundle, drawing_paths, captions, tmp_path, illustrator, monkeypatch, exported_already
):
    render = LiteRTIllustrator.render
    monkeypatch.setattr(LiteRTIllustrator, "render", lambda *given, **k: [x[:, ::-1] for x in render(*given, **k)])
    exported_already(drawing_paths)
    expected = "litert-fp32 does not answer.* captions give the same codes.*nothing was exported"
    with pytest.raises(InputError, match=expected):
        gate.export(drawing_bundle, tmp_path / "out", captions[:5], formats=["litert-fp32"], reference=illustrator)
    assert not list(tmp_path.iterdir())


def test_no_caption_is_no_proof(drawing_bundle, tmp_path):
    with pytest.raises(InputError, match="no held-out caption"):
        gate.export(drawing_bundle, tmp_path / "out", ["", "a three " * 20])
