"""Options that several commands share, and checks of their values."""

import argparse
import math

from kerasformer.data.corpora import available
from kerasformer.data.images.corpora import available_images
from kerasformer.errors import InputError
from kerasformer.interface.glossary import read_glossary

DECODING = (
    *("beam_size", "num_hypotheses", "length_penalty", "min_length", "repetition_penalty", "no_repeat_ngram"),
    "max_repeats",
)
PROTECTION = ("protect", "glossary")  # what `add_decoding` adds for what must not change


def add_data(command):
    """Add the options that choose held-out data."""
    command.add_argument(
        "--data",
        nargs="+",
        metavar="DATA",
        help=f"sentences: {', '.join(available())}; FILE FILE, one FILE with columns, or a FOLDER of SPLIT.LANG files; "
        f"images: {', '.join(available_images())}, or a FOLDER with one folder of images for each class; only "
        "examples held out of training are used (default: the data the model was trained on)",
    )
    add_resize(command)
    command.add_argument(
        "--data-dir", metavar="FOLDER", help="read the files of a named corpus from FOLDER instead of downloading them"
    )
    command.add_argument(
        "--columns",
        nargs=2,
        metavar=("SOURCE", "TARGET"),
        help="columns of one FILE, numbers from 1 or names (default: the two columns of text)",
    )
    command.add_argument(
        "--seed",
        type=at_least(0),
        metavar="N",
        help="seed that chooses what is held out of images and of your own files (default: the seed of the training "
        "if the artefact names it, else 0), and the texts of --robustness (default: 0)",
    )
    command.add_argument(
        "--limit",
        type=at_least(1),
        metavar="N",
        help="use only the first N sentences or captions, or N images spread over the classes",
    )


def add_resize(command):
    """Add `--resize`."""
    command.add_argument(
        "--resize", action="store_true", help="resize images to the size the model takes; this loses detail"
    )


def add_classifier(command):
    """Add `--classifier`."""
    command.add_argument(
        "--classifier", metavar="PATH", help="classifier of digits: bundle folder, SavedModel folder or .tflite file"
    )


def add_decoding(command):
    """Add the options of search, and those of what a translation must not change."""
    command.add_argument(
        "--beam-size",
        type=at_least(1),
        metavar="N",
        help="hypotheses kept at each step; 1 is greedy (default: the model's); a SavedModel takes only its own, a "
        ".tflite only 1 or the one that it was exported with",
    )
    command.add_argument(
        "--length-penalty",
        type=at_least(0, float),
        metavar="X",
        help="alpha; larger values favour longer translations (default: the model's); a SavedModel takes it with its "
        "beam, a .tflite does not",
    )
    command.add_argument(
        "--min-length",
        type=at_least(0),
        metavar="N",
        help="fewest tokens of a translation (default: the model's); a SavedModel takes it with its beam",
    )
    command.add_argument(
        "--repetition-penalty",
        type=above_zero,
        metavar="X",
        help="above 1, tokens that a translation has already become less likely (default: the model's, which is 1); a "
        "SavedModel takes it with its beam",
    )
    command.add_argument(
        "--no-repeat-ngram",
        type=at_least(0),
        metavar="N",
        help="no N tokens in a row occur twice; 0 allows all (default: the model's); bundles only",
    )
    command.add_argument(
        "--max-repeats",
        type=at_least(0),
        metavar="N",
        help="the same tokens stand at most N times in a row, unless the source repeats itself more often; 0 allows "
        "all (default: the model's, which is 4 for new ones); bundles only",
    )
    _add_protection(command)


def _add_protection(command):
    command.add_argument(
        "--glossary",
        metavar="FILE",
        help="translate terms as FILE says: UTF-8, in each line a source term, a tab and its translation",
    )
    command.add_argument(
        "--no-protect",
        action="store_const",
        const=False,
        dest="protect",
        help="let the model translate everything (default: addresses, numbers, placeholders, tags, emoji, code and so "
        "on stay as they are)",
    )


def add_sampling(command, drawn="token", default=0):
    """Add the options of sampling, with a seed; `Sampling` checks the values.

    Args:
        command: the parser.
        drawn: what is sampled, for the help.
        default: int, the temperature that is used if none is given.
    """
    add_temperature(command, drawn, default)
    command.add_argument(
        "--seed",
        type=int,
        metavar="N",
        help="seed of sampling; the same seed gives the same answer to the same text (default: 0)",
    )


def add_temperature(command, drawn, default):
    """Add the options of sampling, without a seed; for the arguments see `add_sampling`."""
    zero = ", which does not sample" if default == 0 else "; 0 takes the most likely"
    command.add_argument(
        "--temperature",
        type=float,
        metavar="X",
        help=f"sample each {drawn} instead of taking the most likely one; below 1 favours likely ones, above 1 "
        f"unlikely ones (default: {default}{zero})",
    )
    command.add_argument(
        "--top-k",
        type=int,
        metavar="N",
        help="sample among the N most likely only; 0 is all (default: 0)",
    )
    command.add_argument(
        "--top-p",
        type=float,
        metavar="X",
        help="sample among the fewest most likely whose probabilities add up to X; 1 is all (default: 1)",
    )


def add_json(command):
    """Add `--json` to a command that can print one JSON object."""
    command.add_argument("--json", action="store_true", help="print one JSON object")


def add_path(command):
    """Let the artefact be named without `--model`, too."""
    command.add_argument("path", nargs="?", metavar="PATH", help="the same as --model PATH")


def named_path(arguments):
    """The artefact that was named in either way."""
    named = [path for path in (arguments.model, arguments.path) if path is not None]
    if len(named) != 1:
        raise InputError(f"name one artefact, with or without --model, not {len(named)}")
    return named[0]


def chosen(arguments, names):
    """The options of these names that were given: dict of name to value."""
    values = {name: getattr(arguments, name, None) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def chosen_protection(arguments):
    """The options of what must not change that were given, with the glossary read: dict of name to value."""
    given = chosen(arguments, PROTECTION)
    return {**given, "glossary": read_glossary(given["glossary"])} if "glossary" in given else given


def above_zero(text):
    """A finite number above 0, for `type` of an option."""
    value = at_least(0, float)(text)
    if not value:
        raise argparse.ArgumentTypeError(f"must be above 0, got {text!r}")
    return value


def at_least(minimum, number=int):
    """A converter of text to a finite number of at least `minimum`, for `type` of an option."""

    def convert(text):
        try:
            value = number(text)
        except ValueError:
            value = math.nan
        if not minimum <= value < math.inf:
            what = "a whole number" if number is int else "a number"
            raise argparse.ArgumentTypeError(f"must be {what} of at least {minimum}, got {text!r}")
        return value

    return convert
