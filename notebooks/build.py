"""Run the notebooks and write a page of each, and an index, for readers online: python notebooks/build.py --out site

Needs `pip install -e ".[docs]"`. The pages load nothing from elsewhere: pictures and styles are in them, formulas
are MathML. Training takes minutes a notebook; KERASFORMER_NOTEBOOK_PRESET=test makes a quick trial.
"""

import argparse
import html
import pathlib
import tempfile

from kerasformer.errors import InputError, one_line_errors
from kerasformer.system.files import write_text
from kerasformer.system.quiet import quiet_loading

ALL = [*pathlib.Path(__file__).parent.glob("*.ipynb")]
ORDER = (  # of the notes
    "sequence_to_sequence",
    "attention",
    "transformer",
    "vision_transformer",
    "dall_e",
    "embedding_and_encoding",
    "chatbot",
)
INDEX = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>kerasformer: notebooks</title></head>
<body style="font: 1.1em/1.5 sans-serif; margin: 3em auto; max-width: 40em"><h1>Notebooks</h1><dl>"""
TEMPLATE = """{% extends "lab/index.html.j2" %} {% block html_head_js %}{% endblock %}
{% block html_head_js_mathjax %}{% endblock %} {% block html_head_js_mermaidjs %}{% endblock %}"""


def run(notebook, path):
    """Execute a notebook in an empty folder; what TensorFlow writes past Python is not shown."""
    from nbclient import NotebookClient, exceptions

    with tempfile.TemporaryDirectory() as folder, quiet_loading():
        place, quiet = {"metadata": {"path": folder}}, ["--IPKernelApp.capture_fd_output=False"]
        try:
            NotebookClient(notebook, resources=place, extra_arguments=quiet, coalesce_streams=True).execute()
        except (exceptions.CellExecutionError, exceptions.DeadKernelError, AssertionError) as error:
            reason = f"{error.ename}: {error.evalue}" if hasattr(error, "ename") else "its kernel died"
            raise InputError(f"{path} does not run: {reason}") from None


def page(notebook):
    """The page of a notebook that has been run: as JupyterLab shows it, without the scripts it would fetch."""
    from latex2mathml.converter import convert
    from nbconvert import HTMLExporter
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    renderer = IPythonRenderer(escape=False)
    renderer.inline_math, renderer.block_math = convert, lambda formula: convert(formula, display="block")
    exporter = HTMLExporter(raw_template=TEMPLATE)
    exporter.register_filter("markdown2html", MarkdownWithMath(renderer=renderer).render)
    return exporter.from_notebook_node(notebook)[0]


def build(paths, out):
    """Run notebooks and write their pages, then the index of all that have one, with the question of each."""
    import nbformat

    known, entries = {path.stem: path for path in [*ALL, *paths]}, []
    for name in sorted(known, key=[*ORDER, *sorted({*known} - {*ORDER})].index):
        try:
            notebook = nbformat.read(known[name], 4)
        except ValueError:
            raise InputError(f"{known[name]} is damaged or no notebook") from None
        if known[name] in paths:
            print(f"running {known[name]}", flush=True)
            run(notebook, known[name])
            write_text(out / f"{name}.html", page(notebook))
        if (out / f"{name}.html").exists():
            question = html.escape(notebook.cells[0].source.splitlines()[0].strip("# "))
            title = name.replace("_", " ").capitalize()
            entries.append(f'<dt><a href="{name}.html">{title}</a></dt><dd>{question}</dd>')
    write_text(out / "index.html", "\n".join([INDEX, *entries, "</dl></body></html>\n"]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebooks", nargs="*", default=ALL, type=pathlib.Path, help="default: all beside this file")
    parser.add_argument("--out", required=True, type=pathlib.Path, metavar="FOLDER", help="where the pages go")
    arguments = parser.parse_args()
    with one_line_errors("notebooks/build.py"):
        try:
            build(arguments.notebooks, arguments.out)
        except ModuleNotFoundError as missing:
            raise InputError(f'{missing}: pip install -e ".[docs]"') from None
