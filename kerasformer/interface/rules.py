"""How a translator prepares text: recorded when it is trained, and carried by every artefact."""

import dataclasses

from kerasformer.errors import InputError, check_types, require
from kerasformer.interface.cleaning import CLEANINGS
from kerasformer.interface.patterns import PATTERNS, VERSION

CONVERSATION = ("question", "answer")  # the names of the sides of a corpus that is one


def is_conversation(source, target):
    """Whether two sides are questions and answers, in whatever order: bool."""
    return {source, target} == set(CONVERSATION)


@dataclasses.dataclass(frozen=True)
class TextRules:
    """How text is prepared; the defaults are those of artefacts that record nothing.

    Args:
        cleaning: name of the `cleaning.CLEANINGS` that the training text went through.
        sentences: int, the most sentences that the model is given at once, as it was trained on so many.
        protected: tuple of str, names of `patterns.PATTERNS`, what a translation must not change.
        patterns_version: int, the version of the patterns.
        marks: tuple of str, symbols of the tokenizer that stand for what must not change; () if it has none.
        unseen: str, characters that the tokenizer knows, but that the model has hardly seen.
        lower_capitals: bool, whether a sentence in capitals is translated in lower case, and its translation put in
            capitals.

    Raises:
        InputError: for a number below 1, or for a cleaning or patterns that this version does not know.
    """

    cleaning: str = "nfkc"
    sentences: int = 1
    protected: tuple = tuple(PATTERNS)
    patterns_version: int = VERSION
    marks: tuple = ()
    unseen: str = ""
    lower_capitals: bool = False

    def __post_init__(self):
        check_types(self)
        if self.cleaning not in CLEANINGS:
            raise InputError(f"there is no cleaning {self.cleaning!r}; there are {', '.join(CLEANINGS)}")
        unknown = sorted(set(self.protected) - set(PATTERNS))
        if unknown or self.patterns_version > VERSION:
            what = ", ".join(unknown) or f"version {self.patterns_version}"
            raise InputError(f"the artefact has patterns of a newer kerasformer ({what}): update it")
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
        values = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
        return cls(**values)
