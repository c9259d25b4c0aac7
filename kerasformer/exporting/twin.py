"""Make the LiteRT twin of a bundle, and keep it if it answers the golden pairs of the bundle as the bundle does."""

import pathlib
import tempfile

from kerasformer.errors import InputError
from kerasformer.exporting.gate import proof_of
from kerasformer.exporting.litert import export_litert
from kerasformer.formats import FORMATS
from kerasformer.inference.twin import keep_twin
from kerasformer.runtime.litert import LiteRTTranslator


def keep_exported(description, folder, report):
    """Keep the exact `.tflite` of an export, if there is one, as the twin of the described bundle of a translator.

    Args:
        description: the `Description` of the bundle.
        folder: the folder of the export.
        report: what `gate.export` returned; it compared the file with the bundle.
    """
    formats = [(row["file"], FORMATS[row["name"]]) for row in report["artefacts"] if row["name"] in FORMATS]
    exact = [file for file, format in formats if format.form == "litert" and format.is_exact]
    if exact and description.task.twin:
        keep_twin(description, pathlib.Path(folder) / exact[0])


def make_twin(description, bundle):
    """Make the twin of a described bundle, see `inference.twin`; returns its path.

    Args:
        description: the `Description`.
        bundle: the loaded `Bundle`, with golden pairs.

    Raises:
        InputError: if there are no golden pairs, the twin answers differently, or Keras does not run on TensorFlow.
        OSError: if it cannot be written.
    """
    golden = [(source, reference) for source, _, reference in bundle.golden]
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "twin.tflite"
        export_litert(bundle, file)
        proof = proof_of(bundle, golden, say=lambda line: None)
        found = proof.measure(LiteRTTranslator(file), exact=True)
        if not found["passed"]:
            wrong = sum(not difference["tie"] for difference in found["differences"])
            raise InputError(f"the LiteRT twin of {description.path} gave {wrong} different answers")
        return keep_twin(description, file)
