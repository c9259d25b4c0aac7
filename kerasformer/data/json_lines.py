"""Read JSON lines, or one JSON list: an object for each row, such as {"translation": {"fr": "Oui.", "en": "Yes."}}."""

import json

from kerasformer.data.table import Table, joined
from kerasformer.data.text_files import COMPRESSED
from kerasformer.errors import InputError


def recognise(text, name):
    """Whether a text is JSON: by its name, or by its first line."""
    if COMPRESSED.sub("", str(name)).lower().endswith((".json", ".jsonl", ".ndjson")):
        return True
    first = text.lstrip().partition("\n")[0].strip()
    if first in ("[", "{"):
        return True
    try:
        value = json.loads(first)
    except ValueError:
        return False
    return isinstance(value[0] if isinstance(value, list) and value else value, dict)


def read(text, name):
    """Read the texts of all objects; a key within a key names its column alone. Errors call the text `name`."""
    is_list = text.lstrip().startswith("[")
    lines = [text] if is_list else text.split("\n")
    records = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError as error:
            place = "" if is_list else f", line {number}"
            raise InputError(f"{name}{place}: not valid JSON ({error}): give one JSON object per line") from None
        records += value if is_list else [value]
    for number, record in enumerate(records, 1):
        if not isinstance(record, dict):
            raise InputError(f'{name}: item {number} is not a JSON object, such as {{"fr": "Oui.", "en": "Yes."}}')
    if not records:
        raise InputError(f"{name} is empty: it needs one JSON object per line")
    fields = [_fields(record) for record in records]
    if not any(fields):
        raise InputError(f'{name} has no texts in its objects: each needs two, such as {{"fr": "Oui.", "en": "Yes."}}')
    return Table.of_records("JSON", fields)


def _fields(record):
    fields = {}
    for key, value in record.items():
        if isinstance(value, dict):
            fields |= _fields(value)
        elif isinstance(value, (str, int, float)) and not isinstance(value, bool):
            fields[key] = joined(str(value))
    return fields
