"""The command for models that draw, `draw`, and what `evaluate`, `export` and `verify` need for them."""

import time

import numpy as np

from kerasformer.cli.arguments import add_classifier, add_sampling, add_temperature, at_least, chosen
from kerasformer.cli.printing import check_utf8, complain, print_json
from kerasformer.data.images.corpora import available_images
from kerasformer.data.images.corpus import load_images
from kerasformer.errors import InputError
from kerasformer.formats import describe
from kerasformer.inference.compiling import compiled_first
from kerasformer.inference.opening import named_data, open_artefact, split_seed
from kerasformer.interface.sampling import SAMPLING_OPTIONS

# The options of `evaluate`, `export` and `verify` that models that draw have, and not every task.
OPTIONS = ("classifier", "temperature", "top_k", "top_p")
_SCENES = 200  # in each group, unless --limit is given


def add_commands(add):
    """Add the command to a parser; see `cli.main`."""
    command = add(
        "draw",
        draw,
        "draw captions",
        "Draw captions into one picture: each caption with a row of its images. The same seed draws the same "
        "captions in the same way. Words that no caption in training had are named on standard error; the caption "
        "is drawn all the same.",
        """  kerasformer draw --model runs/digits-scenes-dalle/bundle "a three to the left of a seven" -n 9 --out 9.png
  kerasformer draw --model illustrator.int8.tflite "an eight" "un huit" --temperature 0.7 --seed 1 --out eights.png
  kerasformer draw --model bundle "a two above a five" -n 4 --best-of 8 --classifier vit/bundle --out best.png
""",
    )
    command.add_argument("captions", nargs="+", metavar="CAPTION", help="what to draw")
    command.add_argument("--out", required=True, metavar="FILE", help="the picture, as .png, .svg or .pdf")
    command.add_argument(
        "-n", "--number", type=at_least(1), default=1, metavar="N", help="images of each caption (default: 1)"
    )
    add_sampling(command, "code", default=1)
    command.set_defaults(seed=0)
    command.add_argument(
        "--best-of",
        type=at_least(1),
        metavar="N",
        help="draw N times as many images, and keep those that the classifier is most confident match the caption",
    )
    add_classifier(command)


def add_evaluate_options(command):
    """Add the options of `evaluate` that only models that draw have."""
    group = command.add_argument_group("models that draw")
    add_classifier(group)
    add_temperature(group, "code of an image", default=1)


def draw(arguments):
    """Draw captions into one labelled picture; with `--best-of`, keep the best of more images."""
    if arguments.best_of and not arguments.classifier:
        raise InputError("--best-of needs a classifier that chooses the images: give --classifier")
    if arguments.classifier and not arguments.best_of:
        raise InputError("--classifier chooses among several images: give --best-of as well")
    check_utf8(arguments.captions, "caption")
    from kerasformer.plotting.figure import check_format

    check_format(arguments.out)
    scenes = _scenes(arguments.captions) if arguments.best_of else None
    classifier = _digit_classifier(arguments.classifier) if arguments.best_of else None
    illustrator = open_artefact(describe(arguments.model, "drawing"))
    for caption in arguments.captions:
        unknown = illustrator.unknown_words(caption)
        if unknown:
            complain(f"caption {caption!r} has words that no caption in training had: {', '.join(unknown)}")
    count = arguments.number * (arguments.best_of or 1)
    images = illustrator.draw(arguments.captions, count=count, **chosen(arguments, SAMPLING_OPTIONS))
    if scenes:
        images = np.stack([_best(*found, classifier, arguments.number) for found in zip(scenes, images, strict=True)])
    from kerasformer.plotting.images import gallery

    gallery(arguments.captions, images, arguments.out)
    print(f"wrote {arguments.out}: {images.shape[0] * images.shape[1]:,} images")
    return 0


def _scenes(captions):
    """The scenes that captions describe."""
    from kerasformer.data.images.captions import read_caption

    scenes = [read_caption(caption) for caption in captions]
    for caption, scene in zip(captions, scenes, strict=True):
        if scene is None:
            raise InputError(
                f"--best-of does not understand {caption!r}: write it as "
                '"a three to the left of a seven", or leave out --best-of'
            )
    return scenes


def _digit_classifier(path):
    from kerasformer.evaluation.drawing import check_reads_digits

    classifier = open_artefact(describe(path, "classification"))
    check_reads_digits(classifier)
    return classifier


def _best(scene, images, classifier, count):
    """The `count` images uint8 (images, height, width, channels) that a classifier is most confident match a scene."""
    from kerasformer.evaluation.drawing import digit_probabilities

    surest, _ = digit_probabilities([scene] * len(images), images, classifier)
    return images[np.argsort(-surest, kind="stable")[:count]]


def evaluate(arguments, description):
    """Score the two stages of a model on held-out scenes, and what a classifier sees in the images it draws."""
    from kerasformer.evaluation import drawing as scores
    from kerasformer.evaluation import tables

    illustrator = open_artefact(description)
    has_bundle = hasattr(illustrator, "bundle")
    if not has_bundle and not arguments.classifier:
        raise InputError("an export has no reconstructions to score: give --classifier, or the bundle")
    classifier = _digit_classifier(arguments.classifier) if arguments.classifier else None
    seed = split_seed(arguments.seed, description.corpus)
    corpus = _corpus(arguments, description.corpus, seed)
    groups = scores.held_out_scenes(corpus.test, arguments.limit or _SCENES, seed)
    found = {"model": arguments.model}
    if has_bundle:
        found["codes"] = scores.measure_codes(illustrator, *scores.like_training(groups))
    if classifier:
        options = {**chosen(arguments, SAMPLING_OPTIONS), "seed": seed}
        drawings, speed = _drawings(illustrator, groups, options, description.form.is_compiled)
        digits = corpus.train.pixels, corpus.test.pixels
        found["seen"] = scores.compare_images(drawings, *digits, classifier)
        found["images_per_second"] = speed
    if arguments.json:
        print_json(found)
        return 0
    if has_bundle:
        tables.show_codes(found["codes"])
    if classifier:
        tables.show_drawings(found["seen"], found["images_per_second"])
        stray = f"images with more than {100 * scores.MAX_STRAY_INK:.0f} % of their ink elsewhere count as wrong"
        print(f"an image is correct if the classifier finds each digit of the caption in its place; {stray}")
    return 0


@compiled_first()
def _drawings(illustrator, groups, options, warm_up):
    """Real scenes, their reconstructions and drawings of their captions; and images drawn in a second."""
    found = {"real": {group: (scenes, pixels) for group, (scenes, _, pixels) in groups.items()}}
    if hasattr(illustrator, "bundle"):
        found["reconstructed"] = {
            group: (scenes, illustrator.reconstruct(pixels)[0]) for group, (scenes, _, pixels) in groups.items()
        }
    if warm_up:
        illustrator.draw(next(iter(groups.values()))[1], **options)
    began = time.perf_counter()
    found["drawn"] = {
        group: (scenes, illustrator.draw(captions, **options)[:, 0]) for group, (scenes, captions, _) in groups.items()
    }
    count = sum(len(scenes) for scenes, _, _ in groups.values())
    return found, count / (time.perf_counter() - began)


def held_out(arguments, description, bundle):
    """The data that `export` and `verify` compare exports with the bundle on: captions of all groups of scenes."""
    from kerasformer.evaluation.drawing import captions_to_compare

    seed = split_seed(arguments.seed, description.corpus)
    return captions_to_compare(_corpus(arguments, description.corpus, seed).test, seed, arguments.limit)


def _corpus(arguments, trained_on, seed):
    """The digits that scenes are made of."""
    data = arguments.data or named_data(trained_on, available_images())
    if len(data) != 1:
        raise InputError("the model names no images that can be loaded by name: give them with --data, such as digits")
    corpus = load_images(data[0], seed=seed)
    if corpus.train.pixels.shape[1:] != (8, 8, 1) or corpus.classes != tuple("0123456789"):
        raise InputError(f"{corpus.name} has no greyscale images of 8 x 8 pixels of the classes 0 to 9: give digits")
    return corpus
