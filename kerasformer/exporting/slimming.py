"""Make a `.tflite` smaller: what is equal is stored once, inner tensors lose their names; it computes the same.

The converter writes a signature's weights once for the file, but their scales, zero points and names once for every
signature, and a record for each tensor of every graph, though most are floats of the same few shapes.
"""

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from kerasformer.runtime.operations import least_runtime, read_model

_IDENTIFIER = b"TFL3"
_ALIGNMENT = 16  # bytes, of the data of a buffer, as the schema asks


def slim(flatbuffer, first, store=None):
    """A model without repetitions, and without the names of inner tensors.

    Args:
        flatbuffer: bytes of the model.
        first: name of the signature that becomes subgraph 0, which every runtime without names runs.
        store: function of the `schema.ModelT` that stores its weights in another form, such as `eight_bits.store_rows`.

    Returns:
        The bytes of the new model.
    """
    model = read_model(flatbuffer)
    _reorder(model, first.encode())
    _share_buffers(model)
    if store:
        store(model)
        _share_buffers(model)
    _state_runtime(model)
    records = {}
    for graph in model.subgraphs:
        known = {*graph.inputs, *graph.outputs}
        for index, tensor in enumerate(graph.tensors):
            if index not in known:
                tensor.name = b""
            if tensor.quantization and tensor.quantization.scale is None:
                tensor.quantization = None  # it says nothing
        graph.tensors = [records.setdefault(_content(tensor), _Record(tensor)) for tensor in graph.tensors]
        for operator in graph.operators:
            if options := operator.builtinOptions:
                operator.builtinOptions = records.setdefault(_content(options), _Record(options))
    builder = _SharingBuilder(len(flatbuffer))
    builder.Finish(model.Pack(builder), _IDENTIFIER)
    return bytes(builder.Output())


def _share_buffers(model):
    """Let tensors of equal data refer to one buffer, and those without data to buffer 0, which is always empty."""
    places, buffers = {b"": 0}, [schema.BufferT()]
    for user in [*(tensor for graph in model.subgraphs for tensor in graph.tensors), *(model.metadata or ())]:
        buffer = model.buffers[user.buffer]
        data = b"" if buffer.data is None else buffer.data.tobytes()
        if data not in places:
            places[data] = len(buffers)
            buffers.append(buffer)
        user.buffer = places[data]
    model.buffers = buffers


def _state_runtime(model):
    """Write into a model's own metadata, which converters fill, which runtime it needs at least."""
    for found in model.metadata or ():
        if found.name == b"min_runtime_version":
            text = least_runtime(model).encode().ljust(16, b"\0")
            model.buffers[found.buffer] = schema.BufferT(data=np.frombuffer(text, "uint8"))


def _reorder(model, first):
    """Move the subgraph of a signature to the front, and follow it wherever subgraphs are numbered."""
    front = next(found.subgraphIndex for found in model.signatureDefs if found.signatureKey == first)
    order = [front, *(index for index in range(len(model.subgraphs)) if index != front)]
    place = {old: new for new, old in enumerate(order)}
    model.subgraphs = [model.subgraphs[index] for index in order]
    for found in model.signatureDefs:
        found.subgraphIndex = place[found.subgraphIndex]
    model.signatureDefs.sort(key=lambda found: found.subgraphIndex)
    for graph in model.subgraphs:
        for operator in graph.operators:
            options = operator.builtinOptions
            for name in [name for name in (vars(options) if options else ()) if name.endswith("SubgraphIndex")]:
                setattr(options, name, place[getattr(options, name)])


class _Record:
    """Writes an object of the schema once, wherever it occurs."""

    def __init__(self, written):
        self._written, self._place = written, None

    def Pack(self, builder):  # noqa: N802 (objects of the schema have a function of that name)
        if self._place is None:
            self._place = self._written.Pack(builder)
        return self._place


def _content(value):
    """Something that can be a key, and is equal for equal objects of the schema."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.tobytes()
    if hasattr(value, "__dict__"):
        return type(value), *((name, _content(part)) for name, part in vars(value).items())
    return tuple(map(_content, value)) if isinstance(value, list) else value


class _SharingBuilder(flatbuffers.Builder):
    """Writes each vector and each string once, however often it occurs."""

    def __init__(self, size):
        super().__init__(size)
        self._written = {}

    def CreateNumpyVector(self, x):  # noqa: N802 (it replaces the function of that name)
        key = x.dtype.str, x.tobytes()
        if key not in self._written:
            is_data = x.dtype.itemsize == 1
            self._written[key] = self._data(x) if is_data else super().CreateNumpyVector(x)
        return self._written[key]

    def CreateString(self, s, *arguments):  # noqa: N802
        key = "string", bytes(s)
        if key not in self._written:
            self._written[key] = super().CreateString(s, *arguments)
        return self._written[key]

    def _data(self, x):
        """Write the data of a buffer."""
        self.StartVector(1, x.size, _ALIGNMENT)
        self.head = int(self.head - x.size)
        self.Bytes[self.head : self.head + x.size] = x.tobytes()
        self.vectorNumElems = x.size
        return self.EndVector()
