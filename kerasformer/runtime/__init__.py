"""What a device needs: `LiteRTTranslator`, over ai-edge-litert, sentencepiece and numpy. No TensorFlow."""

from kerasformer.runtime.litert import FORMAT, FORMAT_VERSION, METADATA_FILE, TOKENIZER_FILE, LiteRTTranslator

__all__ = ["FORMAT", "FORMAT_VERSION", "METADATA_FILE", "TOKENIZER_FILE", "LiteRTTranslator"]
