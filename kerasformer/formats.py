"""The forms of artefacts, the formats of export, and the metadata of an artefact.

A new form or a new format is one more record here, or one added to `FORMS` or `FORMATS` by other code. Code is named
as "module:name" and imported when it is first used; see `kerasformer.tasks`.
"""

import dataclasses
import pathlib

from kerasformer.errors import InputError
from kerasformer.pretrained import available, locate
from kerasformer.system.quiet import quiet_loading
from kerasformer.tasks import Task, find_task, resolve


@dataclasses.dataclass(frozen=True)
class Form:
    """One form of artefact.

    Args:
        name: the key in `FORMS` and in `Task.engines`.
        noun: what an artefact of the form is called, with its article.
        describe: function of a path that reads the metadata of the artefact and returns a `Description`.
        open: function of a description, and of options as keywords, that returns an engine; "" if the task's engines
            take the description themselves.
        inspect: function of a description that returns more about it for `kerasformer inspect`: dict; "" for nothing.
        suffix: what the name of a file of the form ends in; "" for a folder.
        holds: the name of a file by which a folder of the form is recognised; "" for a file.
        is_compiled: bool, whether its engines compile for each new shape, so that their first answers are slow.
        has_more_signatures: bool, whether artefacts have signatures that engines do not call by default; a `Proof`
            compares them as well.
    """

    name: str
    noun: str
    describe: str
    open: str = ""
    inspect: str = ""
    suffix: str = ""
    holds: str = ""
    is_compiled: bool = False
    has_more_signatures: bool = False


@dataclasses.dataclass(frozen=True)
class Format:
    """One format of export.

    Args:
        name: the key in `FORMATS`, what the option `--format` takes, and the row's name in the report.
        form: the name of the form that it writes.
        file: the name of the file or folder; "{stem}" stands for the task's `stem`.
        write: function of a bundle, a path and this format that writes the artefact.
        precision: how weights are stored, such as "fp32".
        is_exact: bool, whether the artefact must answer exactly as the bundle does; else it may lose a little quality.
        quantize: function that sets up a `tf.lite.TFLiteConverter` for the precision; "" for none.
        store: function of a `.tflite` that is converted (`exporting.slimming.slim`), which stores its weights in the
            precision; "" for none.
        bytes_per_weight: float, of the precision; a file with fewer bytes lacks weights.
        beam_size: int, of the signature `translate_beam` of a translator's `.tflite`; 1 for none.
        batch: int, sentences that a translator's `.tflite` searches together, beside one at a time; 1 for none.
        streaming: bool, whether a translator's `.tflite` also translates token by token.
        is_default: bool, whether an export writes it if no formats are named.
    """

    name: str
    form: str
    file: str
    write: str
    precision: str = "fp32"
    is_exact: bool = True
    quantize: str = ""
    store: str = ""
    bytes_per_weight: float = 4
    beam_size: int = 1
    batch: int = 1
    streaming: bool = False
    is_default: bool = True


@dataclasses.dataclass(frozen=True)
class Description:
    """The metadata of an artefact, read once and checked: its task is known and its version can be read.

    Args:
        path: the folder or file.
        form: its `Form`.
        task: its `Task`.
        source: code of the language it reads; or "image", "caption".
        target: code of the language it writes; or "label", "image".
        is_exact: bool, whether it must answer exactly as the bundle it was exported from.
        format_version: int.
        corpus: dict, what it was trained on: name, SHA-256, attribution, seed of the splits; {} where it does not say.
        metadata: dict, everything it says, by name.
        tokenizer: bytes, the SentencePiece model, if it is in one file with the metadata.
        config: the config of the model, for a bundle.
    """

    path: pathlib.Path
    form: Form
    task: Task
    source: str
    target: str
    is_exact: bool = True
    format_version: int = 1
    corpus: dict = dataclasses.field(default_factory=dict)
    metadata: dict = dataclasses.field(default_factory=dict, repr=False)
    tokenizer: bytes | None = dataclasses.field(default=None, repr=False)
    config: object = None


FORMS = {
    "bundle": Form(
        name="bundle",
        noun="a bundle folder",
        describe="kerasformer.manifest:describe_bundle",
        open="kerasformer.inference.opening:open_bundle",
        inspect="kerasformer.cli.inspection:inspect_bundle",
        holds="bundle.json",
        is_compiled=True,
    ),
    "saved_model": Form(
        name="saved_model",
        noun="a SavedModel folder",
        describe="kerasformer.inference.checkpoint:describe_saved_model",
        inspect="kerasformer.cli.inspection:inspect_saved_model",
        holds="saved_model.pb",
        is_compiled=True,
        has_more_signatures=True,
    ),
    "litert": Form(
        name="litert",
        noun="a .tflite file",
        describe="kerasformer.runtime.metadata:describe_litert",
        inspect="kerasformer.cli.inspection:inspect_litert",
        suffix=".tflite",
    ),
}


def _litert(precision, **options):
    """The `Format` of a `.tflite` with weights in a precision."""
    return Format(
        name=f"litert-{precision}",
        form="litert",
        file=f"{{stem}}.{precision}.tflite",
        write="kerasformer.exporting.litert:write",
        precision=precision,
        **options,
    )


_EIGHT_BITS = {"is_exact": False, "bytes_per_weight": 1}
_FORMATS = (
    Format(
        name="saved_model",
        form="saved_model",
        file="saved_model",
        write="kerasformer.exporting.saved_model:write",
    ),
    _litert("fp32"),
    _litert("int8", store="kerasformer.exporting.eight_bits:store_rows", **_EIGHT_BITS),
    _litert("int8-compat", store="kerasformer.exporting.eight_bits:store_matrices", is_default=False, **_EIGHT_BITS),
)
FORMATS = {format.name: format for format in _FORMATS}


def form_of(path):
    """The `Form` of a path by its looks; describing it shows whether it is complete.

    A file of no known suffix is taken for a `.tflite`, and a folder without a known file in it for a bundle.

    Raises:
        InputError: if there is nothing.
    """
    path = pathlib.Path(path)
    for form in FORMS.values():
        is_such_file = form.suffix and path.is_file() and path.name.endswith(form.suffix)
        if is_such_file or (form.holds and (path / form.holds).is_file()):
            return form
    if path.is_file():
        return FORMS["litert"]
    if path.is_dir():
        return FORMS["bundle"]
    *nouns, last = (form.noun for form in FORMS.values())
    models = f", or a pretrained model: {', '.join(available())}" if available() else ""
    raise InputError(f"{path} does not exist: give {', '.join(nouns)} or {last}{models}")


def describe(path, task=None, form=None):
    """Read and check the metadata of an artefact.

    Args:
        path: the folder or file, or the name of a pretrained model; or a `Description`, which is not read again.
        task: name of the task that it must be for; None for any.
        form: name of the form that it must have; None for the one that `form_of` finds.

    Returns:
        The `Description`.

    Raises:
        InputError: if it is missing, damaged, not written by kerasformer, too new, or for another task: the message
            says which command uses it.
    """
    found = path
    if not isinstance(path, Description):
        with quiet_loading():
            path = locate(path)
            found = resolve((FORMS[form] if form else form_of(path)).describe)(path)
    if task and found.task.name != task:
        wanted = find_task(task, found.path).noun
        raise InputError(f"{found.path} is {found.task.noun}, not {wanted}: use it with `{found.task.command}`")
    return found


def check_version(path, version, newest):
    """Raise `InputError` if an artefact has a newer format version than the `newest` that can be read."""
    if version > newest:
        raise InputError(
            f"{path} has format version {version}, this kerasformer reads up to {newest}; "
            "upgrade with: pip install -U kerasformer"
        )


def default_formats():
    """The names of the formats that an export writes if none are named."""
    return [name for name, found in FORMATS.items() if found.is_default]


def find_format(name):
    """The `Format` of that name.

    Raises:
        InputError: if there is none.
    """
    if name not in FORMATS:
        raise InputError(f"format {name!r} is unknown: choose from {', '.join(FORMATS)}")
    return FORMATS[name]
