"""The number format that training computes in. Weights, moments and what is saved are float32 always.

In bfloat16 a matrix product takes half as long on processors that have it, but not where XLA compiles the whole step:
its products on a CPU are float32 whatever goes in. So TensorFlow's own kernels (oneDNN) multiply, and XLA fuses in
clusters what stands between the products.

Reference: Micikevicius et al. 2018, "Mixed Precision Training", section 3.1; Kalamkar et al. 2019, "A Study of BFLOAT16
for Deep Learning Training".
"""

import contextlib
import os
import pathlib

import keras

INSTRUCTIONS = ("avx512_bf16", "amx_bf16")  # of processors that multiply bfloat16


def allow_clusters():
    """Let XLA fuse around the products; heard only before TensorFlow has run anything, or looked for devices."""
    os.environ.setdefault("TF_XLA_FLAGS", "--tf_xla_cpu_global_jit --tf_xla_ops_to_cluster=FUSIBLE")


def best_precision(config, workers=1):
    """What "auto" stands for: bfloat16 for a Transformer that one process of TensorFlow trains on such a processor."""
    if not getattr(config, "is_faster_in_bfloat16", False) or workers > 1 or keras.backend.backend() != "tensorflow":
        return "float32"
    has_it = any(name in _processor() for name in INSTRUCTIONS)
    return "bfloat16" if has_it and not _has_gpu() else "float32"


def _has_gpu():
    """Whether TensorFlow has one."""
    if keras.backend.backend() != "tensorflow":
        return False
    import tensorflow as tf

    return bool(tf.config.list_physical_devices("GPU"))


def _processor():
    """What Linux says of the processor; nothing elsewhere."""
    with contextlib.suppress(OSError):
        return pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    return ""


@contextlib.contextmanager
def computing_in(precision):
    """Build what is built within for that precision: "float32" or "bfloat16"."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32" if precision == "float32" else f"mixed_{precision}")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def is_compiled_whole(model):
    """Whether XLA is to compile a training step of the model as a whole, where there is an XLA."""
    return model.compute_dtype == "float32" or keras.backend.backend() == "jax" or _has_gpu()


@contextlib.contextmanager
def clusters(model):
    """Let XLA compile in clusters what TensorFlow runs of the model, where it does not compile the whole step."""
    if is_compiled_whole(model) or keras.backend.backend() != "tensorflow":
        yield
        return
    import tensorflow as tf

    before = tf.config.optimizer.get_jit()
    tf.config.optimizer.set_jit("autoclustering")
    try:
        yield
    finally:
        tf.config.optimizer.set_jit(before)
