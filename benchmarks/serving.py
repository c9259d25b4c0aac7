"""Load a service with 1, 16, 256 and 1,000 clients at once, and check each answer against its own text.

    python benchmarks/serving.py --model fr-en
    python benchmarks/serving.py --model fr-en --sentences FILE --peers fastapi litserve

Starts `kerasformer serve`, and with --peers other servers over the same engine, one after the other. The sentences are
those of Multi30k (test_2016_flickr), or the lines of a file. Every client asks for one sentence after the other; one
that is refused waits a second. Translate once with a bundle before (`kerasformer translate`), so that all servers use
its LiteRT twin. Writes report.md and report.json to --out. Needs aiohttp, and litserve for that peer.
"""

import argparse
import asyncio
import contextlib
import pathlib
import re
import statistics
import subprocess
import sys
import time
import warnings

from running import add_data_dir, family, publish

from kerasformer.errors import InputError, one_line_errors
from kerasformer.formats import describe
from kerasformer.interface.carrying import ProtectionWarning
from kerasformer.system.files import write_text

COLUMNS = ("clients", "requests/s", "p50 ms", "p95 ms", "p99 ms", "refused", "wrong", "failed", "memory MB")
FASTAPI = """
import sys, fastapi, uvicorn
from kerasformer.inference.opening import open_artefact
translator, app = open_artefact(sys.argv[1], engine="auto"), fastapi.FastAPI()
translator("A.")

@app.post("/translate")
def translate(fields: dict):
    return {"translatedText": translator(fields["q"])}

uvicorn.run(app, port=int(sys.argv[2]), log_level="critical")
"""
LITSERVE = """
import sys, litserve
from kerasformer.inference.opening import open_artefact

class Translating(litserve.LitAPI):
    def setup(self, device):
        self.translator = open_artefact(sys.argv[1], engine="auto")
        self.translator("A.")

    def decode_request(self, request):
        return request["q"]

    def predict(self, texts):
        return self.translator(texts)

    def encode_response(self, text):
        return {"translatedText": text}

if __name__ == "__main__":
    api = Translating(max_batch_size=16, batch_timeout=0.002, api_path="/translate")
    litserve.LitServer(api, accelerator="cpu", workers_per_device=2).run(
        port=int(sys.argv[2]), log_level="critical", generate_client_file=False, num_api_servers=1
    )
"""
PEERS = {"fastapi": FASTAPI, "litserve": LITSERVE}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="fr-en", help="pretrained model or path (default: fr-en)")
    parser.add_argument(
        "--sentences", type=pathlib.Path, help="file with one source sentence a line (default: Multi30k)"
    )
    add_data_dir(parser, "Multi30k", is_downloaded=True)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 16, 256, 1000])
    parser.add_argument("--seconds", type=float, default=10, help="of each load (default: 10)")
    parser.add_argument("--workers", type=int, help="of `kerasformer serve`")
    parser.add_argument("--queue", type=int, help="of `kerasformer serve`")
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=[])
    parser.add_argument("--port", type=int, default=8011, help="of the peers (default: 8011)")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("runs/serving"))
    return parser.parse_args()


def read_sentences(arguments, description):
    """Distinct source sentences."""
    if arguments.sentences:
        lines = arguments.sentences.read_text(encoding="utf-8").splitlines()
    else:
        from kerasformer.data.corpus import load_corpus

        corpus = load_corpus(["multi30k"], description.source, description.target, data_dir=arguments.data_dir)
        lines = [source for source, _ in corpus.tests["test_2016_flickr"]]
    if not (found := list(dict.fromkeys(filter(str.strip, lines)))):
        raise InputError("there are no sentences")
    return found


def engine_answers(model, sentences):
    """The translations by the engine alone, and the seconds of each, one at a time."""
    from kerasformer.inference.opening import open_artefact

    warnings.simplefilter("ignore", ProtectionWarning)
    translator = open_artefact(model, engine="auto")
    translator(sentences[0])
    answers, seconds = {}, []
    for sentence in sentences:
        begun = time.perf_counter()
        answers[sentence] = translator(sentence)
        seconds.append(time.perf_counter() - begun)
    return answers, seconds


@contextlib.contextmanager
def serving(model, *options, stderr=None):
    """The service: its address and its process."""
    command = [sys.executable, "-m", "kerasformer.cli.main", "serve", "--model", model, "--port", "0", *options]
    with subprocess.Popen([*map(str, command)], stdout=subprocess.PIPE, stderr=stderr, text=True) as process:
        try:
            said = re.search(r"http://\S+", process.stdout.readline())
            if not said:
                raise InputError("the service does not start")
            yield said[0], process
        finally:
            process.terminate()


@contextlib.contextmanager
def peer(name, arguments):
    """Another server over the same engine: its address and its process."""
    script, port = arguments.out / f"peer_{name}.py", arguments.port  # a file, because its own processes import it
    write_text(script, PEERS[name])
    with subprocess.Popen([sys.executable, str(script), str(arguments.model), str(port)]) as process:
        try:
            yield f"http://127.0.0.1:{port}", process
        finally:
            for child in [*family(process.pid)[1:], process.pid]:
                subprocess.run(["kill", str(child)], check=False)


def megabytes(pid):
    """The memory of a process and its children that is theirs alone, with their share of what is shared."""
    total = 0
    for one in family(pid):
        with contextlib.suppress(OSError):
            rollup = pathlib.Path(f"/proc/{one}/smaps_rollup").read_text(encoding="ascii")
            total += int(re.search(r"Pss:\s+(\d+)", rollup)[1])
    return total / 1000


async def load(address, pid, count, answers, seconds):
    """One row of the table."""
    import aiohttp

    found, counts, texts = [], dict.fromkeys(("refused", "wrong", "failed"), 0), list(answers)
    end = time.perf_counter() + seconds

    async def client(session, number):
        place = number
        while time.perf_counter() < end:
            text = texts[place % len(texts)]
            place += count
            begun = time.perf_counter()
            try:
                async with session.post(f"{address}/translate", json={"q": text, **PAIR}) as answer:
                    status, said = answer.status, await answer.json()
            except (aiohttp.ClientError, OSError):
                counts["failed"] += 1
                continue
            if status == 200:
                found.append(time.perf_counter() - begun)
                counts["wrong"] += said["translatedText"] != answers[text]
            else:
                counts["refused" if status == 429 else "failed"] += 1
                await asyncio.sleep(1)

    connector, timeout = aiohttp.TCPConnector(limit=0), aiohttp.ClientTimeout(total=120)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        begun = time.perf_counter()
        await asyncio.gather(*(client(session, number) for number in range(count)))
        spent = time.perf_counter() - begun
    found.sort()
    row = {"clients": count, "requests/s": len(found) / spent}
    row |= {f"p{share} ms": 1000 * found[int(len(found) * share / 100)] for share in (50, 95, 99)}
    asked = len(found) + counts["refused"] + counts["failed"]
    return {**row, **counts, "refused": counts["refused"] / asked, "memory MB": megabytes(pid)}


async def wait_until_it_answers(address):
    import aiohttp

    async with aiohttp.ClientSession() as session:
        for _ in range(600):
            with contextlib.suppress(aiohttp.ClientError, OSError):
                async with session.post(f"{address}/translate", json={"q": "A.", **PAIR}) as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(0.1)
    raise InputError(f"{address} does not answer")


def measure(server, arguments, answers):
    """The rows of one server."""
    with server as (address, process):
        asyncio.run(wait_until_it_answers(address))
        rows = []
        for count in arguments.clients:
            rows.append(asyncio.run(load(address, process.pid, count, answers, arguments.seconds)))
            print(rows[-1], file=sys.stderr, flush=True)
        return rows


def table(name, rows):
    """The rows of a server as Markdown."""
    formats = {"refused": "{:.1%}", "requests/s": "{:.0f}", "memory MB": "{:.0f}"}
    lines = [f"### {name}", "", f"| {' | '.join(COLUMNS)} |", f"|{'---:|' * len(COLUMNS)}"]
    for row in rows:
        cells = [formats.get(key, "{:.1f}" if "ms" in key else "{}").format(row[key]) for key in COLUMNS]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main():
    arguments = parse_arguments()
    description = describe(arguments.model, "translation")
    PAIR.update(source=description.source, target=description.target)
    answers, seconds = engine_answers(arguments.model, read_sentences(arguments, description))
    engine = {"p50 ms": 1000 * statistics.median(seconds), "requests/s": len(seconds) / sum(seconds)}
    options = [f"--{name}={value}" for name in ("workers", "queue") if (value := getattr(arguments, name))]
    servers = {"kerasformer serve": serving(arguments.model, "--log", "none", *options)}
    servers |= {name: peer(name, arguments) for name in arguments.peers}
    found = {name: measure(server, arguments, answers) for name, server in servers.items()}
    said = f"The engine alone, one sentence at a time: {engine['p50 ms']:.1f} ms, {engine['requests/s']:.0f} a second."
    publish(arguments.out, {"engine": engine, **found}, "\n\n".join([said, *(table(*item) for item in found.items())]))


PAIR = {}

if __name__ == "__main__":
    with one_line_errors("serving.py"):
        main()
