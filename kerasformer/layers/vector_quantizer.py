"""A codebook: each vector is replaced by the nearest of a few learned ones, so an image becomes a few integers."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("kerasformer")
class VectorQuantizer(keras.layers.Layer):
    """Replace each vector by the nearest entry of a codebook.

    The gradient skips the replacement (straight-through). The entries have no gradient: they follow the running mean
    of the vectors that they replace. An entry that is hardly used is reset to a vector of the batch, so that the whole
    codebook stays in use.

    Args:
        num_codes: int, entries of the codebook.
        commitment: float, weight of the loss that keeps vectors near their entries.
        decay: float, the share of the running means that a step keeps.
        min_use: float, an entry counts as dead below this part of its fair share of the vectors.
        seed: int, for the vectors to which dead entries are reset; None for Keras's own.

    Call arguments:
        x: float (batch, row, column, dim).
        training: bool, whether to update the codebook.

    Returns:
        The entries, float (batch, row, column, dim), and their codes, int32 (batch, row, column).

    Reference: van den Oord et al. 2017, "Neural Discrete Representation Learning", section 3.2 and appendix A.1;
    Dhariwal et al. 2020, "Jukebox", section 3.1 (dead entries).
    """

    def __init__(self, num_codes, commitment=0.25, decay=0.99, min_use=0.03, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.num_codes = num_codes
        self.commitment = commitment
        self.decay = decay
        self.min_use = min_use
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, x_shape):
        def add(name, shape, initializer):
            options = {"trainable": False, "dtype": "float32", "autocast": False}
            return self.add_weight(name=name, shape=shape, initializer=initializer, **options)

        shape = (self.num_codes, x_shape[-1])
        self.codebook = add("codebook", shape, keras.initializers.RandomNormal(stddev=1.0, seed=self.seed))
        self.counts = add("counts", shape[:1], "zeros")  # running mean of the uses in a step; at first all are dead
        self.sums = add("sums", shape, "zeros")  # running sum of the vectors that an entry replaced

    def call(self, x, training=None):
        flat = ops.reshape(ops.cast(x, "float32"), (-1, x.shape[-1]))  # (vector, dim)
        flat = ops.stop_gradient(flat)
        code_ids = self._nearest(flat)
        if training:
            self._follow(flat, code_ids)
        code_ids = ops.reshape(code_ids, (-1, *x.shape[1:3]))
        entries = ops.cast(self.look_up(code_ids), x.dtype)
        if training:
            self.add_loss(self.commitment * ops.mean(ops.square(x - ops.stop_gradient(entries))))
        return x + ops.stop_gradient(entries - x), code_ids

    def look_up(self, code_ids):
        """The entries float (batch, row, column, dim) of codes int32 (batch, row, column)."""
        return ops.take(ops.convert_to_tensor(self.codebook), code_ids, axis=0)

    def _nearest(self, flat):
        # |x - e|^2 without |x|^2, which is equal for all entries.
        codebook = ops.convert_to_tensor(self.codebook)
        distance = ops.sum(ops.square(codebook), axis=1) - 2.0 * ops.matmul(flat, ops.transpose(codebook))
        return ops.cast(ops.argmin(distance, axis=-1), "int32")

    def _follow(self, flat, code_ids):
        used = ops.one_hot(code_ids, self.num_codes, dtype="float32")  # (vector, code)
        counts = self.decay * self.counts + (1 - self.decay) * ops.sum(used, axis=0)
        sums = self.decay * self.sums + (1 - self.decay) * ops.matmul(ops.transpose(used), flat)
        fair_share = ops.cast(ops.shape(flat)[0], "float32") / self.num_codes
        is_dead = counts < self.min_use * fair_share
        rows = keras.random.randint((self.num_codes,), 0, ops.shape(flat)[0], seed=self.seed_generator)
        anew = ops.expand_dims(is_dead, 1)
        counts = ops.where(is_dead, fair_share, counts)
        sums = ops.where(anew, ops.take(flat, rows, axis=0) * fair_share, sums)
        self.counts.assign(counts)
        self.sums.assign(sums)
        self.codebook.assign(sums / ops.expand_dims(counts, 1))

    def get_config(self):
        names = ("num_codes", "commitment", "decay", "min_use", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
