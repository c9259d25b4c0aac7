"""Export a bundle in every format and check each against it: python export/all.py BUNDLE --out FOLDER

Takes the options of `kerasformer export`, such as --data, --data-dir and --format.
"""

import sys

from kerasformer.cli.main import main

if __name__ == "__main__":
    bundle, options = sys.argv[1:2], sys.argv[2:]
    if not bundle or bundle[0].startswith("-"):
        sys.exit(main(["export", "--help"]) if bundle in (["-h"], ["--help"]) else __doc__.splitlines()[0])
    sys.exit(main(["export", "--model", *bundle, *options]))
