"""Builds kerasformer-runtime: those modules of kerasformer, in the folder above, that a device needs.

They are the starts named here and what files import at their top. Imports in functions do not count: they are for
commands that need the full package.
"""

import ast
import pathlib

from setuptools import setup
from setuptools.command.build_py import build_py

SOURCE = pathlib.Path(__file__).resolve().parents[1]
STARTS = ("runtime", "runtime.golden", "runtime.operations", "cli.main", "cli.inspection")
TASKS = ("cli.translation", "cli.classification", "cli.drawing")  # which `kerasformer.tasks` names


def file_of(module):
    """The file of a module of kerasformer, or None for any other."""
    path = SOURCE.joinpath(*module.split("."))
    files = (path / "__init__.py", path.with_suffix(".py"))
    return next((file for file in files if module.startswith("kerasformer") and file.is_file()), None)


def imported_by(module):
    """The modules that a file imports at its top, and its own package."""
    tree = ast.parse(file_of(module).read_text(encoding="utf-8"))
    yield module.rpartition(".")[0]
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def needed():
    """The names of the modules of the distribution: set of str."""
    documents = (f"documents.{file.stem}" for file in (SOURCE / "kerasformer" / "documents").glob("[!_]*.py"))
    found, waiting = set(), [f"kerasformer.{start}" for start in (*STARTS, *TASKS, *documents)]
    while waiting:
        module = waiting.pop()
        if module not in found and file_of(module):
            found.add(module)
            waiting += imported_by(module)
    return found


class Build(build_py):
    """Takes the modules that are needed from their packages."""

    def find_package_modules(self, package, package_dir):
        found = super().find_package_modules(package, package_dir)
        return [each for each in found if ".".join(each[:2]).removesuffix(".__init__") in MODULES]


MODULES = needed()
if __name__ == "__main__":
    packages = sorted(module for module in MODULES if file_of(module).stem == "__init__")
    setup(packages=packages, cmdclass={"build_py": Build})
