"""Read the held-out sentences that `evaluate`, `export` and `verify` use for a translator."""

import pathlib

from kerasformer.cli.printing import complain
from kerasformer.errors import InputError
from kerasformer.inference.opening import named_data, split_seed


def read_held_out(arguments, source, target, trained_on, split=None):
    """The pairs that `--data`, `--split` and `--limit` choose: dict of split to pairs; and the training pairs."""
    from kerasformer.data.corpora import available
    from kerasformer.data.corpus import load_corpus

    data = arguments.data or named_data(trained_on, available())
    if not data:
        raise InputError("the model names no corpus that can be loaded by name: give the sentences with --data")
    if split == "all":
        splits, train = {"all": _all_pairs(data, source, target, arguments.columns)}, []
    else:
        options = {"data_dir": arguments.data_dir, "columns": arguments.columns}
        corpus = load_corpus(data, source, target, seed=split_seed(arguments.seed, trained_on), **options)
        _tell(corpus.report["notes"])
        is_same = corpus.attribution or corpus.sha256 == trained_on.get("sha256")
        if corpus.name == trained_on.get("name") and not is_same:
            complain(
                f"warning: {corpus.name} is not what the model was trained on, or it was trained with other held-out "
                "pairs: pairs that are held out now may have been trained on"
            )
        splits, train = corpus.tests or {"validation": corpus.validation}, corpus.train
        if split:
            splits = {"train": train, "validation": corpus.validation, **corpus.tests}
            if split not in splits:
                raise InputError(f"{corpus.name} has no split {split!r}; there are {', '.join(splits)}")
            splits = {split: splits[split]}
    return {name: pairs[: arguments.limit] for name, pairs in splits.items()}, train


def _all_pairs(data, source, target, columns):
    """Every pair of the user's own files, read as training data are."""
    from kerasformer.data.entities import decode_splits
    from kerasformer.data.own_data import read_pairs

    if not all(pathlib.Path(item).is_file() for item in data) or len(data) > 2:
        raise InputError("--split all takes the pairs of FILE FILE or of one FILE with columns: give these with --data")
    *_, pairs, notes = read_pairs(data, source, target, columns)
    _tell(notes)
    return decode_splits({"all": pairs}, ["all"])[0]["all"]


def _tell(notes):
    """Print on standard error what was read and how."""
    for note in notes:
        complain(note)
