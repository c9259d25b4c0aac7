"""Store the weights of a `.tflite` in 8 bits; what they are multiplied with is rounded while it runs (dynamic range).

The converter rounds weights too, but it would write embeddings twice: it gives each row of a table a scale of its own
where words are scored, and all rows one scale where words are looked up. Here both uses share one table.
"""

import collections
import dataclasses

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from kerasformer.rows import rounded

FEWEST = 1024  # weights of a matrix; smaller ones stay as they are
_FULLY_CONNECTED, _GATHER, _DEQUANTIZE, _MUL = (
    getattr(schema.BuiltinOperator, name) for name in ("FULLY_CONNECTED", "GATHER", "DEQUANTIZE", "MUL")
)
_USES = {(_FULLY_CONNECTED, 1), (_GATHER, 0)}  # operators, and their input that may have 8 bits
_FLOAT32, _INT8 = schema.TensorType.FLOAT32, schema.TensorType.INT8


def store_rows(model):
    """Round the matrices of a model, each row with a scale of its own.

    Args:
        model: `schema.ModelT`, which is changed; equal weights in it are one buffer.
    """
    _Rounding(model, by_row=True).apply()


def store_matrices(model):
    """Round the matrices of a model, each with one scale, which runtimes from 2.9 on can use; see `store_rows`."""
    _Rounding(model, by_row=False).apply()


@dataclasses.dataclass
class _Matrix:
    """A rounded matrix: its scales float32 (rows,) or (1,), and the buffers of its rows and of its scales."""

    scales: np.ndarray
    rows_buffer: int
    scales_buffer: int


class _Rounding:
    """Rounds each matrix of a model once, and lets the operators of all subgraphs use it.

    Args:
        model: `schema.ModelT`.
        by_row: bool, whether each row has a scale of its own; otherwise the matrix has one.
    """

    def __init__(self, model, by_row):
        self._model, self._by_row = model, by_row
        self._matrices, self._codes = {}, {}  # by buffer; by operator and version

    def apply(self):
        for graph in self._model.subgraphs:
            users = collections.defaultdict(list)
            for operator in graph.operators:
                for place, index in enumerate(operator.inputs):
                    users[index].append((operator, place))
            for index, tensor in enumerate(list(graph.tensors)):
                if self._is_large_matrix(tensor) and users[index] and self._may_be_rounded(users[index]):
                    self._replace(graph, tensor, [operator for operator, _ in users[index]])

    def _is_large_matrix(self, tensor):
        is_matrix = tensor.type == _FLOAT32 and tensor.shape is not None and len(tensor.shape) == 2
        return is_matrix and np.prod(tensor.shape) >= FEWEST and self._model.buffers[tensor.buffer].data is not None

    def _may_be_rounded(self, users):
        return all((self._kind(operator), place) in _USES for operator, place in users)

    def _kind(self, operator):
        """The number of the kind of an operator; None for one that looks up something else than rows."""
        code, options = self._model.operatorCodes[operator.opcodeIndex], operator.builtinOptions
        return None if code.builtinCode == _GATHER and (options.axis or options.batchDims) else code.builtinCode

    def _replace(self, graph, tensor, users):
        matrix = self._round(tensor)
        tensor.type, tensor.buffer, tensor.quantization = _INT8, matrix.rows_buffer, _quantization(matrix.scales)
        for operator in users:
            if self._kind(operator) == _GATHER:
                self._look_up(graph, operator, tensor.shape, matrix)
            else:
                operator.opcodeIndex = self._code(_FULLY_CONNECTED, 12 if self._by_row else 9)
                operator.builtinOptions.asymmetricQuantizeInputs = True

    def _round(self, tensor):
        if tensor.buffer not in self._matrices:
            weight = self._model.buffers[tensor.buffer].data.view("float32").reshape(tensor.shape)
            rows, scales = rounded(weight, axis=1 if self._by_row else None)
            buffers = [self._buffer(rows), self._buffer(scales)]
            self._matrices[tensor.buffer] = _Matrix(scales.reshape(-1), *buffers)
        return self._matrices[tensor.buffer]

    def _look_up(self, graph, gather, shape, matrix):
        """Look rows up, make them floats, and multiply them by their scales, which are looked up as well."""
        [ids], [output] = gather.inputs[1:], gather.outputs
        found_shape = graph.tensors[output].shape
        unit = _quantization(np.ones(1, "float32") if self._by_row else matrix.scales)
        table = _add_tensor(graph, _INT8, shape, matrix.rows_buffer, unit)
        found = _add_tensor(graph, _INT8, found_shape, quantization=unit)
        operators = [self._operator(_GATHER, [table, ids], found, version=2)]
        if self._by_row:
            values = _add_tensor(graph, _FLOAT32, found_shape)
            scales = _add_tensor(graph, _FLOAT32, (shape[0], 1), matrix.scales_buffer)
            scale = _add_tensor(graph, _FLOAT32, (*found_shape[:-1], 1))
            operators += [
                self._operator(_DEQUANTIZE, [found], values, version=2),
                self._operator(_GATHER, [scales, ids], scale),
                self._operator(_MUL, [values, scale], output),
            ]
        else:
            operators.append(self._operator(_DEQUANTIZE, [found], output, version=2))
        place = next(i for i, operator in enumerate(graph.operators) if operator is gather)
        graph.operators[place : place + 1] = operators

    def _operator(self, kind, inputs, output, version=1):
        name = {_GATHER: "GatherOptions", _DEQUANTIZE: "DequantizeOptions", _MUL: "MulOptions"}[kind]
        return schema.OperatorT(
            opcodeIndex=self._code(kind, version),
            inputs=np.array(inputs, "int32"),
            outputs=np.array([output], "int32"),
            builtinOptionsType=getattr(schema.BuiltinOptions, name),
            builtinOptions=getattr(schema, f"{name}T")(),
        )

    def _code(self, kind, version):
        """The index of the code of a kind of operator in a version."""
        if (kind, version) not in self._codes:
            self._codes[kind, version] = len(self._model.operatorCodes)
            code = schema.OperatorCodeT(builtinCode=kind, deprecatedBuiltinCode=kind, version=version)
            self._model.operatorCodes.append(code)  # all kinds here are below 127, up to which both fields are the same
        return self._codes[kind, version]

    def _buffer(self, data):
        self._model.buffers.append(schema.BufferT(data=data.reshape(-1).view("uint8")))
        return len(self._model.buffers) - 1


def _add_tensor(graph, type, shape, buffer=0, quantization=None):
    """Add a tensor to a graph; returns its number."""
    shape = np.array(shape, "int32")
    graph.tensors.append(
        schema.TensorT(shape=shape, type=type, buffer=buffer, name=b"", quantization=quantization, hasRank=True)
    )
    return len(graph.tensors) - 1


def _quantization(scales):
    return schema.QuantizationParametersT(scale=scales, zeroPoint=np.zeros(scales.shape, "int64"))
