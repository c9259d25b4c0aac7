"""Training: loss, schedule, the fit itself, and a run on disk that can go on."""

from kerasformer.training.backup import backups, is_unfinished
from kerasformer.training.fit import Interrupted, Trainer
from kerasformer.training.loss import PeakSignalToNoise, Perplexity, SmoothedCrossEntropy, TokenAccuracy
from kerasformer.training.precision import allow_clusters, best_precision, clusters, computing_in
from kerasformer.training.run import Run, is_of_other_data
from kerasformer.training.schedule import InverseSquareRoot
from kerasformer.training.workers import join, launch

__all__ = [
    "Interrupted",
    "InverseSquareRoot",
    "PeakSignalToNoise",
    "Perplexity",
    "Run",
    "SmoothedCrossEntropy",
    "TokenAccuracy",
    "Trainer",
    "allow_clusters",
    "backups",
    "best_precision",
    "clusters",
    "computing_in",
    "is_of_other_data",
    "is_unfinished",
    "join",
    "launch",
]
