"""What commands do with translators: `translate`, `chat`, and the part of `evaluate` that is theirs."""

import functools
import sys

from kerasformer.cli.conversation import converse, converse_at_terminal
from kerasformer.cli.pipes import format_answer, translate_lines
from kerasformer.cli.printing import check_utf8, complain, print_json
from kerasformer.errors import InputError
from kerasformer.inference.opening import corpus_of, kind_of, named_data, open_translator, quiet_loading, split_seed
from kerasformer.interface.segmentation import plan

_DECODING = ("beam_size", "num_hypotheses", "length_penalty", "min_length", "no_repeat_ngram")
_SAMPLING = ("temperature", "top_k", "top_p", "seed")
# What `evaluate`, `export` and `verify` can be told of a translator that they cannot of everything.
OPTIONS = ("source", "target", "split", "data_dir", "baselines", "output", *_DECODING)


def translate(arguments):
    """Translate texts, or standard input to standard output; draw attention if asked to."""
    if arguments.plot and len(arguments.texts) != 1:
        raise InputError(f"--plot draws the attention over one TEXT, not over {len(arguments.texts)}: give one")
    if not arguments.plot and (arguments.layer or arguments.heads):
        raise InputError("--layer and --heads say what --plot draws: give --plot FILE as well")
    check_utf8(arguments.texts, "text")
    translator = open_translator(arguments.model, **{**_decoding(arguments), **_sampling(arguments)})
    if not arguments.texts:
        return 2 if translate_lines(_stdin(), translator.hypotheses, print, complain, arguments.json) else 0
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
        converse_at_terminal(translator, complain, seed)
    else:
        converse(sys.stdin.buffer, translator, functools.partial(print, flush=True), complain, seed)
    return 0


def _stdin():
    if sys.stdin.isatty():
        print("one text a line, please; Ctrl-D ends", file=sys.stderr)
    return sys.stdin.buffer


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
    from kerasformer.evaluation import tables
    from kerasformer.evaluation import translation as scoring
    from kerasformer.system.files import write_text

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
                name: scoring.evaluate(answer, pairs, target)[0].quality() for name, answer in baselines.items()
            }
    if arguments.json:
        print_json({"model": arguments.model, "source": source, "target": target, "splits": figures})
    else:
        tables.show(figures)
    if arguments.output:
        lines = [" ".join(filter(None, text.splitlines())) + "\n" for text in hypotheses]
        write_text(arguments.output, "".join(lines))
    return 0


def _score(translator, pairs, target, kind):
    """Every figure of a split by its name, and the translations."""
    from kerasformer.evaluation import translation as scoring

    score, hypotheses = scoring.evaluate(
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
    from kerasformer.evaluation.baselines import MostFrequentAnswer, NearestQuestion

    if not train:
        raise InputError("--baselines needs a training split, and --split all is of none: give another --split")
    return {"most_frequent_answer": MostFrequentAnswer(train), "nearest_question": NearestQuestion(train)}


def held_out(arguments, bundle):
    """What `export` and `verify` prove a bundle's exports with: the pairs of all held-out splits."""
    splits, _ = _held_out(arguments, bundle.source, bundle.target, bundle.corpus)
    return [pair for pairs in splits.values() for pair in pairs]


def _held_out(arguments, source, target, trained_on, split=None):
    """What `--data`, `--split` and `--limit` ask for: dict of split name to pairs; and the training pairs, if any."""
    from kerasformer.data.corpora import available, load_corpus

    data = arguments.data or named_data(trained_on, available())
    if not data:
        raise InputError("the model names no corpus that can be had again: say with --data which sentences")
    if split == "all":
        splits, train = {"all": _all_pairs(data, source, target)}, []
    else:
        corpus = load_corpus(
            data, source, target, data_dir=arguments.data_dir, seed=split_seed(arguments.seed, trained_on)
        )
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
