"""The command `bulk`: translate large files with many workers, on one machine or on a cluster."""

import sys

from kerasformer.cli.arguments import at_least
from kerasformer.errors import needs_extra


def add_command(add):
    """Add the command to a parser; see `cli.main`."""
    command = add(
        "bulk",
        bulk,
        "translate large files with many workers",
        "Translate files with many workers, by Ray. Each FILE becomes shards in FOLDER, with one line for each line. A "
        "worker that ends is replaced, and the same command goes on where a run was interrupted. Exit code 2 says that "
        "some lines could not be translated; these have an empty translation, null in JSON and Parquet.",
        """  kerasformer bulk --model fr-en --in news.fr.txt --out news.en --workers 4
  kerasformer bulk --model runs/mine/bundle --in a.jsonl b.parquet --field body --out translated
""",
        model="bundle folder, SavedModel folder or .tflite file, or a model of the package",
    )
    command.add_argument(
        "--in",
        nargs="+",
        required=True,
        dest="paths",
        metavar="FILE",
        help=".txt (a text a line), .jsonl (an object a line) or .parquet",
    )
    command.add_argument("--out", required=True, metavar="FOLDER", help="folder of the shards")
    command.add_argument(
        "--field", default="text", metavar="NAME", help="field or column with the text (default: text)"
    )
    command.add_argument(
        "--lines", type=at_least(1), default=1000, metavar="N", help="lines of a shard (default: 1000)"
    )
    command.add_argument(
        "--workers", type=at_least(1), default=1, metavar="N", help="processes that translate (default: 1)"
    )
    command.add_argument(
        "--threads", type=at_least(1), default=1, metavar="N", help="processors of each worker (default: 1)"
    )
    command.add_argument(
        "--address",
        metavar="ADDRESS",
        help="Ray cluster whose machines all see FILE and FOLDER, or auto (default: processes of this machine)",
    )


def bulk(arguments):
    """Translate files; the exit code is 2 if some lines could not be translated."""
    with needs_extra("ray"):
        from kerasformer.serving.bulk import translate_files
    names = ("paths", "out", "model", "workers", "threads", "lines", "field", "address")
    total, failed, lost = translate_files(**{name: getattr(arguments, name) for name in names}, report=_report)
    print(f"kerasformer: {total} lines, {failed} of which could not be translated", file=sys.stderr)
    return 2 if failed or lost else 0


def _report(shard, found):
    print(f"kerasformer: {shard.out}: {found[0]} lines", file=sys.stderr, flush=True)
