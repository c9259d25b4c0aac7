"""What commands do with classifiers of images: `classify`, and the part of `evaluate` that is theirs."""

import json
import pathlib

import numpy as np

from kerasformer.cli.printing import print_json
from kerasformer.data.images.corpora import SUFFIXES, Images, available_images, load_images, read_image, resize
from kerasformer.errors import InputError
from kerasformer.inference.opening import corpus_of, kind_of, named_data, open_for, split_seed

# What `evaluate`, `export` and `verify` can be told of a classifier that they cannot of everything.
OPTIONS = ("split", "resize")
SPLITS = ("train", "validation", "test")


def classify(arguments):
    """Print what image files show, a line for each."""
    reader = open_for("classification", arguments.model)
    files = [file for path in arguments.files for file in _image_files(pathlib.Path(path))]
    images = [_read(file, reader.shape, arguments.resize) for file in files]
    for file, found in zip(files, reader(images), strict=True):
        likeliest = list(found.probabilities.items())[: arguments.top]
        if arguments.json:
            answer = {"file": str(file), "label": found.label, "probabilities": dict(likeliest)}
            print(json.dumps(answer, ensure_ascii=False))
        else:
            print("\t".join([str(file), *(f"{label}\t{probability:.4f}" for label, probability in likeliest)]))
    return 0


def _image_files(path):
    """A file, or those of a folder."""
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.iterdir() if file.suffix.lower() in SUFFIXES and file.name[0] != ".")
    if not found:
        raise InputError(f"{path} has no PNG or JPEG image: give image files, or a folder of some")
    return found


def _read(path, shape, may_resize):
    """An image of the shape (height, width, channels) that a model takes."""
    height, width, channels = shape
    image = read_image(path, channels=channels)
    if may_resize:
        return resize(image, height, width)
    if image.shape != tuple(shape):
        found = f"{image.shape[0]} high and {image.shape[1]} wide"
        raise InputError(f"{path} is {found} where {height} and {width} is expected: resize it, or say --resize")
    return image


def evaluate(arguments):
    """Score and time a classifier on held-out images, as a whole and class by class."""
    from kerasformer.evaluation import tables
    from kerasformer.evaluation.classification import evaluate as score

    reader = open_for("classification", arguments.model)
    split = arguments.split or "test"
    images = _labelled(arguments, reader.labels, reader.shape, corpus_of(reader), split)
    figures = score(reader, images, warm_up=kind_of(arguments.model) != "litert")  # the others compile
    if arguments.json:
        print_json({"model": arguments.model, "splits": {split: figures}})
    else:
        tables.show_classes(split, figures)
    return 0


def held_out(arguments, bundle):
    """What `export` and `verify` prove a bundle's exports with: `Images`."""
    return _labelled(arguments, bundle.labels, bundle.model.config.shape, bundle.corpus, "test")


def _labelled(arguments, labels, shape, trained_on, split):
    """What `--data`, `--split` and `--limit` ask for: `Images` labelled by places in `labels`."""
    data = arguments.data or named_data(trained_on, available_images())
    if len(data) != 1:
        raise InputError("the model names no images that can be had again: say with --data FOLDER which, or digits")
    if split not in SPLITS:
        raise InputError(f"images have no split {split!r}; there are {', '.join(SPLITS)}")
    corpus = load_images(
        data[0], seed=split_seed(arguments.seed, trained_on), size=shape[:2] if arguments.resize else None
    )
    images = getattr(corpus, split)
    if images.pixels.shape[1:] != tuple(shape):
        found, expected = (" x ".join(map(str, axes)) for axes in (images.pixels.shape[1:], shape))
        raise InputError(
            f"{corpus.name} has images of {found} (height, width, channels), the model takes {expected}: "
            "convert them, or let --resize change height and width"
        )
    unknown = sorted(set(corpus.classes) - set(labels))
    if unknown:
        raise InputError(f"{corpus.name} has the class {unknown[0]!r}, the model knows {', '.join(labels)} only")
    places = np.array([labels.index(name) for name in corpus.classes], "int32")
    kept = _by_turns(images.labels)[: arguments.limit] if arguments.limit else slice(None)
    return Images(images.pixels[kept], places[images.labels[kept]])


def _by_turns(labels):
    """The order that takes the first of each class, then the second of each, and so on: int (images,)."""
    before = np.zeros(len(labels), "int64")  # of its class, before each
    for label in np.unique(labels):
        before[labels == label] = np.arange((labels == label).sum())
    return np.argsort(before, kind="stable")
