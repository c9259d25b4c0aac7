"""The command `models`: what the pretrained models are; it reads their files and loads no library that trains."""

import textwrap

import numpy as np

from kerasformer.cli.arguments import add_json
from kerasformer.cli.printing import aligned, print_json
from kerasformer.data.languages import shown
from kerasformer.errors import InputError
from kerasformer.pretrained import locate, matching, read_metadata, way_out
from kerasformer.rows import from_rows


def add_command(add):
    """Add the command to a parser; see `cli.main`."""
    command = add(
        "models",
        models,
        "list the models of the package",
        "List the pretrained models: languages, sizes, scores, training data and licences. Use one by its name: "
        "--model NAME.",
        '  kerasformer models\n  kerasformer models --json\n  kerasformer translate --to en "Où est la gare ?"\n',
        model=None,
    )
    add_json(command)


def models(arguments):
    """Print what the pretrained models are."""
    found = {name: about(name) for name in matching()}
    if arguments.json:
        print_json(found)
        return 0
    for name, values in found.items():
        print("\n".join([name, *aligned(_in_words(values), "  ")]))
    print("limits and more scores: README.md in kerasformer/pretrained")
    return 0


def about(name):
    """What a pretrained model is: dict fit for JSON.

    Args:
        name: str, its name.

    Returns:
        {"source", "target", "parameters", "bytes" of its files, "max_tokens" of a sentence, "scores" by test set,
        "golden" pairs, "data", a line on what it was trained on, "attribution"}.

    Raises:
        InputError: if its files are damaged.
    """
    metadata, path = read_metadata(name), locate(name)
    try:
        with np.load(path / "model.rows.npz") as rows:
            parameters = sum(weight.size for weight in from_rows(rows).values())
    except Exception as error:  # zipfile, zlib and NumPy raise many kinds
        raise InputError(f"{path / 'model.rows.npz'} is damaged ({error}); {way_out(path, '')}") from None
    corpus = metadata["corpus"]
    return {
        "source": metadata["source"],
        "target": metadata["target"],
        "parameters": parameters,
        "bytes": sum(file.stat().st_size for file in path.iterdir()),
        "max_tokens": metadata["model"]["max_length"] - 1,
        "scores": metadata["metrics"],
        "golden": len(metadata["golden"]),
        "data": f"{corpus['name']}: {corpus['about']}",
        "attribution": corpus["attribution"],
    }


def _in_words(values):
    scores = (f"{split} {found['bleu']:.1f}" for split, found in values["scores"].items())
    return {
        "languages": f"{shown(values['source'])} into {shown(values['target'])}",
        "size": f"{values['parameters'] / 1e6:.1f} million parameters, {values['bytes'] / 1e6:.1f} MB; "
        f"sentences of at most {values['max_tokens']} tokens",
        "BLEU": ", ".join(scores),
        "trained on": values["data"],
        "credit to": textwrap.shorten(values["attribution"], 100, placeholder=" … (all: --json)"),
    }
