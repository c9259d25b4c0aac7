"""The command `kerasformer`: what can be asked of it, each option explained; `commands` does the work."""

import argparse
import importlib.metadata
import math
import os
import sys

from kerasformer import commands
from kerasformer.data.corpora import available
from kerasformer.data.images import available_images
from kerasformer.errors import one_line_errors

PROGRAM = "kerasformer"
EXPORT_FORMATS = ("saved_model", "litert-fp32", "litert-int8")

_TRANSLATE = """Translate texts, or standard input line by line: one line out for each line in. Lines that
cannot be translated (not UTF-8, or a single sentence far too long) come out empty, are named on standard
error, and make the exit code 2; the others are translated all the same."""
_TRANSLATE_EXAMPLES = """examples:
  kerasformer translate --model runs/mine/bundle "Bonjour à tous." "Il pleut."
  kerasformer translate --model translator.int8.tflite < french.txt > english.txt
  kerasformer translate --model bundle --beam-size 4 --num-hypotheses 4 --json "Il pleut."
  kerasformer translate --model bundle --temperature 0.8 --top-p 0.9 --seed 1 "Il pleut."
  kerasformer translate --model bundle --plot attention.png "Il pleut."
"""
_CHAT = """Hold a conversation: one line in, its answer out, until Ctrl-D or /quit. Lines through a pipe get an
answer a line, an empty one where there is none; what is wrong with a line is said on standard error."""
_CHAT_EXAMPLES = """examples:
  kerasformer chat --model runs/mine/bundle
  kerasformer chat --model translator.int8.tflite --temperature 0.8 --top-k 40 --seed 1
  kerasformer chat --model saved_model < questions.txt > answers.txt
"""
_CLASSIFY = """Tell what images show: a line for each with its file, its likeliest label and that label's
probability, tabs between them. An image must be of the size and the channels that the model takes."""
_CLASSIFY_EXAMPLES = """examples:
  kerasformer classify --model runs/digits-labels-vit/bundle seven.png
  kerasformer classify --model classifier.int8.tflite --top 3 images/
  kerasformer classify --model bundle --resize --json photograph.jpg
"""
_EVALUATE = """Answer held-out data, score the answers and time them: translations against the references, labels
against the true ones. Models that compile answer everything twice and the second time counts; --limit makes it
quick. Which options there are depends on what the model is for."""
_EVALUATE_EXAMPLES = """examples:
  kerasformer evaluate --model runs/mine/bundle
  kerasformer evaluate --model chatbot/bundle --baselines
  kerasformer evaluate --model saved_model --data multi30k --split test_2017_flickr --output out.en
  kerasformer evaluate --model translator.fp32.tflite --data news.fr news.en --split all --json
  kerasformer evaluate --model runs/digits-labels-vit/bundle
"""
_EXPORT = """Write a bundle as a SavedModel and as .tflite files, let each answer held-out data as the
bundle does, and only then put them in place; report.json beside them tells sizes, speeds and scores."""
_EXPORT_EXAMPLES = """examples:
  kerasformer export --model runs/mine/bundle --out exported
  kerasformer export --model bundle --out exported --format litert-int8 --data mine.tsv
"""
_VERIFY = """Check that an artefact answers held-out data as its bundle does: token for token and label for
label, or with 8-bit weights at most half a point of BLEU or accuracy worse. Of a bundle alone, check that its
files are those that were saved. Exit code 1 when the artefact fails."""
_VERIFY_EXAMPLES = """examples:
  kerasformer verify --model runs/mine/bundle
  kerasformer verify --model exported/translator.int8.tflite --bundle runs/mine/bundle --limit 100
"""
_INSPECT = "Tell what an artefact is: kind, task, version, sizes, configuration, where it comes from."
_INSPECT_EXAMPLES = """examples:
  kerasformer inspect --model runs/mine/bundle
  kerasformer inspect --model translator.int8.tflite --json
"""


def main(argv=None):
    """Run the command; the entry point of `kerasformer`.

    Args:
        argv: list of str, the arguments; None takes the process's own.

    Returns:
        The exit code. Bad usage and errors of input end in `SystemExit(2)` instead.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    arguments = build_parser().parse_args(argv)
    with one_line_errors(PROGRAM):
        try:
            code = arguments.run(arguments)
            sys.stdout.flush()
        except BrokenPipeError:  # whoever read has read enough, as in `| head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            code = 0
    return code


def build_parser():
    """The parser of all commands; each sets `run`, from parsed arguments to an exit code."""
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Translate, converse, classify and draw with models of kerasformer, or evaluate, export, verify "
        "and inspect them.",
    )
    version = f"%(prog)s {importlib.metadata.version('kerasformer')}"
    parser.add_argument("--version", action="version", version=version)
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(name, run, purpose, description, examples):
        command = subparsers.add_parser(
            name, help=purpose, description=description, epilog=examples, formatter_class=_Formatter
        )
        command.set_defaults(run=run)
        model = "bundle folder" if name == "export" else "bundle folder, SavedModel folder or .tflite file"
        command.add_argument("--model", required=True, metavar="PATH", help=model)
        return command

    _fill_translate(add("translate", commands.translate, "texts or lines", _TRANSLATE, _TRANSLATE_EXAMPLES))
    _fill_chat(add("chat", commands.chat, "a conversation", _CHAT, _CHAT_EXAMPLES))
    _fill_classify(add("classify", commands.classify, "what images show", _CLASSIFY, _CLASSIFY_EXAMPLES))
    _fill_evaluate(add("evaluate", commands.evaluate, "scores and speed", _EVALUATE, _EVALUATE_EXAMPLES))
    _fill_export(add("export", commands.export, "SavedModel and .tflite", _EXPORT, _EXPORT_EXAMPLES))
    _fill_verify(add("verify", commands.verify, "does it answer as its bundle?", _VERIFY, _VERIFY_EXAMPLES))
    inspect = add("inspect", commands.inspect, "what an artefact is", _INSPECT, _INSPECT_EXAMPLES)
    inspect.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


class _Formatter(argparse.HelpFormatter):
    """Examples as they stand, descriptions filled to the terminal's width."""

    def _fill_text(self, text, width, indent):
        return text if text.startswith("examples:") else super()._fill_text(text, width, indent)


def _fill_translate(command):
    command.add_argument("texts", nargs="*", metavar="TEXT", help="what to translate (default: standard input)")
    _add_decoding(command)
    _add_sampling(command)
    command.add_argument(
        "--num-hypotheses",
        type=_at_least(1),
        metavar="N",
        help="print the N best, at most --beam-size, with tabs between them (default: 1)",
    )
    command.add_argument(
        "--json",
        action="store_true",
        help="print a JSON object a line: source, translation, and hypotheses with their scores",
    )
    command.add_argument("--plot", metavar="FILE", help="draw the attention over one TEXT, as .png, .svg or .pdf")
    command.add_argument("--layer", type=_at_least(1), metavar="N", help="decoder layer to draw (default: the last)")
    command.add_argument("--heads", action="store_true", help="draw every head by itself instead of their mean")


def _fill_chat(command):
    command.add_argument(
        "--beam-size",
        type=_at_least(1),
        default=1,
        metavar="N",
        help="hypotheses kept at each step (default: 1, which is greedy); a SavedModel takes its own, a .tflite 1",
    )
    _add_sampling(command)


def _fill_classify(command):
    command.add_argument("files", nargs="+", metavar="FILE", help="PNG or JPEG file, or a folder of some")
    command.add_argument(
        "--top", type=_at_least(1), default=1, metavar="N", help="print the N likeliest labels (default: 1)"
    )
    command.add_argument("--json", action="store_true", help="print a JSON object a line")
    _add_resize(command)


def _add_resize(command):
    command.add_argument(
        "--resize", action="store_true", help="resize images of another size than the model takes, which loses detail"
    )


def _fill_evaluate(command):
    _add_data(command)
    command.add_argument("--source", metavar="LANG", help="language, or column, of the sources (default: the model's)")
    command.add_argument("--target", metavar="LANG", help="likewise of the references (default: the model's)")
    command.add_argument(
        "--split",
        metavar="NAME",
        help="split to evaluate: test, validation, ...; all is every pair of one's own files "
        "(default: every test split, or validation if there is none)",
    )
    _add_decoding(command)
    command.add_argument(
        "--baselines",
        action="store_true",
        help="score two answers without learning too: the most frequent target in training, and that of the "
        "training source with the most similar characters",
    )
    command.add_argument("--output", metavar="FILE", help="write the translations, one a line")
    command.add_argument("--json", action="store_true", help="print one JSON object")


def _fill_export(command):
    command.add_argument("--out", required=True, metavar="FOLDER", help="new folder, or an earlier export to replace")
    command.add_argument(
        "--format",
        nargs="+",
        choices=EXPORT_FORMATS,
        default=EXPORT_FORMATS,
        metavar="FORMAT",
        help=f"which of {', '.join(EXPORT_FORMATS)} (default: all)",
    )
    _add_data(command)


def _fill_verify(command):
    command.add_argument("--bundle", metavar="PATH", help="the bundle folder it was exported from")
    _add_data(command)
    command.add_argument("--json", action="store_true", help="print one JSON object")


def _add_data(command):
    names = ", ".join(available())
    command.add_argument(
        "--data",
        nargs="+",
        metavar="DATA",
        help=f"sentences: {names}; FILE FILE, FILE.tsv, FILE.csv or a FOLDER of SPLIT.LANG files; images: "
        f"{', '.join(available_images())}, or a FOLDER with a folder of images for each class; only those held out of "
        "training are taken (default: what the model was trained on)",
    )
    _add_resize(command)
    command.add_argument(
        "--data-dir",
        metavar="FOLDER",
        help="where the files of a named corpus lie, instead of downloading them",
    )
    command.add_argument(
        "--seed",
        type=int,
        default=0,
        metavar="N",
        help="the --seed of train.py, which decides what is held out of one's own files (default: 0)",
    )
    command.add_argument("--limit", type=_at_least(1), metavar="N", help="the first N sentences or images only")


def _add_decoding(command):
    command.add_argument(
        "--beam-size",
        type=_at_least(1),
        metavar="N",
        help="hypotheses kept at each step, 1 is greedy (default: the model's); a SavedModel "
        "takes its own alone, a .tflite is greedy",
    )
    command.add_argument(
        "--length-penalty",
        type=_at_least(0, float),
        metavar="X",
        help="alpha: more favours longer translations (default: the model's); bundles only",
    )
    command.add_argument(
        "--min-length",
        type=_at_least(0),
        metavar="N",
        help="tokens a translation has at least (default: the model's); bundles only",
    )
    command.add_argument(
        "--no-repeat-ngram",
        type=_at_least(0),
        metavar="N",
        help="let no N tokens in a row come twice, 0 allows all (default: the model's); bundles only",
    )


def _add_sampling(command):
    command.add_argument(
        "--temperature",
        type=_at_least(0, float),
        metavar="X",
        help="draw each token instead of taking the likeliest: below 1 likely ones more often, above 1 less "
        "(default: 0, which draws nothing)",
    )
    command.add_argument(
        "--top-k", type=_at_least(0), metavar="N", help="draw among the N likeliest tokens (default: 0, all)"
    )
    command.add_argument(
        "--top-p",
        type=_at_least(0, float),
        metavar="X",
        help="draw among the fewest likeliest tokens that have a probability of X together (default: 1, all)",
    )
    command.add_argument(
        "--seed",
        type=_at_least(0),
        metavar="N",
        help="draws otherwise; the same seed gives the same text the same answer (default: 0)",
    )


def _at_least(minimum, kind=int):
    def convert(text):
        try:
            value = kind(text)
        except ValueError:
            value = math.nan
        if not minimum <= value < math.inf:
            what = "a whole number" if kind is int else "a number"
            raise argparse.ArgumentTypeError(f"must be {what} of at least {minimum}, got {text!r}")
        return value

    return convert


if __name__ == "__main__":
    sys.exit(main())
