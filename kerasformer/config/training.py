"""How a model is trained."""

import dataclasses
import typing

from kerasformer.config.text import TRANSLATORS
from kerasformer.errors import check_types, require, require_at_least, require_one_of


@dataclasses.dataclass(frozen=True)
class TrainingConfig:
    """How a model is trained; each field is an option of train.py, which shows its text here as help.

    Args:
        epochs: passes over the training data, at most.
        minutes: time limit in minutes, for each stage of a dalle; 0 for none.
        batch_tokens: size of a batch in padded tokens of its longer side, or in patches or codes of images.
        packed: put several sentences into a row of a batch, for models that can keep them apart.
        num_shapes: number of padded shapes of batches; each shape is compiled once.
        learning_rate: peak learning rate, reached at the end of the warm-up.
        warmup_steps: steps of linear warm-up before the inverse square root decay.
        cooldown: share of all steps at the end in which the learning rate falls to 0; 0 for none.
        label_smoothing: share of the label's probability that is spread over the vocabulary, from 0 to below 1.
        subword_sampling: sample a new segmentation of each word every epoch, with its probability raised to this power
            (such as 0.3); lower is more varied, 0 is off.
        both_ways: share of the epochs, at the beginning, that swap source and target of half of the pairs.
        clip_norm: clip gradients to this global norm.
        patience: epochs without a better validation loss before training stops; 0 for no early stop.
        average_last: average the weights of this many last epochs; after early stopping, the epochs up to the best one.
        workers: processes that train together, each on its share of every batch.
        backup_steps: steps between two backups: a run that is killed loses no more.
        seed: seed of weights, dropout, data order and splits.
        precision: number format of training: float32, bfloat16, or auto (bfloat16 where it is faster).
        compiled: let XLA compile training on TensorFlow; without it a run starts about a minute sooner and each step
            takes longer.

    Reference: for `both_ways` Ding et al. 2021, "Improving Neural Machine Translation by Bidirectional Training"; for
    `subword_sampling` Kudo 2018, "Subword Regularization".
    """

    used_by: typing.ClassVar = {
        "packed": TRANSLATORS,
        "num_shapes": TRANSLATORS,
        "subword_sampling": TRANSLATORS,
        "both_ways": TRANSLATORS,
        "precision": TRANSLATORS,
        "workers": (*TRANSLATORS, "vit"),
    }  # the kinds of models that use a field, where not all do

    epochs: int = 30
    minutes: float = 0.0
    batch_tokens: int = 4096
    packed: bool = True
    num_shapes: int = 3
    learning_rate: float = 3e-3
    warmup_steps: int = 1000
    cooldown: float = 0.0
    label_smoothing: float = 0.1
    subword_sampling: float = 0.0
    both_ways: float = 0.0
    clip_norm: float = 1.0
    patience: int = 10
    average_last: int = 8
    workers: int = 1
    backup_steps: int = 200
    seed: int = 0
    precision: str = "auto"
    compiled: bool = True

    def __post_init__(self):
        check_types(self)
        require_one_of(self.precision, "precision", ("auto", "float32", "bfloat16"))
        counts = ("epochs", "batch_tokens", "num_shapes", "warmup_steps", "average_last", "workers", "backup_steps")
        require_at_least(1, self, *counts)
        require_at_least(0, self, "minutes", "subword_sampling", "patience")
        require(0 <= self.seed < 2**32, "seed", self.seed, "at least 0 and below 2**32")
        for name in ("learning_rate", "clip_norm"):
            require(0 < getattr(self, name) < float("inf"), name, getattr(self, name), "above 0 and finite")
        has_one_clock = self.workers == 1 or not self.minutes
        require(has_one_clock, "minutes", self.minutes, "0 where several workers train, whose clocks differ")
        for name in ("cooldown", "both_ways"):
            require(0 <= getattr(self, name) <= 1, name, getattr(self, name), "between 0 and 1")
        require(0 <= self.label_smoothing < 1, "label_smoothing", self.label_smoothing, "at least 0 and below 1")

    @property
    def redraws(self):
        """Whether each epoch draws its training data anew."""
        return bool(self.subword_sampling or self.both_ways)
