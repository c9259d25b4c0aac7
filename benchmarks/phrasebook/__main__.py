"""Write the built-in corpus: `python -m benchmarks.phrasebook` makes `kerasformer/data/phrasebook.tsv.xz`."""

import lzma
import pathlib

from kerasformer.system.files import write_bytes

from . import generate

PATH = pathlib.Path(__file__).parents[2] / "kerasformer" / "data" / "phrasebook.tsv.xz"


def packed(splits):
    """Pairs by split as the bytes of a compressed TSV file: split, French, English."""
    lines = [f"{name}\t{french}\t{english}\n" for name, pairs in splits.items() for french, english in pairs]
    return lzma.compress("".join(lines).encode(), preset=9 | lzma.PRESET_EXTREME)


if __name__ == "__main__":
    write_bytes(PATH, packed(generate()))
    print(f"wrote {PATH}")
