"""What each command of `kerasformer` does with its parsed arguments; the exit code is what it returns.

Commands for one task are in its module; those for all of them ask here what the task has its own of.
"""

import functools

from kerasformer.cli import classification, drawing, translation
from kerasformer.cli.classification import classify
from kerasformer.cli.drawing import draw
from kerasformer.cli.printing import aligned, print_json
from kerasformer.cli.translation import chat, translate
from kerasformer.errors import InputError
from kerasformer.inference.opening import check_replaceable, is_exact, kind_of, open_artefact, quiet_loading, task_of
from kerasformer.tasks import PURPOSES, check_known, check_task

_OF_TASK = {"translation": translation, "classification": classification, "drawing": drawing}
__all__ = ["chat", "classify", "draw", "evaluate", "export", "inspect", "translate", "verify"]


def evaluate(arguments):
    """Score and time a model on held-out data."""
    return _module_for(arguments).evaluate(arguments)


def export(arguments):
    """Export a bundle in each format, proven to answer as it does."""
    check_replaceable(arguments.out)
    if kind_of(arguments.model) != "bundle":
        raise InputError(f"{arguments.model} is an export already: give the bundle folder it was made from")
    module = _module_for(arguments)
    bundle = open_artefact(arguments.model).bundle
    held_out = module.held_out(arguments, bundle)
    from rich.console import Console

    from kerasformer.exporting.gate import export_all
    from kerasformer.exporting.report import table

    formats = tuple(dict.fromkeys(arguments.format))
    with quiet_loading():
        say = functools.partial(print, flush=True)
        report = export_all(bundle, arguments.out, held_out, formats=formats, say=say)
    Console().print(table(report))
    print(f"everything is in {arguments.out}")
    return 0


def verify(arguments):
    """Compare an artefact with its bundle; of a bundle alone, check its files."""
    module = _module_for(arguments)
    if arguments.bundle is None:
        return _verify_files(arguments)
    if kind_of(arguments.bundle) != "bundle":
        raise InputError(f"{arguments.bundle} is no bundle: give the bundle folder it was exported from")
    engine, bundle = open_artefact(arguments.model), open_artefact(arguments.bundle).bundle
    task = task_of(arguments.model)
    check_task(arguments.bundle, bundle.model.config.task, task)
    from kerasformer.exporting.gate import proof_of

    proof = proof_of(bundle, module.held_out(arguments, bundle), say=lambda line: None)
    found = proof.compare(engine, is_exact(arguments.model))
    print_json(found) if arguments.json else print("\n".join(proof.lines(found)))
    return 0 if found["passed"] else 1


def _verify_files(arguments):
    if kind_of(arguments.model) != "bundle":
        raise InputError("say with --bundle which bundle it should answer as")
    bundle = open_artefact(arguments.model).bundle
    found = {"passed": True, "source": bundle.source, "target": bundle.target}
    whole = f"{arguments.model} is whole: its files are those that were saved"
    print_json(found) if arguments.json else print(whole)
    return 0


def inspect(arguments):
    """Print what an artefact is."""
    from kerasformer.cli.descriptions import describe

    about = describe(arguments.model)
    print_json(about) if arguments.json else print("\n".join(aligned(about)))
    return 0


def _module_for(arguments):
    """The module of what the model is for; options that are only others' are refused."""
    task = task_of(arguments.model)
    check_known(arguments.model, task)
    module = _OF_TASK[task]
    foreign = {name for other in _OF_TASK.values() for name in other.OPTIONS} - set(module.OPTIONS)
    given = sorted(name for name in foreign if getattr(arguments, name, None) not in (None, False))
    if given:
        option = f"--{given[0].replace('_', '-')}"
        raise InputError(f"{arguments.model} is {PURPOSES[task][0]}, for which there is no {option}: leave it out")
    return module
