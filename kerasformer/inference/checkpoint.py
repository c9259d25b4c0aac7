"""The metadata of a SavedModel, read from its variables without loading its graph."""

import json
import math

import tensorflow as tf

from kerasformer.errors import InputError
from kerasformer.formats import FORMS, Description, check_version
from kerasformer.tasks import find_task

FORMAT_VERSION = 1  # of what the variables say; SavedModels without a version are read as this one
_SUFFIX = "/.ATTRIBUTES/VARIABLE_VALUE"


def describe_saved_model(path):
    """The `Description` of a SavedModel.

    Its metadata are the variables beside the weights, by name, and "num_weights", how many numbers the weights are.

    Raises:
        InputError: if there is none, it is damaged, not written by kerasformer, from a newer version, or for no known
            task.
    """
    if not (path / "saved_model.pb").is_file():
        raise InputError(f"{path} is not a SavedModel: it has no saved_model.pb")
    try:
        reader = tf.train.load_checkpoint(str(path / "variables" / "variables"))
        shapes, dtypes = reader.get_variable_to_shape_map(), reader.get_variable_to_dtype_map()
        names = [name.removesuffix(_SUFFIX) for name in shapes if name.endswith(_SUFFIX)]
        metadata = {name: _value(reader.get_tensor(name + _SUFFIX)) for name in names if "/" not in name}
    except (tf.errors.OpError, ValueError, RuntimeError) as error:
        raise InputError(f"{path} is damaged: {str(error)[:200]}; export it again") from None
    if not {"source", "target"} <= metadata.keys():
        raise InputError(f"{path} is a SavedModel, but not of kerasformer")
    version = metadata.get("format_version", FORMAT_VERSION)
    check_version(path, version, FORMAT_VERSION)
    weights = {name + _SUFFIX for name in names if name.startswith("weights/")}
    metadata["text_rules"] = json.loads(metadata.get("text_rules", "{}"))
    metadata["num_weights"] = sum(math.prod(shapes[name]) for name in weights if dtypes[name].is_floating)
    return Description(
        path,
        FORMS["saved_model"],
        find_task(metadata.get("task", "translation"), path),  # older SavedModels are all translators
        metadata["source"],
        metadata["target"],
        format_version=version,
        corpus=json.loads(metadata.get("corpus", "{}")),
        metadata=metadata,
    )


def _value(tensor):
    """A tensor as Python values, with bytes decoded."""
    found = tensor.tolist() if hasattr(tensor, "tolist") else tensor
    if isinstance(found, list):
        return [item.decode() if isinstance(item, bytes) else item for item in found]
    return found.decode() if isinstance(found, bytes) else found
