"""What commands do with models that draw: `draw`, and the part of `evaluate` that is theirs."""

OPTIONS = ("classifier",)


def draw(arguments):
    """Draw captions."""
    raise NotImplementedError
