"""The gate: no artefact leaves before it has answered held-out data as the bundle does."""

import json

from kerasformer.errors import InputError
from kerasformer.exporting.litert import export_litert
from kerasformer.exporting.proofs.classification import ClassificationProof
from kerasformer.exporting.proofs.drawing import DrawingProof
from kerasformer.exporting.proofs.proof import size_of
from kerasformer.exporting.proofs.translation import TranslationProof
from kerasformer.exporting.saved_model import export_saved_model, require_tensorflow
from kerasformer.system.files import whole_folder
from kerasformer.system.quiet import quiet_loading

FORMATS = ("saved_model", "litert-fp32", "litert-int8")
REPORT_FILE = "report.json"
PROOFS = {"translation": TranslationProof, "classification": ClassificationProof, "drawing": DrawingProof}  # by task


def proof_of(bundle, held_out, say=print, reference=None):
    """The `Proof` of a bundle's exports over held-out data of the bundle's task."""
    return PROOFS[bundle.model.config.task](bundle, held_out, say, reference)


def export_all(bundle, out, held_out, formats=FORMATS, say=print, reference=None):
    """Export a bundle, prove every artefact equal to it, and only then put them in place.

    Args:
        bundle: the `Bundle`.
        out: folder for the artefacts and `report.json`, whole or not at all.
        held_out: what training never saw: (source, target) texts of a translator, `Images` of a classifier, captions
            for a model that draws; at least 200 for the proof to mean something.
        formats: which of `FORMATS`.
        say: called with a line of progress now and then.
        reference: the bundle's own engine with its own options, where there is one already.

    Returns:
        The report: {"task", what the task's `Proof` says of it, "artefacts": [{"name", "file", "bytes", "passed", and
        the figures of the task}, ...]}, the bundle first.

    Raises:
        InputError: if an artefact differs; it says in what, and nothing is left in place.
    """
    require_tensorflow()
    unknown = sorted(set(formats) - set(FORMATS))
    if unknown:
        raise InputError(f"format {', '.join(unknown)} is unknown; there are {', '.join(FORMATS)}")
    proof = proof_of(bundle, held_out, say, reference)
    rows = [{"name": "bundle", "file": "", **proof.bundle_row()}]
    with whole_folder(out) as folder:
        for name in formats:
            say(f"exporting {name} and comparing {proof.counted} with the bundle")
            file, engine = _export(bundle, name, folder, proof)
            row = proof.row(name, engine)
            if not row["passed"]:
                raise InputError(f"{name} does not answer as the bundle does: {proof.complaint(row)}")
            rows.append({"name": name, "file": file.name, "bytes": size_of(file), **row})
        report = {"task": bundle.model.config.task, **proof.head(), "artefacts": rows}
        (folder / REPORT_FILE).write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return report


def _export(bundle, name, folder, proof):
    """Write one format into a folder; the file and what opens it."""
    form, _, precision = name.partition("-")
    path = folder / (f"{proof.stem}.{precision}.tflite" if precision else form)
    if precision:
        export_litert(bundle, path, precision)
    else:
        export_saved_model(bundle, path)
    with quiet_loading():
        engine = proof.engines[form](path)
        if precision:
            engine.warm_up()
    return path, engine
