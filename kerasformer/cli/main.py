"""The command `kerasformer`: builds the parser from the files beside this one, and runs what was asked for."""

import argparse
import os
import sys

from kerasformer import __version__
from kerasformer.cli import artefacts, bulk, models, serving
from kerasformer.cli.printing import complaints
from kerasformer.errors import one_line_errors
from kerasformer.interface.carrying import ProtectionWarning
from kerasformer.tasks import TASKS, resolve

PROGRAM = "kerasformer"


def main(argv=None):
    """Run the command; the entry point of `kerasformer`.

    Args:
        argv: list of str, the arguments; None takes those of the process.

    Returns:
        The exit code. Wrong usage and wrong input raise `SystemExit(2)` instead.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed by the parent process; a file opened next would take its descriptor
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    arguments = build_parser().parse_args(argv)
    code = arguments.code_if_cut_short
    with one_line_errors(PROGRAM):
        try:
            with complaints(ProtectionWarning):
                code = arguments.run(arguments)
            sys.stdout.flush()
        except BrokenPipeError:  # the reader stopped reading, as in `| head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


def build_parser():
    """The parser of all commands; each sets `run`, a function of the parsed arguments that returns an exit code."""
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Translate, chat, classify and draw with models of kerasformer, or list, evaluate, export, verify, "
        "inspect, audit and serve them.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)

    any_form = "bundle folder, SavedModel folder or .tflite file"

    def add(name, run, summary, description, examples, model=any_form, needs_model=True):
        command = subparsers.add_parser(
            name, help=summary, description=description, epilog=f"examples:\n{examples}", formatter_class=_Formatter
        )
        command.set_defaults(run=run, code_if_cut_short=0)
        if model:
            command.add_argument("--model", required=needs_model, metavar="PATH", help=model)
        return command

    for task in TASKS.values():
        resolve(task.cli).add_commands(add)
    artefacts.add_commands(add)
    models.add_command(add)
    serving.add_command(add)
    bulk.add_command(add)
    return parser


class _Formatter(argparse.HelpFormatter):
    """Prints examples as they are written, and wraps descriptions to the width of the terminal."""

    def _fill_text(self, text, width, indent):
        return text if text.startswith("examples:") else super()._fill_text(text, width, indent)


if __name__ == "__main__":
    sys.exit(main())
