"""What users are told about a corpus: what was read, changed and dropped, with an example of each."""

import textwrap

_CHANGES = {
    "entities_decoded": "HTML entities decoded",
    "invisible_removed": "invisible characters removed",
    "whitespace_joined": "white space made single",
    "normalised": "characters and typography normalised",
}
_DROPS = {
    "duplicate": "duplicates",
    "empty": "a side is empty",
    "length_ratio": "lengths differ very much",
    "too_long": "too long",
    "untranslated": "the target is the source",
}
_LONGEST = 60  # characters of an example
_CREDIT = 360  # characters of an attribution
_LONG_ENOUGH = 20  # characters of a source that shows the language


def describe(corpus):
    """Lines about a `Corpus`: sizes, what was read, changed and dropped, overlap, attribution; list of str."""
    report = corpus.report
    counts, examples = report["cleaning"]["train"], report["examples"]
    held_out = {"validation": corpus.validation, **corpus.tests}
    sizes = [f"{len(pairs):,} {name.replace('_', ' ')}" for name, pairs in held_out.items()]
    lines = [
        f"{corpus.name}, {corpus.source} -> {corpus.target}: {len(corpus.train):,} training pairs "
        f"of {counts['before']:,} read, {', '.join(sizes)}",
        *report["notes"],
        "a pair:",
        _shown(report["sample"]),
    ]
    for verb, what, kinds in (("changed", "line", _CHANGES), ("dropped", "pair", _DROPS)):
        for key in filter(counts.get, kinds):
            lines += _counted(verb, kinds[key], counts[key], what, examples[key])
    lines += _overlap(corpus)
    if report["carved"]:
        lines.append(f"{' and '.join(report['carved'])} pairs were set aside from the training pairs")
    credit = textwrap.shorten(corpus.attribution, _CREDIT, placeholder=" ... (the bundle has all of it)")
    return [*lines, credit] if credit else lines


def _counted(verb, reason, count, what, example):
    """Lines that say how many lines or pairs were changed or dropped, and show one of them."""
    line = f"{verb}, {reason}: {count:,} {what}{'s' * (count != 1)}"
    return [f"{line}, such as", _shown(example)] if count else [line]


def _overlap(corpus):
    report = corpus.report
    what, shared_targets = "a sentence", ""
    if "target" not in report["kept_apart"]:
        what, shared_targets = f"their {corpus.source}", f" (pairs that share only their {corpus.target} are kept)"
    reason = f"they share {what} with a held-out split{shared_targets}"
    lines = _counted("dropped", reason, report["removed_for_overlap"], "pair", report["examples"].get("overlap"))
    for names, shared in report["overlap"].items():
        first, second = names.split("/")
        if first != "train" and any(shared.values()):
            sides = f"{shared['source']:,} sources and {shared['target']:,} targets"
            lines.append(f"{first} shares {sides} with {second}")
    return lines


def sample(pairs):
    """The pair that is shown as an example: the first one that is not very short."""
    return list(next((pair for pair in pairs if len(pair[0]) >= _LONG_ENOUGH), pairs[0]))


def _shown(texts):
    """Two texts in a line: cut if they are long, with the codes of characters that cannot be seen."""
    cut = [text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..." for text in texts]
    return "    " + " -> ".join("".join(c if c.isprintable() else f"<U+{ord(c):04X}>" for c in text) for text in cut)
