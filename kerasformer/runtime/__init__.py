"""What a device needs: a translator, a classifier and an illustrator over ai-edge-litert and numpy. No TensorFlow."""

from kerasformer.runtime.images import LiteRTClassifier, LiteRTIllustrator
from kerasformer.runtime.litert import LiteRTTranslator
from kerasformer.runtime.metadata import FORMAT, FORMAT_VERSION, METADATA_FILE, TOKENIZER_FILE

__all__ = [
    "FORMAT",
    "FORMAT_VERSION",
    "METADATA_FILE",
    "TOKENIZER_FILE",
    "LiteRTClassifier",
    "LiteRTIllustrator",
    "LiteRTTranslator",
]
