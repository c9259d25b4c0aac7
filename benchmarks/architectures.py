"""Compare seq2seq, attention and Transformer: same data, tokenizer and number of updates, about as many weights.

    python benchmarks/architectures.py --data-dir FOLDER --out runs/architectures

Trains with train.py what is not trained yet, resumes what was stopped, then measures all three and writes
report.json, report.md, bleu_by_length.png and gradient_norms.png into OUT. An hour or two on two cores.
"""

import argparse
import json
import pathlib
import statistics
import time

from running import add_data_dir, publish, train

from kerasformer.errors import InputError, one_line_errors
from kerasformer.system.quiet import quiet_loading

MODELS = ("seq2seq", "attention", "transformer")
# The same for all three: nothing is tuned for one of them.
SHARED_OPTIONS = (
    "--recipe", "none", "--no-packed", "--dropout", 0.15, "--num-shapes", 3, "--warmup-steps", 200, "--cooldown", 0.4,
    "--average-last", 4, "--precision", "float32",
)  # fmt: skip
LENGTHS = (1, 8, 11, 14, 17, 21, 60)  # words of a source: the edges of the groups that are scored by themselves
TIMED_STEPS = 8
TIMED_SENTENCES = 60
GRADIENT_SENTENCES = 200
GRADIENT_TOKENS = 18  # of a source at least, so that each reaches as far back


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_data_dir(parser, "Multi30k", is_downloaded=True)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("runs/architectures"))
    parser.add_argument("--epochs", type=int, default=10, help="epochs of each model (default: 10)")
    parser.add_argument("--preset", default="tiny", help="sizes (default: tiny)")
    return parser.parse_args()


def run(name, arguments):
    """Train and export one model unless it is there."""
    options = ["--model", name, "--preset", arguments.preset, "--epochs", arguments.epochs]
    options += ["--data", "multi30k", "--source", "de", "--target", "en", *SHARED_OPTIONS]
    if arguments.data_dir:
        options += ["--data-dir", arguments.data_dir]
    train(arguments.out / name, *options, result="export/report.json")


def check_fair(bundles, out):
    """Raise unless the three had the same text, tokenizer and number of updates, and about as many weights."""
    if len({bundle.corpus["sha256"] for bundle in bundles.values()}) > 1:
        raise InputError("the models were trained on different text; remove the older ones")
    if len({bundle.tokenizer.model for bundle in bundles.values()}) > 1:
        raise InputError("the models have different tokenizers; remove the older ones")
    updates = {name: json.loads((out / name / "training" / "history.json").read_text())[-1]["step"] for name in bundles}
    if len(set(updates.values())) > 1:
        raise InputError(f"the models had different numbers of updates ({updates}); remove the shorter ones")
    sizes = {name: bundle.model.training.count_params() for name, bundle in bundles.items()}
    if max(sizes.values()) > 1.2 * min(sizes.values()):
        raise InputError(f"the models are more than 20 % apart in size: {sizes}")
    return next(iter(updates.values()))


def quality(translators, corpus):
    """Scores of every test split, and BLEU of all held-out sentences by the length of their source."""
    from kerasformer.evaluation.translation import evaluate, score_by_length

    scores, by_length = {}, {}
    for name, translator in translators.items():
        sources, answers, references, scores[name] = [], [], [], {}
        for split, pairs in {**corpus.tests, "validation": corpus.validation}.items():
            score, hypotheses = evaluate(translator, pairs, corpus.target)
            scores[name][split] = {**score.to_json(), **translator.token_scores(pairs)}
            answers += hypotheses
            sources += [source for source, _ in pairs]
            references += [target for _, target in pairs]
        by_length[name] = score_by_length(sources, answers, references, LENGTHS)
    return scores, by_length


def training_speed(bundles, corpus, out):
    """Source and target tokens a second of training without padding: median over steps taken in turn."""
    from kerasformer.data.batches import make_batches
    from kerasformer.training import Run, Trainer

    fed, seconds = {}, {name: [] for name in bundles}
    for name, bundle in bundles.items():
        run, tokenizer = Run.load(out / name / "training")
        batches, _ = make_batches(corpus, tokenizer, run.model.max_length, run.training, bundle.model.packs)
        model = bundle.model.training
        trainer = Trainer(model, run.training, out / name / "training", len(batches))
        train_step = trainer.make_steps(batches.signature).train
        widest = max(batches.epoch(0), key=lambda batch: (batch[1].shape[1] == batches.shapes[0][1], batch[1].size))
        fed[name] = train_step, widest
        train_step(*widest)
    for _ in range(TIMED_STEPS):
        for name, (train_step, batch) in fed.items():
            began = time.perf_counter()
            float(train_step(*batch)[0])
            seconds[name].append(time.perf_counter() - began)
    return {
        name: int((batch[0]["source_ids"] != 0).sum() + (batch[1] != 0).sum()) / statistics.median(seconds[name])
        for name, (_, batch) in fed.items()
    }


def milliseconds(translators, pairs):
    """Median milliseconds a sentence, one at a time, the models in turn."""
    seconds = {name: [] for name in translators}
    for warm in (True, False):
        for source, _ in pairs[:TIMED_SENTENCES]:
            for name, translator in translators.items():
                began = time.perf_counter()
                translator(source)
                if not warm:
                    seconds[name].append(time.perf_counter() - began)
    return {name: 1000 * statistics.median(values) for name, values in seconds.items()}


def gradients(bundles, corpus):
    """Mean norm of the last step's gradient by distance from the end of the source, before and after training."""
    import keras

    from kerasformer.analysis.gradients import gradients_by_distance
    from kerasformer.models import build_model

    tokenizer = next(iter(bundles.values())).tokenizer
    held_out = [pair for pairs in corpus.tests.values() for pair in pairs]
    encoded = [tokenizer.encode(list(pair)) for pair in held_out]
    chosen = [pair for pair in encoded if len(pair[0]) >= GRADIENT_TOKENS][:GRADIENT_SENTENCES]
    curves = {}
    for name, bundle in bundles.items():
        keras.utils.set_random_seed(0)
        for title, model in ((name, bundle.model), (f"{name}, untrained", build_model(bundle.model.config))):
            curves[title] = gradients_by_distance(model, chosen)[:GRADIENT_TOKENS]
    return curves


def report(arguments, bundles, corpus):
    """Measure everything, draw it, and write the reports."""
    from kerasformer import plotting
    from kerasformer.inference.translator import Translator

    out = arguments.out
    updates = check_fair(bundles, out)
    translators = {name: Translator(bundle) for name, bundle in bundles.items()}
    scores, by_length = quality(translators, corpus)
    plotting.scores_by_length(by_length, out / "bleu_by_length.png")
    norms = gradients(bundles, corpus)
    plotting.gradient_norms(norms, out / "gradient_norms.png")
    found = {
        "updates": updates,
        "parameters": {name: bundle.model.training.count_params() for name, bundle in bundles.items()},
        "scores": scores,
        "bleu_by_length": by_length,
        "gradient_norms": {name: values.tolist() for name, values in norms.items()},
        "ms_per_sentence": milliseconds(translators, next(iter(corpus.tests.values()))),
        # Last, because it continues training.
        "training_tokens_per_second": training_speed(bundles, corpus, out),
    }
    publish(out, found, table(found))


def table(found):
    """The report as a Markdown table, a row for each model."""
    splits = [name for name in next(iter(found["scores"].values())) if name != "validation"]
    headings = ["model", "parameters"]
    for split in splits:
        year = split.replace("_flickr", "").replace("_", " ")
        headings += [f"{year}: BLEU", "Moses BLEU", "perplexity"]
    headings += ["training tokens/s", "ms a sentence"]
    lines = [headings, ["---", *["---:"] * (len(headings) - 1)]]
    for name, parameters in found["parameters"].items():
        line = [name, f"{parameters:,}"]
        for split in splits:
            score = found["scores"][name][split]
            line += [f"{score['bleu']:.2f}", f"{score['moses_bleu']:.2f}", f"{score['perplexity']:.2f}"]
        speeds = found["training_tokens_per_second"][name], found["ms_per_sentence"][name]
        lines.append([*line, f"{speeds[0]:,.0f}", f"{speeds[1]:.1f}"])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main():
    arguments = parse_arguments()
    for name in MODELS:
        run(name, arguments)
    with quiet_loading():
        from kerasformer.bundle import load_bundle
        from kerasformer.data.corpus import load_corpus

    bundles = {name: load_bundle(arguments.out / name / "bundle") for name in MODELS}
    report(arguments, bundles, load_corpus(["multi30k"], "de", "en", data_dir=arguments.data_dir))


if __name__ == "__main__":
    with one_line_errors("architectures.py"):
        main()
