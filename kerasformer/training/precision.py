"""The number format of training: float32 or bfloat16. Weights, moments and files are always float32.

On processors with bfloat16 instructions a matrix product takes half as long in bfloat16, but not where XLA compiles
the whole step: on a CPU, XLA multiplies in float32 whatever the input. So TensorFlow's own kernels (oneDNN) multiply,
and XLA compiles the operations between the products, in clusters.

Reference: Micikevicius et al. 2018, "Mixed Precision Training", section 3.1; Kalamkar et al. 2019, "A Study of BFLOAT16
for Deep Learning Training".
"""

import contextlib
import os
import pathlib

import keras

INSTRUCTIONS = ("avx512_bf16", "amx_bf16")  # of processors that multiply bfloat16


def allow_clusters():
    """Let XLA compile clusters between the products; call this before TensorFlow runs anything or lists devices."""
    os.environ.setdefault("TF_XLA_FLAGS", "--tf_xla_cpu_global_jit --tf_xla_ops_to_cluster=FUSIBLE")


def best_precision(config, workers=1):
    """The precision for "auto": bfloat16 for a Transformer trained by one TensorFlow process on such a CPU."""
    if not getattr(config, "is_faster_in_bfloat16", False) or workers > 1 or keras.backend.backend() != "tensorflow":
        return "float32"
    has_it = any(name in _processor() for name in INSTRUCTIONS)
    return "bfloat16" if has_it and not _has_gpu() else "float32"


def _has_gpu():
    """Whether TensorFlow sees a GPU."""
    if keras.backend.backend() != "tensorflow":
        return False
    import tensorflow as tf

    return bool(tf.config.list_physical_devices("GPU"))


def _processor():
    """Linux's description of the processor; elsewhere an empty str."""
    with contextlib.suppress(OSError):
        return pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    return ""


@contextlib.contextmanager
def computing_in(precision):
    """Within this block, layers are built to compute in "float32" or "bfloat16"."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32" if precision == "float32" else f"mixed_{precision}")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def is_compiled_whole(model):
    """Whether XLA compiles the training step of the model as a whole."""
    return model.compute_dtype == "float32" or keras.backend.backend() == "jax" or _has_gpu()


@contextlib.contextmanager
def clusters(model, compiled=True):
    """Within this block, TensorFlow lets XLA compile clusters of a `compiled` model, unless it compiles whole steps."""
    if not compiled or is_compiled_whole(model) or keras.backend.backend() != "tensorflow":
        yield
        return
    import tensorflow as tf

    before = tf.config.optimizer.get_jit()
    tf.config.optimizer.set_jit("autoclustering")
    try:
        yield
    finally:
        tf.config.optimizer.set_jit(before)
