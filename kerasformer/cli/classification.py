"""The command for classifiers, `classify`, and what `evaluate`, `export` and `verify` need for them."""

import json
import pathlib

import numpy as np

from kerasformer.cli.arguments import add_resize, at_least
from kerasformer.cli.printing import print_json
from kerasformer.data.images.corpora import available_images
from kerasformer.data.images.corpus import Images, load_images
from kerasformer.data.images.files import SUFFIXES, read_image, resize
from kerasformer.errors import InputError
from kerasformer.formats import describe
from kerasformer.inference.opening import named_data, open_artefact, split_seed

# The options of `evaluate`, `export` and `verify` that classifiers have, and not every task.
OPTIONS = ("split", "resize")
SPLITS = ("train", "validation", "test")


def add_commands(add):
    """Add the command to a parser; see `cli.main`."""
    command = add(
        "classify",
        classify,
        "classify images",
        "Classify images: one line for each, with its file, its most likely label and the probability of that label, "
        "with tabs between them. An image must have the size and the channels that the model takes.",
        """  kerasformer classify --model runs/digits-labels-vit/bundle seven.png
  kerasformer classify --model classifier.int8.tflite --top 3 images/
  kerasformer classify --model bundle --resize --json photograph.jpg
""",
    )
    command.add_argument("files", nargs="+", metavar="FILE", help="PNG or JPEG file, or a folder of them")
    command.add_argument(
        "--top", type=at_least(1), default=1, metavar="N", help="print the N most likely labels (default: 1)"
    )
    command.add_argument("--json", action="store_true", help="print a JSON object for each image")
    add_resize(command)


def add_evaluate_options(command):
    """Classifiers have no options of `evaluate` of their own."""


def classify(arguments):
    """Print the labels of image files, one line for each."""
    classifier = open_artefact(describe(arguments.model, "classification"))
    files = [file for path in arguments.files for file in _image_files(pathlib.Path(path))]
    images = [_read(file, classifier.shape, arguments.resize) for file in files]
    for file, found in zip(files, classifier(images), strict=True):
        likeliest = list(found.probabilities.items())[: arguments.top]
        if arguments.json:
            answer = {"file": str(file), "label": found.label, "probabilities": dict(likeliest)}
            print(json.dumps(answer, ensure_ascii=False))
        else:
            print("\t".join([str(file), *(f"{label}\t{probability:.4f}" for label, probability in likeliest)]))
    return 0


def _image_files(path):
    """A file, or the image files of a folder."""
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.iterdir() if file.suffix.lower() in SUFFIXES and file.name[0] != ".")
    if not found:
        raise InputError(f"{path} has no PNG or JPEG image: give image files, or a folder of them")
    return found


def _read(path, shape, may_resize):
    """An image uint8 (height, width, channels) of the shape that a model takes."""
    height, width, channels = shape
    image = read_image(path, channels=channels)
    if may_resize:
        return resize(image, height, width)
    if image.shape != tuple(shape):
        raise InputError(
            f"{path} is {image.shape[0]} pixels high and {image.shape[1]} wide, the model takes {height} and {width}: "
            "resize it, or give --resize"
        )
    return image


def evaluate(arguments, description):
    """Score and time a classifier on held-out images, as a whole and class by class."""
    from kerasformer.evaluation import tables
    from kerasformer.evaluation.classification import evaluate as score

    classifier = open_artefact(description)
    split = arguments.split or "test"
    images = _labelled(arguments, classifier.labels, classifier.shape, description.corpus, split)
    figures = score(classifier, images, warm_up=description.form.is_compiled)
    if arguments.json:
        print_json({"model": arguments.model, "splits": {split: figures}})
    else:
        tables.show_classes(split, figures)
    return 0


def held_out(arguments, description, bundle):
    """The data that `export` and `verify` compare exports with the bundle on: `Images`."""
    return _labelled(arguments, bundle.labels, bundle.model.config.shape, description.corpus, "test")


def _labelled(arguments, labels, shape, trained_on, split):
    """The `Images` that `--data`, `--split` and `--limit` choose; their labels are indices into `labels`."""
    data = arguments.data or named_data(trained_on, available_images())
    if len(data) != 1:
        raise InputError("the model names no images that can be loaded by name: give --data FOLDER, or --data digits")
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
            "convert them, or give --resize to change height and width"
        )
    unknown = sorted(set(corpus.classes) - set(labels))
    if unknown:
        raise InputError(f"{corpus.name} has the class {unknown[0]!r}, the model knows {', '.join(labels)} only")
    places = np.array([labels.index(name) for name in corpus.classes], "int32")
    kept = _by_turns(images.labels)[: arguments.limit] if arguments.limit else slice(None)
    return Images(images.pixels[kept], places[images.labels[kept]])


def _by_turns(labels):
    """Indices int (images,) that take the first image of each class, then the second of each, and so on."""
    before = np.zeros(len(labels), "int64")  # images of the same class before each
    for label in np.unique(labels):
        before[labels == label] = np.arange((labels == label).sum())
    return np.argsort(before, kind="stable")
