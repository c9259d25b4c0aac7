"""What all jobs of `train.py` share: the data, the stages of training, the bundle, its figures and its exports."""

import dataclasses
from collections.abc import Callable

from kerasformer.config import TrainingConfig
from kerasformer.errors import InputError
from kerasformer.models import build_model


@dataclasses.dataclass(frozen=True)
class Stage:
    """One stage of training: a model and what it learns.

    Args:
        name: what is trained, as the log says it.
        model: the `keras.Model` to train.
        training: the `TrainingConfig` of this stage.
        batches: function without arguments that returns the batches to train on and those to validate on. Call it
            after all earlier stages have ended, because it may use what they have learned.
        loss: what it minimises, see `training.loss`; None for the cross-entropy of tokens.
        folder: folder of its backups, relative to that of the run.
    """

    name: str
    model: object
    training: TrainingConfig
    batches: Callable
    loss: Callable | None = None
    folder: str = "."


class Job:
    """Trains a model for one task on one data set, and measures and exports it.

    Attributes:
        options: names of the constructor's arguments, which `train.py` offers as options.
        default_data: what is read where no data is named.
        recipe: the fields of configs that suit data without a recipe of their own: dict, or None.
        corpus: the data, in splits.
        name: of the data, as in the name of the output folder.
        seed: seed of the splits.
    """

    options = ()
    default_data = ()
    recipe = None

    def __init__(self, corpus, name, seed):
        self.corpus = corpus
        self.name = name
        self.seed = seed

    @property
    def sha256(self):
        """Hex digest of the data."""
        return self.corpus.sha256

    @property
    def inputs(self):
        """What the hash is of, as messages name it."""
        return f"data of {self.name}"

    @property
    def source_of_training(self):
        """What the bundle records about its training data: dict."""
        corpus = self.corpus
        return {"name": corpus.name, "sha256": corpus.sha256, "attribution": corpus.attribution, "seed": self.seed}

    def describe(self):
        """Lines that describe the data: list of str."""
        return self.corpus.describe()

    def check(self, training):
        """Raise `InputError` if the data cannot be trained on with this `TrainingConfig`."""

    def prepare(self, config, exact=False):
        """Complete the config of a model with the sizes that follow from the data.

        Args:
            config: the config of the model.
            exact: bool, whether the vocabulary must have exactly `config.vocab_size` entries.

        Returns:
            The new config, and the `Tokenizer` or None.
        """
        raise NotImplementedError

    def build(self, config):
        """The model of a config, as `build_model` returns it, with the weights that training begins with."""
        return build_model(config)

    def stages(self, model, tokenizer, training):
        """The stages of training, in order: list of `Stage`.

        Args:
            model: what `build_model` returned.
            tokenizer: the `Tokenizer`, or None.
            training: the `TrainingConfig`.
        """
        raise NotImplementedError

    def bundle(self, model, tokenizer, metrics):
        """The trained model as a `Bundle`."""
        raise NotImplementedError

    def measure(self, bundle, say):
        """Evaluate a bundle on held-out data.

        Args:
            bundle: the `Bundle`.
            say: called with lines that show the figures.

        Returns:
            The bundle's engine, and its figures: dict of split to dict.
        """
        raise NotImplementedError

    def proof_data(self):
        """The held-out data on which exports are compared with the bundle."""
        raise NotImplementedError

    def export(self, engine, out, say):
        """Export the bundle of an engine in every format, each compared with the bundle; returns the report."""
        from kerasformer.exporting.gate import export
        from kerasformer.exporting.report import samples

        report = export(engine.bundle, out, self.proof_data(), say=say, reference=engine)
        if "samples" in report:
            say("\n".join(["", *samples(report), ""]))
        return report


def single(data):
    """The single item of `data`, a list of what to read.

    Raises:
        InputError: if there are none or several.
    """
    if len(data) != 1:
        raise InputError(f"{len(data)} data arguments: give the name of a set of images, or one folder")
    return data[0]
