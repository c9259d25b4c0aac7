"""For the API reference: the section "Call arguments" of a layer's docstring lists arguments, as "Args" does."""

import griffe


class CallArguments(griffe.Extension):
    """Let the parser of docstrings know the section."""

    def on_instance(self, *, obj, **_):
        if obj.docstring:
            obj.docstring.value = obj.docstring.value.replace("Call arguments:\n", "Args: Call arguments\n")
