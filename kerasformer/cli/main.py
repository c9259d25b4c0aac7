"""The command `kerasformer`: what can be asked of it; `arguments` says how, and `commands` does the work."""

import argparse
import os
import sys

from kerasformer import __version__
from kerasformer.cli import arguments as fill
from kerasformer.cli import commands
from kerasformer.errors import one_line_errors

PROGRAM = "kerasformer"

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
_DRAW = """Draw captions into one picture: under each caption a row of its images. The same seed draws the same
captions alike. Words that no caption in training had are named on standard error, and the image is drawn all
the same."""
_DRAW_EXAMPLES = """examples:
  kerasformer draw --model runs/digits-scenes-dalle/bundle "a three to the left of a seven" -n 16 --out grid.png
  kerasformer draw --model illustrator.int8.tflite "an eight" "un huit" --temperature 0.7 --seed 1 --out eights.png
  kerasformer draw --model bundle "a two above a five" -n 4 --best-of 8 --classifier vit/bundle --out best.png
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
  kerasformer evaluate --model runs/digits-scenes-dalle/bundle --classifier runs/digits-labels-vit/bundle
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
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed by whoever started us: what is printed there must not go elsewhere
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    arguments = build_parser().parse_args(argv)
    code = int(arguments.run in (commands.export, commands.verify))  # where a pipe cuts it short: nothing is proved
    with one_line_errors(PROGRAM):
        try:
            code = arguments.run(arguments)
            sys.stdout.flush()
        except BrokenPipeError:  # whoever read has read enough, as in `| head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


def build_parser():
    """The parser of all commands; each sets `run`, from parsed arguments to an exit code."""
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Translate, converse, classify and draw with models of kerasformer, or evaluate, export, verify "
        "and inspect them.",
    )
    version = f"%(prog)s {__version__}"
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

    fill.translate(add("translate", commands.translate, "texts or lines", _TRANSLATE, _TRANSLATE_EXAMPLES))
    fill.chat(add("chat", commands.chat, "a conversation", _CHAT, _CHAT_EXAMPLES))
    fill.classify(add("classify", commands.classify, "what images show", _CLASSIFY, _CLASSIFY_EXAMPLES))
    fill.draw(add("draw", commands.draw, "images of captions", _DRAW, _DRAW_EXAMPLES))
    fill.evaluate(add("evaluate", commands.evaluate, "scores and speed", _EVALUATE, _EVALUATE_EXAMPLES))
    fill.export(add("export", commands.export, "SavedModel and .tflite", _EXPORT, _EXPORT_EXAMPLES))
    fill.verify(add("verify", commands.verify, "does it answer as its bundle?", _VERIFY, _VERIFY_EXAMPLES))
    inspect = add("inspect", commands.inspect, "what an artefact is", _INSPECT, _INSPECT_EXAMPLES)
    fill.json_object(inspect)
    return parser


class _Formatter(argparse.HelpFormatter):
    """Examples as they stand, descriptions filled to the terminal's width."""

    def _fill_text(self, text, width, indent):
        return text if text.startswith("examples:") else super()._fill_text(text, width, indent)


if __name__ == "__main__":
    sys.exit(main())
