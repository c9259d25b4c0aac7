"""Recurrent layers: a state is passed from one position to the next."""

import keras
from keras import ops

from kerasformer.errors import require_one_of
from kerasformer.layers.affine import Dense


class _Cell(keras.layers.Layer):
    """One step of a recurrence. All gates of a cell share two dense layers, so a step is one matrix product.

    Args:
        hidden_dim: int, width of the state.

    Call arguments:
        gates: float (batch, gates), the input after `project`.
        state: list of float (batch, hidden); the first is also the output.

    Returns:
        The output (batch, hidden) and the next state, as `keras.layers.RNN` requires.
    """

    num_gates = None
    num_states = 1

    def __init__(self, hidden_dim, **kwargs):
        super().__init__(**kwargs)
        self.hidden_dim = hidden_dim
        self.state_size = [hidden_dim] * self.num_states

    def build(self, x_shape):
        gates, own = self.num_gates * self.hidden_dim, {"dtype": self.dtype_policy}
        self.input_dense = Dense(gates, name="input", **own)
        self.input_dense.build(tuple(x_shape))
        self.state_dense = Dense(gates, name="state", kernel_initializer="orthogonal", **own)
        self.state_dense.build((x_shape[0], self.hidden_dim))

    def project(self, x):
        """The input's part of the gates for all positions: (batch, length, input) -> (batch, length, gates)."""
        return self.input_dense(x)

    def get_config(self):
        return {**super().get_config(), "hidden_dim": self.hidden_dim}


@keras.saving.register_keras_serializable("kerasformer")
class GRUCell(_Cell):
    """Gated recurrent unit: one gate decides how much of the state stays, another how much the new state sees of it.

    Reference: Cho et al. 2014, "Learning Phrase Representations using RNN Encoder-Decoder", section 2.3; with the
    reset gate after the matrix product, as in cuDNN and Keras.
    """

    num_gates = 3

    def call(self, gates, state):
        [hidden] = state
        x_update, x_reset, x_new = ops.split(gates, 3, axis=-1)
        h_update, h_reset, h_new = ops.split(self.state_dense(hidden), 3, axis=-1)
        update = ops.sigmoid(x_update + h_update)
        new = ops.tanh(x_new + ops.sigmoid(x_reset + h_reset) * h_new)
        hidden = update * hidden + (1.0 - update) * new
        return hidden, [hidden]


@keras.saving.register_keras_serializable("kerasformer")
class LSTMCell(_Cell):
    """Long short-term memory: it also carries a cell state, part of which is forgotten and replaced at each step.

    Reference: Hochreiter and Schmidhuber 1997, "Long Short-Term Memory"; Gers et al. 2000 (the forget gate).
    """

    num_gates = 4
    num_states = 2

    def build(self, x_shape):
        super().build(x_shape)
        # Forget little at first: Jozefowicz et al. 2015, section 2.2.
        bias = [float(gate == 1) for gate in range(self.num_gates) for _ in range(self.hidden_dim)]
        self.input_dense.bias.assign(bias)

    def call(self, gates, state):
        hidden, cell = state
        gates = gates + self.state_dense(hidden)
        input_gate, forget_gate, candidate, output_gate = ops.split(gates, 4, axis=-1)
        cell = ops.sigmoid(forget_gate) * cell + ops.sigmoid(input_gate) * ops.tanh(candidate)
        hidden = ops.sigmoid(output_gate) * ops.tanh(cell)
        return hidden, [hidden, cell]


class _Loop(keras.layers.RNN):
    """Keras's loop over positions, without attaching the mask to the output."""

    def compute_mask(self, *_):
        return None


CELLS = {"gru": GRUCell, "lstm": LSTMCell}  # the names in `config.text.CELLS`


@keras.saving.register_keras_serializable("kerasformer")
class Recurrent(keras.layers.Layer):
    """Apply a cell to a sequence, one position after the other. Padding does not change the state.

    Args:
        cell: "gru" or "lstm".
        hidden_dim: int, width of the state.
        reverse: bool, whether to go from the last position to the first.

    Call arguments:
        x: float (batch, length, input).
        state: list of float (batch, hidden), the first state; zeros by default.
        is_token: bool (batch, length), False for padding; all are tokens by default.

    Returns:
        The output at each position (batch, length, hidden), and the last state.
    """

    def __init__(self, cell, hidden_dim, reverse=False, **kwargs):
        super().__init__(**kwargs)
        require_one_of(cell, "cell", CELLS)
        self.cell = cell
        self.hidden_dim = hidden_dim
        self.reverse = reverse
        own = {"dtype": self.dtype_policy}
        self._cell = CELLS[cell](hidden_dim, name="cell", **own)
        self._loop = _Loop(self._cell, return_sequences=True, return_state=True, name="loop", **own)

    def build(self, x_shape):
        self._cell.build(tuple(x_shape))
        self._loop.build((*x_shape[:-1], self._cell.num_gates * self.hidden_dim))

    def call(self, x, state=None, is_token=None):
        gates = self._cell.project(x)
        if x.shape[1] == 1 and state is not None and is_token is None:  # a step of the decoder needs no loop
            output, state = self._cell(gates[:, 0], state)
            return ops.expand_dims(output, 1), state
        if self.reverse:
            gates = ops.flip(gates, axis=1)
            is_token = None if is_token is None else ops.flip(is_token, axis=1)
        outputs, *state = self._loop(gates, initial_state=state, mask=is_token)
        return ops.flip(outputs, axis=1) if self.reverse else outputs, state

    def compute_output_spec(self, x, **_):
        shapes = (*x.shape[:2], self.hidden_dim), [(x.shape[0], self.hidden_dim)] * self._cell.num_states
        return keras.tree.map_shape_structure(lambda shape: keras.KerasTensor(shape, self.compute_dtype), shapes)

    def get_config(self):
        names = ("cell", "hidden_dim", "reverse")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
