"""Read TMX, the XML format of translation memories (LISA, TMX 1.4b): a column for each language."""

import re
from xml.etree import ElementTree

from kerasformer.data.table import Table, joined
from kerasformer.errors import InputError

_XML_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_CODE = {"bpt", "ept", "ph", "it", "ut"}  # elements of markup of the document that was translated


def recognise(text, name):
    """Whether a text is TMX."""
    return re.match(r"\s*<(\?xml|!doctype tmx|tmx)", text[:200], re.IGNORECASE) is not None


def read(text, name):
    """Read the segments of every translation unit; errors call the text `name`."""
    prologue, root, _ = text.partition("<tmx")
    if not root:
        raise InputError(f"{name} is XML but not TMX: convert it to TMX, or to two files of one sentence per line")
    if "<!ENTITY" in prologue:
        raise InputError(f"{name} defines entities of XML, which TMX does not need: remove them")
    parser = ElementTree.XMLParser(target=_Units())
    try:
        parser.feed(text)
        units = parser.close()
    except ElementTree.ParseError as error:
        raise InputError(f"{name}, line {error.position[0]}: not valid XML ({error}): export the file again") from None
    if not units:
        raise InputError(f"{name} has no translation units: export the file again")
    codes = {code for unit in units for code in unit}
    bases = {code: code.partition("-")[0] for code in codes}
    if len(set(bases.values())) == len(codes):  # no need to tell fr-FR from fr-CA
        units = [{bases[code]: segment for code, segment in unit.items()} for unit in units]
    return Table.of_records("TMX", units)


class _Units:
    """What the parser calls for each part of the XML: it collects the segments by language."""

    def __init__(self):
        self.units, self.language, self.parts, self.codes = [], "", None, 0

    def start(self, tag, attributes):
        tag = tag.rpartition("}")[2]
        if tag == "tu":
            self.units.append({})
        elif tag == "tuv":
            self.language = attributes.get(_XML_LANGUAGE, attributes.get("lang", "")).replace("_", "-").lower()
        elif tag == "seg":
            self.parts = []
        self.codes += tag in _CODE

    def data(self, text):
        if self.parts is not None and not self.codes:
            self.parts.append(text)

    def end(self, tag):
        tag = tag.rpartition("}")[2]
        if tag == "seg" and self.parts is not None and self.units:
            self.units[-1].setdefault(self.language, joined("".join(self.parts)))
            self.parts = None
        self.codes -= tag in _CODE

    def close(self):
        return self.units
