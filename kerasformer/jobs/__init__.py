"""What models are for: from which data each is trained, what is measured of it, and how it leaves as artefacts.

A task has what `train.py` composes: `name`, `sha256` and `describe()` of its data; `check` how it is to be trained;
`prepare` the config and the tokenizer; `batches` and `objective` of the training; `bundle`, `measure` and `export` of
what was trained.
"""

import importlib

from kerasformer.errors import InputError

_HOMES = {"translation": "Translation", "classification": "Classification", "drawing": "Drawing"}


def open_task(config, data):
    """The task that models of a config are for, over its data.

    Args:
        config: the config of a model, whose `task` names it.
        data: dict of what to read; the task's `options` are allowed.

    Raises:
        InputError: for a model that is a part of another, an option of another task, or what is wrong with the data.
    """
    if config.task not in _HOMES:
        raise InputError(f"{config.task} is not trained by itself: train the model that it is a part of, such as dalle")
    task = getattr(importlib.import_module(f"kerasformer.jobs.{config.task}"), _HOMES[config.task])
    foreign = sorted(set(data) - set(task.options))
    if foreign:
        raise InputError(f"{config.task} reads no {foreign[0]}: leave out --{foreign[0].replace('_', '-')}")
    return task(**data)


def only(data):
    """The one item of `data`, a list of what to read."""
    if len(data) != 1:
        raise InputError(f"{len(data)} data arguments: give the name of a set of images, or one folder")
    return data[0]


def trained_on(corpus, seed):
    """What a bundle says of the corpus it was trained on, of which a seed has decided the splits: dict."""
    return {"name": corpus.name, "sha256": corpus.sha256, "attribution": corpus.attribution, "seed": seed}
