"""The options of `kerasformer translate` for what is asked beside the search, such as a prefix or an alignment."""

import dataclasses

from kerasformer.cli.arguments import at_least, chosen
from kerasformer.errors import InputError
from kerasformer.interface.request import Request

REQUEST = tuple(field.name for field in dataclasses.fields(Request))


def add_options(command):
    """Add the options to the command."""
    command.add_argument(
        "--prefix",
        metavar="TEXT",
        help="begin the translation of each TEXT with this; only for single sentences, in which nothing is protected",
    )
    command.add_argument(
        "--alternatives",
        type=at_least(1),
        metavar="N",
        help="print N translations that differ in the first token after the prefix, with tabs between them; a .tflite "
        "cannot",
    )
    command.add_argument(
        "--suppress",
        action="append",
        metavar="WORDS",
        help="words that do not occur in a row in a translation; may be given several times",
    )
    command.add_argument(
        "--coverage-penalty",
        type=at_least(0, float),
        metavar="X",
        help="beta; with a beam, hypotheses that attend little to a part of the source lose score (default: 0)",
    )
    command.add_argument(
        "--token-log-probs",
        action="store_const",
        const=True,
        help="with --json, print the log-probability of each token, and of the end, for each hypothesis",
    )
    command.add_argument(
        "--alignment",
        action="store_const",
        const=True,
        help="print a JSON object for each line, with the words of each sentence and the links between them",
    )


def chosen_request(arguments, is_file):
    """The options that were given: dict of name to value; those that cannot be done or printed are refused."""
    if (arguments.prefix or arguments.alternatives) and not arguments.texts:
        raise InputError("--prefix and --alternatives are for texts of the command line: give TEXT")
    if arguments.alternatives and arguments.num_hypotheses:
        raise InputError("--alternatives and --num-hypotheses both say how many translations are printed: give one")
    if arguments.token_log_probs and not (arguments.json or arguments.alignment):
        raise InputError("--token-log-probs are printed in JSON only: give --json as well")
    if is_file and (arguments.token_log_probs or arguments.alignment):
        raise InputError("a translated file has no place for --token-log-probs and --alignment: leave them out")
    given = chosen(arguments, REQUEST)
    return {**given, "suppress": tuple(given["suppress"])} if "suppress" in given else given
