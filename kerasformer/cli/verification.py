"""What `kerasformer verify` checks of an artefact alone: that it is complete, and still gives its golden answers"""

from kerasformer.errors import InputError
from kerasformer.evaluation.golden import changed_answers
from kerasformer.inference.opening import open_artefact
from kerasformer.system.quiet import quiet_loading


def verify_alone(description):
    """Check an artefact by what it records about itself.

    Args:
        description: its `Description`.

    Returns:
        What was found, a dict fit for JSON with "passed"; and lines for people.

    Raises:
        InputError: if it is damaged, or records nothing.
    """
    name = description.form.name
    if name not in _CHECKS:
        raise InputError("give --bundle, the bundle that the artefact was exported from")
    lines, golden = _CHECKS[name](description)
    found = {"passed": True, "source": description.source, "target": description.target}
    if golden:
        count, changed = golden
        found |= {"passed": not changed, "golden": count, "changed": changed}
        lines.append(f"{count - len(changed)} of {count} golden pairs have the same answer")
        lines += [f"{one['source']}\n  {one['answer']}\n  in place of {one['expected']}" for one in changed]
    return found, lines


def _check_bundle(description):
    with quiet_loading():
        from kerasformer.bundle import load_bundle

        golden = load_bundle(description).golden
    lines = [f"{description.path} is complete: its files are those that were saved"]
    return lines, golden and (len(golden), changed_answers(open_artefact(description), golden))


def _check_litert(description):
    from kerasformer.runtime.golden import self_test
    from kerasformer.runtime.metadata import check_digest

    check_digest(description)
    needs = description.metadata["least_runtime"]
    lines = [f"{description.path} is complete: its flatbuffer is the one that was exported; it needs LiteRT {needs}"]
    return lines, self_test(description) if description.task.golden else None


_CHECKS = {"bundle": _check_bundle, "litert": _check_litert}
