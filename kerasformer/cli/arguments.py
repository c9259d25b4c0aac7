"""What each command of `kerasformer` can be told, each option explained."""

import argparse
import math

from kerasformer.data.corpora import available
from kerasformer.data.images.corpora import available_images

EXPORT_FORMATS = ("saved_model", "litert-fp32", "litert-int8")


def translate(command):
    """The options of `kerasformer translate`."""
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


def chat(command):
    """The options of `kerasformer chat`."""
    command.add_argument(
        "--beam-size",
        type=_at_least(1),
        default=1,
        metavar="N",
        help="hypotheses kept at each step (default: 1, which is greedy); a SavedModel takes its own, a .tflite 1",
    )
    _add_sampling(command)


def classify(command):
    """The options of `kerasformer classify`."""
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


def draw(command):
    """The options of `kerasformer draw`."""
    command.add_argument("captions", nargs="+", metavar="CAPTION", help="what is to be drawn")
    command.add_argument("--out", required=True, metavar="FILE", help="the picture, as .png, .svg or .pdf")
    command.add_argument(
        "-n", "--number", type=_at_least(1), default=1, metavar="N", help="images of each caption (default: 1)"
    )
    _add_sampling(command, "code", default=1)
    command.set_defaults(seed=0)
    command.add_argument(
        "--best-of",
        type=_at_least(1),
        metavar="N",
        help="draw N times as many images and keep those of which the classifier is surest that they show the caption",
    )
    _add_classifier(command)


def _add_classifier(command):
    command.add_argument("--classifier", metavar="PATH", help="classifier of digits: a bundle, SavedModel or .tflite")


def evaluate(command):
    """The options of `kerasformer evaluate`."""
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
    _add_classifier(command)
    _add_knobs(command, "code of an image", default=1)
    command.add_argument(
        "--baselines",
        action="store_true",
        help="score two answers without learning too: the most frequent target in training, and that of the "
        "training source with the most similar characters",
    )
    command.add_argument("--output", metavar="FILE", help="write the translations, one a line")
    json_object(command)


def export(command):
    """The options of `kerasformer export`."""
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


def verify(command):
    """The options of `kerasformer verify`."""
    command.add_argument("--bundle", metavar="PATH", help="the bundle folder it was exported from")
    _add_data(command)
    json_object(command)


def json_object(command):
    """The option of a command that can print one JSON object."""
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
        type=_at_least(0),
        metavar="N",
        help="decides what is held out of images and of one's own files (default: what train.py took, as far as the "
        "artefact says; else 0)",
    )
    command.add_argument(
        "--limit",
        type=_at_least(1),
        metavar="N",
        help="the first N sentences only, or N images of all classes by turns",
    )


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


def _add_sampling(command, drawn="token", default=0):
    _add_knobs(command, drawn, default)
    command.add_argument(
        "--seed",
        type=_at_least(0),
        metavar="N",
        help="draws otherwise; the same seed gives the same text the same answer (default: 0)",
    )


def _add_knobs(command, drawn, default):
    nothing = ", which draws nothing" if default == 0 else "; 0 takes the likeliest"
    command.add_argument(
        "--temperature",
        type=_at_least(0, float),
        metavar="X",
        help=f"draw each {drawn} instead of taking the likeliest: below 1 likely ones more often, above 1 less "
        f"(default: {default}{nothing})",
    )
    command.add_argument(
        "--top-k", type=_at_least(0), metavar="N", help="draw among the N likeliest only (default: 0, all)"
    )
    command.add_argument(
        "--top-p",
        type=_at_least(0, float),
        metavar="X",
        help="draw among the fewest likeliest that have a probability of X together (default: 1, all)",
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
