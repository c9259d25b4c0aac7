"""Translate with the LiteRT twin of a bundle, and with the bundle where the twin cannot."""

import dataclasses
import functools

from kerasformer.errors import InputError, require_one_of
from kerasformer.inference.twin import ENGINES, find_twin
from kerasformer.interface.request import Request
from kerasformer.interface.sampling import SAMPLING_OPTIONS
from kerasformer.runtime.litert import LiteRTTranslator
from kerasformer.system.quiet import quiet_loading
from kerasformer.tasks import resolve


class TwinTranslator(LiteRTTranslator):
    """Translates with the twin of a bundle. What the twin cannot do, the bundle does, which is then loaded.

    Args:
        path: the twin.
        description: the `Description` of the bundle.
        **options: as for a `Translator`.
    """

    is_greedy = False

    def __init__(self, path, description, **options):
        self._of_bundle = description, options
        super().__init__(path, **{**_defaults(description), **options})

    @functools.cached_property
    def whole(self):
        """The `Translator` of the bundle."""
        from kerasformer.bundle import load_bundle

        description, options = self._of_bundle
        with quiet_loading():
            return resolve(description.task.engines["bundle"])(load_bundle(description), **options)

    def decode(self, pieces, **options):
        try:
            return super().decode(pieces, **options)
        except InputError:  # of what a .tflite cannot do
            return self.whole.decode(pieces, **options)

    def beam_for(self, count):
        return self.whole.beam_for(count)

    def __getattr__(self, name):
        """What only the engine of a bundle has, such as `token_scores`."""
        if name.startswith("_") or name == "whole":
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        return getattr(self.whole, name)


def open_twin(description, engine, options):
    """The engine over the twin of a described bundle.

    Args:
        description: the `Description`.
        engine: "litert" for the twin alone; "auto" for the twin, and the bundle for what that cannot do; or "xla".
        options: dict of the options of the translator.

    Returns:
        A `BaseTranslator`; None for "xla", and for "auto" if there is no twin.

    Raises:
        InputError: for another engine, for "litert" if there is no twin, and for a damaged bundle.
    """
    require_one_of(engine, "engine", ENGINES)
    found = None if engine == "xla" else find_twin(description)
    if engine == "litert":
        if not found:
            raise InputError(
                f"{description.path} has no LiteRT twin: make one with `kerasformer export`, or use engine auto or xla"
            )
        return LiteRTTranslator(found, **{**_defaults(description), **options})
    return TwinTranslator(found, description, **options) if found else None


def _defaults(description):
    """The decode defaults of a bundle that are not compiled into its twin."""
    names = {"beam_size", "num_hypotheses", *SAMPLING_OPTIONS, *(field.name for field in dataclasses.fields(Request))}
    return {name: value for name, value in description.metadata["decoding"].items() if name in names}
