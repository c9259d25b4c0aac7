"""One record for each task: its names, and where the code for it is.

A new task is one more record here, and the files that the record names. Code is named as "module:name" and imported
when it is first used, so that this module needs nothing and everything may import it.
"""

import dataclasses
import importlib

from kerasformer.errors import InputError

_LOADED = "memory, MB", "loaded_megabytes", "{:.0f}"


@dataclasses.dataclass(frozen=True)
class Task:
    """What there is for one task.

    Args:
        name: the name of the task in configs and artefacts.
        noun: what a model for the task is called, with its article.
        command: the command that uses such a model.
        stem: the name of exported files, without what follows the first dot.
        engines: dict of the name of a form (see `kerasformer.formats`) to the engine class for it, which is made of a
            `Description`, or of a `Bundle`, and of options as keywords.
        server_graph: the `tf.Module` that a SavedModel holds.
        device_graph: the `tf.Module` that a `.tflite` holds.
        proof: the `Proof` that compares an export with its bundle.
        job: the class that trains a model for the task; see `kerasformer.jobs`.
        cli: the module with the commands for the task.
        inspected: names of the metadata of exports that `kerasformer inspect` prints.
        report_title: the title of an export's table, with fields of the report in braces.
        report_columns: the columns of that table: (heading, name of the figure, how it is formatted).
        device_columns: further columns, about what a `.tflite` takes on a device.
        golden: function of the path of a `.tflite` and of texts that returns golden pairs; "" if there is none.
        job_from: the class that trains a bundle further on other data; "" if there is none.
        twin: function that opens the LiteRT twin of a bundle, see `inference.twin`; "" if bundles have none.
    """

    name: str
    noun: str
    command: str
    stem: str
    engines: dict
    server_graph: str
    device_graph: str
    proof: str
    job: str
    cli: str
    inspected: tuple
    report_title: str
    report_columns: tuple
    device_columns: tuple = (_LOADED,)
    golden: str = ""
    job_from: str = ""
    twin: str = ""


TASKS = {
    "translation": Task(
        name="translation",
        noun="a translator",
        command="kerasformer translate",
        stem="translator",
        engines={
            "bundle": "kerasformer.inference.translator:Translator",
            "saved_model": "kerasformer.inference.saved_model:SavedModelTranslator",
            "litert": "kerasformer.runtime.litert:LiteRTTranslator",
        },
        server_graph="kerasformer.exporting.graphs.translation:ServerModule",
        device_graph="kerasformer.exporting.graphs.translation:DeviceModule",
        proof="kerasformer.exporting.proofs.translation:TranslationProof",
        job="kerasformer.jobs.translation:Translation",
        golden="kerasformer.runtime.golden:golden_pairs",
        job_from="kerasformer.jobs.fine_tuning:FineTuning",
        twin="kerasformer.inference.twin_translator:open_twin",
        cli="kerasformer.cli.translation",
        inspected=("max_length", "max_tokens", "texts", "text_rules"),
        report_title="{sentences} held-out sentences, {source} to {target}",
        report_columns=(
            ("size, MB", "megabytes", "{:.1f}"),
            ("ms a sentence", "ms_per_sentence", "{:.1f}"),
            ("BLEU", "bleu", "{:.2f}"),
            ("chrF", "chrf", "{:.2f}"),
            ("identical answers", "identical_share", "{:.1%}"),
        ),
        device_columns=(_LOADED, ("ms at 5 / 15 / 25 / 60 tokens", "ms_by_tokens", "{:.1f}")),
    ),
    "classification": Task(
        name="classification",
        noun="a classifier of images",
        command="kerasformer classify",
        stem="classifier",
        engines={
            "bundle": "kerasformer.inference.classifier:Classifier",
            "saved_model": "kerasformer.inference.saved_model:SavedModelClassifier",
            "litert": "kerasformer.runtime.images:LiteRTClassifier",
        },
        server_graph="kerasformer.exporting.graphs.classification:ServerModule",
        device_graph="kerasformer.exporting.graphs.classification:DeviceModule",
        proof="kerasformer.exporting.proofs.classification:ClassificationProof",
        job="kerasformer.jobs.classification:Classification",
        cli="kerasformer.cli.classification",
        inspected=("labels", "shape"),
        report_title="{images} held-out images",
        report_columns=(
            ("size, MB", "megabytes", "{:.2f}"),
            ("ms an image", "ms_per_image", "{:.2f}"),
            ("accuracy, %", "accuracy", "{:.1f}"),
            ("same labels", "identical_share", "{:.1%}"),
            ("largest difference", "max_difference", "{:.1g}"),
        ),
    ),
    "drawing": Task(
        name="drawing",
        noun="a model that draws",
        command="kerasformer draw",
        stem="illustrator",
        engines={
            "bundle": "kerasformer.inference.illustrator:Illustrator",
            "saved_model": "kerasformer.inference.saved_model:SavedModelIllustrator",
            "litert": "kerasformer.runtime.images:LiteRTIllustrator",
        },
        server_graph="kerasformer.exporting.graphs.drawing:ServerModule",
        device_graph="kerasformer.exporting.graphs.drawing:DeviceModule",
        proof="kerasformer.exporting.proofs.drawing:DrawingProof",
        job="kerasformer.jobs.drawing:Drawing",
        cli="kerasformer.cli.drawing",
        inspected=("shape", "caption_length", "image_length"),
        report_title="images of {captions} held-out captions",
        report_columns=(
            ("size, MB", "megabytes", "{:.1f}"),
            ("ms an image", "ms_per_image", "{:.1f}"),
            ("perplexity", "perplexity", "{:.2f}"),
            ("same most likely image", "identical_share", "{:.1%}"),
            ("same sampled image", "identical_drawn_share", "{:.1%}"),
        ),
    ),
}


def find_task(name, path):
    """The `Task` that the artefact at `path` names.

    Raises:
        InputError: if there is no such task.
    """
    if name not in TASKS:
        raise InputError(f"{path} is for {name}, and no command uses that: give a model for {', '.join(TASKS)}")
    return TASKS[name]


def resolve(reference):
    """Import what a reference names.

    Args:
        reference: "module", "module:name" or "module:name.attribute".

    Returns:
        The module, or the object of that name in it.
    """
    module, _, names = reference.partition(":")
    found = importlib.import_module(module)
    for name in filter(None, names.split(".")):
        found = getattr(found, name)
    return found
