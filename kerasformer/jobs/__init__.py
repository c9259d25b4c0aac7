"""The jobs of `train.py`, one for each task: they read data, name the stages of training, measure and export."""

from kerasformer.errors import InputError
from kerasformer.tasks import TASKS, resolve


def open_job(config, data):
    """Open the job that trains the model of a config.

    Args:
        config: the config of a model; its `task` selects the job.
        data: dict of the job's `options`: which data to read, and how; with "from", the bundle to train further.

    Returns:
        A `Job`.

    Raises:
        InputError: for a model that is only trained as a part of another, an option of another task, or bad data.
    """
    if config.task not in TASKS:
        raise InputError(f"{config.task} is not trained by itself: train the model that it is a part of, such as dalle")
    task = TASKS[config.task]
    job = resolve("from" in data and task.job_from or task.job)
    foreign = sorted(set(data) - set(job.options))
    if foreign:
        raise InputError(f"{config.task} reads no {foreign[0]}: leave out --{foreign[0].replace('_', '-')}")
    return job(**data)
