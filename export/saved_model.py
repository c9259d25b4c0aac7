"""Write a bundle as a SavedModel, unchecked: python export/saved_model.py BUNDLE --out FOLDER

`kerasformer export` also checks that it answers as the bundle does, and only then writes it.
"""

import argparse

from kerasformer.errors import one_line_errors
from kerasformer.inference.opening import check_replaceable
from kerasformer.system.quiet import quiet_loading


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle", help="bundle folder")
    parser.add_argument("--out", required=True, metavar="FOLDER", help="new folder, or one to replace")
    arguments = parser.parse_args()
    check_replaceable(arguments.out, ("saved_model.pb", "fingerprint.pb", "variables", "assets"))
    with quiet_loading():
        from kerasformer.bundle import load_bundle
        from kerasformer.exporting.saved_model import export_saved_model

        export_saved_model(load_bundle(arguments.bundle), arguments.out)
    print(f"wrote {arguments.out} without comparing it with the bundle; to compare them: "
          f"kerasformer verify --model {arguments.out} --bundle {arguments.bundle}")  # fmt: skip


if __name__ == "__main__":
    with one_line_errors("export/saved_model.py"):
        main()
