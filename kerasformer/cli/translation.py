"""Commands for translators: `translate` and `chat`, and what `evaluate`, `export` and `verify` need for them."""

import functools
import sys

from kerasformer.cli import choosing, distillation, request, robustness, scoring, twins, whole_files
from kerasformer.cli.arguments import (
    DECODING,
    PROTECTION,
    add_decoding,
    add_sampling,
    at_least,
    chosen,
    chosen_protection,
)
from kerasformer.cli.conversation import converse, converse_at_terminal
from kerasformer.cli.held_out import read_held_out
from kerasformer.cli.pipes import Beginning, format_answer, translate_lines
from kerasformer.cli.printing import check_utf8, complain, print_json
from kerasformer.cli.unknown import UnknownCharacters
from kerasformer.errors import InputError
from kerasformer.formats import describe
from kerasformer.inference.opening import open_artefact
from kerasformer.interface.sampling import SAMPLING_OPTIONS
from kerasformer.pretrained import available
from kerasformer.system.quiet import quiet_loading

# The options of `evaluate`, `export` and `verify` that translators have, and not every task.
OPTIONS = (
    *("source", "target", "split", "data_dir", "columns", "baselines", "robustness", "output", "streaming"),
    *DECODING,
    *PROTECTION,
)


def add_commands(add):
    """Add the commands to a parser; see `cli.main`."""
    _add_translate(add)
    command = add(
        "chat",
        chat,
        "answer line by line",
        "Hold a conversation: one line in, its answer out, until Ctrl-D or /quit. Lines from a pipe get one answer "
        "each, an empty one if the line cannot be answered; the reason is printed on standard error.",
        """  kerasformer chat --model runs/mine/bundle
  kerasformer chat --model translator.int8.tflite --temperature 0.8 --top-k 40 --seed 1
  kerasformer chat --model saved_model < questions.txt > answers.txt
""",
    )
    command.add_argument(
        "--beam-size",
        type=at_least(1),
        default=1,
        metavar="N",
        help="hypotheses kept at each step; a SavedModel takes its own or 1, so does a .tflite (default: 1, greedy)",
    )
    add_sampling(command)
    scoring.add_command(add)
    distillation.add_command(add)


def _add_translate(add):
    command = add(
        "translate",
        translate,
        "translate texts or lines",
        "Translate texts, or standard input line by line: one line out for each line in. A line that cannot be "
        "translated (not UTF-8, or one sentence that is far too long) gives an empty line, a message on standard "
        "error, and exit code 2; the other lines are still translated.",
        """  kerasformer translate --model runs/mine/bundle "Bonjour à tous." "Il pleut."
  kerasformer translate --model translator.int8.tflite < french.txt > english.txt
  kerasformer translate --model bundle --beam-size 4 --num-hypotheses 4 --json "Il pleut."
  kerasformer translate --model bundle --temperature 0.8 --top-p 0.9 --seed 1 "Il pleut."
  kerasformer translate --model bundle --prefix "It rains" --alternatives 3 "Il pleut."
  kerasformer translate --model bundle --alignment "Il pleut."
  kerasformer translate --model bundle --plot attention.png "Il pleut."
  kerasformer translate --to en "Où est la gare ?"
  kerasformer translate --to en --in film.fr.srt --out film.en.srt
""",
        model="bundle folder, SavedModel folder or .tflite file, or a model of the package: "
        f"{', '.join(available()) or 'none here'} (default: the one of the package for the languages)",
        needs_model=False,
    )
    choosing.add_options(command)
    twins.add_option(command)
    command.add_argument("texts", nargs="*", metavar="TEXT", help="texts to translate (default: standard input)")
    add_decoding(command)
    request.add_options(command)
    add_sampling(command)
    command.add_argument(
        "--num-hypotheses",
        type=at_least(1),
        metavar="N",
        help="print the N best translations, at most --beam-size, with tabs between them (default: 1)",
    )
    command.add_argument(
        "--json",
        action="store_true",
        help="print a JSON object for each line: source, translation, and hypotheses with their scores",
    )
    whole_files.add_options(command)
    command.add_argument("--plot", metavar="FILE", help="draw the attention over one TEXT, as .png, .svg or .pdf")
    command.add_argument("--layer", type=at_least(1), metavar="N", help="decoder layer to draw (default: the last)")
    command.add_argument("--heads", action="store_true", help="draw each head by itself instead of their mean")


def add_evaluate_options(command):
    """Add the options of `evaluate` that only translators have."""
    group = command.add_argument_group("translators")
    group.add_argument(
        "--source", metavar="LANG", help="language, or column, of the source texts (default: the model's)"
    )
    group.add_argument("--target", metavar="LANG", help="language, or column, of the references (default: the model's)")
    add_decoding(group)
    group.add_argument(
        "--baselines",
        action="store_true",
        help="also score two baselines: the most frequent target in training, and the target "
        "of the training source with the most similar characters (needs scikit-learn)",
    )
    robustness.add_option(group)
    group.add_argument("--output", metavar="FILE", help="write the translations to FILE, one a line")


def translate(arguments):
    """Translate texts, or standard input to standard output; draw the attention if asked to."""
    if arguments.plot and len(arguments.texts) != 1:
        raise InputError(f"--plot draws the attention over one TEXT, not over {len(arguments.texts)}: give one")
    if not arguments.plot and (arguments.layer or arguments.heads):
        raise InputError("--layer and --heads need --plot: give --plot FILE as well")
    check_utf8(arguments.texts, "text")
    is_file = whole_files.check_options(arguments)
    options = {**_options(arguments), **request.chosen_request(arguments, is_file)}
    stream = None if is_file or arguments.texts else Beginning(_stdin())
    description = choosing.describe_chosen(arguments, _beginnings(arguments, stream))
    translator = open_artefact(description, engine=arguments.engine, **options)
    code = _translate(arguments, translator, stream, description, options if is_file else None)
    twins.add_missing(arguments, description, translator)
    return code


def _translate(arguments, translator, stream, description, of_file):
    """Translate the texts, a stream, or the whole file for which `of_file` are the options; the exit code."""
    code, unknown, as_json = 0, UnknownCharacters(translator), bool(arguments.json or arguments.alignment)
    if of_file is not None:
        code = whole_files.translate(arguments, unknown, description.path, of_file)
    elif stream:
        code = 2 if translate_lines(stream, unknown.hypotheses, print, complain, as_json) else 0
    else:
        answers = unknown.hypotheses(arguments.texts)
        for text, hypotheses in zip(arguments.texts, answers, strict=True):
            print(format_answer(text, hypotheses, as_json))
    unknown.report()
    if arguments.plot:
        _draw_attention(translator, arguments, arguments.texts[0], answers[0][0].text)
    return code


def _beginnings(arguments, stream):
    """Yield longer and longer beginnings of the text to translate, which is read only if it is needed."""
    if stream:
        yield from stream.texts()
    elif arguments.texts:
        yield "\n".join(arguments.texts)
    else:
        yield whole_files.read_text(arguments)


def _options(arguments):
    """The decode options of the command line, and what a translation must not change."""
    return {**chosen(arguments, DECODING), **chosen_protection(arguments), **_sampling(arguments)}


def _sampling(arguments):
    """The decode options that `--temperature`, `--top-k`, `--top-p` and `--seed` set."""
    given = chosen(arguments, SAMPLING_OPTIONS)
    if given.get("temperature"):
        return {"beam_size": arguments.beam_size or 1, **given}
    if set(given) - {"temperature"}:
        raise InputError("--top-k, --top-p and --seed set how tokens are sampled: give a --temperature above 0 as well")
    return given


def chat(arguments):
    """Answer line after line, from a person at the terminal or from a pipe."""
    translator = open_artefact(describe(arguments.model, "translation"), **_options(arguments))
    with quiet_loading():
        translator("A.")  # compile, and refuse options that the artefact does not take, before the first line
    seed = arguments.seed or 0
    if sys.stdin.isatty() and sys.stdout.isatty():
        converse_at_terminal(translator, complain, seed)
    else:
        converse(sys.stdin.buffer, translator, functools.partial(print, flush=True), complain, seed)
    return 0


def _stdin():
    if sys.stdin.isatty():
        print("type one text a line; Ctrl-D ends", file=sys.stderr)
    return sys.stdin.buffer


def _draw_attention(translator, arguments, source, target):
    pieces = translator.plan([source]).pieces
    if len(pieces) != 1:
        longer = f"is translated in {len(pieces)} pieces"
        raise InputError(f"--plot draws one sentence: the text {longer if pieces else 'is empty'}")
    attention = translator.attention(source, target)  # first of all, because a model may have none
    if translator.count_tokens([target])[0] > translator.max_tokens:
        raise InputError("--plot cannot draw this: the translation is longer than the model reads at once")
    layers, heads = attention.weights.shape[:2]
    layer = arguments.layer or layers
    if layer > layers:
        raise InputError(f"--layer {layer} does not exist: the model has {layers}")
    import kerasformer.plotting as plotting

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


def evaluate(arguments, description):
    """Score and time translations of held-out sentences, and of the baselines if asked to."""
    from kerasformer.evaluation import tables
    from kerasformer.evaluation import translation as scoring
    from kerasformer.system.files import write_text

    if arguments.baselines and arguments.robustness:
        raise InputError("--robustness has no baselines: leave out one of the two options")
    if arguments.baselines and arguments.split == "all":
        raise InputError("--baselines needs a training split, and --split all has none: give another --split")
    translator = open_artefact(description, **chosen(arguments, DECODING), **chosen_protection(arguments))
    if arguments.robustness:
        return robustness.evaluate(arguments, description, translator)
    source, target = arguments.source or description.source, arguments.target or description.target
    splits, train = read_held_out(arguments, source, target, description.corpus, arguments.split)
    if arguments.output and len(splits) > 1:
        raise InputError(f"--output takes one split: give --split {' or --split '.join(splits)}")
    baselines = _baselines(train) if arguments.baselines else {}
    figures = {}
    for split, pairs in splits.items():
        figures[split], hypotheses = _score(translator, pairs, target, description.form)
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


def _score(translator, pairs, target, form):
    """The figures of a split by name, and the translations."""
    from kerasformer.evaluation import translation as scoring

    score, hypotheses = scoring.evaluate(
        translator,
        pairs,
        target,
        count_tokens=translator.count_tokens,
        warm_up=len(pairs) if form.is_compiled else 1,
    )
    figures = score.to_json()
    if hasattr(translator, "token_scores"):
        figures |= translator.token_scores(pairs)
    return figures, hypotheses


def _baselines(train):
    """The baselines, which need no learning, by name."""
    from kerasformer.evaluation.baselines import MostFrequentAnswer, NearestQuestion

    return {"most_frequent_answer": MostFrequentAnswer(train), "nearest_question": NearestQuestion(train)}


def held_out(arguments, description, bundle):
    """The pairs that `export` and `verify` compare exports with the bundle on.

    They are those of all held-out splits; or, if no data are named, the golden pairs of the bundle.
    """
    if bundle.golden and not arguments.data:
        return [(source, reference) for source, _, reference in bundle.golden][: arguments.limit]
    splits, _ = read_held_out(arguments, description.source, description.target, description.corpus)
    return [pair for pairs in splits.values() for pair in pairs]
