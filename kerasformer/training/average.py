"""The weights after each epoch, one file per epoch, and their average."""

import pathlib

import keras

from kerasformer.errors import InputError
from kerasformer.training.backup import DamagedBackup, restore, save


class EpochWeights:
    """The files epoch-00001.npz and so on of a run.

    Args:
        folder: where they are.
        weights: list of Keras variables that are saved and averaged.
    """

    def __init__(self, folder, weights):
        self.folder = pathlib.Path(folder)
        self.weights = weights

    def files(self, first=0, last=float("inf")):
        """The files of the epochs from `first` to `last`: list of `pathlib.Path`, in their order."""
        return [file for file in sorted(self.folder.glob("epoch-*.npz")) if first <= int(file.stem[6:]) <= last]

    def save(self, epoch):
        """Write the weights after an epoch."""
        save(self.folder / f"epoch-{epoch:05d}.npz", self.weights, {"epoch": epoch})

    def remove(self, first=0, last=float("inf")):
        """Remove the files of the epochs from `first` to `last`."""
        for file in self.files(first, last):
            file.unlink(missing_ok=True)

    def average(self, last, count):
        """Replace the weights by their mean after `count` epochs, of which `last` is the last one.

        Raises:
            InputError: if a file is damaged.
        """
        # If --patience was given only with --resume, the files up to the best epoch may be gone.
        files = (self.files(last=last) or self.files())[-count:]
        if not files:  # --resume set fewer epochs than had been trained: keep the weights
            return
        total = None
        for file in files:
            try:
                restore(file, self.weights)
            except DamagedBackup as error:
                raise InputError(f"{error}: remove it, and --resume averages the other epochs") from None
            weights = [keras.ops.convert_to_numpy(weight).astype("float64") for weight in self.weights]
            total = [a + b for a, b in zip(total, weights, strict=True)] if total else weights
        for variable, value in zip(self.weights, total, strict=True):
            variable.assign((value / len(files)).astype(str(variable.dtype)))
