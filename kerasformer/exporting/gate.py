"""Export a bundle in several formats, and keep them only if each answers held-out data as the bundle does."""

import dataclasses
import json

from kerasformer.bundle import Bundle, load_bundle
from kerasformer.errors import InputError
from kerasformer.exporting.litert import keeping_graphs
from kerasformer.exporting.memory import loaded_megabytes
from kerasformer.exporting.proofs.proof import size_of
from kerasformer.exporting.saved_model import require_tensorflow
from kerasformer.formats import Format, default_formats, describe, find_format
from kerasformer.inference.compiling import compiled_first
from kerasformer.inference.opening import check_replaceable, open_artefact
from kerasformer.system.files import whole_folder
from kerasformer.tasks import TASKS, resolve

REPORT_FILE = "report.json"


def proof_of(bundle, held_out, say=print, reference=None):
    """The `Proof` that compares exports of a bundle with it; see `export` for the arguments."""
    return resolve(TASKS[bundle.model.config.task].proof)(bundle, held_out, say, reference)


@compiled_first()
def export(bundle, out, held_out, formats=None, say=print, reference=None, **options):
    """Export a bundle in several formats; write them only if each answers held-out data as the bundle does.

    Args:
        bundle: the `Bundle`, or the path of its folder.
        out: new folder for the artefacts and `report.json`, or an earlier export to replace.
        held_out: data that training never saw: (source, target) texts for a translator, `Images` for a classifier,
            captions for a model that draws. 200 or more are recommended.
        formats: names of formats in `formats.FORMATS`; None takes `default_formats`.
        say: function that is called with lines of progress.
        reference: the bundle's own engine with its own options, if there is one already.
        **options: `beam_size`, `batch` and `streaming` of a `Format`, for a translator's `.tflite`.

    Returns:
        The report, a dict: "task", the `summary` of the task's `Proof`, "default", the name of the smallest format,
        and "artefacts", a list of {"name", "file", "bytes", "passed", "loaded_megabytes" for a `.tflite` if the system
        tells it, and the figures of the task} with the bundle first.

    Raises:
        InputError: if an artefact answers differently (the message says how, and nothing is written), a format is
            unknown, `out` holds other files, or Keras does not run on TensorFlow.
    """
    require_tensorflow()
    check_replaceable(out)
    bundle = bundle if isinstance(bundle, Bundle) else load_bundle(describe(bundle, form="bundle"))
    formats = [dataclasses.replace(find_format(name), **options) for name in formats or default_formats()]
    asked = [name for name, value in options.items() if value != getattr(Format, name)]
    if asked and all(format.form != "litert" for format in formats):
        raise InputError(f"{asked[0]} is of .tflite files, and none is to be written: leave it out")
    task = TASKS[bundle.model.config.task]
    proof = proof_of(bundle, held_out, say, reference)
    rows = [{"name": "bundle", "file": "", **proof.bundle_row()}]
    with whole_folder(out) as folder, keeping_graphs():
        for format in formats:
            say(f"exporting {format.name} and comparing {proof.counted} with the bundle")
            file = folder / format.file.format(stem=task.stem)
            resolve(format.write)(bundle, file, format)
            row = proof.row(format, open_artefact(file))
            if not row["passed"]:
                raise InputError(f"{format.name} does not answer as the bundle does: {proof.complaint(row)}")
            rows.append({"name": format.name, "file": file.name, "bytes": size_of(file), **row})
        _add_memory(rows, folder, formats)
        smallest = min(rows[1:], key=lambda row: row["bytes"])["name"]  # all of them have passed
        report = {"task": task.name, **proof.summary(), "default": smallest, "artefacts": rows}
        (folder / REPORT_FILE).write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return report


def _add_memory(rows, folder, formats):
    """Add to the rows of `.tflite` files how much memory each takes."""
    names = [format.name for format in formats if format.form == "litert"]
    of_files = [row for row in rows if row["name"] in names]
    for row, megabytes in zip(of_files, loaded_megabytes([folder / row["file"] for row in of_files]), strict=False):
        row["loaded_megabytes"] = megabytes
