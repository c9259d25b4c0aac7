"""The functions of a SavedModel, each loaded when it is first asked for."""

import pathlib
import tempfile
import threading

import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

_FUNCTIONS = ("function", "bare_concrete_function")  # kinds of objects, as the object graph names them
_NO_PART = (AttributeError, KeyError, OSError, TypeError, ValueError)  # AttributeError: `__internal__` may change


class Functions:
    """The functions and signatures of a SavedModel by name.

    `tf.saved_model.load` builds a graph in Python for each function of a SavedModel, which takes seconds and hundreds
    of MB, and a process calls few of them. Here each is loaded when it is first asked for, with what it calls. All
    share the variables. What TensorFlow cannot load in part is loaded whole. Several threads may use it.

    Args:
        path: the folder.
        first: names of functions to load now; those that are not there are left out.

    Raises:
        google.protobuf.message.DecodeError, or what `tf.saved_model.load` raises: if the SavedModel is damaged.
    """

    def __init__(self, path, first=()):
        self._path, self._lock = pathlib.Path(path).resolve(), threading.Lock()
        proto = self._read()
        kinds = dict(_objects(proto.meta_graphs[0].object_graph_def))
        functions = [path for path, kind in kinds.items() if kind in _FUNCTIONS and _is_ours(path)]
        self._paths = {path.split(".")[-1]: path for path in functions}  # of signatures, which come last
        self._variables = {path: None for path, kind in kinds.items() if kind in ("variable", "resource")}
        self._found = {}
        self._load(proto, [name for name in first if name in self])

    def __contains__(self, name):
        return name in self._paths

    def __getitem__(self, name):
        if name not in self._found:
            with self._lock:
                if name not in self._found:
                    self._load(self._read(), [name])
        return self._found[name]

    def _read(self):
        return saved_model_pb2.SavedModel.FromString((self._path / "saved_model.pb").read_bytes())

    def _load(self, proto, names):
        try:
            self._load_part(proto, names)
        except _NO_PART:
            whole = tf.saved_model.load(str(self._path))
            own = {name: getattr(whole, name) for name, path in self._paths.items() if hasattr(whole, name)}
            self._found = {**own, **whole.signatures}
            self._whole = whole  # its functions do not keep its variables

    def _load_part(self, proto, names):
        """Load functions, and the first time the variables, from a copy of the SavedModel without the others."""
        wanted = {**self._variables, **{self._paths[name]: None for name in names}}
        options = tf.saved_model.LoadOptions(experimental_skip_checkpoint=bool(self._found))
        # TensorFlow loads a list in the order that the objects need, and a dict with the objects that are there.
        filters = wanted if self._found else list(wanted)
        _keep(proto.meta_graphs[0], wanted)
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            (folder / "saved_model.pb").write_bytes(proto.SerializeToString())
            for name in ("variables", "assets"):
                (folder / name).symlink_to(self._path / name)
            found = tf.__internal__.saved_model.load_partial(str(folder), filters, options=options)
        self._variables = {path: found[path] for path in self._variables}
        self._found = {**self._found, **{name: found[self._paths[name]] for name in names}}


def _objects(graph, node=0, path="root"):
    """The path and the kind of each object that no function has; signatures come last."""
    yield path, graph.nodes[node].WhichOneof("kind")
    if graph.nodes[node].HasField("user_object"):
        for child in sorted(graph.nodes[node].children, key=lambda child: child.local_name == "signatures"):
            yield from _objects(graph, child.node_id, f"{path}.{child.local_name}")


def _is_ours(path):
    return path.rpartition(".")[0] in ("root", "root.signatures")


def _keep(meta_graph, paths):
    """Remove the functions from a graph that no object of these paths needs."""
    graph, library = meta_graph.object_graph_def, meta_graph.graph_def.library
    functions = {function.signature.name: function for function in library.function}
    calls = {name: set(_called(function)) & functions.keys() for name, function in functions.items()}
    nodes = _closure((_node(graph, path) for path in paths), lambda i: [x.node_id for x in graph.nodes[i].children])
    kept = _closure((name for i in nodes for name in _concrete(graph.nodes[i])), calls.get)
    del library.function[:]
    library.function.extend(functions[name] for name in functions if name in kept)
    for name in set(graph.concrete_functions) - kept:
        del graph.concrete_functions[name]


def _node(graph, path):
    node = 0
    for name in path.split(".")[1:]:
        node = next(child.node_id for child in graph.nodes[node].children if child.local_name == name)
    return node


def _concrete(node):
    """The names of the functions in the library that an object of the graph has."""
    if node.HasField("bare_concrete_function"):
        return [node.bare_concrete_function.concrete_function_name]
    return node.function.concrete_functions


def _called(function):
    """The names of the functions that a function calls; some names are of operations."""
    for node in function.node_def:
        yield node.op
        for value in node.attr.values():
            yield value.func.name
            yield from (called.name for called in value.list.func)


def _closure(begin, following):
    """The set of what can be reached from the first ones, them included."""
    found, waiting = set(), list(begin)
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += following(one)
    return found
