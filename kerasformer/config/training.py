"""How a model is trained."""

import dataclasses

from kerasformer.config.checks import check_types, require, require_at_least_one, require_one_of


@dataclasses.dataclass(frozen=True)
class TrainingConfig:
    """How a model is trained.

    Args:
        epochs: passes over the training pairs, at most.
        minutes: stop after so many minutes of training, of each stage where there are two; 0 for no limit.
        batch_tokens: padded tokens a batch may hold on its longer side; of images, patches or codes.
        packed: of translators, whether several sentences share a row of a batch, where the model tells them apart.
        num_shapes: of translators, into how many padded shapes batches are bucketed (each is compiled once).
        learning_rate: the peak, reached at the end of the warm-up.
        warmup_steps: steps of linear warm-up before the inverse square root decay.
        cooldown: share of all steps at the end over which the learning rate goes to 0; 0 for none.
        label_smoothing: share of the target probability spread over the vocabulary.
        subword_sampling: of translators, the power of its probability with which a way to split a sentence into tokens
            is drawn anew each epoch, such as 0.3; the smaller the wilder, 0 for always the likeliest way.
        both_ways: of translators, the share of all epochs, at the beginning, in which half of the pairs, drawn anew
            each epoch, are turned round, so that the model first learns to translate either way (Ding et al. 2021,
            "Improving Neural Machine Translation by Bidirectional Training").
        clip_norm: the global norm to which gradients are clipped.
        patience: epochs without a better validation loss before stopping, 0 for never.
        average_last: how many of the last epochs' weights the result averages; where patience ran out, of the last up
            to the best.
        workers: processes that train together, each on its share of every batch.
        backup_steps: steps from one backup to the next: a run that is killed loses no more.
        seed: seed of weights, dropout and data order.
        precision: of translators, what training computes in: "float32" or "bfloat16"; "auto" lets train.py take
            bfloat16 for a Transformer that one process of TensorFlow trains on a processor that has it.
    """

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

    def __post_init__(self):
        check_types(self)
        require_one_of(self.precision, "precision", ("auto", "float32", "bfloat16"))
        require_at_least_one(
            self, "epochs", "batch_tokens", "num_shapes", "warmup_steps", "average_last", "workers", "backup_steps"
        )
        require(0 <= self.seed < 2**32, "seed", self.seed, "at least 0 and below 2**32")
        for name in ("minutes", "subword_sampling", "patience"):
            require(getattr(self, name) >= 0, name, getattr(self, name), "0 or more")
        for name in ("learning_rate", "clip_norm"):
            require(0 < getattr(self, name) < float("inf"), name, getattr(self, name), "above 0 and finite")
        has_one_clock = self.workers == 1 or not self.minutes
        require(has_one_clock, "minutes", self.minutes, "0 where several workers train, whose clocks differ")
        for name in ("cooldown", "both_ways"):
            require(0 <= getattr(self, name) <= 1, name, getattr(self, name), "between 0 and 1")
        require(0 <= self.label_smoothing < 1, "label_smoothing", self.label_smoothing, "at least 0 and below 1")

    @property
    def redraws(self):
        """Whether what an epoch trains on is drawn anew each time."""
        return bool(self.subword_sampling or self.both_ways)
