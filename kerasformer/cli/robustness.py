"""`kerasformer evaluate --robustness`: the faults of a translator on difficult texts."""

import functools
import sys

from kerasformer.cli.arguments import chosen
from kerasformer.cli.held_out import read_held_out
from kerasformer.cli.printing import print_json

_PAIRS = 40  # that texts are made from, unless --limit is given


def add_option(command):
    """Add `--robustness`."""
    command.add_argument(
        "--robustness",
        action="store_true",
        help="instead of scores, count the faults on difficult texts that are made from clean sentences: those of "
        f"--data, of the package for French and English, or else held-out ones; {_PAIRS} of them, or --limit; with "
        "--output, write kind, text and translation, with tabs between them",
    )


def evaluate(arguments, description, translator):
    """Count the faults of an opened translator on each kind of difficult text; see `cli.translation.evaluate`."""
    from kerasformer.evaluation.robustness import measure_robustness
    from kerasformer.evaluation.tables import show_robustness
    from kerasformer.system.files import write_text

    name, pairs = _clean_sentences(arguments, description)
    say, seed = functools.partial(print, file=sys.stderr, flush=True), arguments.seed or 0
    figures, answers = measure_robustness(translator, pairs, seed, say)
    if arguments.json:
        about = {"model": arguments.model, "source": translator.source, "target": translator.target}
        print_json({**about, "sentences": name, "pairs": len(pairs), "seed": seed, "kinds": figures})
    else:
        show_robustness(figures)
    if arguments.output:
        rows = ("\t".join(" ".join(cell.split()) for cell in row) + "\n" for row in answers)
        write_text(arguments.output, "".join(rows))
    return 0


def _clean_sentences(arguments, description):
    """What the sentences are, and the (source, target) sentences."""
    from kerasformer.evaluation.variants import clean_pairs

    limit = arguments.limit or _PAIRS
    given = chosen(arguments, ("data", "data_dir", "split", "columns", "source", "target"))
    if pairs := not given and clean_pairs(description.source, description.target):
        return "package", pairs[:limit]
    source, target = arguments.source or description.source, arguments.target or description.target
    splits, _ = read_held_out(arguments, source, target, description.corpus, arguments.split)
    split = next(iter(splits))
    return split, splits[split][:limit]
