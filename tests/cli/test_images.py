"""`kerasformer classify` and `draw`, and what the commands for all models say of classifiers and models that draw."""

import dataclasses
import json

import numpy as np
import pytest
from PIL import Image

from kerasformer.cli import drawing
from kerasformer.cli.main import main
from kerasformer.errors import InputError
from kerasformer.formats import describe
from kerasformer.inference.classifier import Classifier
from kerasformer.inference.opening import open_artefact, open_translator

FORMS = ("bundle", "saved_model", "tflite")
CAPTION = "a three to the left of a seven"
RNG = np.random.default_rng(0)

pytestmark = pytest.mark.usefixtures("opened_once")


@pytest.fixture(params=FORMS)
def classifier_path(request, classifier_paths):
    return classifier_paths[request.param]


@pytest.fixture(params=FORMS)
def drawing_path(request, drawing_paths):
    return drawing_paths[request.param]


@pytest.fixture
def write(tmp_path):
    """Write pixels (height, width) or (height, width, 3) as a PNG file; returns the path."""

    def write_file(name, pixels):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(pixels).save(path)
        return path

    return write_file


@pytest.fixture
def files(write, digits):
    """Files of the first five held-out digits, in a folder."""
    return [write(f"images/{i}.png", digits.test.pixels[i, ..., 0]) for i in range(5)]


def test_what_each_is_for(classifier_path, drawing_path, tflite_path):
    assert [describe(path).task.name for path in (classifier_path, drawing_path)] == ["classification", "drawing"]
    with pytest.raises(InputError) as error:
        open_translator(classifier_path)
    assert str(error.value) == (
        f"{classifier_path} is a classifier of images, not a translator: use it with `kerasformer classify`"
    )
    assert open_artefact(tflite_path).source == "fr"


@pytest.mark.parametrize(
    ("asked", "is_a", "command"),
    [
        (("translate", "Oui."), "a classifier of images, not a translator", "classify"),
        (("chat",), "a classifier of images, not a translator", "classify"),
        (("draw", "a three", "--out", "x.png"), "a classifier of images, not a model that draws", "classify"),
    ],
)
def test_a_command_for_another_task_says_which_one_it_needs(asked, is_a, command, classifier_paths, complaint):
    said = complaint(asked[0], "--model", classifier_paths["tflite"], *asked[1:])
    assert f"is {is_a}: use it with `kerasformer {command}`" in said


def test_classify_prints_file_label_and_probability(
    classifier_path, files, classifier_bundle, digits, answer, opened_once
):
    expected = Classifier(classifier_bundle)(digits.test.pixels[:5])
    lines = answer("classify", "--model", classifier_path, *files).splitlines()
    assert [line.split("\t")[:2] for line in lines] == [[str(f), e.label] for f, e in zip(files, expected, strict=True)]
    for line, found in zip(lines, expected, strict=True):
        assert float(line.split("\t")[2]) == pytest.approx(found.probabilities[found.label], abs=1e-4)


def test_classify_takes_a_folder_and_tells_more_of_each(classifier_paths, files, answer):
    asked = "classify", "--model", classifier_paths["tflite"], files[0].parent, "--top", 3
    lines = answer(*asked).splitlines()
    assert [line.split("\t")[0] for line in lines] == list(map(str, files))
    assert {line.count("\t") for line in lines} == {6}
    first = json.loads(answer(*asked, "--json").splitlines()[0])
    assert first["file"] == str(files[0])
    assert list(first["probabilities"])[0] == first["label"]
    assert len(first["probabilities"]) == 3
    everything = json.loads(answer("classify", "--model", classifier_paths["tflite"], files[0], "--top", 99, "--json"))
    assert sum(everything["probabilities"].values()) == pytest.approx(1, abs=1e-5)


def test_classify_resizes_if_it_may(classifier_paths, write, answer, complaint):
    path = write("large.png", RNG.integers(256, size=(28, 20), dtype="uint8"))
    asked = "classify", "--model", classifier_paths["tflite"], path
    said = complaint(*asked)
    assert "large.png is 28 pixels high and 20 wide, the model takes 8 and 8: resize it, or give --resize" in said
    assert answer(*asked, "--resize").startswith(f"{path}\t")


def test_classify_says_what_is_wrong_with_an_image(classifier_paths, write, tmp_path, complaint, files):
    def said(path):
        return complaint("classify", "--model", classifier_paths["tflite"], files[0], path)

    colour = write("colour.png", RNG.integers(256, size=(8, 8, 3), dtype="uint8"))
    assert "colour.png is RGB where greyscale is expected: convert it" in said(colour)
    torn = tmp_path / "torn.png"
    torn.write_bytes(files[0].read_bytes()[:-30])
    assert "torn.png is a damaged image" in said(torn)
    text = tmp_path / "text.png"
    text.write_text("not an image")
    assert "text.png is not a PNG or JPEG image" in said(text)
    (tmp_path / "empty").mkdir()
    assert "empty has no PNG or JPEG image: give image files, or a folder of them" in said(tmp_path / "empty")
    assert "gone.png does not exist" in said(tmp_path / "gone.png")
    deep = tmp_path / "deep.png"
    Image.fromarray(RNG.integers(2**16, size=(8, 8)).astype("uint16")).save(deep)
    assert "deep.png has 16 bits per channel where greyscale or RGB with 8 bits is expected" in said(deep)


def test_evaluate_scores_a_classifier_class_by_class(classifier_path, classifier_bundle, digits, answer, opened_once):
    asked = "evaluate", "--model", classifier_path, "--data", "digits", "--limit", 90
    found = json.loads(answer(*asked, "--json"))["splits"]["test"]
    images = digits.test.take(np.concatenate([np.flatnonzero(digits.test.labels == label)[:9] for label in range(10)]))
    right = Classifier(classifier_bundle).probabilities(images.pixels).argmax(axis=-1) == images.labels
    assert (found["images"], found["accuracy"]) == (90, pytest.approx(100 * right.mean()))
    assert found["recall"]["7"] == pytest.approx(100 * right[images.labels == 7].mean())
    assert found["images_per_second"] > 0
    lines = answer(*asked, "--split", "validation").splitlines()
    assert lines[0].split() == ["split", "images", "accuracy", "perplexity", "images/s"]
    assert lines[1].split()[:2] == ["validation", "90"]
    assert [line.split()[0] for line in lines[2:]] == ["class", *"0123456789"]


@pytest.fixture
def own_images(write, digits):
    """A folder of one's own: digits of the classes "3" and "1", twice as large, and which is which."""
    for name in "31":
        pixels = digits.test.pixels[digits.test.labels == int(name)][:10, ..., 0]
        for i, image in enumerate(pixels.repeat(2, axis=1).repeat(2, axis=2)):
            path = write(f"{name}-{i}.png", image)
            path.parent.joinpath("own", name).mkdir(parents=True, exist_ok=True)
            path.rename(path.parent / "own" / name / path.name)
    return path.parent / "own"


def test_evaluate_takes_ones_own_images(classifier_paths, own_images, answer, complaint):
    asked = "evaluate", "--model", classifier_paths["tflite"], "--data", own_images
    said = complaint(*asked)
    assert "own has images of 16 x 16 x 1 (height, width, channels), the model takes 8 x 8 x 1" in said
    found = json.loads(answer(*asked, "--resize", "--json"))["splits"]["test"]
    assert (found["images"], set(found["recall"])) == (4, {"1", "3"})
    (own_images / "3").rename(own_images / "three")
    assert "own has the class 'three', the model knows 0, 1" in complaint(*asked, "--resize")
    assert "images have no split 'dev'; there are train, validation, test" in complaint(*asked, "--split", "dev")


def test_an_option_of_another_task_is_refused(classifier_paths, drawing_paths, tflite_path, complaint):
    for path, option, said in (
        (
            classifier_paths["tflite"],
            ("--beam-size", 4),
            "is a classifier of images, which has no --beam-size",
        ),
        (classifier_paths["tflite"], ("--classifier", "x"), "is a classifier of images, which has no --class"),
        (drawing_paths["tflite"], ("--resize",), "is a model that draws, which has no --resize: leave it out"),
        (tflite_path, ("--temperature", 1), "is a translator, which has no --temperature: leave it out"),
    ):
        assert said in complaint("evaluate", "--model", path, *option)


def test_verify_of_each_export_passes(classifier_paths, drawing_paths, answer, opened_once, monkeypatch):
    reference = "kerasformer.exporting.proofs.drawing.Illustrator"  # it would trace its search for each export
    monkeypatch.setattr(reference, lambda bundle: opened_once(drawing_paths["bundle"]))
    for paths, counted in ((classifier_paths, "images"), (drawing_paths, "captions")):
        for form in ("saved_model", "tflite", "bundle"):
            asked = "verify", "--model", paths[form], "--bundle", paths["bundle"], "--limit", 9
            if form == "bundle":
                first, *_, last = answer(*asked).splitlines()
                assert f"100.0 % of 9 {counted}" in first
                assert last.startswith("passed: required is the same ")
            else:
                found = json.loads(answer(*asked, "--json"))
                assert (found["passed"], found[counted], found["exact"]) == (True, 9, True)
        assert "is complete" in answer("verify", "--model", paths["bundle"])


def test_verify_of_another_model_fails(classifier_paths, classifier_bundle, drawing_paths, tmp_path, capsys, complaint):
    import dataclasses

    from kerasformer.exporting.litert import export_litert
    from kerasformer.models import build_model

    other = dataclasses.replace(classifier_bundle, model=build_model(classifier_bundle.model.config))
    export_litert(other, tmp_path / "other.tflite")
    asked = "verify", "--model", tmp_path / "other.tflite", "--bundle", classifier_paths["bundle"], "--limit", 30
    assert main(list(map(str, asked))) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("FAILED: required is the same label for every image, ties aside")
    said = complaint("verify", "--model", classifier_paths["tflite"], "--bundle", drawing_paths["bundle"])
    assert "is a model that draws, not a classifier of images" in said


def test_export_hands_over_what_is_held_out(classifier_paths, drawing_paths, digits, tmp_path, answer, monkeypatch):
    from kerasformer.exporting import gate

    asked = []

    def export(bundle, out, held_out, **options):
        asked.append(held_out)
        row = {
            "name": "bundle",
            "file": "",
            "bytes": 1,
            "ms_per_image": 1,
            "accuracy": 1,
            "identical_share": 1,
            "perplexity": 1,
        }
        row |= {"max_difference": 0, "identical_drawn_share": 1, "identical_code_share": 1}
        return {"task": bundle.model.config.task, "images": 9, "captions": 9, "artefacts": [row], "default": "bundle"}

    monkeypatch.setattr(gate, "export", export)
    for paths in (classifier_paths, drawing_paths):
        answer("export", "--model", paths["bundle"], "--out", tmp_path / "out", "--limit", 9)
    images, captions = asked
    assert len(images) == len(set(images.labels)) == 9
    assert len(set(captions)) == 9


def test_inspect_tells_of_each(classifier_path, drawing_path, answer):
    found = json.loads(answer("inspect", "--model", classifier_path, "--json"))
    assert (found["task"], found["source"], found["target"]) == ("classification", "image", "label")
    assert (found.get("labels") or found["config"]["labels"]) == list("0123456789")
    text = answer("inspect", "--model", drawing_path)
    assert "drawing" in text
    found = json.loads(answer("inspect", "--model", drawing_path, "--json"))
    assert (found.get("caption_length") or found["config"]["caption_length"]) == 16


def test_draw_writes_a_picture_and_a_seed_repeats_it(drawing_path, tmp_path, answer, opened_once):
    def draw(name, *options):
        out = tmp_path / name
        said = answer("draw", "--model", drawing_path, CAPTION, "숫자 팔", "-n", 2, "--out", out, *options)
        assert said == f"wrote {out}: 4 images\n"
        return out.read_bytes()

    first = draw("a.png", "--seed", 1)
    assert first.startswith(b"\x89PNG")
    assert draw("b.png", "--seed", 1) == first
    assert draw("c.png", "--seed", 2, "--temperature", 0.8, "--top-k", 5, "--top-p", 0.9) != first


def test_draw_names_words_that_it_does_not_know_and_draws(drawing_path, tmp_path, capsys, opened_once):
    out = tmp_path / "a.png"
    assert main(["draw", "--model", str(drawing_path), "a purple seven", "--out", str(out)]) == 0
    said = capsys.readouterr().err
    assert said == "kerasformer: caption 'a purple seven' has words that no caption in training had: purple\n"
    assert out.exists()


def test_draw_says_what_it_cannot(drawing_paths, classifier_paths, tmp_path, complaint, capsys):
    asked = "draw", "--model", drawing_paths["tflite"], "--out", tmp_path / "a.png"
    assert "a caption is empty: say what to draw" in complaint(*asked, "")
    assert "has 18 tokens, the model reads 15: shorten it" in complaint(*asked, "a three " * 9)
    assert "caption 2 is not UTF-8" in complaint(*asked, "a three", "\udc80")
    assert "top_p must be above 0" in complaint(*asked, CAPTION, "--top-p", 0)
    assert "cannot write a picture as .doc" in complaint(*asked[:-1], tmp_path / "a.doc", CAPTION)
    assert "give --classifier" in complaint(*asked, CAPTION, "--best-of", 3)
    best = "--best-of", 3, "--classifier", classifier_paths["tflite"]
    assert "give --best-of as well" in complaint(*asked, CAPTION, *best[2:])
    assert "does not understand 'a red three'" in complaint(*asked, CAPTION, "a red three", *best)
    assert "is a model that draws, not a classifier" in complaint(*asked, CAPTION, *best[:3], drawing_paths["tflite"])
    for number in ("0", "-1", "x"):
        with pytest.raises(SystemExit) as stopped:
            main([*map(str, asked), CAPTION, "-n", number])
        assert stopped.value.code == 2
        assert f"must be a whole number of at least 1, got '{number}'" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_draw_keeps_the_images_of_which_a_classifier_is_surest(
    drawing_paths, classifier_paths, tmp_path, answer, monkeypatch
):
    from kerasformer.evaluation import drawing as drawing_scores

    shown = []
    monkeypatch.setattr("kerasformer.plotting.images.gallery", lambda captions, images, out: shown.append(images))
    asked = "draw", "--model", drawing_paths["tflite"], CAPTION, "--out", tmp_path / "a.png", "-n", 3, "--best-of", 4
    answer(*asked, "--classifier", classifier_paths["tflite"])
    [[kept]] = shown
    reader = open_artefact(classifier_paths["tflite"])
    images = open_artefact(drawing_paths["tflite"]).draw(CAPTION, count=12)
    [scene] = drawing._scenes([CAPTION])
    surest, _ = drawing_scores.digit_probabilities([scene] * 12, images, reader)
    found, _ = drawing_scores.digit_probabilities([scene] * 3, kept, reader)
    assert found.tolist() == sorted(surest, reverse=True)[:3]


def test_evaluate_tells_how_well_a_model_draws(drawing_path, classifier_paths, answer, opened_once):
    asked = "evaluate", "--model", drawing_path, "--data", "digits", "--limit", 3
    asked += "--classifier", classifier_paths["tflite"]
    found = json.loads(answer(*asked, "--json"))
    is_bundle = drawing_path.name == "bundle"
    assert set(found["seen"]) == {"real", "drawn", *(["reconstructed"] if is_bundle else [])}
    assert set(found["seen"]["drawn"]) == {"single digits", "pairs seen", "pairs never trained", "near_copies"}
    assert ("codes" in found) is is_bundle
    lines = answer(*asked, "--temperature", 0.5).splitlines()
    headings = "images single digits pairs seen pairs never trained near copies"
    assert any(line.split() == headings.split() for line in lines)
    assert any(line.startswith("drawn ") for line in lines)
    assert any(line.startswith("bits per image ") for line in lines) is is_bundle


def test_evaluate_needs_to_be_told_what_an_export_does_not_know(
    drawing_paths, classifier_paths, complaint, monkeypatch
):
    asked = "evaluate", "--model"

    def describe_older(path):  # an older SavedModel names no corpus
        return dataclasses.replace(describe(path), corpus={})

    monkeypatch.setattr("kerasformer.cli.artefacts.describe", describe_older)
    assert "give --classifier, or the bundle" in complaint(*asked, drawing_paths["tflite"])
    reader = "--classifier", classifier_paths["tflite"]
    assert "give them with --data, such as digits" in complaint(*asked, drawing_paths["saved_model"], *reader)
    assert "give --data FOLDER, or --data digits" in complaint(*asked, classifier_paths["saved_model"])
