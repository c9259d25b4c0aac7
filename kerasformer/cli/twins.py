"""The option `--engine` of `kerasformer translate`, and the LiteRT twin that it makes of a bundle at first use."""

import sys

from kerasformer.cli.printing import complain
from kerasformer.errors import InputError
from kerasformer.inference.twin import ENGINES, find_twin, twin_lock
from kerasformer.system.processes import locked
from kerasformer.system.quiet import quiet_loading


def add_option(command):
    """Add `--engine`."""
    command.add_argument(
        "--engine",
        choices=ENGINES,
        default="auto",
        help="what translates with a bundle: xla, TensorFlow and its compiler; litert, a copy of the bundle for LiteRT "
        "that answers in less than a second; auto, the copy if it can do what is asked for, else xla (default: auto)",
    )


def add_missing(arguments, description, translator):
    """After the first translations with a bundle: make its twin, so that the next command needs no TensorFlow.

    Only a bundle with golden pairs gets one here, because they prove it; `kerasformer export` makes those of others.

    Args:
        arguments: of the command line.
        description: the `Description` of the model.
        translator: its `BaseTranslator`.
    """
    is_bundle, has_proof = description.form.name == "bundle", description.metadata.get("golden")
    if arguments.engine != "auto" or not is_bundle or not has_proof or find_twin(description) or not _is_tensorflow():
        return
    sys.stdout.flush()
    try:
        with locked(twin_lock(), wait=False):
            complain(
                f"making a copy of {description.path.name} that answers in less than a second (once; Ctrl-C skips it)"
            )
            with quiet_loading():
                from kerasformer.exporting.twin import make_twin

                make_twin(description, translator.bundle)
    except BlockingIOError:  # another process is making it
        pass
    except (InputError, OSError) as error:
        complain(f"there is no copy, so the next command takes as long: {error}")


def _is_tensorflow():
    import keras

    return keras.backend.backend() == "tensorflow"
