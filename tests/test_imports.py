"""The import rule, checked against every import, including those inside functions."""

import ast
import pathlib
import subprocess
import sys

import pytest

import kerasformer

ROOT = pathlib.Path(kerasformer.__file__).parent
# Import only from your own folder and from folders to the left; folders separated by a comma may not import each other.
RULE = """errors < tasks < system < pretrained < formats < config, tokenizer, rows < interface, layers, generation
< runtime, models, manifest < data, bundle < training < inference < evaluation, analysis, plotting, documents
< exporting < serving < jobs < cli"""
FLOORS = [[room.strip() for room in floor.split(",")] for floor in RULE.split("<")]
LEFT = {
    room: {left for lower in FLOORS[:number] for left in lower} for number, floor in enumerate(FLOORS) for room in floor
}
# What a device runs, and what may come along.
DEVICE = {"errors", "tasks", "system", "pretrained", "formats", "tokenizer", "interface", "runtime"}
FILES = sorted(ROOT.rglob("*.py"))


def package_of(name):
    """`kerasformer.data.batches` -> data; `kerasformer` itself -> ''."""
    return (name.split(".") + [""])[1]


def module_name(file):
    parts = file.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(file):
    """Full names of the modules that a file imports, wherever in it: (name, line)."""
    module, found = module_name(file), []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = module.split(".") if file.name == "__init__.py" else module.split(".")[:-1]
                base = ".".join([*package[: len(package) - node.level + 1], *filter(None, [node.module])])
            # `from kerasformer import plotting` imports kerasformer.plotting; __version__ is no module.
            names = [alias.name for alias in node.names if alias.name != "__version__"]
            names = [f"{base}.{name}" for name in names] if base == "kerasformer" else [base]
            found += [(name, node.lineno) for name in names]
    return found


def test_it_reads_imports_of_every_form():
    assert {"kerasformer.data.splits", "lzma"} <= set(dict(imports(ROOT / "data" / "corpora.py")))
    assert "kerasformer.system.files" in dict(imports(ROOT / "bundle.py"))
    assert "tensorflow" in dict(imports(ROOT / "inference" / "compiling.py"))  # in a function


def test_the_rule_names_every_room():
    rooms = {package_of(module_name(file)) for file in FILES} - {""}
    assert set(LEFT) == rooms


@pytest.mark.parametrize("file", FILES, ids=module_name)
def test_everything_imports_only_from_the_left(file):
    package = package_of(module_name(file))
    allowed = {package, *LEFT.get(package, ())}
    if package in ("interface", "runtime"):
        allowed &= DEVICE
    for name, line in imports(file):
        if name.split(".")[0] == "kerasformer":
            assert package_of(name) in allowed, f"{module_name(file)}:{line} may not import {name}"


@pytest.mark.parametrize("package", ["layers", "models", "generation"])
def test_layers_models_and_search_run_on_every_backend(package):
    for file in (ROOT / package).rglob("*.py"):
        foreign = {name.split(".")[0] for name, _ in imports(file)} - {"kerasformer", *sys.stdlib_module_names}
        assert foreign <= {"keras", "numpy"}


def test_modules_within_a_package_import_each_other_in_no_circle():
    edges = {module_name(file): {name for name, _ in imports(file)} for file in FILES}
    # What a package's __init__ re-exports is no edge of its modules.
    packages = {module_name(file) for file in FILES if file.name == "__init__.py"}
    left = {module: (targets & set(edges)) - packages for module, targets in edges.items() if module not in packages}
    while left:
        ready = {module for module, targets in left.items() if not targets & set(left)}
        assert ready, f"these import each other in a circle: {sorted(left)}"
        left = {module: targets for module, targets in left.items() if module not in ready}


def test_a_device_needs_nothing_of_a_server():
    program = (
        "import sys, kerasformer, kerasformer.runtime, kerasformer.cli.main, kerasformer.inference.opening;"
        "kerasformer.cli.main.build_parser();"
        "server = {'tensorflow', 'keras', 'tensorflow_text', 'h5py', 'PIL', 'rich', 'matplotlib', 'sacrebleu'};"
        "print(sorted(server & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr


def test_public_names_are_where_the_package_says():
    assert set(kerasformer.__all__) == set(dir(kerasformer))
    for name in kerasformer.__all__:
        assert getattr(kerasformer, name).__name__ == name
    with pytest.raises(AttributeError, match="module kerasformer has no attribute 'Transformer'"):
        kerasformer.Transformer  # noqa: B018


def test_only_the_configuration_and_the_builders_know_which_models_there_are():
    for file in [*FILES, *(ROOT.parent / "export").glob("*.py")]:
        if package_of(module_name(file)) in ("config", "models"):
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            assert not (isinstance(node, ast.Constant) and node.value in ("transformer", "seq2seq")), file
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "isinstance":
                assert "EncoderDecoder" not in ast.unparse(node), file
            compares = isinstance(node, ast.Compare) and any(
                isinstance(side, ast.Attribute) and side.attr == "kind" for side in ast.walk(node)
            )
            assert not (compares and package_of(module_name(file)) != "layers"), (file, ast.unparse(node))


def test_what_a_model_is_for_is_looked_up_and_never_asked():
    from kerasformer.tasks import TASKS

    for file in [*FILES, ROOT.parent / "train.py", *(ROOT.parent / "export").glob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            asks = isinstance(node, (ast.Compare, ast.Match)) and any(
                isinstance(side, ast.Constant) and side.value in TASKS for side in ast.walk(node)
            )
            assert not asks, (file, ast.unparse(node))
