"""Write a bundle as one .tflite file, unchecked: python export/litert.py BUNDLE --out FILE.tflite --format litert-int8

`kerasformer export` also checks that the file answers as the bundle does, and only then writes it.
"""

import argparse
import pathlib

from kerasformer.errors import InputError, one_line_errors
from kerasformer.formats import FORMATS
from kerasformer.system.quiet import quiet_loading


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle", help="bundle folder")
    parser.add_argument("--out", required=True, metavar="FILE.tflite", help="file to write")
    formats = [name for name, format in FORMATS.items() if format.form == "litert"]
    parser.add_argument("--format", default="litert-fp32", choices=formats,
                        help="int8 weights take a quarter of the space (default: litert-fp32)")  # fmt: skip
    arguments = parser.parse_args()
    if pathlib.Path(arguments.out).is_dir():
        raise InputError(f"{arguments.out} is a folder: name a file in it, such as translator.tflite")
    with quiet_loading():
        from kerasformer.bundle import load_bundle
        from kerasformer.exporting.litert import export_litert

        export_litert(load_bundle(arguments.bundle), arguments.out, arguments.format)
    print(f"wrote {arguments.out} without comparing it with the bundle; to compare them: "
          f"kerasformer verify --model {arguments.out} --bundle {arguments.bundle}")  # fmt: skip


if __name__ == "__main__":
    with one_line_errors("export/litert.py"):
        main()
