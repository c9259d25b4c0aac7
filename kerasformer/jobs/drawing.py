"""From caption to image: scenes composed of handwritten digits, in two stages as the paper has it."""

import dataclasses

import keras
import numpy as np

from kerasformer.bundle import Bundle
from kerasformer.config.presets import IMAGE_RECIPES
from kerasformer.data.batches import Batches
from kerasformer.data.images.batches import ImageBatches, warp
from kerasformer.data.images.captions import LANGUAGES, all_captions, caption
from kerasformer.data.images.corpora import Images, load_images
from kerasformer.data.images.scenes import make_scenes
from kerasformer.errors import InputError
from kerasformer.inference.illustrator import Illustrator
from kerasformer.interface.image import words_of
from kerasformer.jobs import only, trained_on
from kerasformer.tokenizer import train_tokenizer
from kerasformer.training import PeakSignalToNoise, Trainer

SCENES = {"train": 120_000, "validation": 512}
VARIANTS = 20  # of each training digit: as it is, and turned, zoomed and shifted, so that none is learned by heart
WITHOUT_CAPTION = 0.1  # share of training images that a model to be guided sees without one
TESTED = 200  # scenes of each group that the finished model is measured on


def every_caption():
    """All captions of the grammar, in all its languages: list of str."""
    return [text for language in LANGUAGES for _, text in all_captions(language)]


def _varied(images, rng):
    """`Images` with `VARIANTS` of each."""
    warped = [warp(images.pixels / 255, rng) for _ in range(VARIANTS - 1)]
    pixels = np.concatenate([images.pixels, *(np.round(255 * part).astype("uint8") for part in warped)])
    return Images(pixels, np.tile(images.labels, VARIANTS))


class Drawing:
    """Scenes of one or two digits and what one says of them, in three languages; some pairs are never shown.

    Args:
        data: ["digits"], of which the scenes are composed; each split of its own images.
        seed: int, of the splits and the scenes.
    """

    options = ("data", "seed")
    default_data = ("digits",)

    def __init__(self, data=default_data, seed=0):
        self.corpus = load_images(only(data), seed=seed)
        self.name = f"{self.corpus.name}-scenes"
        self.sha256 = self.corpus.sha256
        self.seed = seed

    def scenes(self, split, held_out=False):
        """Captions (list of str) and pixels uint8 (count, height, width, channels) of a split of `SCENES`."""
        count, seed = SCENES[split], (self.seed, list(SCENES).index(split))
        rng = np.random.default_rng(seed)
        digits = getattr(self.corpus, split)
        if split == "train":
            digits = _varied(digits, rng)
        scenes, pixels = make_scenes(digits, count, seed, held_out)
        languages = rng.choice(LANGUAGES, count)
        return [caption(scene, language, rng) for scene, language in zip(scenes, languages, strict=True)], pixels

    def describe(self):
        """Lines for people about the scenes."""
        counts = ", ".join(f"{count:,} for {split}" for split, count in SCENES.items())
        return [*self.corpus.describe(), f"scenes composed of them: {counts}, with captions in {', '.join(LANGUAGES)}"]

    def check(self, training):
        """Raise `InputError` where these scenes cannot be trained on as a `TrainingConfig` says."""
        if training.workers > 1:
            raise InputError("a dalle is trained by one process: leave out --workers")

    def prepare(self, config, exact=False):
        """The config with the vocabulary of the captions, and their tokenizer."""
        captions = every_caption()
        tokenizer = train_tokenizer(captions, config.vocab_size, exact=exact)
        longest = 1 + max(map(len, tokenizer.encode(captions)))  # eos
        if longest > config.caption_length:
            raise InputError(f"caption_length must be at least {longest}, got {config.caption_length}")
        return dataclasses.replace(config, vocab_size=tokenizer.vocab_size), tokenizer

    def batches(self, model, tokenizer, run, folder, resume):
        """The first stage; then batches of captions and of the codes that their images have become."""
        splits = {split: self.scenes(split) for split in SCENES}
        self._train_image_tokenizer(model.image_tokenizer, splits, run, folder / "image_tokenizer", resume)
        illustrator = Illustrator(self.bundle(model, tokenizer, {}))

        def make(split, **options):
            captions, pixels = splits[split]
            sources = tokenizer.encode(captions)
            if split == "train" and run.model.guidance != 1:
                rng = np.random.default_rng(self.seed)
                sources = [[] if rng.random() < WITHOUT_CAPTION else row for row in sources]
            _, codes = illustrator.reconstruct(pixels)
            targets = (codes + run.model.vocab_size).tolist()
            sizes = {"batch_tokens": run.training.batch_tokens, "max_length": run.model.max_length}
            return Batches(sources, targets, num_shapes=1, **sizes, **options)

        return make("train", seed=run.training.seed), make("validation")

    def _train_image_tokenizer(self, image_tokenizer, splits, run, folder, resume):
        config = dataclasses.replace(run.training, **IMAGE_RECIPES["image_tokenizer"])
        rate = min(config.learning_rate, run.training.learning_rate)  # a lower one is the way on from a stuck run
        config = dataclasses.replace(config, learning_rate=rate)
        rows, columns = image_tokenizer.config.grid

        def make(split, **options):
            pixels = splits[split][1]
            images = Images(pixels, np.zeros(len(pixels), "int32"))
            size = max(1, config.batch_tokens // (rows * columns))
            return ImageBatches(images, size, rows * columns, reconstruct=True, **options)

        batches, validation = make("train", seed=config.seed), make("validation")
        objective = {"loss": keras.losses.MeanSquaredError(), "metrics": [PeakSignalToNoise(name="psnr")]}
        trainer = Trainer(image_tokenizer.training, config, folder, len(batches), **objective)
        trainer.fit(batches, validation, resume=resume)

    def objective(self, training):
        """What the trainer lowers and shows, where it is not that of tokens."""
        return {}

    def bundle(self, model, tokenizer, metrics):
        """The trained model with all that is needed to use it."""
        corpus = self.corpus
        about = trained_on(corpus, self.seed)
        about["words"] = sorted({word for text in every_caption() for word in words_of(text)})
        return Bundle(model, tokenizer, "caption", "image", corpus=about, metrics=metrics)

    def measure(self, bundle, say):
        """Reconstruct and foresee images never trained on; the figures go into the bundle. Returns its illustrator."""
        from kerasformer.evaluation.drawing import held_out_scenes, like_training, measure_codes

        illustrator = Illustrator(bundle)
        scenes = like_training(held_out_scenes(self.corpus.test, TESTED, self.seed))
        found = bundle.metrics["test"] = measure_codes(illustrator, *scenes)
        say(
            f"test: reconstructions {found['psnr']:.1f} dB, codebook perplexity {found['codebook_perplexity']:.0f}, "
            f"{found['dead_codes']} codes never used; perplexity of a code {found['perplexity']:.2f}, "
            f"{found['bits_per_image']:.0f} bits an image for {found['raw_bits_per_image']:.0f} as codes stand"
        )
        return illustrator

    def export(self, illustrator, out, say):
        """Export and the proof; the report."""
        from kerasformer.evaluation.drawing import captions_to_prove_with
        from kerasformer.exporting.gate import export_all

        captions = captions_to_prove_with(self.corpus.test, self.seed)
        return export_all(illustrator.bundle, out, captions, say=say, reference=illustrator)
