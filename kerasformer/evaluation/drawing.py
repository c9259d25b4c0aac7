"""Scores of a DALL-E: reconstruction error, perplexity of codes, what a classifier sees in its images, near copies."""

import numpy as np

from kerasformer.data.images.captions import LANGUAGES, caption
from kerasformer.data.images.scenes import make_scenes, stray_ink, windows
from kerasformer.errors import InputError
from kerasformer.training.loss import decibels

GROUPS = ("single digits", "pairs seen", "pairs never trained")
MAX_STRAY_INK = 0.1  # of an image's ink outside the places of its digits; an image with more counts as wrong
RAREST = 0.01  # share of real digits that are at least as close to a training digit as a near copy
_DIGITS = tuple("0123456789")
_CAPTIONS = 200  # for the comparison of exports
_PLENTY = 8  # scenes to compose for each one wanted, so that enough have one digit and enough have two


def held_out_scenes(images, count, seed):
    """Compose scenes of held-out digits, with captions.

    Args:
        images: `Images` of held-out digits.
        count: int, scenes of each group.
        seed: int, seed of the scenes and their captions.

    Returns:
        Dict of group, see `GROUPS`, to a list of scenes, a list of captions in all languages, and pixels uint8
        (count, height, width, channels).
    """
    seen, seen_pixels = make_scenes(images, _PLENTY * count, (seed, 0))
    new, new_pixels = make_scenes(images, count, (seed, 1), held_out=True)
    is_pair = np.array([len(scene.digits) == 2 for scene in seen])
    singles, pairs = np.flatnonzero(~is_pair)[:count], np.flatnonzero(is_pair)[:count]
    groups = (
        ([seen[i] for i in singles], seen_pixels[singles]),
        ([seen[i] for i in pairs], seen_pixels[pairs]),
        (new, new_pixels),
    )
    rng, found = np.random.default_rng(seed), {}
    for group, (scenes, pixels) in zip(GROUPS, groups, strict=True):
        languages = rng.choice(LANGUAGES, count)
        said = [caption(scene, language, rng) for scene, language in zip(scenes, languages, strict=True)]
        found[group] = scenes, said, pixels
    return found


def like_training(groups):
    """The scenes of `held_out_scenes` without the pairs never trained: list of captions, and pixels uint8."""
    found = [groups[group] for group in GROUPS[:2]]
    return [text for _, said, _ in found for text in said], np.concatenate([pixels for _, _, pixels in found])


def captions_to_compare(images, seed, count=None):
    """Distinct captions of held-out scenes, from all groups in turn: list of str."""
    count = count or _CAPTIONS
    captions = [said for _, said, _ in held_out_scenes(images, count, seed).values()]
    in_turn = [said for turn in zip(*captions, strict=True) for said in turn]
    return list(dict.fromkeys(in_turn))[:count]


def peak_signal_to_noise(images, others):
    """Compare images uint8: mean squared error of pixels from 0 to 1, and the ratio in dB, None if they are equal."""
    error = float(np.mean(((images.astype("float64") - others) / 255) ** 2))
    return error, decibels(error) if error else None


def use_of_codes(codes, num_codes):
    """Perplexity of the codebook, exp of the entropy of codes int (images, codes); and the number of unused codes."""
    shares = np.bincount(np.ravel(codes), minlength=num_codes) / np.size(codes)
    used = shares[shares > 0]
    return float(np.exp(-np.sum(used * np.log(used)))), int(num_codes - len(used))


def measure_codes(illustrator, captions, pixels):
    """Score the two stages of a bundle on held-out images.

    Args:
        illustrator: an `Illustrator`.
        captions: list of str.
        pixels: uint8 (captions, height, width, channels).

    Returns:
        Dict of "images"; "mean_squared_error" and "psnr" (dB) of the reconstructions; "codebook_perplexity";
        "dead_codes"; "token_accuracy" (per cent) and "perplexity" of a code given the caption and the codes before it;
        "bits_per_image", with the model's probabilities, and "raw_bits_per_image", without them.
    """
    num_codes = illustrator.bundle.model.config.image_tokenizer.num_codes
    reconstructed, codes = illustrator.reconstruct(pixels)
    likely, is_likeliest = illustrator.code_scores(captions, codes)
    error, psnr = peak_signal_to_noise(pixels, reconstructed)
    perplexity, dead = use_of_codes(codes, num_codes)
    return {
        "images": len(pixels),
        "mean_squared_error": error,
        "psnr": psnr,
        "codebook_perplexity": perplexity,
        "dead_codes": dead,
        "token_accuracy": 100 * float(is_likeliest.mean()),
        "perplexity": float(np.exp(-likely.mean())),
        "bits_per_image": float(-likely.sum(axis=-1).mean() / np.log(2)),
        "raw_bits_per_image": float(codes.shape[1] * np.log2(num_codes)),
    }


def check_reads_digits(classifier):
    """Raise `InputError` unless a classifier reads the digits of scenes."""
    if set(classifier.labels) != set(_DIGITS) or classifier.shape != (8, 8, 1):
        shape = " x ".join(map(str, classifier.shape))
        raise InputError(
            f"the classifier reads images of {shape} as {', '.join(classifier.labels[:12])}; it must read 8 x 8 x 1 "
            "images as the digits 0 to 9: train it with train.py --model vit"
        )


def digit_probabilities(scenes, images, classifier):
    """The probability that each image shows its scene: the product over its digits, each read at its place.

    Args:
        scenes: list of `Scene`.
        images: uint8 (scenes, 16, 16, 1).
        classifier: a `BaseClassifier` of digits.

    Returns:
        The products, float (scenes,); and whether all digits are the most likely at their places, bool (scenes,).
    """
    found = [place for scene, image in zip(scenes, images, strict=True) for place in windows(scene, image)]
    owner = np.repeat(np.arange(len(scenes)), [len(scene.digits) for scene in scenes])
    probabilities = classifier.probabilities(np.stack([crop for _, crop in found]))
    places = np.array([classifier.labels.index(str(digit)) for digit, _ in found])
    products, is_right = np.ones(len(scenes)), np.ones(len(scenes), bool)
    np.multiply.at(products, owner, probabilities[np.arange(len(found)), places])
    np.logical_and.at(is_right, owner, probabilities.argmax(axis=-1) == places)
    return products, is_right


def share_seen(scenes, images, classifier):
    """Percentage of images in which a classifier reads each digit at its place, and which have little other ink.

    Args:
        scenes, images, classifier: as in `digit_probabilities`.
    """
    _, is_right = digit_probabilities(scenes, images, classifier)
    is_clean = [stray_ink(scene, image) <= MAX_STRAY_INK for scene, image in zip(scenes, images, strict=True)]
    return 100 * float(np.mean(is_right & is_clean))


def crops_of(scenes, images):
    """The digits of scenes, cut out and centred: uint8 (digits, 16, 16, 1)."""
    found = [crop for scene, image in zip(scenes, images, strict=True) for _, crop in windows(scene, image)]
    return centred(np.stack(found))


def centred(digits):
    """Move digits uint8 (count, 8, 8, 1) to the middle of a canvas of twice the size, by the centre of their ink."""
    half = digits.shape[1] // 2
    canvas = np.pad(digits, [(0, 0), (half, half), (half, half), (0, 0)])
    ink = canvas.sum(axis=(1, 2, 3))
    places = np.arange(4 * half)

    def shift(sums):  # sums (count, place) of the ink in each row, or in each column
        centre = np.where(ink, sums @ places / np.maximum(ink, 1), 2 * half - 0.5)
        return np.floor(2 * half - centre).astype(int)

    rows, columns = shift(canvas.sum(axis=(2, 3))), shift(canvas.sum(axis=(1, 3)))
    return np.stack([np.roll(canvas[i], (rows[i], columns[i]), axis=(0, 1)) for i in range(len(canvas))])


def distances(digits, known):
    """Euclidean distance of each of digits uint8 (count, ...) from the nearest `known` one: float (count,)."""
    rows, others = (images.reshape(len(images), -1).astype("float64") for images in (digits, known))
    squares = (rows**2).sum(axis=1)[:, None] + (others**2).sum(axis=1) - 2 * rows @ others.T
    return np.sqrt(np.maximum(squares, 0).min(axis=1))


def near_copy_limit(real, training):
    """The distance from training digits that only 1 % of real, held-out digits fall below."""
    return float(np.quantile(distances(real, training), RAREST))


def compare_images(drawings, training, real, classifier):
    """Compare images of the same scenes by what a classifier sees in them, and by near copies of training digits.

    Args:
        drawings: dict of a name for the images, such as "drawn", to a dict of group to scenes and uint8 (scenes, 16,
            16, 1).
        training, real: digits of training, and held-out digits, uint8 (count, 8, 8, 1).
        classifier: a `BaseClassifier` of digits.

    Returns:
        Dict of the same names to a dict of group to `share_seen`, and "near_copies", the percentage of digits closer
        to a training digit than `near_copy_limit`.
    """
    training = centred(training)
    limit, found = near_copy_limit(centred(real), training), {}
    for name, groups in drawings.items():
        found[name] = {group: share_seen(scenes, images, classifier) for group, (scenes, images) in groups.items()}
        crops = np.concatenate([crops_of(scenes, images) for scenes, images in groups.values()])
        found[name]["near_copies"] = 100 * float(np.mean(distances(crops, training) < limit))
    return found
