"""Break a service that is asked without a pause, and count the answers that are lost or swapped.

    python benchmarks/faults.py --model exported/translator.fp32.tflite --data-dir FOLDER
    python benchmarks/faults.py --model exported/translator.fp32.tflite --data-dir FOLDER --requests 100000

Starts `kerasformer serve` with two workers. For each fault, 16 clients ask for one sentence after the other, and every
answer is compared with that of the model in this process. With --requests there are no faults: so many requests are
sent, and the memory of the service is measured ten times on the way. Writes report.md and report.json to --out. The
model is a `.tflite`. Needs Linux and aiohttp.
"""

import argparse
import asyncio
import collections
import contextlib
import dataclasses
import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import tempfile
import time

from running import add_data_dir, publish
from serving import PAIR, engine_answers, family, megabytes, read_sentences, serving

from kerasformer.errors import InputError, one_line_errors
from kerasformer.formats import describe

COUNTS = ("asked", "answered", "refused", "swapped", "lost")
DEADLINE, TIMEOUT = 240, 300  # seconds
MANY = 256  # requests in work when the service is to end
FILE = b"Il pleut.\n"


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=pathlib.Path, required=True, help="a .tflite")
    parser.add_argument(
        "--sentences", type=pathlib.Path, help="file with one source sentence a line (default: Multi30k)"
    )
    add_data_dir(parser, "Multi30k", is_downloaded=True)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=4, help="of load before and after a fault (default: 4)")
    parser.add_argument("--faults", nargs="+", choices=FAULTS, default=FAULTS, help="which ones (default: all)")
    parser.add_argument("--requests", type=int, help="measure the memory over so many requests, without faults")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("runs/faults"))
    return parser.parse_args()


class Load:
    """Clients that ask for one sentence after the other, and check each answer.

    Args:
        address: of the service.
        answers: dict of each sentence to its translation.
        most: int, requests after which they end.
    """

    def __init__(self, address, answers, most=10**9):
        self._address, self._answers, self._texts, self._most = address, answers, list(answers), most
        self.counts, self.is_over = collections.Counter(dict.fromkeys(COUNTS, 0)), False

    async def run(self, clients):
        """Ask until `is_over`."""
        import aiohttp

        connector, timeout = aiohttp.TCPConnector(limit=0), aiohttp.ClientTimeout(total=TIMEOUT)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            await asyncio.gather(*(self._client(session) for _ in range(clients)))

    async def _client(self, session):
        import aiohttp

        while not self.is_over and self.counts["asked"] < self._most:
            text = self._texts[self.counts["asked"] % len(self._texts)]
            self.counts["asked"] += 1
            try:
                async with session.post(f"{self._address}/translate", json={"q": text, **PAIR}) as answer:
                    status, said = answer.status, await answer.json(content_type=None)
            except (aiohttp.ClientError, OSError, asyncio.TimeoutError, ValueError):
                status, said = 0, {}
            if status == 200:
                self.counts["answered" if said["translatedText"] == self._answers[text] else "swapped"] += 1
            elif status == 429:
                self.counts["refused"] += 1
            else:
                self.counts["lost"] += 1
                print(f"lost: {status} {said}", flush=True)


@dataclasses.dataclass
class LoadedService:
    """A service under load, for a fault.

    Args:
        address: of the service.
        process: `subprocess.Popen` of the service.
        model: path of its model.
        log: path of what it says on standard error.
        load: `Load`.
    """

    address: str
    process: subprocess.Popen
    model: pathlib.Path
    log: pathlib.Path
    load: Load

    def workers(self):
        """The ids of the worker processes."""
        return family(self.process.pid)[1:]


async def wait_for(is_true, what):
    """Wait until a function returns something true."""
    end = time.monotonic() + TIMEOUT
    while not is_true():
        if time.monotonic() > end:
            raise InputError(f"the service does not do this: {what}")
        await asyncio.sleep(0.1)


async def killed_workers(service):
    """Kill both workers, one after the other has been replaced."""
    for victim in service.workers():
        os.kill(victim, signal.SIGKILL)
        await wait_for(lambda gone=victim: len(set(service.workers()) - {gone}) == 2, "replace a worker")
        await asyncio.sleep(1)
    return "both were replaced"


async def broken_model(service):
    """Break the file of the model, and let the service load it again."""
    whole = service.model.read_bytes()
    service.model.write_bytes(whole[: len(whole) // 2])
    service.process.send_signal(signal.SIGHUP)
    said = "the models stay as they are"
    await wait_for(lambda: said in service.log.read_text(encoding="utf-8"), "refuse a broken model")
    service.model.write_bytes(whole)
    return said


async def full_disk(service):
    """Let no process of the service write to files any more, and send it files to translate."""
    codes = [await post_file(service.address)]
    limits = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in family(service.process.pid)}
    for pid, (_, most) in limits.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, most))
    codes += [await post_file(service.address) for _ in range(10)]
    for pid, before in limits.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
    codes.append(await post_file(service.address))
    return "files: " + ", ".join(f"{code} ({count})" for code, count in collections.Counter(codes).items())


async def post_file(address):
    """The status code of a file."""
    import aiohttp

    form = aiohttp.FormData(PAIR)
    form.add_field("file", FILE, filename="a.txt")
    async with aiohttp.ClientSession() as session, session.post(f"{address}/translate_file", data=form) as answer:
        return answer.status


async def odd_clients(service):
    """Open 300 connections that send half a head, half a body, or a whole request whose answer they do not read."""
    host, port = service.address.removeprefix("http://").split(":")
    head = f"POST /translate HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\ncontent-length: "
    long = json.dumps({"q": "Oui. " * 100, "stream": True, **PAIR})
    requests = (head, f"{head}1000000\r\n\r\n{{", f"{head}{len(long)}\r\n\r\n{long}")
    writers = []
    for number in range(300):
        _, writer = await asyncio.open_connection(host, int(port), limit=1)
        writer.write(requests[number % 3].encode())
        writers.append(writer)
    await asyncio.sleep(2)
    for writer in writers:
        writer.close()
    return f"{len(writers)} such clients"


async def end(service):
    """End the service while it has many requests in work: its clients ask no more, and wait for their answers."""
    import aiohttp

    more = asyncio.create_task(service.load.run(MANY))
    await wait_for(lambda: in_work(service.load) >= MANY, "take more requests")
    service.load.is_over = True
    for _ in range(3):  # the answer to a later request shows that the service has read all of them
        async with aiohttp.ClientSession() as session, session.get(f"{service.address}/health") as answer:
            await answer.read()
    in_time = in_work(service.load)
    service.process.terminate()
    await more
    code = await asyncio.to_thread(service.process.wait, TIMEOUT)
    return f"{in_time} requests were in work, exit code {code}"


def in_work(load):
    """How many requests have no answer yet."""
    return 2 * load.counts["asked"] - load.counts.total()


FAULTS = {
    "workers": ("two workers are killed", killed_workers),
    "model": ("a model is broken when it is loaded again", broken_model),
    "disk": ("the disk is full, also for the log", full_disk),
    "clients": ("clients send half a request, or read nothing", odd_clients),
    "end": ("the service ends (SIGTERM)", end),
}


async def count_one(fault, service, clients, seconds):
    """The row of a fault."""
    running = asyncio.create_task(service.load.run(clients))
    await asyncio.sleep(seconds)
    seen = await fault(service)
    await asyncio.sleep(seconds)
    service.load.is_over = True
    await running
    return {**service.load.counts, "seen": seen}


@contextlib.contextmanager
def broken_on_purpose(arguments):
    """A service whose model may be broken: its address, process, model and log."""
    with tempfile.TemporaryDirectory() as folder:
        model, log = pathlib.Path(shutil.copy(arguments.model, folder)), pathlib.Path(folder) / "log"
        options = (f"served={model}", "--workers", 2, "--deadline", DEADLINE)
        with open(log, "wb") as stderr, serving(*options, stderr=stderr) as service:
            yield (*service, model, log)


def count_faults(arguments, answers):
    """The rows of all faults, dict."""
    rows = {}
    with broken_on_purpose(arguments) as (address, process, model, log):
        for name, fault in (FAULTS[key] for key in sorted(arguments.faults, key=[*FAULTS].index)):
            service = LoadedService(address, process, model, log, Load(address, answers))
            rows[name] = asyncio.run(count_one(fault, service, arguments.clients, arguments.seconds))
            print(name, rows[name], flush=True)
    return rows


async def watched(load, arguments, pid):
    """The rows of memory: list of dict."""
    rows, running = [], asyncio.create_task(load.run(arguments.clients))
    for part in range(1, 11):
        await wait_for_requests(load, running, arguments.requests * part // 10)
        rows.append({"requests": load.counts["asked"], "memory MB": megabytes(pid)})
        print(rows[-1], flush=True)
    await running
    return rows


async def wait_for_requests(load, running, count):
    """Wait until so many requests were sent."""
    while load.counts["asked"] < count and not running.done():
        await asyncio.sleep(0.05)


def measure_memory(arguments, answers):
    """The rows of memory, and the counts of the requests."""
    with serving(arguments.model, "--workers", 2, "--log", "none") as (address, process):
        load = Load(address, answers, arguments.requests)
        return asyncio.run(watched(load, arguments, process.pid)), load.counts


def main():
    arguments = parse_arguments()
    description = describe(arguments.model, "translation")
    PAIR.update(source=description.source, target=description.target)
    answers, _ = engine_answers(arguments.model, read_sentences(arguments, description))
    if arguments.requests:
        rows, counts = measure_memory(arguments, answers)
        text = "| requests | memory, MB |\n|---:|---:|\n"
        text += "\n".join(f"| {row['requests']:,} | {row['memory MB']:.0f} |" for row in rows)
        text += "\n\n" + ", ".join(f"{name}: {counts[name]:,}" for name in COUNTS)
        publish(arguments.out, {"memory": rows, **counts}, text)
        return
    rows = count_faults(arguments, answers)
    text = f"| fault | {' | '.join(COUNTS)} | seen |\n|---|{'---:|' * len(COUNTS)}---|\n"
    text += "\n".join(
        f"| {name} | {' | '.join(f'{row[key]:,}' for key in COUNTS)} | {row['seen']} |" for name, row in rows.items()
    )
    publish(arguments.out, rows, text)


if __name__ == "__main__":
    with one_line_errors("faults.py"):
        main()
