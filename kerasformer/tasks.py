"""What models are for, by the task that their config names: in words, and the command that uses them."""

from kerasformer.errors import InputError

PURPOSES = {
    "translation": ("a translator", "kerasformer translate"),
    "classification": ("a classifier of images", "kerasformer classify"),
    "drawing": ("a model that draws", "kerasformer draw"),
}


def check_known(path, task):
    """Raise `InputError` unless there is something to do with what `path` holds."""
    if task not in PURPOSES:
        raise InputError(f"{path} is for {task}, which no command is for: give one for {', '.join(PURPOSES)}")


def check_task(path, found, wanted):
    """Raise `InputError` unless what `path` holds is for the task it is wanted for.

    Args:
        path: of the artefact.
        found, wanted: tasks.
    """
    check_known(path, found)
    if found != wanted:
        what, command = PURPOSES[found]
        raise InputError(f"{path} is {what}, not {PURPOSES[wanted][0]}: use it with `{command}`")
