"""What tests of the page and of the JavaScript share: Node, the npm packages, and the commands that build."""

import json
import pathlib
import runpy
import shutil
import subprocess

import pytest
from filelock import FileLock

from kerasformer.errors import InputError

ROOT = pathlib.Path(__file__).parents[2]


@pytest.fixture(scope="session")
def node():
    """Function of a task of answers.mjs and its values: what the JavaScript answers."""
    if not shutil.which("node"):
        pytest.skip("needs node, version 20 or newer")

    def run(task, **values):
        command = ["node", pathlib.Path(__file__).with_name("answers.mjs"), task]
        done = subprocess.run(command, input=json.dumps(values).encode(), capture_output=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    return run


@pytest.fixture(scope="session")
def builder(tmp_path_factory):
    """The functions of export/browser.py, with the npm packages installed."""
    functions = runpy.run_path(str(ROOT / "export" / "browser.py"))
    try:
        with FileLock(tmp_path_factory.getbasetemp().parent / "npm.lock"):
            functions["install"]()
    except InputError as error:
        pytest.skip(str(error))
    return functions
