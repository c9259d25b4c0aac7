"""Translate, classify and draw on a device, with ai-edge-litert and numpy only: no TensorFlow, no Keras."""

from kerasformer.runtime.images import LiteRTClassifier, LiteRTIllustrator
from kerasformer.runtime.litert import LiteRTTranslator

__all__ = ["LiteRTClassifier", "LiteRTIllustrator", "LiteRTTranslator"]
