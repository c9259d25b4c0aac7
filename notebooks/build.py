"""Run the notebooks and keep what they show, for the pages of the site: python notebooks/build.py

Writes a copy of each notebook, with its outputs, to runs/notebooks; then `mkdocs build --strict` shows these. Needs
`pip install -e ".[docs]"`. Training takes minutes a notebook; KERASFORMER_NOTEBOOK_PRESET=test makes a quick trial.
"""

import argparse
import pathlib
import tempfile

from kerasformer.errors import InputError, one_line_errors
from kerasformer.system.files import write_text
from kerasformer.system.quiet import quiet_loading

HERE = pathlib.Path(__file__).parent
OUT = HERE.parent / "runs" / "notebooks"


def run(notebook, path):
    """Execute a notebook in an empty folder, without TensorFlow's messages from below Python."""
    from nbclient import NotebookClient, exceptions

    with tempfile.TemporaryDirectory() as folder, quiet_loading():
        place, quiet = {"metadata": {"path": folder}}, ["--IPKernelApp.capture_fd_output=False"]
        try:
            NotebookClient(notebook, resources=place, extra_arguments=quiet, coalesce_streams=True).execute()
        except (exceptions.CellExecutionError, exceptions.DeadKernelError, AssertionError) as error:
            reason = f"{error.ename}: {error.evalue}" if hasattr(error, "ename") else "its kernel died"
            raise InputError(f"{path} does not run: {reason}") from None


def build(paths, out):
    """Run notebooks, and write each with its outputs into the folder `out`."""
    import nbclient  # noqa: F401
    import nbformat

    for path in paths:
        try:
            notebook = nbformat.read(path, 4)
        except ValueError:
            raise InputError(f"{path} is damaged or not a notebook") from None
        print(f"running {path}", flush=True)
        run(notebook, path)
        write_text(out / path.name, nbformat.writes(notebook))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "notebooks",
        nargs="*",
        default=sorted(HERE.glob("*.ipynb")),
        type=pathlib.Path,
        help="notebooks to run (default: all beside this file)",
    )
    parser.add_argument(
        "--out", type=pathlib.Path, default=OUT, metavar="FOLDER", help="where to write them (default: runs/notebooks)"
    )
    arguments = parser.parse_args()
    with one_line_errors("notebooks/build.py"):
        try:
            build(arguments.notebooks, arguments.out)
        except ModuleNotFoundError as missing:
            raise InputError(f'{missing}: pip install -e ".[docs]"') from None
