"""How a translator prepares text: recorded when it is trained, and carried by every artefact."""

import dataclasses

from kerasformer.errors import InputError, check_types, require
from kerasformer.interface.cleaning import CLEANINGS


@dataclasses.dataclass(frozen=True)
class TextRules:
    """How text is prepared; the defaults are those of artefacts that record nothing.

    Args:
        cleaning: name of the `cleaning.CLEANINGS` that the training text went through.
        sentences: int, the most sentences that the model is given at once, as it was trained on so many.

    Raises:
        InputError: for an unknown cleaning, or a number below 1.
    """

    cleaning: str = "nfkc"
    sentences: int = 1

    def __post_init__(self):
        check_types(self)
        if self.cleaning not in CLEANINGS:
            raise InputError(f"there is no cleaning {self.cleaning!r}; there are {', '.join(CLEANINGS)}")
        require(self.sentences >= 1, "sentences", self.sentences, "at least 1")

    @classmethod
    def of(cls, values):
        """The rules in the metadata of an artefact.

        Args:
            values: dict, as `dataclasses.asdict` gives it; None for an artefact that records none.

        Raises:
            InputError: if there are rules that this version does not know.
        """
        values = values or {}
        unknown = sorted(set(values) - {field.name for field in dataclasses.fields(cls)})
        if not unknown and values.get("cleaning", cls.cleaning) not in CLEANINGS:
            unknown = [f"cleaning {values['cleaning']}"]
        if unknown:
            raise InputError(f"the artefact has text rules of a newer kerasformer ({', '.join(unknown)}): update it")
        return cls(**values)
