"""The command `serve`: translators as a service over HTTP and gRPC."""

import argparse
import pathlib

from kerasformer.cli.arguments import at_least
from kerasformer.errors import InputError, needs_extra
from kerasformer.pretrained import available
from kerasformer.serving.settings import Settings


def add_command(add):
    """Add the command to a parser; see `cli.main`."""
    command = add(
        "serve",
        serve,
        "translate over HTTP and gRPC",
        "Serve translators over HTTP, with the interfaces of LibreTranslate (/translate, /detect, /languages, "
        "/translate_file) and of TensorFlow Serving (/v1/models/NAME:predict). /docs describes them. SIGTERM ends the "
        "service when its requests are answered, SIGHUP loads the models again.",
        """  kerasformer serve
  kerasformer serve --model fr-en --model german=runs/de-en/bundle --port 8080
  curl -d q="Il pleut." -d source=fr -d target=en http://127.0.0.1:5000/translate
""",
        model="",
    )
    command.add_argument(
        "--model",
        action="append",
        dest="models",
        metavar="[NAME=]PATH",
        help="bundle folder, SavedModel folder or .tflite file, a folder with numbered versions of one, or a model of "
        f"the package: {', '.join(available())}; may be given several times (default: all models of the package)",
    )
    _add_addresses(command)
    _add_limits(command)
    command.add_argument(
        "--page", action=argparse.BooleanOptionalAction, default=None, help='show a web page at "/" (default: --page)'
    )
    command.add_argument(
        "--log", choices=("plain", "json", "none"), help="form of the access log, which holds no texts (default: plain)"
    )


def _add_addresses(command):
    command.add_argument(
        "--host", default="127.0.0.1", metavar="ADDRESS", help="address to listen at (default: 127.0.0.1)"
    )
    command.add_argument(
        "--port", type=at_least(0), default=5000, metavar="N", help="port (default: 5000; 0: a free one)"
    )
    command.add_argument(
        "--grpc-port",
        type=at_least(0),
        metavar="N",
        help="also answer over gRPC at this port, as TensorFlow Serving does (default: no gRPC; 0: a free port)",
    )
    command.add_argument("--cors", metavar="ORIGIN", help="let the pages of ORIGIN, or of * for all, use the service")
    command.add_argument(
        "--api-keys",
        metavar="FILE",
        help='ask for an API key: one of the lines of FILE; "KEY admin" may also load the models again',
    )


def _add_limits(command):
    command.add_argument(
        "--workers",
        type=at_least(1),
        metavar="N",
        help="processes that translate (default: one a processor, at most 8)",
    )
    command.add_argument("--threads", type=at_least(1), metavar="N", help="threads of each worker (default: 1)")
    command.add_argument(
        "--queue",
        type=at_least(1),
        metavar="N",
        help=f"sentences that may wait or be in work; more get the answer 429 (default: {Settings.queue})",
    )
    command.add_argument(
        "--deadline",
        type=at_least(0.1, float),
        metavar="SECONDS",
        help=f"give up a request after SECONDS (default: {Settings.deadline:g})",
    )
    command.add_argument(
        "--max-characters",
        type=at_least(1),
        metavar="N",
        help=f"the most characters of one request (default: {Settings.max_characters})",
    )
    command.add_argument(
        "--per-minute", type=at_least(1), metavar="N", help="requests of a client in a minute (default: any number)"
    )


def serve(arguments):
    """Serve until a signal ends the process."""
    names = ("workers", "threads", "queue", "deadline", "max_characters", "per_minute", "cors", "page", "log")
    given = {name: getattr(arguments, name) for name in names if getattr(arguments, name) is not None}
    keys = _read_keys(arguments.api_keys) if arguments.api_keys else ()
    with needs_extra("serve"):
        from kerasformer.serving.server import run
    settings = Settings(models=tuple(arguments.models or ()), keys=keys, **given)
    run(settings, arguments.host, arguments.port, arguments.grpc_port)
    return 0


def _read_keys(path):
    keys = tuple(pathlib.Path(path).read_text(encoding="utf-8").splitlines())
    if not any(line.partition("#")[0].strip() for line in keys):
        raise InputError(f"{path} has no API key: write one a line")
    return keys
