"""What commands do with models that draw: `draw`, and the part of `evaluate` that is theirs."""

import time

import numpy as np

from kerasformer.cli.printing import check_utf8, complain, print_json
from kerasformer.data.images.corpora import available_images, load_images
from kerasformer.errors import InputError
from kerasformer.inference.opening import corpus_of, kind_of, named_data, open_for, split_seed

# What `evaluate`, `export` and `verify` can be told of a model that draws that they cannot of everything.
OPTIONS = ("classifier", "temperature", "top_k", "top_p")
_KNOBS = ("temperature", "top_k", "top_p")
_SCENES = 200  # of each group, unless --limit says otherwise


def draw(arguments):
    """Draw captions into one labelled picture; of more images than are asked for keep the best, if asked to."""
    if arguments.best_of and not arguments.classifier:
        raise InputError("--best-of keeps what a classifier likes best: say which with --classifier")
    if arguments.classifier and not arguments.best_of:
        raise InputError("--classifier chooses among several images: say with --best-of among how many")
    check_utf8(arguments.captions, "caption")
    from kerasformer.plotting.figure import check_format

    check_format(arguments.out)
    scenes = _scenes(arguments.captions) if arguments.best_of else None
    reader = _digit_reader(arguments.classifier) if arguments.best_of else None
    illustrator = open_for("drawing", arguments.model)
    for caption in arguments.captions:
        unknown = illustrator.unknown_words(caption)
        if unknown:
            complain(f"caption {caption!r} has words that no caption in training had: {', '.join(unknown)}")
    count = arguments.number * (arguments.best_of or 1)
    images = illustrator.draw(arguments.captions, seed=arguments.seed, count=count, **_knobs(arguments))
    if scenes:
        images = np.stack([_best(*found, reader, arguments.number) for found in zip(scenes, images, strict=True)])
    from kerasformer.plotting.images import gallery

    gallery(arguments.captions, images, arguments.out)
    print(f"wrote {arguments.out}: {images.shape[0] * images.shape[1]:,} images")
    return 0


def _knobs(arguments):
    chosen = {name: getattr(arguments, name) for name in _KNOBS}
    return {name: value for name, value in chosen.items() if value is not None}


def _scenes(captions):
    """What captions say."""
    from kerasformer.data.images.captions import read_caption

    scenes = [read_caption(caption) for caption in captions]
    for caption, scene in zip(captions, scenes, strict=True):
        if scene is None:
            raise InputError(
                f"--best-of cannot tell what {caption!r} says, so not which image shows it best: say it as "
                '"a three to the left of a seven", or leave out --best-of'
            )
    return scenes


def _digit_reader(path):
    from kerasformer.evaluation.drawing import check_reads_digits

    reader = open_for("classification", path)
    check_reads_digits(reader)
    return reader


def _best(scene, images, reader, count):
    """The `count` images uint8 (images, height, width, channels) in which a classifier is surest of a scene."""
    from kerasformer.evaluation.drawing import digit_probabilities

    surest, _ = digit_probabilities([scene] * len(images), images, reader)
    return images[np.argsort(-surest, kind="stable")[:count]]


def evaluate(arguments):
    """Score what a model makes of held-out scenes, and what a classifier sees in what it draws."""
    from kerasformer.evaluation import drawing as drawing_scores
    from kerasformer.evaluation import tables

    illustrator = open_for("drawing", arguments.model)
    has_bundle = hasattr(illustrator, "bundle")
    if not has_bundle and not arguments.classifier:
        raise InputError("an export draws and no more: say with --classifier what is to look at it, or give the bundle")
    reader = _digit_reader(arguments.classifier) if arguments.classifier else None
    seed = split_seed(arguments.seed, corpus_of(illustrator))
    corpus = _corpus(arguments, corpus_of(illustrator), seed)
    groups = drawing_scores.held_out_scenes(corpus.test, arguments.limit or _SCENES, seed)
    found = {"model": arguments.model}
    if has_bundle:
        found["codes"] = drawing_scores.measure_codes(illustrator, *drawing_scores.like_training(groups))
    if reader:
        drawings, speed = _drawings(illustrator, groups, arguments, seed)
        digits = corpus.train.pixels, corpus.test.pixels
        found["seen"] = drawing_scores.compare_images(drawings, *digits, reader)
        found["images_per_second"] = speed
    if arguments.json:
        print_json(found)
        return 0
    if has_bundle:
        tables.show_codes(found["codes"])
    if reader:
        tables.show_drawings(found["seen"], found["images_per_second"])
        stray = f"with more than {100 * drawing_scores.MAX_STRAY_INK:.0f} % of their ink elsewhere as wrong"
        print(f"counted are images in which the classifier sees what the caption says where it says it, those {stray}")
    return 0


def _drawings(illustrator, groups, arguments, seed):
    """Real scenes, their reconstructions and what is drawn of their captions; and images drawn in a second."""
    knobs = {**_knobs(arguments), "seed": seed}
    found = {"real": {group: (scenes, pixels) for group, (scenes, _, pixels) in groups.items()}}
    if hasattr(illustrator, "bundle"):
        found["reconstructed"] = {
            group: (scenes, illustrator.reconstruct(pixels)[0]) for group, (scenes, _, pixels) in groups.items()
        }
    if kind_of(arguments.model) != "litert":  # the others compile
        illustrator.draw(next(iter(groups.values()))[1], **knobs)
    began = time.perf_counter()
    found["drawn"] = {
        group: (scenes, illustrator.draw(captions, **knobs)[:, 0]) for group, (scenes, captions, _) in groups.items()
    }
    count = sum(len(scenes) for scenes, _, _ in groups.values())
    return found, count / (time.perf_counter() - began)


def held_out(arguments, bundle):
    """What `export` and `verify` prove a bundle's exports with: captions of all groups of scenes."""
    from kerasformer.evaluation.drawing import captions_to_prove_with

    seed = split_seed(arguments.seed, bundle.corpus)
    return captions_to_prove_with(_corpus(arguments, bundle.corpus, seed).test, seed, arguments.limit)


def _corpus(arguments, trained_on, seed):
    """The digits that scenes are composed of."""
    data = arguments.data or named_data(trained_on, available_images())
    if len(data) != 1:
        raise InputError("the model names no images that can be had again: say with --data which, such as digits")
    corpus = load_images(data[0], seed=seed)
    if corpus.train.pixels.shape[1:] != (8, 8, 1) or corpus.classes != tuple("0123456789"):
        raise InputError(f"{corpus.name} has no greyscale images of 8 x 8 pixels of the classes 0 to 9: give digits")
    return corpus
