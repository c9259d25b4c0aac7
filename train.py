"""Train a model, measure it, save it, export it, and prove that the exports answer the same.

    python train.py                                             the built-in French-English corpus, in minutes
    python train.py --model seq2seq                             the same through one fixed context vector
    python train.py --data multi30k --source fr --target en     a named corpus, downloaded or from --data-dir
    python train.py --data train.fr train.en --out runs/mine    one's own pairs
    python train.py --data korean-chat                          a chatbot: question to answer
    python train.py --model vit                                 a Vision Transformer that reads handwritten digits
    python train.py --model dalle                               a DALL-E that writes them
    python train.py --workers 2                                 the first, by two processes
    python train.py --resume --out runs/mine                    go on where Ctrl-C stopped

Everything lands in --out: bundle/, export/, learning_curve.png, training/ (what --resume needs), tensorboard/.
"""

import argparse
import dataclasses
import functools
import os
import pathlib
import shlex
import sys
import time

from kerasformer.config import CONFIGS, TrainingConfig
from kerasformer.config.presets import PRESETS, RECIPES, choose
from kerasformer.data.corpora import available
from kerasformer.errors import InputError, one_line_errors
from kerasformer.inference.opening import check_replaceable
from kerasformer.system.quiet import quiet_loading

KINDS = [kind for kind in CONFIGS if kind != "image_tokenizer"]  # which comes with a DALL-E
FROM_DATA = {"kind", "height", "width", "channels", "num_classes", "image_tokenizer"}  # no options


def parse_arguments(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = ", ".join(available())
    parser.add_argument("--model", metavar="KIND", help=f"{', '.join(KINDS)} (default: {KINDS[0]})")
    parser.add_argument("--preset", default="tiny", help=f"sizes to start from: {', '.join(PRESETS)} (default: tiny)")
    parser.add_argument("--recipe", help=f"{', '.join(RECIPES)}, or none (default: that of the data's name, if any)")
    parser.add_argument(
        "--data",
        nargs="+",
        metavar="DATA",
        help=f"of a translator {names}; or FILE FILE, FILE.tsv, FILE.csv or a FOLDER of SPLIT.LANG (default: "
        "phrasebook); of a vit digits, or a FOLDER with a folder of images for each class (default: digits)",
    )
    parser.add_argument("--data-dir", help="where a named corpus lies, instead of downloading it")
    parser.add_argument("--source", help="language to translate from")
    parser.add_argument("--target", help="language to translate into")
    parser.add_argument("--image-size", nargs=2, type=int, metavar=("HEIGHT", "WIDTH"), help="resize images to this")
    parser.add_argument("--out", type=pathlib.Path, help="folder of the results (default: runs/ and what is trained)")
    parser.add_argument("--resume", action="store_true", help="go on with the interrupted run in --out")
    parser.add_argument("--no-export", action="store_true", help="stop after saving the bundle")
    done = set(FROM_DATA)
    for config, title in (
        (TrainingConfig, "training"),
        *(
            (config, f"sizes of the model, over the preset's: {config.task}")
            for config in dict.fromkeys(CONFIGS[kind] for kind in KINDS)
        ),
    ):
        group = parser.add_argument_group(title)
        for field in dataclasses.fields(config):
            if field.name not in done:
                done.add(field.name)
                is_bool = {"action": argparse.BooleanOptionalAction} if field.type is bool else {}
                kind = is_bool or {"type": field.type, "metavar": "VALUE"}
                group.add_argument(f"--{field.name.replace('_', '-')}", **kind)
    return parser.parse_args(argv)


def said(arguments):
    """The fields of configs that the command line names, with their values."""
    fields = {field.name for config in (TrainingConfig, *CONFIGS.values()) for field in dataclasses.fields(config)}
    return {name: value for name, value in vars(arguments).items() if name in fields and value is not None}


def configs(arguments):
    """The config of the model and that of the training."""
    data = arguments.data[0] if arguments.data else "phrasebook"
    return choose(arguments.model or KINDS[0], arguments.preset, data, said(arguments), arguments.recipe)


def read(arguments):
    """Data, cleaned, with nothing held out in training; its tokenizer; and what to do with it."""
    from kerasformer.jobs import open_task
    from kerasformer.training import Run, is_of_other_data, is_unfinished

    model_config, training_config = configs(arguments)
    names = ("data", "source", "target", "data_dir", "image_size")
    asked = {name: getattr(arguments, name) for name in names if getattr(arguments, name) is not None}
    out, task, data = arguments.out, None, {**asked, "seed": training_config.seed}
    if not (arguments.resume and out):
        task = open_task(model_config, data)
        out = out or pathlib.Path("runs") / "-".join([task.name, *filter(None, [arguments.model])])
    if arguments.resume:
        run, tokenizer = Run.load(out / "training")
        if arguments.model not in (None, run.model.kind):
            raise InputError(f"the run in {out} is of a {run.model.kind}, not of a {arguments.model}")
        choose(run.model.kind, arguments.preset, None, said(arguments))  # refuses what such a model has not
        run = run.going_on(said(arguments) | asked)
        try:
            task = open_task(run.model, run.data)
        except InputError as error:
            raise InputError(f"{error} (of data that were moved, --data or --data-dir says where they lie)") from None
        run.check(task)
    else:
        if is_unfinished(out / "training", out / "bundle"):
            way_on = f"--resume --out {shlex.quote(str(out))}"
            raise InputError(f"{out} holds an unfinished run: go on with {way_on}, or choose another --out")
        if not arguments.out and is_of_other_data(out / "training", task.sha256):
            raise InputError(f"{out} holds a model of other data of that name: choose another folder with --out")
        for folder in ("bundle",) if arguments.no_export else ("bundle", "export"):
            check_replaceable(out / folder)
        run = Run({"data": list(task.default_data), **data}, task.sha256, model_config, training_config)
        run.check(task)
        model_config, tokenizer = task.prepare(model_config, exact=arguments.vocab_size is not None)
        run = dataclasses.replace(run, model=model_config)
    return task, tokenizer, run.decided(), out


def fit(task, tokenizer, run, out, resume):
    """The model, trained, and the figures of its last epoch; a picture of what was learned when."""
    import keras

    from kerasformer import plotting
    from kerasformer.models import build_model, rebuilt
    from kerasformer.training import Interrupted, Trainer, computing_in, join

    workers = join(run.training.workers)
    workers.check_same((tokenizer.model if tokenizer else b"") + f"{task.sha256} {run.model} {run.training}".encode())
    keras.utils.set_random_seed(run.training.seed)
    with workers.scope(), computing_in(run.training.precision):
        model = build_model(run.model)
    try:
        with run.claimed(out / "training", tokenizer, resume, workers.index == 0):
            batches, validation = task.batches(model, tokenizer, run, out / "training", resume)
            size = f"{model.training.count_params():,} parameters, trained in {run.training.precision}"
            print(f"{run.model.kind} of {size}; {batches.describe()}", flush=True)
            places = {"folder": out / "training", "tensorboard": out / "tensorboard"}
            options = {**places, "workers": workers, **task.objective(run.training)}
            trainer = Trainer(model.training, run.training, steps_per_epoch=len(batches), **options)
            history = trainer.fit(batches, validation, resume=resume)
    except Interrupted:
        print(f"\nstopped; all is saved. Go on with: {run.command} {shlex.quote(str(out))}")
        raise SystemExit(130) from None
    if workers.index:
        raise SystemExit(0)  # the first worker does the rest
    plotting.learning_curves(history, out / "learning_curve.png")
    return rebuilt(model), trainer.outcome


def main():
    arguments = parse_arguments()
    began = time.monotonic()
    say = functools.partial(print, flush=True)
    configs(arguments)  # a wrong option is said before anything is loaded
    say("loading Keras")
    with quiet_loading():
        import keras

        from kerasformer.bundle import save_bundle
        from kerasformer.training import allow_clusters

    if keras.backend.backend() != "tensorflow":
        sys.modules["tensorflow"] = None  # Keras and TensorBoard would import it wherever it is installed
    allow_clusters()
    task, tokenizer, run, out = read(arguments)
    if run.training.workers > 1 and "TF_CONFIG" not in os.environ:
        from kerasformer.training import launch

        raise SystemExit(launch(run.training.workers, [sys.executable, *sys.argv]))
    say("\n".join(task.describe()))
    model, figures = fit(task, tokenizer, run, out, arguments.resume)
    bundle = task.bundle(model, tokenizer, {"validation": figures})
    save_bundle(bundle, out / "bundle")  # whatever the measuring comes to
    judge = task.measure(bundle, say)
    save_bundle(bundle, out / "bundle")
    say(f"saved {out / 'bundle'}")
    if keras.backend.backend() != "tensorflow":
        where = ["--data-dir", run.data["data_dir"]] if "data_dir" in run.data else []
        where += ["--resize"] if "image_size" in run.data else []
        words = [str(out / "bundle"), "--out", str(out / "export"), "--data", *run.data["data"], *where]
        say(f"exports are TensorFlow's: KERAS_BACKEND=tensorflow python export/all.py {shlex.join(words)}")
    elif not arguments.no_export:
        from rich.console import Console

        from kerasformer.exporting.report import table

        Console().print(table(task.export(judge, out / "export", say)))
    say(f"done in {(time.monotonic() - began) / 60:.1f} minutes; everything is in {out}")


if __name__ == "__main__":
    with one_line_errors("train.py"):
        main()
