"""An image as a sequence: square patches are its words, and a class token in front stands for the whole."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("kerasformer")
class PatchEmbedding(keras.layers.Layer):
    """The pixels of each patch times one learned matrix; for an image what token embedding is for a sentence.

    It is computed as a convolution whose stride is the size of its kernel, which gives the same.

    Args:
        patch_size: int, pixels of a patch along each side; must divide the image's height and width.
        hidden_dim: int, width of the vectors.

    Call arguments:
        images: float (batch, height, width, channels).

    Returns:
        float (batch, patch, hidden), row by row from the top left.

    Reference: Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words", equation 1.
    """

    def __init__(self, patch_size, hidden_dim, **kwargs):
        super().__init__(**kwargs)
        self.patch_size = patch_size
        self.hidden_dim = hidden_dim
        self.projection = keras.layers.Conv2D(
            hidden_dim, patch_size, strides=patch_size, name="projection", dtype=self.dtype_policy
        )

    def build(self, images_shape):
        if any(size % self.patch_size for size in images_shape[1:3]):
            height, width = images_shape[1:3]
            raise ValueError(f"patch_size must divide the image's {height} x {width} pixels, got {self.patch_size}")
        self.projection.build(tuple(images_shape))

    def call(self, images):
        _, height, width, _ = images.shape
        patches = self.projection(images)  # (batch, row, column, hidden)
        return ops.reshape(patches, (-1, height * width // self.patch_size**2, self.hidden_dim))

    def get_config(self):
        return {**super().get_config(), "patch_size": self.patch_size, "hidden_dim": self.hidden_dim}


@keras.saving.register_keras_serializable("kerasformer")
class ClassToken(keras.layers.Layer):
    """Put one learned vector in front; the encoder's output for it stands for the whole image.

    Call arguments:
        x: float (batch, patch, hidden).

    Returns:
        float (batch, 1 + patch, hidden).

    Reference: Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words", equation 1.
    """

    def build(self, x_shape):
        initializer = keras.initializers.RandomNormal(stddev=0.02)
        self.token = self.add_weight(shape=(1, 1, x_shape[-1]), initializer=initializer, name="token")

    def call(self, x):
        token = ops.convert_to_tensor(self.token, dtype=self.compute_dtype)
        return ops.concatenate([ops.zeros_like(x[:, :1]) + token, x], axis=1)
