"""Train a model, measure it, save it, export it, and check that the exports give the same answers.

    python train.py                                             the built-in French-English corpus, in minutes
    python train.py --model seq2seq                             the same with a recurrent model without attention
    python train.py --data multi30k --source fr --target en     a named corpus, downloaded or from --data-dir
    python train.py --data general-fra-eng --data-dir DATA      many kinds of text, for a general translator: takes days
    python train.py --data train.fr train.en --out runs/mine    your own pairs of sentences
    python train.py --data mine.tsv --source fr --target en     the same in one file: TSV, CSV, TMX or JSON lines
    python train.py --data korean-chat                          a chatbot that answers questions
    python train.py --model vit                                 a Vision Transformer that reads handwritten digits
    python train.py --model dalle                               a DALL-E that draws them
    python train.py --from fr-en --data mine.fr mine.en         a pretrained model, trained further on your own pairs
    python train.py --workers 2                                 the first one, trained by two processes
    python train.py --resume --out runs/mine                    continue a run that was stopped or killed

All results go to --out: bundle/, export/, learning_curve.png, training/ (what --resume needs), tensorboard/.
The defaults below are those of the preset tiny; --preset and the recipe of the data (--recipe) change some of them.
"""

import argparse
import contextlib
import dataclasses
import functools
import json
import os
import pathlib
import shlex
import sys
import time

from kerasformer import pretrained
from kerasformer.cli.printing import complaints
from kerasformer.config.options import KINDS, add_config_options, given
from kerasformer.config.presets import PRESETS, choose
from kerasformer.data.corpora import available, find_recipe
from kerasformer.data.images.corpora import available_images
from kerasformer.errors import InputError, one_line_errors
from kerasformer.formats import describe
from kerasformer.inference.opening import check_replaceable
from kerasformer.interface.carrying import ProtectionWarning
from kerasformer.system.launch import launch
from kerasformer.system.quiet import quiet_loading


def build_parser():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    general = parser.add_argument_group("general options")
    add = general.add_argument
    add("--model", metavar="KIND", help=f"what to train: {', '.join(KINDS)} (default: {KINDS[0]})")
    sizes = f"sizes to start from: {', '.join(PRESETS)} (default: tiny, or that of the recipe)"
    add("--preset", metavar="NAME", help=sizes)
    further = "train a translator further: a bundle folder, or a pretrained model"
    add("--from", metavar="BUNDLE", help=f"{further}: {', '.join(pretrained.available())} (default: train a new model)")
    recipes = f"training options of a named corpus: {', '.join(available())}, or none"
    add("--recipe", metavar="NAME", help=f"{recipes} (default: that of the data, if any)")
    texts = f"{', '.join(available())}; or FILE FILE, one FILE with columns, or a FOLDER of SPLIT.LANG files"
    images = f"{', '.join(available_images())}, or for a vit a FOLDER with a folder of images per class"
    data = f"for a translator: {texts}; for images: {images} (default: everyday, for images digits)"
    add("--data", nargs="+", metavar="DATA", help=data)
    add("--data-dir", metavar="FOLDER", help="folder with the files of a named corpus (default: download them)")
    add("--source", metavar="LANG", help="language to translate from (default: the corpus's default direction)")
    add("--target", metavar="LANG", help="language to translate into (default: the corpus's default direction)")
    columns = "columns of one FILE, numbers from 1 or names (default: the two columns of text)"
    add("--columns", nargs=2, metavar=("SOURCE", "TARGET"), help=columns)
    for split in ("validation", "test"):
        add(f"--{split}", nargs="+", metavar="FILE", help=f"{split} pairs of your own (default: some of --data)")
    distilled = "train on these translations of the training sources, as kerasformer distill writes them"
    add("--translations", metavar="FILE", help=f"{distilled} (default: the targets of the data)")
    size = "resize images to this size in pixels (default: no resizing)"
    add("--image-size", nargs=2, type=int, metavar=("HEIGHT", "WIDTH"), help=size)
    add("--out", type=pathlib.Path, metavar="FOLDER", help="folder of the results (default: runs/NAME-OF-THE-DATA)")
    add("--resume", action="store_true", help="continue the unfinished run in --out (default: start a new run)")
    add("--no-export", action="store_true", help="stop when the bundle is saved (default: export it too)")
    add_config_options(parser)
    return parser


def configs(arguments, recipe=None):
    """The config of the model and that of the training; without a `recipe`, the data's name decides which is taken."""
    if base := vars(arguments)["from"]:
        with quiet_loading():  # it imports Keras
            from kerasformer.jobs.fine_tuning import choose_from

        recipe = recipe or (find_recipe(KINDS[0], None, arguments.recipe) if arguments.recipe else None)
        return choose_from(base, vars(arguments), given(arguments), recipe)
    data = arguments.data[0] if arguments.data else "everyday"
    kind = arguments.model or KINDS[0]
    recipe = recipe or find_recipe(kind, data, arguments.recipe)
    return choose(kind, arguments.preset or recipe.get("preset", "tiny"), given(arguments), recipe)


def find_run():
    """The folder of the only run in runs/."""
    found = sorted(str(file.parents[1]) for file in pathlib.Path("runs").glob("*/training/run.json"))
    if len(found) != 1:
        raise InputError(f"--resume needs the folder of the run: give --out (in runs: {', '.join(found) or 'none'})")
    return pathlib.Path(found[0])


def launch_workers(arguments):
    """Where several processes are to train, start them and end with their exit code; they run this script again."""
    count = 1 if arguments.resume else configs(arguments)[1].workers
    if arguments.resume:
        run = arguments.out / "training" / "run.json"
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):  # which `resume` explains
            count = json.loads(run.read_text(encoding="utf-8"))["training"]["workers"]
    if count > 1 and "TF_CONFIG" not in os.environ:
        raise SystemExit(launch(count, [sys.executable, *sys.argv]))


def data_options(arguments):
    """The options that say which data to read, as far as they are given: dict."""
    files = ("data", "columns", "validation", "test", "data_dir", "image_size", "translations")
    names = (*files, "source", "target", "from")
    return {name: getattr(arguments, name) for name in names if getattr(arguments, name) is not None}


def begin(arguments):
    """A new run: the job, the tokenizer, the `Run` with all its options, and the folder of the results."""
    from kerasformer.jobs import open_job
    from kerasformer.training import Run, is_of_other_data, is_unfinished

    model_config, training_config = configs(arguments)
    data = {**data_options(arguments), "seed": training_config.seed}
    job = open_job(model_config, data)
    if job.recipe and not arguments.recipe:
        model_config, training_config = configs(arguments, job.recipe)
    out = arguments.out or pathlib.Path("runs") / "-".join([job.name, *filter(None, [arguments.model])])
    if is_unfinished(out / "training", out / "bundle"):
        way_on = f"--resume --out {shlex.quote(str(out))}"
        raise InputError(f"{out} holds an unfinished run: continue with {way_on}, or choose another --out")
    if not arguments.out and is_of_other_data(out / "training", job.sha256):
        raise InputError(f"{out} holds a model of other data with the same name: choose another --out")
    for folder in ("bundle",) if arguments.no_export else ("bundle", "export"):
        check_replaceable(out / folder)
    run = Run({"data": list(job.default_data), **data}, job.sha256, model_config, training_config)
    run.check(job)
    model_config, tokenizer = job.prepare(model_config, exact=arguments.vocab_size is not None)
    return job, tokenizer, dataclasses.replace(run, model=model_config).with_precision(), out


def resume(arguments):
    """The same of the run in --out, which keeps all options but those that `Run.resumed_with` lets change."""
    from kerasformer.jobs import open_job
    from kerasformer.training import Run

    run, tokenizer = Run.load(arguments.out / "training")
    start = {name: getattr(arguments, name) for name in ("model", "preset", "recipe") if getattr(arguments, name)}
    run = run.resumed_with(start | given(arguments) | data_options(arguments))
    choose(run.model.kind, "tiny", given(arguments))  # refuses options that such a model does not use
    try:
        job = open_job(run.model, run.data)
    except InputError as error:
        raise InputError(f"{error} (if the data were moved, give their place with --data or --data-dir)") from None
    run.check(job)
    return job, tokenizer, run.with_precision(), arguments.out


def fit(job, tokenizer, run, out, resume):
    """Train the stages of a job one after the other: the trained model, and the figures of its last epoch."""
    import keras

    from kerasformer import plotting
    from kerasformer.models import rebuilt
    from kerasformer.training import Interrupted, Trainer, computing_in, join

    workers = join(run.training.workers)
    workers.check_same((tokenizer.model if tokenizer else b"") + f"{job.sha256} {run.model} {run.training}".encode())
    keras.utils.set_random_seed(run.training.seed)
    with workers.scope(), computing_in(run.training.precision):
        model = job.build(run.model)
    try:
        with run.locked_into(out / "training", tokenizer, resume, workers.index == 0):
            stages = job.stages(model, tokenizer, run.training)
            for number, stage in enumerate(stages, start=1):
                batches, validation = stage.batches()
                size = f"{stage.model.count_params():,} parameters, trained in {run.training.precision}"
                print(f"stage {number} of {len(stages)}: {stage.name} of {size}; {batches.describe()}", flush=True)
                places = {"folder": out / "training" / stage.folder, "tensorboard": out / "tensorboard" / stage.folder}
                options = {**places, "workers": workers, "loss": stage.loss}
                trainer = Trainer(stage.model, stage.training, steps_per_epoch=len(batches), **options)
                history = trainer.fit(batches, validation, resume=resume)
    except Interrupted:
        print(f"\nstopped, and all is saved; continue with: {run.command} {shlex.quote(str(out))}")
        raise SystemExit(130) from None
    if workers.index:
        raise SystemExit(0)  # the first worker does the rest
    plotting.learning_curves(history, out / "learning_curve.png")
    is_plain = run.training.precision == "float32" and run.training.workers == 1
    return model if is_plain else rebuilt(model), trainer.outcome


def main():
    arguments = build_parser().parse_args()
    began = time.monotonic()
    say = functools.partial(print, flush=True)
    if arguments.resume and not arguments.out:
        arguments.out = find_run()
    launch_workers(arguments)  # or refuse a wrong option, before anything is loaded
    say("loading Keras")
    with quiet_loading():
        import keras

        from kerasformer.bundle import save_bundle
        from kerasformer.training import allow_clusters

    if keras.backend.backend() != "tensorflow":
        sys.modules["tensorflow"] = None  # otherwise Keras and TensorBoard would import it
    allow_clusters()
    job, tokenizer, run, out = (resume if arguments.resume else begin)(arguments)
    say("\n".join(job.describe()))
    model, figures = fit(job, tokenizer, run, out, arguments.resume)
    bundle = job.bundle(model, tokenizer, {"validation": figures})
    save_bundle(bundle, out / "bundle")  # before it is measured, which may fail
    engine, metrics = job.measure(bundle, say)
    save_bundle(dataclasses.replace(bundle, metrics={**bundle.metrics, **metrics}), out / "bundle")
    say(f"saved {out / 'bundle'}")
    if keras.backend.backend() != "tensorflow":
        where = ["--data-dir", run.data["data_dir"]] if "data_dir" in run.data else []
        where += ["--resize"] if "image_size" in run.data else []
        words = [str(out / "bundle"), "--out", str(out / "export"), "--data", *run.data["data"], *where]
        say(f"exports are TensorFlow's: KERAS_BACKEND=tensorflow python export/all.py {shlex.join(words)}")
    elif not arguments.no_export:
        from rich.console import Console

        from kerasformer.exporting.report import table
        from kerasformer.exporting.twin import keep_exported

        report = job.export(engine, out / "export", say)
        keep_exported(describe(out / "bundle"), out / "export", report)
        Console().print(table(report))
    say(f"done in {(time.monotonic() - began) / 60:.1f} minutes; everything is in {out}")


if __name__ == "__main__":
    with one_line_errors("train.py"), complaints(ProtectionWarning):
        main()
