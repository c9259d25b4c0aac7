"""A slimmer .tflite: equal vectors once, short names, the signature that translates first; it computes the same."""

import struct
import zipfile

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from kerasformer.exporting.slimming import slim
from kerasformer.rows import to_rows

WEIGHTS = np.arange(4096, dtype="uint8")


def tensor(name, buffer):
    scale, zero_point = np.full(64, 0.5, "float32"), np.zeros(64, "int64")
    quantization = schema.QuantizationParametersT(scale=scale, zeroPoint=zero_point)
    return schema.TensorT(shape=np.array([64, 64], "int32"), buffer=buffer, name=name, quantization=quantization)


def graph(weight, *operators):
    """A subgraph with an input, the buffer of its weight and an output."""
    buffers = {"in": 0, "weight": weight, "out": 3}
    tensors = [tensor(f"{name} with a long name".encode(), buffer) for name, buffer in buffers.items()]
    return schema.SubGraphT(tensors=tensors, inputs=[0], outputs=[2], operators=list(operators))


@pytest.fixture(scope="module")
def model():
    """A model whose signature "first" is subgraph 1 and repeats subgraph 3 while 2 says so; "other" is subgraph 0."""
    options = schema.WhileOptionsT(condSubgraphIndex=2, bodySubgraphIndex=3)
    loop = schema.OperatorT(
        inputs=[0], outputs=[2], builtinOptionsType=schema.BuiltinOptions.WhileOptions, builtinOptions=options
    )
    signatures = [
        schema.SignatureDefT(signatureKey=name, subgraphIndex=index, inputs=[], outputs=[])
        for index, name in enumerate((b"other", b"first"))
    ]
    buffers = [schema.BufferT(), *(schema.BufferT(data=WEIGHTS.copy()) for _ in range(2)), schema.BufferT()]
    graphs = [graph(1), graph(1, loop), graph(2), graph(2)]
    made = schema.ModelT(version=3, subgraphs=graphs, buffers=buffers, signatureDefs=signatures)
    builder = flatbuffers.Builder(0)
    builder.Finish(made.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def read(flatbuffer):
    return schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(flatbuffer, 0))


def test_equal_vectors_are_stored_once(model):
    slimmer, weights = slim(model, "other"), WEIGHTS.tobytes()
    assert (model.count(weights), slimmer.count(weights)) == (2, 1)
    assert slimmer.index(weights) % 16 == 0
    assert slimmer.count(np.full(64, 0.5, "float32").tobytes()) == 1
    buffers = {tuple(tensor.buffer for tensor in graph.tensors) for graph in read(slimmer).subgraphs}
    assert buffers == {(0, 1, 0)}
    assert len(slimmer) < len(model) - len(weights)


def test_equal_records_are_stored_once(model):
    larger = read(model)
    larger.subgraphs[2].tensors += [tensor(b"inner", 3) for _ in range(100)]
    builder = flatbuffers.Builder(0)
    builder.Finish(larger.Pack(builder), b"TFL3")
    slimmer = slim(bytes(builder.Output()), "other")
    assert len(slimmer) - len(slim(model, "other")) < 100 * 8  # the numbers of places take 4 bytes each
    assert [len(graph.tensors) for graph in read(slimmer).subgraphs] == [3, 3, 103, 3]


def test_inner_tensors_lose_their_names(model):
    for found in read(slim(model, "other")).subgraphs:
        names = [tensor.name for tensor in found.tensors]
        assert names == [b"in with a long name", b"", b"out with a long name"]


def test_the_signature_in_front_keeps_its_loop(model):
    found = read(slim(model, first="first"))
    assert [(s.signatureKey, s.subgraphIndex) for s in found.signatureDefs] == [(b"first", 0), (b"other", 1)]
    assert [len(graph.operators) for graph in found.subgraphs] == [1, 0, 0, 0]
    [loop] = found.subgraphs[0].operators
    assert (loop.builtinOptions.condSubgraphIndex, loop.builtinOptions.bodySubgraphIndex) == (2, 3)


def test_loops_are_followed_to_their_new_numbers(model):
    changed = read(model)
    changed.signatureDefs[1].subgraphIndex = 3  # "first" becomes the body of the loop of another subgraph
    builder = flatbuffers.Builder(0)
    builder.Finish(changed.Pack(builder), b"TFL3")
    found = read(slim(bytes(builder.Output()), first="first"))
    [loop] = found.subgraphs[2].operators
    assert (loop.builtinOptions.condSubgraphIndex, loop.builtinOptions.bodySubgraphIndex) == (3, 0)


def test_look_ups_and_logits_share_one_table(int8_path, tflite_path, bundle):
    table = bundle.model.training.get_layer("embedding").embeddings.numpy()
    rows, _ = to_rows({"embeddings": table}).values()
    assert int8_path.read_bytes().count(rows.tobytes()) == 1
    assert tflite_path.read_bytes().count(table.tobytes()) == 1


def test_the_zip_counts_from_the_start_of_the_file(tflite_path):
    data = tflite_path.read_bytes()
    end = data.rindex(b"PK\x05\x06")
    (start,) = struct.unpack("<I", data[end + 16 : end + 20])
    with zipfile.ZipFile(tflite_path) as archive:  # it would correct a wrong start, other programs would not
        assert archive.start_dir == start
        assert archive.testzip() is None
