"""Commands for models of every task: `evaluate`, `export`, `verify` and `inspect`.

Each describes the model once, and asks the module of its task (`Task.cli`) for what differs between tasks.
"""

import functools

from kerasformer.cli import auditing
from kerasformer.cli.arguments import add_data, add_json, add_path, at_least, named_path
from kerasformer.cli.printing import aligned, show
from kerasformer.cli.verification import verify_alone
from kerasformer.errors import InputError
from kerasformer.formats import FORMATS, default_formats, describe
from kerasformer.inference.opening import check_replaceable, open_artefact
from kerasformer.system.quiet import quiet_loading
from kerasformer.tasks import TASKS, resolve


def add_commands(add):
    """Add the commands to a parser; see `cli.main`."""
    _add_evaluate(add)
    _add_export(add)
    _add_verify(add)
    command = add(
        "inspect",
        inspect,
        "print what an artefact is",
        "Print what an artefact is: form, task, version, sizes, configuration and training data.",
        "  kerasformer inspect --model runs/mine/bundle\n  kerasformer inspect --model translator.int8.tflite --json\n",
    )
    add_json(command)
    auditing.add_command(add)


def _add_evaluate(add):
    command = add(
        "evaluate",
        evaluate,
        "score and time a model",
        "Run a model on held-out data, score its answers and time them: translations against references, labels "
        "against the true ones. Models that are compiled answer twice, and the second time counts; --limit makes "
        "it quick. The options depend on the task of the model.",
        """  kerasformer evaluate --model runs/mine/bundle
  kerasformer evaluate --model chatbot/bundle --baselines
  kerasformer evaluate --model saved_model --data multi30k --split test_2017_flickr --output out.en
  kerasformer evaluate --model translator.fp32.tflite --data news.fr news.en --split all --json
  kerasformer evaluate --model runs/digits-labels-vit/bundle
  kerasformer evaluate --model runs/digits-scenes-dalle/bundle --classifier runs/digits-labels-vit/bundle
""",
    )
    add_data(command)
    command.add_argument(
        "--split",
        metavar="NAME",
        help="split to evaluate: test, validation, ...; all is every pair of your own files (default: every test "
        "split, or validation if there is none)",
    )
    for task in TASKS.values():
        resolve(task.cli).add_evaluate_options(command)
    add_json(command)


def _add_export(add):
    command = add(
        "export",
        export,
        "write SavedModel and .tflite",
        "Write a bundle as a SavedModel and as .tflite files. Each must answer held-out data as the bundle does, or "
        "nothing is written. report.json beside them has sizes, speeds, scores and the name of the smallest.",
        """  kerasformer export --model runs/mine/bundle --out exported
  kerasformer export --model bundle --out exported --format litert-int8 --data mine.tsv
  kerasformer export --model fr-en --out exported
  kerasformer export --model fr-en --out exported --format litert-int8 --beam-size 4 --batch 16
""",
        model="bundle folder, or a model of the package",
    )
    command.set_defaults(code_if_cut_short=1)
    command.add_argument("--out", required=True, metavar="FOLDER", help="new folder, or an earlier export to replace")
    command.add_argument(
        "--format",
        nargs="+",
        choices=tuple(FORMATS),
        default=tuple(default_formats()),
        metavar="FORMAT",
        help=f"formats to write: {', '.join(FORMATS)} (default: {', '.join(default_formats())})",
    )
    command.add_argument(
        "--beam-size",
        type=at_least(1),
        metavar="N",
        help="hypotheses of the beam that a translator's .tflite has beside its greedy search (default: no beam)",
    )
    command.add_argument(
        "--batch",
        type=at_least(1),
        metavar="N",
        help="sentences that a translator's .tflite searches together where it gets several, such as 16 (default: one "
        "at a time, which takes less memory)",
    )
    command.add_argument(
        "--streaming",
        action="store_true",
        help="let a translator's .tflite translate token by token, too, for texts that are shown while they come",
    )
    add_data(command)


def _add_verify(add):
    command = add(
        "verify",
        verify,
        "compare an artefact with its bundle",
        "Check that an artefact answers held-out data as its bundle does: the same tokens, labels or codes, or, with "
        "8-bit weights, about the same quality. Without --bundle, check that a bundle or a .tflite is complete, and "
        "that it still gives the answers of its golden pairs, if it has any. The exit code is 1 if the artefact fails.",
        """  kerasformer verify --model runs/mine/bundle
  kerasformer verify translator.int8.tflite
  kerasformer verify --model exported/translator.int8.tflite --bundle runs/mine/bundle --limit 100
""",
        needs_model=False,
    )
    add_path(command)
    command.set_defaults(code_if_cut_short=1)
    command.add_argument("--bundle", metavar="PATH", help="the bundle folder that the artefact was exported from")
    add_data(command)
    add_json(command)


def evaluate(arguments):
    """Score and time a model on held-out data."""
    description = describe(arguments.model)
    return _commands_for(description, arguments).evaluate(arguments, description)


def export(arguments):
    """Export a bundle in each format, if each answers as the bundle does."""
    check_replaceable(arguments.out)
    description = describe(arguments.model)
    if description.form.name != "bundle":
        raise InputError(f"{arguments.model} is an export already: give the bundle folder that it was made from")
    commands = _commands_for(description, arguments)
    bundle = open_artefact(description).bundle
    held_out = commands.held_out(arguments, description, bundle)
    from rich.console import Console

    from kerasformer.exporting import gate
    from kerasformer.exporting.report import advice, table
    from kerasformer.exporting.twin import keep_exported

    formats = tuple(dict.fromkeys(arguments.format))
    with quiet_loading():
        say = functools.partial(print, flush=True)
        options = {name: getattr(arguments, name) or 1 for name in ("beam_size", "batch")}
        options["streaming"] = arguments.streaming
        report = gate.export(bundle, arguments.out, held_out, formats=formats, say=say, **options)
        keep_exported(description, arguments.out, report)
    Console().print(table(report, on_device=True))
    print(f"{advice(report)}\neverything is in {arguments.out}")
    return 0


def verify(arguments):
    """Compare an artefact with its bundle, or check it alone."""
    arguments.model = named_path(arguments)
    description = describe(arguments.model)
    commands = _commands_for(description, arguments)
    if arguments.bundle is None:
        found, lines = verify_alone(description)
        show(arguments, found, lines)
        return 0 if found["passed"] else 1
    of_bundle = describe(arguments.bundle, description.task.name)
    if of_bundle.form.name != "bundle":
        raise InputError(f"{arguments.bundle} is not a bundle: give the bundle folder that it was exported from")
    engine, bundle = open_artefact(description), open_artefact(of_bundle).bundle
    from kerasformer.exporting.gate import proof_of

    proof = proof_of(bundle, commands.held_out(arguments, of_bundle, bundle), say=lambda line: None)
    found = proof.compare(engine, description.is_exact)
    show(arguments, found, proof.lines(found))
    return 0 if found["passed"] else 1


def inspect(arguments):
    """Print what an artefact is."""
    description = describe(arguments.model)
    about = {
        "path": str(description.path),
        "form": description.form.name,
        "task": description.task.name,
        "source": description.source,
        "target": description.target,
        "format_version": description.format_version,
    }
    if description.form.inspect:
        with quiet_loading():
            about |= resolve(description.form.inspect)(description)
    about["corpus"] = description.corpus
    show(arguments, about, aligned(about))
    return 0


def _commands_for(description, arguments):
    """The module with the commands of the model's task; options that only other tasks have are refused."""
    modules = {name: resolve(task.cli) for name, task in TASKS.items()}
    found = modules[description.task.name]
    foreign = {name for module in modules.values() for name in module.OPTIONS} - set(found.OPTIONS)
    values = {name: getattr(arguments, name, None) for name in sorted(foreign)}
    given = [name for name, value in values.items() if value is not None and value is not False]
    if given:
        option = f"--{given[0].replace('_', '-')}"
        raise InputError(f"{arguments.model} is {description.task.noun}, which has no {option}: leave it out")
    return found
