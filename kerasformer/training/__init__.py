"""Training: loss, optimizer, schedule, the training loop, and a run on disk that can be resumed."""

from kerasformer.training.backup import backups, is_unfinished
from kerasformer.training.fit import Interrupted, Trainer
from kerasformer.training.loss import SmoothedCrossEntropy, SquaredError
from kerasformer.training.precision import allow_clusters, best_precision, clusters, computing_in
from kerasformer.training.run import Run, is_of_other_data
from kerasformer.training.schedule import InverseSquareRoot
from kerasformer.training.workers import join

__all__ = [
    "Interrupted",
    "InverseSquareRoot",
    "Run",
    "SmoothedCrossEntropy",
    "SquaredError",
    "Trainer",
    "allow_clusters",
    "backups",
    "best_precision",
    "clusters",
    "computing_in",
    "is_of_other_data",
    "is_unfinished",
    "join",
]
