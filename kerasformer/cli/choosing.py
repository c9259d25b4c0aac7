"""Choose the model of `kerasformer translate`: the one that is named, or a pretrained one by its languages."""

from kerasformer.cli.printing import complain
from kerasformer.data.languages import base_of, guess, language_of_name, shown
from kerasformer.errors import InputError
from kerasformer.formats import describe
from kerasformer.pretrained import available, direction, matching

_ENOUGH = 4096  # characters of text that show its language


def add_options(command):
    """Add `--to` and `--from`."""
    group = command.add_argument_group("languages, in place of --model")
    names = ", ".join(available()) or "none here"
    group.add_argument("--to", metavar="LANG", help=f"translate into LANG with a model of the package: {names}")
    group.add_argument("--from", metavar="LANG", help="language of the text (default: it is guessed)")


def describe_chosen(arguments, beginnings):
    """The `Description` of the model that the command line names, or else of the pretrained one that fits.

    Args:
        arguments: of the command line.
        beginnings: iterable of str, each a longer beginning of the text to translate; used to guess its language.

    Raises:
        InputError: if the model translates other languages, or none fits, or the language of the text is not clear.
    """
    source, target = (_code(getattr(arguments, name)) for name in ("from", "to"))
    if arguments.model:
        return _describe_named(arguments.model, source, target)
    names = matching(source, target)
    if source and len(names) > 1:
        raise InputError(f"several pretrained models fit, {', '.join(names)}: give --to, or --model with one of them")
    return describe(names[0] if source else _guessed(names, target, beginnings), "translation")


def _code(language):
    """The code of a language that a code or a name names, such as "fr" for "French"; None for None."""
    return language and base_of(language_of_name(language) or language)


def _describe_named(model, source, target):
    description = describe(model, "translation")
    has = description.source, description.target
    for option, asked, code in zip(("from", "to"), (source, target), has, strict=True):
        if asked and asked != base_of(code):
            way = " into ".join(map(shown, has))
            raise InputError(f"{model} translates {way}, not --{option} {asked}: leave out --model or --{option}")
    return description


def _guessed(names, target, beginnings):
    """The name, among those of some models, of the one for the language of the text."""
    by_source = {direction(name)[0]: name for name in names}
    expected = {*by_source, *filter(None, [target])}
    begun, code = "", None
    for begun in beginnings:
        code = guess(begun[:_ENOUGH], expected)
        if code in by_source or len(by_source) == 1 or len(begun) >= _ENOUGH:
            break
    if code in by_source:
        complain(f"the text looks like {shown(code)}, so {by_source[code]} translates it (--from names its language)")
        return by_source[code]
    is_open = len(by_source) > 1 and begun.strip()
    if code is None and not is_open:  # there is one model only, or nothing to translate
        return names[0]
    what_to_do = f"name the language of the text with --from: {', '.join(by_source)}"
    if code is None:
        raise InputError(f"the text does not show its language, as it is short or has words of several: {what_to_do}")
    if code == target:
        raise InputError(f"the text looks like {shown(code)} already, into which it was to be translated: {what_to_do}")
    raise InputError(
        f"the text looks like {shown(code)}, which no pretrained model translates: give --model, or {what_to_do}"
    )
