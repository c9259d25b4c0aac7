"""The options of `kerasformer translate` for whole files, and what it does with them."""

import sys
import time

from kerasformer.cli.arguments import chosen
from kerasformer.cli.printing import complain
from kerasformer.errors import InputError

_NOT_FOR_FILES = ("plot", "json", "num_hypotheses")
_SECONDS = 10  # between two lines of progress that no person watches


def add_options(command):
    """Add `--in`, `--out` and `--encoding`."""
    group = command.add_argument_group("whole files")
    group.add_argument(
        "--in",
        dest="in_file",
        metavar="FILE",
        help="translate a file, and leave everything but its text as it is: .txt, .srt, .vtt, .html, .md, .po or .json",
    )
    group.add_argument(
        "--out",
        dest="out_file",
        metavar="FILE",
        help="write the translated file to FILE; a run that was interrupted goes on with the same command",
    )
    group.add_argument(
        "--encoding", metavar="NAME", help="encoding of the file (default: the one that it names, else UTF-8)"
    )


def check_options(arguments):
    """Raise `InputError` for options that do not go together; true if a file is to be translated."""
    given = [option for option in ("in", "out") if getattr(arguments, f"{option}_file")]
    if len(given) == 1:
        other = "out" if given == ["in"] else "in"
        raise InputError(f"--{given[0]} needs --{other} FILE: give both")
    if arguments.encoding and not given:
        raise InputError("--encoding is for whole files: give --in FILE and --out FILE as well")
    if given and arguments.texts:
        raise InputError("give either TEXT or --in FILE, not both")
    if given and (wrong := chosen(arguments, _NOT_FOR_FILES)) and any(wrong.values()):
        option = next(name for name, value in wrong.items() if value).replace("_", "-")
        raise InputError(f"--{option} is not for whole files: leave it out, or give texts instead of --in")
    if given:
        from kerasformer.documents.whole_file import check_paths

        check_paths(arguments.in_file, arguments.out_file)
    return bool(given)


def read_text(arguments):
    """The text of `--in` that is to be translated: str."""
    from kerasformer.documents.whole_file import read_texts

    return "\n".join(read_texts(arguments.in_file, arguments.encoding))


def translate(arguments, translator, path, options):
    """Translate `--in` into `--out`, with progress on standard error; the exit code."""
    from kerasformer.documents.journal import model_key
    from kerasformer.documents.whole_file import translate_file

    model = model_key(path, options)
    left = translate_file(
        arguments.in_file, arguments.out_file, translator, model, arguments.encoding, _Progress(), complain
    )
    return 2 if left else 0


class _Progress:
    """Says on standard error how many texts are translated."""

    def __init__(self):
        self._last, self._before = -_SECONDS, None

    def __call__(self, done, count):
        if self._before is None and done:
            print(f"resuming: {done} of {count} texts are already translated", file=sys.stderr)
        is_first, self._before = self._before is None, done
        is_person, is_last = sys.stderr.isatty(), done == count
        if is_person or is_last or time.monotonic() - self._last >= _SECONDS and not is_first:
            self._last = time.monotonic()
            begin, end = ("\r", "\n" if is_last else "") if is_person else ("", "\n")
            print(f"{begin}{done} of {count} texts", end=end, file=sys.stderr, flush=True)
