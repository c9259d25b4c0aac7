"""From image to label: images of some classes, and a classifier in every form it ships in."""

import dataclasses

from kerasformer.bundle import Bundle
from kerasformer.data.images.batches import NO_LABEL, ImageBatches
from kerasformer.data.images.corpora import load_images
from kerasformer.jobs import only, trained_on
from kerasformer.training import Perplexity, SmoothedCrossEntropy, TokenAccuracy


class Classification:
    """Images, each of one class, split by class.

    Args:
        data: ["digits"], or [FOLDER] with a folder for each class.
        image_size: (height, width) to which images are resized, None where they have one size.
        seed: int, of the splits.
    """

    options = ("data", "image_size", "seed")
    default_data = ("digits",)

    def __init__(self, data=default_data, image_size=None, seed=0):
        self.corpus = load_images(only(data), size=image_size, seed=seed)
        self.name = f"{self.corpus.name}-labels"
        self.sha256 = self.corpus.sha256
        self.seed = seed

    def describe(self):
        """Lines for people about the images."""
        return self.corpus.describe()

    def check(self, training):
        """Raise `InputError` where these images cannot be trained on as a `TrainingConfig` says: they always can."""

    def prepare(self, config, exact=False):
        """The config with the sizes that the data decides; there is no tokenizer."""
        height, width, channels = self.corpus.train.pixels.shape[1:]
        sizes = {"height": height, "width": width, "channels": channels, "num_classes": len(self.corpus.classes)}
        return dataclasses.replace(config, **sizes), None

    def batches(self, model, tokenizer, run, folder, resume):
        """Batches to train and to validate on."""
        per_image = model.config.height * model.config.width // model.config.patch_size**2
        size = max(1, run.training.batch_tokens // per_image)
        options = {"workers": run.training.workers, "seed": run.training.seed}
        train = ImageBatches(self.corpus.train, size, per_image, warped=True, **options)
        return train, ImageBatches(self.corpus.validation, size, per_image)

    def objective(self, training):
        """What the trainer lowers and shows."""
        metrics = [TokenAccuracy(name="accuracy", ignored=NO_LABEL), Perplexity(name="perplexity", ignored=NO_LABEL)]
        return {"loss": SmoothedCrossEntropy(training.label_smoothing, ignored=NO_LABEL), "metrics": metrics}

    def bundle(self, model, tokenizer, metrics):
        """The trained model with all that is needed to use it."""
        corpus = self.corpus
        about = trained_on(corpus, self.seed)
        return Bundle(model, None, "image", "label", labels=corpus.classes, corpus=about, metrics=metrics)

    def measure(self, bundle, say):
        """Evaluate on images never trained on; the figures go into the bundle. Returns its `Classifier`."""
        from kerasformer.evaluation.classification import evaluate
        from kerasformer.inference.classifier import Classifier

        classifier = Classifier(bundle)
        found = bundle.metrics["test"] = evaluate(classifier, self.corpus.test)
        weakest = min(found["recall"], key=found["recall"].get)
        say(
            f"test: accuracy {found['accuracy']:.1f} % of {found['images']:,} images, perplexity "
            f"{found['perplexity']:.3f}, {found['images_per_second']:,.0f} images/s; least often right of class "
            f"{weakest}, {found['recall'][weakest]:.1f} %"
        )
        return classifier

    def export(self, classifier, out, say):
        """Export and the proof; the report."""
        from kerasformer.exporting.gate import export_all

        return export_all(classifier.bundle, out, self.corpus.test, say=say, reference=classifier)
