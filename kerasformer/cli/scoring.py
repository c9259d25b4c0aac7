"""The command `score`: how likely a model finds given translations."""

import dataclasses
import json

from kerasformer.cli.printing import complain
from kerasformer.data.text_files import read_lines
from kerasformer.errors import InputError
from kerasformer.formats import describe
from kerasformer.inference.opening import open_artefact

_AT_ONCE = 256  # pairs


def add_command(add):
    """Add the command to a parser; see `cli.main`."""
    command = add(
        "score",
        score,
        "score given translations",
        "Print for each pair of a source and its translation the log-probability of the translation, divided by the "
        "length penalty; higher is better. Texts are scored as they are given: they are cleaned, but neither split nor "
        "protected. A pair that cannot be scored gives an empty line, a message on standard error, and exit code 2.",
        """  kerasformer score --model fr-en french.txt english.txt
  kerasformer score --model translator.int8.tflite --json pairs.tsv
""",
    )
    command.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="a file of sources and one of translations, line by line; or one file with a tab between them",
    )
    command.add_argument(
        "--json",
        action="store_true",
        help="print a JSON object for each pair: source, target, log_prob, score, tokens and token_log_probs",
    )


def score(arguments):
    """Print the score of each pair of lines."""
    pairs = _read_pairs(arguments.files)
    translator, failed = open_artefact(describe(arguments.model, "translation")), 0
    for begin in range(0, len(pairs), _AT_ONCE):
        chunk = pairs[begin : begin + _AT_ONCE]
        for number, (pair, (found, error)) in enumerate(zip(chunk, _scored(translator, chunk), strict=True), begin + 1):
            if error:
                failed += 1
                complain(f"line {number}: {error}")
            print(_line(pair, found, error) if arguments.json else "" if error else found.score)
    return 2 if failed else 0


def _read_pairs(files):
    """The (source, target) of each line of one file or two."""
    if len(files) > 2:
        raise InputError(f"give one file with tabs, or a file of sources and one of translations, not {len(files)}")
    columns = [list(read_lines(path)) for path in files]
    if len(columns) == 1:
        pairs = [tuple(line.split("\t")) for line in columns[0]]
        wrong = next((number for number, pair in enumerate(pairs, start=1) if len(pair) != 2), None)
        if wrong:
            count = len(pairs[wrong - 1]) - 1
            raise InputError(f"{files[0]}, line {wrong} has {count} tabs: put one between source and translation")
        return pairs
    if len(columns[0]) != len(columns[1]):
        counts = f"{files[0]} has {len(columns[0])} lines and {files[1]} {len(columns[1])}"
        raise InputError(f"{counts}: give files with a translation for each line")
    return list(zip(*columns, strict=True))


def _scored(translator, pairs):
    """For each pair its `Score` and None, or None and the message of what is wrong with it."""
    try:
        return [(found, None) for found in translator.score(*map(list, zip(*pairs, strict=True)))]
    except InputError as error:
        if len(pairs) == 1:
            return [(None, str(error))]
        return [one for pair in pairs for one in _scored(translator, [pair])]


def _line(pair, found, error):
    source, target = pair
    about = {"error": error} if error else dataclasses.asdict(found)
    return json.dumps({"source": source, "target": target, **about}, ensure_ascii=False)
