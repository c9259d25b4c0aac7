"""What each command of `kerasformer` does with its parsed arguments; the exit code is what it returns."""

import functools
import json
import sys

from kerasformer.artefacts import (
    check_replaceable,
    corpus_of,
    describe,
    is_exact,
    kind_of,
    open_translator,
    quiet_loading,
)
from kerasformer.conversation import converse, converse_at_terminal
from kerasformer.errors import InputError
from kerasformer.pipes import format_answer, translate_lines
from kerasformer.segmentation import plan

_DECODING = ("beam_size", "num_hypotheses", "length_penalty", "min_length", "no_repeat_ngram")
_SAMPLING = ("temperature", "top_k", "top_p", "seed")
_SHOWN_DIFFERENCES = 10


def translate(arguments):
    """Translate texts, or standard input to standard output; draw attention if asked to."""
    if arguments.plot and len(arguments.texts) != 1:
        raise InputError(f"--plot draws the attention over one TEXT, not over {len(arguments.texts)}: give one")
    if not arguments.plot and (arguments.layer or arguments.heads):
        raise InputError("--layer and --heads say what --plot draws: give --plot FILE as well")
    for number, text in enumerate(arguments.texts, start=1):
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise InputError(f"text {number} is not UTF-8: convert it to UTF-8")
    translator = open_translator(arguments.model, **{**_decoding(arguments), **_sampling(arguments)})
    if not arguments.texts:
        return 2 if translate_lines(_stdin(), translator.hypotheses, print, _complain, arguments.json) else 0
    answers = translator.hypotheses(arguments.texts)
    for text, hypotheses in zip(arguments.texts, answers, strict=True):
        print(format_answer(text, hypotheses, arguments.json))
    if arguments.plot:
        _draw_attention(translator, arguments, arguments.texts[0], answers[0][0].text)
    return 0


def _decoding(arguments, names=_DECODING):
    chosen = {name: getattr(arguments, name, None) for name in names}
    return {name: value for name, value in chosen.items() if value is not None}


def _sampling(arguments):
    """The decode options that `--temperature` and its like ask for."""
    chosen = _decoding(arguments, _SAMPLING)
    if chosen.get("temperature"):
        return {"beam_size": arguments.beam_size or 1, **chosen}
    if set(chosen) - {"temperature"}:
        raise InputError("--top-k, --top-p and --seed say how words are drawn: give a --temperature above 0 as well")
    return chosen


def chat(arguments):
    """Answer line after line, a person at the terminal or a pipe."""
    translator = open_translator(arguments.model, **{**_decoding(arguments), **_sampling(arguments)})
    with quiet_loading():
        translator(".")  # what must be compiled is, and what cannot be done is refused, before anybody types
    seed = arguments.seed or 0
    if sys.stdin.isatty() and sys.stdout.isatty():
        converse_at_terminal(translator, _complain, seed)
    else:
        converse(sys.stdin.buffer, translator, functools.partial(print, flush=True), _complain, seed)
    return 0


def _stdin():
    if sys.stdin.isatty():
        print("one text a line, please; Ctrl-D ends", file=sys.stderr)
    return sys.stdin.buffer


def _complain(message):
    print(f"kerasformer: {message}", file=sys.stderr, flush=True)


def _draw_attention(translator, arguments, source, target):
    pieces = plan([source], translator.count_tokens, translator.max_tokens).pieces
    if len(pieces) != 1:
        longer = f"is split into {len(pieces)} pieces, for it is longer than the model reads at once"
        raise InputError(f"--plot draws one sentence: the text {longer if pieces else 'is empty'}")
    if translator.count_tokens([target])[0] > translator.max_tokens:
        raise InputError("--plot cannot draw this: the translation is longer than the model reads at once")
    attention = translator.attention(source, target)
    layers, heads = attention.weights.shape[:2]
    layer = arguments.layer or layers
    if layer > layers:
        raise InputError(f"--layer {layer} does not exist: the model has {layers}")
    from kerasformer import plotting

    weights = attention.weights[layer - 1]
    shared = {
        "source_language": translator.source,
        "target_language": translator.target,
        "path": arguments.plot,
    }
    tokens = attention.source_tokens, attention.target_tokens
    if arguments.heads:
        plotting.attention_heads(weights, *tokens, **shared)
    else:
        title = f"layer {layer} of {layers}, mean of {heads} heads"
        plotting.attention_map(weights.mean(axis=0), *tokens, title=title, **shared)


def evaluate(arguments):
    """Score and time translations of held-out sentences, beside what takes no learning if asked to."""
    from kerasformer import atomic, evaluation, scoreboard

    translator = open_translator(arguments.model, **_decoding(arguments))
    source, target = arguments.source or translator.source, arguments.target or translator.target
    splits, train = _held_out(arguments, source, target, corpus_of(translator), arguments.split)
    if arguments.output and len(splits) > 1:
        raise InputError(f"--output takes one split: give --split {' or --split '.join(splits)}")
    baselines = _baselines(train) if arguments.baselines else {}
    kind, figures = kind_of(arguments.model), {}
    for split, pairs in splits.items():
        figures[split], hypotheses = _score(translator, pairs, target, kind)
        if baselines:
            figures[split]["baselines"] = {
                name: evaluation.evaluate(answer, pairs, target)[0].quality() for name, answer in baselines.items()
            }
    if arguments.output:
        lines = [" ".join(filter(None, text.splitlines())) + "\n" for text in hypotheses]
        atomic.write_text(arguments.output, "".join(lines))
    if arguments.json:
        _print_json({"model": arguments.model, "source": source, "target": target, "splits": figures})
    else:
        scoreboard.show(figures)
    return 0


def _score(translator, pairs, target, kind):
    """Every figure of a split by its name, and the translations."""
    from kerasformer import evaluation

    score, hypotheses = evaluation.evaluate(
        translator,
        pairs,
        target,
        count_tokens=translator.count_tokens,
        warm_up=1 if kind == "litert" else len(pairs),  # the others compile
    )
    figures = score.to_json()
    if kind == "bundle":
        figures |= translator.token_scores(pairs)
    return figures, hypotheses


def _baselines(train):
    """What takes no learning, by name."""
    from kerasformer.baselines import MostFrequentAnswer, NearestQuestion

    if not train:
        raise InputError("--baselines needs a training split, and --split all is of none: give another --split")
    return {"most_frequent_answer": MostFrequentAnswer(train), "nearest_question": NearestQuestion(train)}


def _held_out(arguments, source, target, trained_on, split=None):
    """What `--data`, `--split` and `--limit` ask for: dict of split name to pairs; and the training pairs, if any."""
    from kerasformer.data.corpora import available, load_corpus

    data = arguments.data or [name for name in [trained_on.get("name")] if name in available()]
    if not data:
        raise InputError("the model names no corpus that can be had again: say with --data which sentences")
    if split == "all":
        splits, train = {"all": _all_pairs(data, source, target)}, []
    else:
        corpus = load_corpus(data, source, target, data_dir=arguments.data_dir, seed=arguments.seed)
        splits, train = corpus.tests or {"validation": corpus.validation}, corpus.train
        if split:
            splits = {"train": train, "validation": corpus.validation, **corpus.tests}
            if split not in splits:
                raise InputError(f"{corpus.name} has no split {split!r}; there are {', '.join(splits)}")
            splits = {split: splits[split]}
    return {name: pairs[: arguments.limit] for name, pairs in splits.items()}, train


def _all_pairs(data, source, target):
    """Every pair of one's own files, the source first unless the file names say otherwise."""
    import pathlib

    from kerasformer.data.reading import read_parallel, read_tsv
    from kerasformer.data.tables import is_table, read_table

    if not all(pathlib.Path(item).is_file() for item in data) or len(data) > 2:
        raise InputError("--split all takes the pairs of FILE FILE, FILE.tsv or FILE.csv: give these with --data")
    if len(data) == 1:
        return read_table(data[0], source, target)[2] if is_table(data[0]) else read_tsv(data[0])
    endings = [pathlib.Path(item.removesuffix(".gz")).suffix for item in data]
    return read_parallel(*(reversed(data) if endings == [f".{target}", f".{source}"] else data))


def export(arguments):
    """Export a bundle in each format, proven to answer as it does."""
    check_replaceable(arguments.out, "report.json")
    if kind_of(arguments.model) != "bundle":
        raise InputError(f"{arguments.model} is an export already: give the bundle folder it was made from")
    bundle = open_translator(arguments.model).bundle
    splits, _ = _held_out(arguments, bundle.source, bundle.target, bundle.corpus)
    from rich.console import Console

    from kerasformer.export.parity import export_all
    from kerasformer.export.report import table

    pairs = [pair for part in splits.values() for pair in part]
    formats = tuple(dict.fromkeys(arguments.format))
    with quiet_loading():
        say = functools.partial(print, flush=True)
        report = export_all(bundle, arguments.out, pairs, formats=formats, say=say)
    Console().print(table(report))
    print(f"everything is in {arguments.out}")
    return 0


def verify(arguments):
    """Compare an artefact with its bundle; of a bundle alone, check its files."""
    if arguments.bundle is None:
        if kind_of(arguments.model) != "bundle":
            raise InputError("say with --bundle which bundle it should answer as")
        translator = open_translator(arguments.model)
        found = {"passed": True, "source": translator.source, "target": translator.target}
        whole = f"{arguments.model} is whole: its files are those that were saved"
        _print_json(found) if arguments.json else print(whole)
        return 0
    reference = open_translator(arguments.bundle, beam_size=1, num_hypotheses=1, temperature=0.0)
    if not hasattr(reference, "bundle"):
        raise InputError(f"{arguments.bundle} is no bundle: give the bundle folder it was exported from")
    other, exact = open_translator(arguments.model), is_exact(arguments.model)
    splits, _ = _held_out(arguments, reference.source, reference.target, reference.bundle.corpus)
    pairs = [pair for pairs in splits.values() for pair in pairs]
    counts = reference.count_tokens([source for source, _ in pairs])
    pairs = [pair for pair, count in zip(pairs, counts, strict=True) if 0 < count <= reference.max_tokens]
    if not pairs:
        raise InputError("the model reads no held-out sentence in one piece: give others with --data")
    from kerasformer.export.parity import compare

    found = {"sentences": len(pairs), "exact": exact, **compare(reference, other, pairs, exact=exact)}
    _print_json(found) if arguments.json else _print_comparison(found)
    return 0 if found["passed"] else 1


def _print_comparison(found):
    same = f"{100 * found['identical_share']:.1f} % of {found['sentences']:,} sentences"
    print(f"{same} answered alike, BLEU {found['bleu']:.2f} to the bundle's {found['bleu_reference']:.2f}")
    for difference in found["differences"][:_SHOWN_DIFFERENCES]:
        print(f"\nsource  {difference['source']}")
        print(f"bundle  {difference['reference']}\nother   {difference['other']}")
        if difference["tie"]:
            print("a tie: both are as likely")
    if len(found["differences"]) > _SHOWN_DIFFERENCES:
        print(f"\nand {len(found['differences']) - _SHOWN_DIFFERENCES:,} more")
    rule = "every sentence the same, ties aside" if found["exact"] else "as good a BLEU, but for half a point"
    print(f"{'passed' if found['passed'] else 'FAILED'}: wanted was {rule}")


def inspect(arguments):
    """Print what an artefact is."""
    about = describe(arguments.model)
    if arguments.json:
        _print_json(about)
    else:
        print("\n".join(_lines(about)))
    return 0


def _lines(values, indent=""):
    """A nested dict as aligned lines for people; what is empty is left out."""
    shown = {key: value for key, value in values.items() if value not in ({}, None, "")}
    width = max((len(key) for key in shown), default=0)
    for key, value in shown.items():
        if isinstance(value, dict) and not value.keys() <= {"dtype", "shape"}:
            yield f"{indent}{key}"
            yield from _lines(value, indent + "  ")
        else:
            yield f"{indent}{key:<{width}}  {_shown(value)}"


def _shown(value):
    if isinstance(value, dict):  # of a tensor
        axes = ", ".join("any" if size is None else str(size) for size in value["shape"])
        return f"{value['dtype']} ({axes})"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _print_json(value):
    print(json.dumps(value, ensure_ascii=False, indent=1))
