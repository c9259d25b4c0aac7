"""From caption to image: train a DALL-E on scenes of handwritten digits, in the two stages of the paper.

Reference: Ramesh et al. 2021, "Zero-Shot Text-to-Image Generation".
"""

import dataclasses
import functools

import numpy as np

from kerasformer.bundle import Bundle
from kerasformer.config.presets import IMAGE_RECIPES
from kerasformer.data.batches import Batches
from kerasformer.data.images.batches import ImageBatches, warp
from kerasformer.data.images.captions import LANGUAGES, all_captions, caption
from kerasformer.data.images.corpus import Images, load_images
from kerasformer.data.images.scenes import make_scenes
from kerasformer.errors import InputError
from kerasformer.inference.illustrator import Illustrator
from kerasformer.interface.image import words_of
from kerasformer.jobs.job import Job, Stage, single
from kerasformer.tokenizer import train_tokenizer
from kerasformer.training import SquaredError

SCENES = {"train": 120_000, "validation": 512}
VARIANTS = 20  # of each training digit: one as it is, the others turned, zoomed and shifted against overfitting
WITHOUT_CAPTION = 0.1  # share of training images shown without a caption, where guidance is used
TESTED = 200  # test scenes of each group


def every_caption():
    """All captions of the grammar, in all its languages: list of str."""
    return [text for language in LANGUAGES for _, text in all_captions(language)]


def _varied(images, rng):
    """`Images` with `VARIANTS` of each."""
    warped = [warp(images.pixels / 255, rng) for _ in range(VARIANTS - 1)]
    pixels = np.concatenate([images.pixels, *(np.round(255 * part).astype("uint8") for part in warped)])
    return Images(pixels, np.tile(images.labels, VARIANTS))


class Drawing(Job):
    """Trains a DALL-E on scenes of one or two digits with captions in three languages; some pairs are held out.

    Args:
        data: ["digits"], the images that scenes are composed of; each split has digits of its own.
        seed: int, seed of the splits and of the scenes.
    """

    options = ("data", "seed")
    default_data = ("digits",)

    def __init__(self, data=default_data, seed=0):
        corpus = load_images(single(data), seed=seed)
        super().__init__(corpus, f"{corpus.name}-scenes", seed)

    def scenes(self, split, held_out=False):
        """Compose the scenes of a split.

        Args:
            split: a key of `SCENES`.
            held_out: bool, whether to show the held-out pairs of digits instead of the others.

        Returns:
            Captions, list of str; and pixels, uint8 (count, height, width, channels).
        """
        count, seed = SCENES[split], (self.seed, list(SCENES).index(split))
        rng = np.random.default_rng(seed)
        digits = getattr(self.corpus, split)
        if split == "train":
            digits = _varied(digits, rng)
        scenes, pixels = make_scenes(digits, count, seed, held_out)
        languages = rng.choice(LANGUAGES, count)
        return [caption(scene, language, rng) for scene, language in zip(scenes, languages, strict=True)], pixels

    def describe(self):
        counts = ", ".join(f"{count:,} for {split}" for split, count in SCENES.items())
        return [*self.corpus.describe(), f"scenes composed of them: {counts}, with captions in {', '.join(LANGUAGES)}"]

    def check(self, training):
        if training.workers > 1:
            raise InputError("a dalle is trained by one process: leave out --workers")

    def prepare(self, config, exact=False):
        captions = every_caption()
        tokenizer = train_tokenizer(captions, config.vocab_size, exact=exact)
        longest = 1 + max(map(len, tokenizer.encode(captions)))  # with eos
        if longest > config.caption_length:
            raise InputError(f"caption_length must be at least {longest}, got {config.caption_length}")
        return dataclasses.replace(config, vocab_size=tokenizer.vocab_size), tokenizer

    def stages(self, model, tokenizer, training):
        """Two stages: images to codes and back, by the image tokenizer; then captions to codes, by the decoder."""
        scenes = {split: self.scenes(split) for split in SCENES}
        first = dataclasses.replace(training, **IMAGE_RECIPES["image_tokenizer"])
        # A lower learning rate, with which a run that diverged is resumed, holds for both stages.
        rate = min(first.learning_rate, training.learning_rate)
        first = dataclasses.replace(first, learning_rate=rate)
        images = functools.partial(_image_batches, model.image_tokenizer.config, scenes, first)
        codes = functools.partial(self._code_batches, model, tokenizer, scenes, training)
        return [
            Stage("image_tokenizer", model.image_tokenizer.training, first, images, SquaredError(), "image_tokenizer"),
            Stage(model.config.kind, model.training, training, codes),
        ]

    def _code_batches(self, model, tokenizer, scenes, training):
        """Batches of captions and of the codes that the trained image tokenizer gives to their images."""
        engine, config = Illustrator(self.bundle(model, tokenizer, {})), model.config

        def batches(split, **options):
            captions, pixels = scenes[split]
            sources = tokenizer.encode(captions)
            if split == "train" and config.guidance != 1:
                rng = np.random.default_rng(self.seed)
                sources = [[] if rng.random() < WITHOUT_CAPTION else row for row in sources]
            _, codes = engine.reconstruct(pixels)
            targets = (codes + config.vocab_size).tolist()
            sizes = {"batch_tokens": training.batch_tokens, "max_length": config.max_length}
            return Batches(sources, targets, num_shapes=1, **sizes, **options)

        return batches("train", seed=training.seed), batches("validation")

    def bundle(self, model, tokenizer, metrics):
        words = sorted({word for text in every_caption() for word in words_of(text)})
        corpus = {**self.source_of_training, "words": words}
        return Bundle(model, tokenizer, "caption", "image", corpus=corpus, metrics=metrics)

    def measure(self, bundle, say):
        from kerasformer.evaluation.drawing import held_out_scenes, like_training, measure_codes

        engine = Illustrator(bundle)
        scenes = like_training(held_out_scenes(self.corpus.test, TESTED, self.seed))
        found = measure_codes(engine, *scenes)
        say(
            f"test: reconstructions {found['psnr']:.1f} dB, codebook perplexity {found['codebook_perplexity']:.0f}, "
            f"{found['dead_codes']} unused codes; perplexity of a code {found['perplexity']:.2f}, "
            f"{found['bits_per_image']:.0f} bits per image ({found['raw_bits_per_image']:.0f} without the model)"
        )
        return engine, {"test": found}

    def proof_data(self):
        from kerasformer.evaluation.drawing import captions_to_compare

        return captions_to_compare(self.corpus.test, self.seed)


def _image_batches(config, scenes, training):
    """Batches of scenes that are their own labels."""
    batch_size = max(1, training.batch_tokens // config.num_patches)

    def batches(split, **options):
        _, pixels = scenes[split]
        return ImageBatches(Images(pixels, None), batch_size, config.num_patches, reconstruct=True, **options)

    return batches("train", seed=training.seed), batches("validation")
