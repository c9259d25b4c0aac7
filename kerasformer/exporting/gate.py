"""Export a bundle in several formats, and keep them only if each answers held-out data as the bundle does."""

import json

from kerasformer.errors import InputError
from kerasformer.exporting.proofs.proof import size_of
from kerasformer.exporting.saved_model import require_tensorflow
from kerasformer.formats import FORMATS, find_format
from kerasformer.inference.opening import open_artefact
from kerasformer.system.files import whole_folder
from kerasformer.tasks import TASKS, resolve

REPORT_FILE = "report.json"


def proof_of(bundle, held_out, say=print, reference=None):
    """The `Proof` of a bundle's exports over held-out data of the bundle's task."""
    return resolve(TASKS[bundle.model.config.task].proof)(bundle, held_out, say, reference)


def export_all(bundle, out, held_out, formats=None, say=print, reference=None):
    """Export a bundle, prove every artefact equal to it, and only then put them in place.

    Args:
        bundle: the `Bundle`.
        out: folder for the artefacts and `report.json`, whole or not at all.
        held_out: what training never saw: (source, target) texts of a translator, `Images` of a classifier, captions
            for a model that draws; at least 200 for the proof to mean something.
        formats: names of formats in `formats.FORMATS`; None takes all.
        say: called with a line of progress now and then.
        reference: the bundle's own engine with its own options, where there is one already.

    Returns:
        The report: {"task", what the task's `Proof` says of it, "artefacts": [{"name", "file", "bytes", "passed", and
        the figures of the task}, ...]}, the bundle first.

    Raises:
        InputError: if an artefact differs; it says in what, and nothing is left in place.
    """
    require_tensorflow()
    formats = [find_format(name) for name in formats or FORMATS]
    task = TASKS[bundle.model.config.task]
    proof = proof_of(bundle, held_out, say, reference)
    rows = [{"name": "bundle", "file": "", **proof.bundle_row()}]
    with whole_folder(out) as folder:
        for format in formats:
            say(f"exporting {format.name} and comparing {proof.counted} with the bundle")
            file = folder / format.file.format(stem=task.stem)
            resolve(format.write)(bundle, file, format)
            row = proof.row(format, open_artefact(file))
            if not row["passed"]:
                raise InputError(f"{format.name} does not answer as the bundle does: {proof.complaint(row)}")
            rows.append({"name": format.name, "file": file.name, "bytes": size_of(file), **row})
        report = {"task": task.name, **proof.head(), "artefacts": rows}
        (folder / REPORT_FILE).write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return report
