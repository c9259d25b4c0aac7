"""`train.py` as people start it: the whole road on a small corpus, and what it says of bad input."""

import json
import os
import pathlib
import runpy
import shutil
import subprocess
import sys

import pytest

from kerasformer.inference.opening import open_translator
from kerasformer.jobs import open_job
from kerasformer.system.processes import locked

SCRIPT = pathlib.Path(__file__).parents[1] / "train.py"


@pytest.fixture(scope="module")
def start():
    """Run `train.py` with arguments and return its exit code."""

    def run(*arguments):
        patch = pytest.MonkeyPatch()
        patch.setattr(sys, "argv", ["train.py", *map(str, arguments)])
        try:
            runpy.run_path(str(SCRIPT), run_name="__main__")
        except SystemExit as stop:
            return stop.code
        finally:
            patch.undo()
        return 0

    return run


@pytest.fixture(scope="module")
def pairs(everyday):
    return everyday.train[:900]


@pytest.fixture(scope="module")
def files(pairs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    for side, language in enumerate(("fr", "en")):
        (folder / f"mine.{language}").write_text("".join(f"{pair[side]}\n" for pair in pairs), encoding="utf-8")
    return [folder / "mine.fr", folder / "mine.en"]


OPTIONS = ("--preset", "test", "--recipe", "none", "--epochs", 1, "--num-shapes", 1, "--warmup-steps", 10, "--seed", 3)


@pytest.fixture(scope="module")
def begun(files, tmp_path_factory):
    """Folder in which a process of its own trained, as people start it, and in `compiled` what XLA compiled there."""
    folder = tmp_path_factory.mktemp("begun")
    command = [sys.executable, SCRIPT, "--data", *files, *OPTIONS, "--no-export"]
    dump = f"--xla_dump_to={folder / 'compiled'} --xla_dump_hlo_module_re=one_step|cluster_0_"  # writing all is slow
    environment = {**os.environ, "XLA_FLAGS": f"{os.environ['XLA_FLAGS']} {dump}"}
    subprocess.run([*map(str, command)], env=environment, cwd=folder, check=True)
    return folder


@pytest.fixture
def out(begun, monkeypatch):
    """Results of that run, in the folder in which it was started."""
    monkeypatch.chdir(begun)
    [out] = (begun / "runs").iterdir()
    return out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--preset", "huge"], "preset 'huge' is unknown; there are test, tiny, small, deep, base"),
        (["--model", "rnn"], "model must be one of transformer, seq2seq, attention, vit"),
        (["--model", "image_tokenizer"], "image tokenization is not trained by itself"),
        (["--data", "wmt"], "multi30k"),
        (["--recipe", "wmt"], "recipe 'wmt' is unknown; there are everyday, multi30k"),
        (["--data", "multi30k", "--source", "it", "--target", "en"], "de, en, fr"),
        (["--dropout", "1.5"], "dropout must be at least 0 and below 1, got 1.5"),
        (["--seed", "4294967296"], "seed must be at least 0 and below 2**32, got 4294967296"),
        (["--hidden-dim", "30"], "hidden_dim must be a multiple of"),
        (["--resume", "--out", "nowhere"], "nothing to resume"),
        (["--resume"], "--resume needs the folder of the run: give --out (in runs: none)"),
        (["--cell", "lstm"], "--model transformer does not use --cell: leave it out"),
        (["--data", "none.fr", "none.en"], "none.fr"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(start, arguments, said, capfd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert start(*arguments) == 2
    message = capfd.readouterr().err.strip().splitlines()
    assert len(message) == 1
    assert message[0].startswith("train.py: ")
    assert said in message[0]
    assert not list(tmp_path.iterdir())


def test_what_xla_compiles_depends_on_the_precision_that_was_chosen(begun, out):
    chosen = json.loads((out / "training" / "run.json").read_text())["training"]["precision"]
    modules = [file.name for file in (begun / "compiled").glob("*.txt")]
    assert modules
    assert any("one_step" in name for name in modules) == (chosen == "float32")  # the whole step, or clusters of it
    assert any("cluster" in name for name in modules) == (chosen == "bfloat16")
    assert not (out / "export").exists()  # --no-export


def test_resume_refuses_other_options_and_other_data(start, files, begun, out, tmp_path, capfd):
    assert start("--resume", "--batch-tokens", 64, "--out", out) == 2
    assert "a resumed run keeps its --batch-tokens 4096" in capfd.readouterr().err
    assert start("--resume", "--data", "multi30k", "--out", out) == 2
    assert "a resumed run keeps its --data" in capfd.readouterr().err
    assert start("--resume", "--data", *files[::-1], "--out", out) == 2
    assert "not those the run was started with: give those with --data" in capfd.readouterr().err
    assert start("--resume", "--source", "en", "--target", "fr", "--out", out) == 2
    assert "a resumed run keeps its --source: leave it out" in capfd.readouterr().err
    with locked(out / "training" / "lock"):
        assert start("--resume", "--no-export", "--out", out) == 2
    assert f"another process is training into {out / 'training'}: wait for it" in capfd.readouterr().err
    record = out / "training" / "run.json"
    as_it_was = json.loads(record.read_text())
    assert as_it_was["backend"] == "tensorflow"
    record.write_text(json.dumps({**as_it_was, "backend": "jax"}))
    assert start("--resume", "--no-export", "--out", out) == 2
    assert "the run was started with KERAS_BACKEND=jax: resume it with that" in capfd.readouterr().err
    record.write_text(json.dumps(as_it_was))
    others = [tmp_path / "other" / file.name for file in files]
    others[0].parent.mkdir()
    for file, other in zip(files, others, strict=True):
        other.write_text("".join(file.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]), encoding="utf-8")
    assert start("--data", *others, *OPTIONS, "--no-export") == 2
    assert f"{out.relative_to(begun)} holds a model of other data with the same name" in capfd.readouterr().err
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "thesis.tex").touch()
    assert start("--data", *files, *OPTIONS, "--no-export", "--out", tmp_path) == 2
    assert "bundle holds thesis.tex" in capfd.readouterr().err
    hidden = files[0].rename(files[0].with_suffix(".away"))
    assert start("--resume", "--no-export", "--out", out) == 2
    said = "mine.fr does not exist: check the name (if the data were moved, give their place with --data or --data-dir)"
    assert said in capfd.readouterr().err
    hidden.rename(files[0])


@pytest.mark.usefixtures("light_exports")
def test_a_resumed_run_trains_saves_and_exports(start, files, out, tmp_path, monkeypatch, capfd, only_signatures):
    opened = []

    def spy(config, data):
        opened.append(data)
        return open_job(config, data)

    monkeypatch.setattr("kerasformer.jobs.open_job", spy)
    for backup in (out / "training").glob("backup-*"):  # as if killed before the first
        backup.unlink()
    moved = [shutil.copy(file, tmp_path) for file in files]
    with only_signatures("translate", "sample"):  # which the gate compares
        assert start("--resume", "--data", *moved, "--epochs", 2, "--precision", "float32") == 0
    printed = capfd.readouterr().out
    assert "trained in float32" in printed
    assert "identical answers" in printed
    assert opened[-1]["seed"] == 3  # the splits it began with
    assert json.loads((out / "bundle" / "bundle.json").read_text())["corpus"]["seed"] == 3
    changed = json.loads((out / "training" / "run.json").read_text())["training"]  # a third start goes on with the same
    assert (changed["epochs"], changed["precision"]) == (2, "float32")
    report = json.loads((out / "export" / "report.json").read_text(encoding="utf-8"))
    assert [row["name"] for row in report["artefacts"]] == ["bundle", "saved_model", "litert-fp32", "litert-int8"]
    assert all(row["identical_share"] == 1.0 for row in report["artefacts"][:3])
    assert (out / "learning_curve.png").read_bytes().startswith(b"\x89PNG")
    assert list((out / "tensorboard").iterdir())
    translator = open_translator(out / "bundle")
    assert (translator.source, translator.target) == ("fr", "en")
    assert translator.bundle.metrics["validation"]["epoch"] == 2
    assert not list(out.rglob(".*"))


def test_a_vocabulary_the_corpus_does_not_allow(start, files, tmp_path, capfd):
    assert start("--data", *files, "--vocab-size", 90000, "--out", tmp_path / "run") == 2
    assert "vocab_size 90000 is more than the corpus allows; choose at most" in capfd.readouterr().err
    assert not (tmp_path / "run").exists()


def test_files_of_unequal_length(start, files, tmp_path, capfd):
    short = tmp_path / "short.en"
    short.write_text("One line.\n")
    assert start("--data", files[0], short, "--out", tmp_path / "run") == 2
    message = capfd.readouterr().err
    assert "900" in message
    assert "1" in message.replace("900", "")


def test_what_could_not_be_measured_or_exported_is_said_before_training(start, pairs, tmp_path, capfd):
    def refused(*arguments):
        assert start("--data", tmp_path, "--source", "fr", "--target", "en", "--out", *arguments) == 2
        return capfd.readouterr().err

    for split, rows in {"train": pairs, "test": [*pairs[:2], ("a" * 20_000, "a")]}.items():
        for side, language in enumerate(("fr", "en")):
            (tmp_path / f"{split}.{language}").write_text("".join(f"{pair[side]}\n" for pair in rows), "utf-8")
    assert "pair 3 of test, which is held out: a single sentence of 20,000 characters" in refused(tmp_path / "run")
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "all.py").write_text("a script")
    assert "holds all.py, which kerasformer did not write" in refused(tmp_path)
    assert not (tmp_path / "training").exists()


def test_a_folder_that_cannot_be_written(start, files, tmp_path, capfd):
    blocker = tmp_path / "file"
    blocker.write_text("in the way")
    assert start("--data", *files, "--preset", "test", "--out", blocker / "run") == 2
    assert "train.py: " in capfd.readouterr().err
    assert blocker.read_text() == "in the way"


@pytest.mark.parametrize("older", [[], ["bundle"]], ids=["alone", "after a bundle"])
@pytest.mark.parametrize("stage", [".", "image_tokenizer"])
def test_an_unfinished_run_is_not_overwritten(start, files, tmp_path, capfd, older, stage):
    for name in older:
        (tmp_path / "run" / name).mkdir(parents=True)
        os.utime(tmp_path / "run" / name, (0, 0))
    backup = tmp_path / "run" / "training" / stage / "backup-000000200.npz"
    backup.parent.mkdir(parents=True)
    backup.write_bytes(b"hours of work")
    assert start("--data", *files, "--preset", "test", "--out", tmp_path / "run") == 2
    assert "--resume" in capfd.readouterr().err
    assert backup.read_bytes() == b"hours of work"
