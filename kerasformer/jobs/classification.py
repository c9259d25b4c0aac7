"""From image to label: train a classifier on images that are sorted into classes."""

import dataclasses

from kerasformer.bundle import Bundle
from kerasformer.data.images.batches import NO_LABEL, ImageBatches
from kerasformer.data.images.corpus import load_images
from kerasformer.jobs.job import Job, Stage, single
from kerasformer.training import SmoothedCrossEntropy


class Classification(Job):
    """Trains a classifier of images.

    Args:
        data: ["digits"], or [FOLDER] with one folder of images for each class.
        image_size: (height, width) in pixels to resize images to; None if all have one size.
        seed: int, seed of the splits.
    """

    options = ("data", "image_size", "seed")
    default_data = ("digits",)

    def __init__(self, data=default_data, image_size=None, seed=0):
        corpus = load_images(single(data), size=image_size, seed=seed)
        super().__init__(corpus, f"{corpus.name}-labels", seed)

    def prepare(self, config, exact=False):
        """Complete the config with the size of the images and the number of classes; there is no tokenizer."""
        height, width, channels = self.corpus.train.pixels.shape[1:]
        num_classes = len(self.corpus.classes)
        return dataclasses.replace(config, height=height, width=width, channels=channels, num_classes=num_classes), None

    def stages(self, model, tokenizer, training):
        """One stage: images to labels."""
        num_patches = model.config.num_patches
        batch_size = max(1, training.batch_tokens // num_patches)

        def batches():
            options = {"workers": training.workers, "seed": training.seed}
            train = ImageBatches(self.corpus.train, batch_size, num_patches, warped=True, **options)
            return train, ImageBatches(self.corpus.validation, batch_size, num_patches)

        loss = SmoothedCrossEntropy(training.label_smoothing, ignored=NO_LABEL)
        return [Stage(model.config.kind, model.training, training, batches, loss)]

    def bundle(self, model, tokenizer, metrics):
        corpus, labels = self.source_of_training, self.corpus.classes
        return Bundle(model, None, "image", "label", labels=labels, corpus=corpus, metrics=metrics)

    def measure(self, bundle, say):
        from kerasformer.evaluation.classification import evaluate
        from kerasformer.inference.classifier import Classifier

        engine = Classifier(bundle)
        found = evaluate(engine, self.corpus.test)
        weakest = min(found["recall"], key=found["recall"].get)
        say(
            f"test: accuracy {found['accuracy']:.1f} % of {found['images']:,} images, perplexity "
            f"{found['perplexity']:.3f}, {found['images_per_second']:,.0f} images/s; lowest recall: class {weakest}, "
            f"{found['recall'][weakest]:.1f} %"
        )
        return engine, {"test": found}

    def proof_data(self):
        return self.corpus.test
