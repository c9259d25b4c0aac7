"""Write the tree of files in docs/code.md, with the first line of each file's docstring: python docs/tree.py"""

import ast
import pathlib
import re

ROOT = pathlib.Path(__file__).parents[1]
PAGE = ROOT / "docs" / "code.md"
PLACE = re.compile(r"(?<=```text\n).*?(?=```)", re.DOTALL)
FOLDERS = {
    "export": "scripts that export a bundle, over kerasformer.exporting",
    "runtime": "kerasformer-runtime, the part of kerasformer that a device needs",
    "notebooks": "one question each; build.py runs them",
    "benchmarks": "every figure in the documentation that train.py does not print",
    "docs": "the pages of the site; hooks.py adds the others",
}
COLUMN, WIDTH = 28, 120  # where descriptions begin, and how wide they may be


def summary(path):
    """The first line of the docstring of a file or of a folder's `__init__.py`; its first clause if it is long."""
    path = path / "__init__.py" if path.is_dir() else path
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) if path.exists() else None
    line = (docstring or "").split("\n")[0].rstrip(".")
    return line if len(line) <= WIDTH else re.split(r"[:;.] " if re.search(r"[:;.] ", line) else ", ", line)[0]


def lines(folder, depth=1):
    """Lines of the tree for what is in a folder: files first, then folders."""
    for path in sorted(folder.iterdir(), key=lambda path: (path.is_dir(), path.name)):
        if path.suffix == ".py" and path.stem != "__init__":
            yield f"{'  ' * depth}{path.name}".ljust(COLUMN) + f"  {summary(path)}"
        elif path.is_dir() and any(path.glob("*.py")):
            yield f"{'  ' * depth}{path.name}/".ljust(COLUMN) + f"  {summary(path)}"
            yield from lines(path, depth + 1)


def tree():
    """The tree of the package and of the commands beside it."""
    parts = ["train.py".ljust(COLUMN) + f"  {summary(ROOT / 'train.py')}", "kerasformer/", *lines(ROOT / "kerasformer")]
    for folder, what in FOLDERS.items():
        parts += [f"{folder}/".ljust(COLUMN) + f"  {what}", *lines(ROOT / folder)]
    return "\n".join([*parts, "tests/".ljust(COLUMN) + "  tests, in the folders of kerasformer/"]) + "\n"


if __name__ == "__main__":
    PAGE.write_text(PLACE.sub(lambda _: tree(), PAGE.read_text(encoding="utf-8")), encoding="utf-8")
