"""How well a model draws: how faithful its codes are, how well it foresees them, and whether a classifier of digits
sees in its images what the captions say, without them being copies of training images.
"""

import numpy as np

from kerasformer.data.images.captions import LANGUAGES, caption
from kerasformer.data.images.scenes import make_scenes, stray_ink, windows
from kerasformer.errors import InputError

GROUPS = ("single digits", "pairs seen", "pairs never trained")
MAX_STRAY_INK = 0.1  # share of an image's ink outside the places of its digits; more counts as wrong
RAREST = 0.01  # share of real digits that are as close to a training digit as what counts as a near copy
_DIGITS = tuple("0123456789")
_CAPTIONS = 200  # that exports are proved with
_PLENTY = 8  # of so many scenes, enough are of one digit and enough of two


def held_out_scenes(images, count, seed):
    """Scenes of digits that training never saw, and what one says of them.

    Args:
        images: `Images` of held-out digits.
        count: int, scenes of each group.
        seed: int, of the scenes and their captions.

    Returns:
        Dict of group, see `GROUPS`, to a list of scenes, a list of captions in all languages, and pixels uint8
        (count, height, width, channels).
    """
    seen, seen_pixels = make_scenes(images, _PLENTY * count, (seed, 0))
    new, new_pixels = make_scenes(images, count, (seed, 1), held_out=True)
    is_pair = np.array([len(scene.digits) == 2 for scene in seen])
    singles, pairs = (np.flatnonzero(rows)[:count] for rows in (~is_pair, is_pair))
    rng, found = np.random.default_rng(seed), {}
    for group, scenes, pixels in zip(
        GROUPS,
        ([seen[i] for i in singles], [seen[i] for i in pairs], new),
        (seen_pixels[singles], seen_pixels[pairs], new_pixels),
        strict=True,
    ):
        languages = rng.choice(LANGUAGES, count)
        said = [caption(scene, language, rng) for scene, language in zip(scenes, languages, strict=True)]
        found[group] = scenes, said, pixels
    return found


def like_training(groups):
    """Of `held_out_scenes` those that training shows the like of: list of captions, and their pixels."""
    found = [groups[group] for group in GROUPS[:2]]
    return [text for _, said, _ in found for text in said], np.concatenate([pixels for _, _, pixels in found])


def captions_to_prove_with(images, seed, count=None):
    """Captions of held-out scenes, all different, groups by turns: list of str."""
    count = count or _CAPTIONS
    groups = held_out_scenes(images, count, seed).values()
    said = [caption for captions in zip(*(captions for _, captions, _ in groups), strict=True) for caption in captions]
    return list(dict.fromkeys(said))[:count]


def peak_signal_to_noise(images, others):
    """Mean squared error of values from 0 to 1 between images uint8, and the same in dB; None dB where it is 0."""
    error = float(np.mean(((images.astype("float64") - others) / 255) ** 2))
    return error, float(-10 * np.log10(error)) if error else None


def use_of_codes(codes, num_codes):
    """How evenly codes int (images, codes) use the codebook: exp of their entropy; and how many never occur."""
    shares = np.bincount(np.ravel(codes), minlength=num_codes) / np.size(codes)
    used = shares[shares > 0]
    return float(np.exp(-np.sum(used * np.log(used)))), int(num_codes - len(used))


def measure_codes(illustrator, captions, pixels):
    """What the two stages of a bundle make of held-out images.

    Args:
        illustrator: an `Illustrator`.
        captions: list of str.
        pixels: uint8 (captions, height, width, channels).

    Returns:
        {"images", "mean_squared_error" and "psnr" of the reconstructions, "codebook_perplexity", "dead_codes",
        "token_accuracy" in per cent, "perplexity" of a code given the caption and the codes before it, "bits_per_image"
        that the model needs and "raw_bits_per_image" of the codes as they stand}.
    """
    num_codes = illustrator.bundle.model.config.image_tokenizer.num_codes
    painted, codes = illustrator.reconstruct(pixels)
    likely, is_likeliest = illustrator.code_scores(captions, codes)
    error, decibels = peak_signal_to_noise(pixels, painted)
    perplexity, dead = use_of_codes(codes, num_codes)
    return {
        "images": len(pixels),
        "mean_squared_error": error,
        "psnr": decibels,
        "codebook_perplexity": perplexity,
        "dead_codes": dead,
        "token_accuracy": 100 * float(is_likeliest.mean()),
        "perplexity": float(np.exp(-likely.mean())),
        "bits_per_image": float(-likely.sum(axis=-1).mean() / np.log(2)),
        "raw_bits_per_image": float(codes.shape[1] * np.log2(num_codes)),
    }


def check_reads_digits(reader):
    """Raise `InputError` unless a classifier tells the digits of scenes apart."""
    if set(reader.labels) != set(_DIGITS) or reader.shape != (8, 8, 1):
        shape = " x ".join(map(str, reader.shape))
        raise InputError(
            f"the classifier reads images of {shape} as {', '.join(reader.labels[:12])}; wanted is one that reads "
            "8 x 8 x 1 as 0 to 9: train it with train.py --model vit"
        )


def digit_probabilities(scenes, images, reader):
    """How sure a classifier is that each image shows its scene: the product over the places of digits.

    Args:
        scenes: list of `Scene`.
        images: uint8 (scenes, 16, 16, 1).
        reader: a `BaseClassifier` of digits.

    Returns:
        The products, float (scenes,); and whether every digit is the likeliest at its place, bool (scenes,).
    """
    found = [place for scene, image in zip(scenes, images, strict=True) for place in windows(scene, image)]
    owner = np.repeat(np.arange(len(scenes)), [len(scene.digits) for scene in scenes])
    probabilities = reader.probabilities(np.stack([crop for _, crop in found]))
    places = np.array([reader.labels.index(str(digit)) for digit, _ in found])
    products, is_right = np.ones(len(scenes)), np.ones(len(scenes), bool)
    np.multiply.at(products, owner, probabilities[np.arange(len(found)), places])
    np.logical_and.at(is_right, owner, probabilities.argmax(axis=-1) == places)
    return products, is_right


def share_seen(scenes, images, reader):
    """Percentage of images in which a classifier sees what the scene says, where it says, and little else.

    Args:
        scenes, images, reader: as of `digit_probabilities`.
    """
    _, is_right = digit_probabilities(scenes, images, reader)
    is_clean = [stray_ink(scene, image) <= MAX_STRAY_INK for scene, image in zip(scenes, images, strict=True)]
    return 100 * float(np.mean(is_right & is_clean))


def crops_of(scenes, images):
    """The digits of scenes as a reader finds them, each brought to the middle: uint8 (digits, 16, 16, 1)."""
    found = [crop for scene, image in zip(scenes, images, strict=True) for _, crop in windows(scene, image)]
    return centred(np.stack(found))


def centred(digits):
    """Digits uint8 (count, 8, 8, 1) on twice the space, the centre of their ink in the middle."""
    half = digits.shape[1] // 2
    canvas = np.pad(digits, [(0, 0), (half, half), (half, half), (0, 0)])
    ink = canvas[..., 0].sum(axis=(1, 2))
    shifts = []
    for axis in (1, 2):
        sums = canvas[..., 0].sum(axis=3 - axis) @ np.arange(4 * half)  # of ink times place
        middle = np.where(ink, sums / np.maximum(ink, 1), 2 * half - 0.5)
        shifts.append(np.floor(2 * half - middle).astype(int))
    return np.stack([np.roll(image, shift, axis=(0, 1)) for image, *shift in zip(canvas, *shifts, strict=True)])


def distances(digits, known):
    """How far each of digits uint8 (count, ...) is from the nearest `known` one: Euclidean, float (count,)."""
    rows, others = (images.reshape(len(images), -1).astype("float64") for images in (digits, known))
    squares = (rows**2).sum(axis=1)[:, None] + (others**2).sum(axis=1) - 2 * rows @ others.T
    return np.sqrt(np.maximum(squares, 0).min(axis=1))


def near_copy_limit(real, training):
    """The distance to a training digit below which only a hundredth of real, held-out digits lie."""
    return float(np.quantile(distances(real, training), RAREST))


def compare_images(drawings, training, real, reader):
    """What a classifier sees in images of the same scenes, and how many of their digits are near copies.

    Args:
        drawings: dict of what the images are, such as "drawn", to a dict of group to scenes and uint8 (scenes, 16,
            16, 1).
        training, real: digits of training, and held-out ones, uint8 (count, 8, 8, 1).
        reader: a `BaseClassifier` of digits.

    Returns:
        Dict of the same names to a dict of group to `share_seen`, and "near_copies", the percentage of digits closer
        to a training digit than `near_copy_limit`.
    """
    training = centred(training)
    limit, found = near_copy_limit(centred(real), training), {}
    for name, groups in drawings.items():
        found[name] = {group: share_seen(scenes, images, reader) for group, (scenes, images) in groups.items()}
        crops = np.concatenate([crops_of(scenes, images) for scenes, images in groups.values()])
        found[name]["near_copies"] = 100 * float(np.mean(distances(crops, training) < limit))
    return found
