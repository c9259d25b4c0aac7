"""Train a translator, evaluate it, save it, export it, and prove that the exports answer the same.

    python train.py                                             the built-in French-English corpus, in minutes
    python train.py --model seq2seq                             the same through one fixed context vector
    python train.py --data multi30k --source fr --target en     a named corpus, downloaded or from --data-dir
    python train.py --data train.fr train.en --out runs/mine    one's own pairs
    python train.py --data korean-chat                          a chatbot: question to answer
    python train.py --resume --out runs/mine                    go on where Ctrl-C stopped

Everything lands in --out: bundle/, export/, learning_curve.png, training/ (what --resume needs), tensorboard/.
"""

import argparse
import dataclasses
import pathlib
import time

from kerasformer.config import KINDS, PRESETS, RECIPES, ModelConfig, TrainingConfig, from_dict, preset
from kerasformer.data.corpora import available, load_corpus
from kerasformer.errors import InputError, one_line_errors
from kerasformer.quiet import quiet_loading


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = ", ".join(available())
    parser.add_argument("--model", metavar="KIND", help=f"{', '.join(KINDS)} (default: {KINDS[0]})")
    parser.add_argument("--preset", default="tiny", help=f"sizes to start from: {', '.join(PRESETS)} (default: tiny)")
    parser.add_argument(
        "--data",
        nargs="+",
        default=["phrasebook"],
        metavar="DATA",
        help=f"{names}; or FILE FILE, FILE.tsv, FILE.csv or a FOLDER of SPLIT.LANG (default: phrasebook)",
    )
    parser.add_argument("--data-dir", help="where a named corpus lies, instead of downloading it")
    parser.add_argument("--source", help="language to translate from")
    parser.add_argument("--target", help="language to translate into")
    parser.add_argument("--out", type=pathlib.Path, help="folder of the results (default: runs/ and what is trained)")
    parser.add_argument("--resume", action="store_true", help="go on with the interrupted run in --out")
    parser.add_argument("--no-export", action="store_true", help="stop after saving the bundle")
    for config, title in (
        (TrainingConfig, "training"),
        (ModelConfig, "sizes of the model, over the preset's"),
    ):
        group = parser.add_argument_group(title)
        for field in dataclasses.fields(config):
            option = f"--{field.name.replace('_', '-')}"
            if field.type is bool:
                group.add_argument(option, action=argparse.BooleanOptionalAction)
            elif field.name != "kind":
                group.add_argument(option, type=field.type, metavar="VALUE")
    return parser.parse_args()


def choose(arguments):
    """The two configs: what the command line says, else the corpus's recipe, else the preset."""
    said = {name: value for name, value in vars(arguments).items() if value is not None}
    chosen = {**RECIPES.get(arguments.data[0], {}), **said}

    def fields(config):
        return {field.name: chosen[field.name] for field in dataclasses.fields(config) if field.name in chosen}

    model = preset(arguments.preset, **fields(ModelConfig), kind=arguments.model or KINDS[0])
    return model, from_dict(TrainingConfig, fields(TrainingConfig))


def read(arguments):
    """Data: a corpus of pairs, cleaned, with no test sentence in training; its tokenizer; and what to do with it."""
    from kerasformer.tokenizer import train_tokenizer
    from kerasformer.training import Run

    model_config, training_config = choose(arguments)
    names = ("data", "source", "target", "data_dir")
    data = {**{name: getattr(arguments, name) for name in names}, "seed": training_config.seed}
    if arguments.resume and arguments.out:
        data = Run.load(arguments.out / "training")[0].data
    corpus = load_corpus(**data)
    names = [corpus.name, corpus.source, corpus.target, *filter(None, [arguments.model])]
    out = arguments.out or pathlib.Path("runs") / "-".join(names)
    if arguments.resume:
        run, tokenizer = Run.load(out / "training")
        run.check(corpus)
        if arguments.model not in (None, run.model.kind):
            raise InputError(f"the run in {out} is of a {run.model.kind}, not of a {arguments.model}")
        return corpus, tokenizer, run.extended(arguments.epochs, arguments.minutes), out
    if (out / "training" / "backup.npz").exists() and not (out / "bundle").exists():
        raise InputError(f"{out} holds an unfinished run: go on with --resume --out {out}, or choose another --out")
    texts = (text for pair in corpus.train for text in pair)
    tokenizer = train_tokenizer(texts, model_config.vocab_size, exact=arguments.vocab_size is not None)
    model_config = dataclasses.replace(model_config, vocab_size=tokenizer.vocab_size)
    run = Run(data, corpus.sha256, model_config, training_config)
    run.save(out / "training", tokenizer)
    return corpus, tokenizer, run, out


def fit(corpus, tokenizer, run, out, resume):
    """Model and training; the picture of what was learned when."""
    import keras

    from kerasformer import plotting
    from kerasformer.models import build_model
    from kerasformer.training import Interrupted, Trainer, make_batches

    keras.utils.set_random_seed(run.training.seed)
    model = build_model(run.model)
    batches, validation = make_batches(corpus, tokenizer, run)
    print(
        f"{run.model.kind} of {model.training.count_params():,} parameters, vocabulary {tokenizer.vocab_size:,}; "
        f"{len(batches)} batches an epoch, {batches.too_long} pairs too long",
        flush=True,
    )
    trainer = Trainer(model.training, run.training, out / "training", len(batches), out / "tensorboard")
    try:
        history = trainer.fit(batches, validation, resume=resume)
    except Interrupted:
        print(f"\nstopped; all is saved. Go on with: python train.py --resume --out {out}")
        raise SystemExit(130) from None
    plotting.learning_curves(history, out / "learning_curve.png")
    return model, history


def measure(bundle, held_out):
    """Evaluation, on text never trained on; the figures go into the bundle."""
    from kerasformer.evaluation import evaluate
    from kerasformer.translator import Translator

    translator = Translator(bundle)
    for split, pairs in held_out.items():
        score, _ = evaluate(translator, pairs, bundle.target, warm_up=len(pairs))
        tokens = translator.token_scores(pairs)
        bundle.metrics[split] = {**score.to_json(), **tokens}
        print(
            f"{split}: BLEU {score.bleu:.2f}, chrF {score.chrf:.2f}, Moses BLEU {score.moses_bleu:.2f}, "
            f"exact {score.exact_match:.1f} %, token accuracy {tokens['token_accuracy']:.1f} %, "
            f"perplexity {tokens['perplexity']:.2f}, {score.sentences_per_second:.0f} sentences/s, "
            f"{score.tokens_per_second:.0f} tokens/s\n  {score.signature}",
            flush=True,
        )
    return translator


def export(translator, pairs, out):
    """Export, the proof, and three sentences through each artefact."""
    from rich.console import Console

    from kerasformer.export.parity import export_all
    from kerasformer.export.report import samples, table

    def say(line):
        print(line, flush=True)

    report = export_all(translator.bundle, out / "export", pairs, say=say, reference=translator)
    print("", *samples(report), "", sep="\n", flush=True)
    Console().print(table(report))


def main():
    arguments = parse_arguments()
    began = time.monotonic()
    choose(arguments)  # a wrong option is said before anything is loaded
    print("loading TensorFlow and Keras", flush=True)
    with quiet_loading():
        from kerasformer.bundle import Bundle, save_bundle

    corpus, tokenizer, run, out = read(arguments)
    print("\n".join(corpus.describe()), flush=True)
    model, history = fit(corpus, tokenizer, run, out, arguments.resume)

    about = {"name": corpus.name, "sha256": corpus.sha256, "attribution": corpus.attribution}
    metrics = {"validation": history[-1]}
    bundle = Bundle(model, tokenizer, corpus.source, corpus.target, corpus=about, metrics=metrics)
    held_out = corpus.tests or {"validation": corpus.validation}
    translator = measure(bundle, held_out)
    save_bundle(bundle, out / "bundle")
    print(f"saved {out / 'bundle'}", flush=True)
    if not arguments.no_export:
        export(translator, next(iter(held_out.values())), out)
    print(f"done in {(time.monotonic() - began) / 60:.1f} minutes; everything is in {out}")


if __name__ == "__main__":
    with one_line_errors("train.py"):
        main()
