"""The command `kerasformer audit`: what a `.tflite` asks of its runtime, or what of a bundle LiteRT does not have."""

from kerasformer.cli.arguments import add_json, add_path, named_path
from kerasformer.cli.printing import show
from kerasformer.errors import InputError
from kerasformer.formats import describe
from kerasformer.system.quiet import quiet_loading


def add_command(add):
    """Add the command to a parser; see `cli.main`."""
    command = add(
        "audit",
        audit,
        "list the operations of a .tflite",
        "List the operations of each signature of a .tflite, and the first version of TensorFlow Lite or LiteRT that "
        "has each. A bundle is converted first; if that fails, the operations that LiteRT lacks are listed with the "
        "Keras layers that have them. The exit code is 1 if there are operations that are not built into LiteRT or "
        "not known here.",
        """  kerasformer audit translator.int8.tflite
  kerasformer audit translator.int8.tflite --json
  kerasformer audit runs/mine/bundle
""",
        model=".tflite file, bundle folder, or a model of the package",
        needs_model=False,
    )
    add_path(command)
    add_json(command)


def audit(arguments):
    """List the operations of a `.tflite` or of what a bundle becomes, and the least runtime of each."""
    from kerasformer.runtime import operations

    description = describe(named_path(arguments))
    if description.form.name not in _FLATBUFFERS:
        raise InputError(f"{description.path} is {description.form.noun}: give a .tflite file or a bundle folder")
    flatbuffer, lacking = _FLATBUFFERS[description.form.name](description)
    if flatbuffer is None:
        value = {"least_runtime": "", "foreign": sorted({one["operation"] for one in lacking}), "layers": lacking}
        lines = [f"{one['operation']:<24} in {one['layer']}" for one in lacking]
        show(arguments, value, [f"{description.path} does not convert to operations built into LiteRT:", *lines])
        return 1
    model = operations.read_model(flatbuffer)
    found, needs = operations.operations(model), operations.least_runtime(model)
    unknown, lines = operations.foreign(found), []
    for signature, rows in found.items():
        lines.append(f"{signature}: {sum(row['count'] for row in rows):,} operations")
        lines += ["  {name:<24} version {version:<3} {count:>5,} times  {least_runtime}".format(**row) for row in rows]
    lines.append(f"{description.path} needs TensorFlow Lite or LiteRT {needs}")
    if unknown:
        lines.append(
            f"{description.path} has operations that are not built into LiteRT, or not known here: {', '.join(unknown)}"
        )
    show(arguments, {"least_runtime": needs, "foreign": unknown, "signatures": found}, lines)
    return 1 if unknown else 0


def _of_file(description):
    from kerasformer.runtime.metadata import read_flatbuffer

    return read_flatbuffer(description.path), []


def _of_bundle(description):
    """The flatbuffer, or None and what LiteRT lacks: list of {"operation", "layer"}."""
    with quiet_loading():
        from kerasformer.bundle import load_bundle
        from kerasformer.exporting.litert import DoesNotConvertError, flatbuffer_of

        try:
            return flatbuffer_of(load_bundle(description)), []
        except DoesNotConvertError as error:
            if not error.foreign:  # it fails for another reason
                raise
            return None, [{"operation": name, "layer": layer} for name, layer in error.foreign]


_FLATBUFFERS = {"litert": _of_file, "bundle": _of_bundle}
