"""A `.tflite` as LiteRT's `CompiledModel`: its signatures share the weights that are packed for the processor.

An interpreter packs the weights once for each signature, when it first runs. That takes longer than the first sentence,
and most of the memory. A run of a compiled model, however, lets no other thread run Python.
"""

import functools
import sys

import numpy as np

from kerasformer.system.quiet import quiet_ending, quiet_loading


class CompiledModel:
    """Runs the signatures of a `.tflite` in one thread.

    Args:
        path: the file, which must be whole: LiteRT does not check it here.
        num_threads: int, threads of LiteRT.

    Raises:
        ImportError, RuntimeError, ValueError: if this LiteRT has no such model, or cannot compile this one.
    """

    def __init__(self, path, num_threads=1):
        if sys.platform != "linux":
            raise ImportError("XNNPACK keeps packed weights in memory on Linux only")
        from ai_edge_litert import compiled_model
        from ai_edge_litert.options import CpuOptions, Options  # from 2.1.4 on

        options = Options(cpu_options=CpuOptions(num_threads=num_threads, xnnpack_weight_cache_path=":memory:"))
        with quiet_loading():
            self._model = compiled_model.CompiledModel.from_file(str(path), environment=_environment(), options=options)
        self._buffers = {}

    def run(self, signature, **inputs):
        """The outputs of a signature: dict of name to array."""
        if signature not in self._buffers:
            with quiet_loading():  # the first write to a buffer writes messages to stderr
                self._buffers[signature] = self._create_buffers(signature)
        sides = self._buffers[signature]
        if inputs.keys() != sides["inputs"].keys():
            raise ValueError(f"{signature} takes {', '.join(sides['inputs'])}, got {', '.join(inputs)}")
        for name, (buffer, shape, dtype) in sides["inputs"].items():
            value = np.asarray(inputs[name])
            if (value.shape, value.dtype) != (shape, dtype):
                raise ValueError(f"{name} of {signature} is {dtype} {shape}, got {value.dtype} {value.shape}")
            buffer.write(value)
        self._model.run_by_name(signature, *({name: one[0] for name, one in side.items()} for side in sides.values()))
        return {
            name: buffer.read(int(np.prod(shape)), dtype).reshape(shape)
            for name, (buffer, shape, dtype) in sides["outputs"].items()
        }

    def _create_buffers(self, signature):
        """The buffer, the shape and the dtype of each tensor of a signature: dict of name to tuple, for both sides."""
        model, found = self._model, {}
        for side, details, create in (
            ("inputs", model.get_input_tensor_details(signature), model.create_input_buffer_by_name),
            ("outputs", model.get_output_tensor_details(signature), model.create_output_buffer_by_name),
        ):
            found[side] = {
                name: (create(signature, name), tuple(tensor["shape"]), np.dtype(tensor["dtype"]))
                for name, tensor in details.items()
            }
        for buffer, shape, dtype in found["inputs"].values():
            buffer.write(np.zeros(shape, dtype))
        return found


@functools.cache
def _environment():
    """LiteRT's environment, for as long as the process: it writes messages to stderr when it comes and when it goes."""
    from ai_edge_litert.environment import Environment

    quiet_ending()
    return Environment.create()
