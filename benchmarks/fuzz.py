"""Send a service requests that are wrong in many ways, and count the answers by status code.

    python benchmarks/fuzz.py --model exported/translator.int8.tflite

Starts `kerasformer serve`, and sends --count bodies over HTTP and as many over gRPC. Every answer must be one line
without a path of the machine, none may be a fault of the service (500), no worker may end, and the service must answer
as before afterwards. Writes report.md and report.json to --out. Needs aiohttp.
"""

import argparse
import asyncio
import collections
import json
import pathlib
import random
import socket

from running import publish
from serving import family, serving

from kerasformer.errors import InputError, one_line_errors
from kerasformer.serving.refusals import FAULT

ADDRESSES = ("/translate", "/detect", "/v1/models/fr-en:predict", "/languages", "/translate_file", "/attention")
KINDS = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "a/b", "")
VALUES = (None, True, -1, 1e308, 10**30, "", "fr", "auto", "en\r\nx: y", "../../etc/passwd", "\u0000", "a" * 3000)
VALUES += ([], {}, [[]], ["Oui."] * 3, {"b64": "AA=="}, {"texts": "Oui."}, "<b>" * 9, "\u202e", "%s{0}", "Oui. " * 99)
VALUES += (["", None],)
NAMES = ("q", "source", "target", "format", "alternatives", "stream", "api_key", "instances", "inputs")
NAMES += ("signature_name",)
FIELDS = {"q": "Oui.", "source": "fr", "target": "en", "instances": ["Oui."]}
LONG, MANY, DEEP = 1_000_000, 10_000, 20_000
WORDS = ("Traceback", "/root", "/home", "site-packages", ".py")  # of a machine, which no answer may have


def odd_json(draw):
    """Fields of the interfaces with odd values, or without some of them."""
    fields = dict(FIELDS)
    for _ in range(draw.randint(0, 4)):
        fields[draw.choice(NAMES)] = draw.choice(VALUES)
    for name in draw.sample(sorted(fields), draw.randint(0, 2)):
        del fields[name]
    return json.dumps(fields).encode()


def damaged(body, draw):
    """A body with bytes that are changed, cut, added or repeated."""
    body = bytearray(body)
    for _ in range(draw.randint(1, 5)):
        place = draw.randrange(len(body) + 1)
        body[place : place + draw.randint(0, 9)] = draw.randbytes(draw.randint(0, 9))
    return bytes(body) * draw.choice((1, 1, 1, 2))


def filled(value):
    """A body of the interfaces whose texts are a value."""
    return json.dumps({**FIELDS, "q": value, "instances": value}).encode()


def deep(draw):
    """JSON in JSON in JSON."""
    (begin, end), depth = draw.choice((("[", "]"), ('{"a":', "}"))), draw.randint(100, DEEP)
    return filled("?").replace(b'"?"', (begin * depth + "1" + end * depth).encode())


REST = {
    "random bytes": lambda draw: draw.randbytes(draw.randint(0, 500)),
    "odd values in JSON": odd_json,
    "damaged JSON": lambda draw: damaged(odd_json(draw), draw),
    "invalid UTF-8": lambda draw: filled("?").replace(b"?", draw.choice((b"\xff\xfe", b"\xc3("))),
    f"JSON 100 to {DEEP:,} levels deep": deep,
    "a text of 1 MB": lambda draw: filled((draw.choice(("a", "Oui. ", "\u202e", "<p>")) * LONG)[:LONG]),
    "a list of 10,000 texts": lambda draw: filled([draw.choice(("Oui.", "", None))] * MANY),
}


def message(texts, model="fr-en", name="texts", dtype="DT_STRING", size=None):
    """The bytes of a request of TensorFlow Serving for texts, list of bytes."""
    from kerasformer.serving import messages

    shape = {"dim": [{"size": len(texts) if size is None else size}]}
    tensor = messages.TensorProto(string_val=texts, tensor_shape=shape, dtype=dtype)
    return messages.PredictRequest(model_spec={"name": model}, inputs={name: tensor}).SerializeToString()


def odd_message(draw):
    """A request whose model, input, type or shape may be wrong."""
    model = draw.choice(("fr-en", "fr-en", "fr-en", "none", "../../etc/passwd", "a\r\nb: c"))
    name, dtype = draw.choice(("texts", "texts", "words")), draw.choice(("DT_STRING", "DT_STRING", "DT_FLOAT"))
    return message([b"Oui."] * draw.randint(0, 3), model, name, dtype, draw.choice((None, None, -1, 2**60)))


GRPC = {
    "random bytes": lambda draw: draw.randbytes(draw.randint(0, 500)),
    "odd names, types and shapes": odd_message,
    "damaged protobuf": lambda draw: damaged(message([b"Oui."]), draw),
    "invalid UTF-8": lambda draw: message([draw.choice((b"\xff\xfe", b"\xc3("))]),
    f"groups 10 to {DEEP:,} levels deep": lambda draw: b"\x0b" * draw.randint(10, DEEP),
    "a text of 1 MB": lambda draw: message([draw.choice((b"a" * LONG, b"Oui. " * (LONG // 5)))]),
    "a list of 10,000 texts": lambda draw: message([draw.choice((b"Oui.", b""))] * MANY),
}


def bodies(kinds, count, seed=0):
    """Yield so many (name of its kind, body, what draws for it), all kinds in turn."""
    draw = random.Random(seed)
    for number in range(count):
        name = list(kinds)[number % len(kinds)]
        yield name, kinds[name](draw), draw


def complaint(text):
    """What is wrong with the text of an answer that is refused; None if nothing."""
    if text == FAULT[1]:
        return "it is a fault of the service"
    if "\n" in text:
        return "it has several lines"
    return next((f"it has {word}" for word in WORDS if word in text), None)


async def over_http(address, count):
    """Counts of (kind, status code), and the complaints about answers."""
    import aiohttp

    counts, wrong = collections.Counter(), []
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
        for name, body, draw in bodies(REST, count):
            headers = {"content-type": draw.choice((KINDS[0], KINDS[0], *KINDS))}
            async with session.post(address + draw.choice(ADDRESSES), data=body, headers=headers) as answer:
                counts[name, answer.status] += 1
                text = await answer.text()
            if answer.status != 200 and (said := complaint(json.loads(text)["error"])):
                wrong.append((name, said))
    return counts, wrong


async def over_grpc(address, count):
    """Counts of (kind, code), and the complaints about answers."""
    import grpc

    from kerasformer.serving.grpc_service import MODELS, PREDICTION

    methods = [f"/{PREDICTION}/Predict"] * 3 + [f"/{PREDICTION}/GetModelMetadata", f"/{MODELS}/GetModelStatus"]
    counts, wrong = collections.Counter(), []
    async with grpc.aio.insecure_channel(address) as channel:
        for name, body, draw in bodies(GRPC, count):
            call = channel.unary_unary(draw.choice(methods))(body, timeout=60)
            counts[name, (await call.code()).name] += 1
            if said := complaint(await call.details() or ""):
                wrong.append((name, said))
    return counts, wrong


def table(counts):
    """Counts of (kind, code) as Markdown: a row for each kind, a column for each code."""
    kinds, codes = ([*dict.fromkeys(key[place] for key in counts)] for place in (0, 1))
    codes.sort(key=str)
    lines = [f"| body | {' | '.join(map(str, codes))} |", f"|---|{'---:|' * len(codes)}"]
    lines += [f"| {kind} | {' | '.join(str(counts[kind, code]) for code in codes)} |" for kind in kinds]
    return "\n".join(lines)


async def measure(arguments):
    """The counts of both interfaces: dict."""
    import aiohttp

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ("--workers", 1, "--log", "none", "--grpc-port", port)
    with serving(f"fr-en={arguments.model}", *options) as (address, process):
        before = family(process.pid)
        async with aiohttp.ClientSession() as session:
            first = await (await session.post(f"{address}/translate", json=FIELDS)).json()
            found = {
                "HTTP": await over_http(address, arguments.count),
                "gRPC": await over_grpc(f"127.0.0.1:{port}", arguments.count),
            }
            last = await (await session.post(f"{address}/translate", json=FIELDS)).json()
        if family(process.pid) != before or first != last:
            raise InputError("the service does not answer as before, or a worker has ended")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=pathlib.Path, required=True, help="path of a translator from fr to en")
    parser.add_argument("--count", type=int, default=1000, help="bodies for each interface (default: 1000)")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("runs/fuzz"))
    arguments = parser.parse_args()
    found = asyncio.run(measure(arguments))
    text = "\n\n".join(f"### {name}\n\n{table(counts)}" for name, (counts, _) in found.items())
    wrong = [one for _, said in found.values() for one in said]
    text += f"\n\nThe service answered as before, and no worker ended. Answers that are not right: {wrong or 'none'}."
    rows = {name: {f"{kind}: {code}": n for (kind, code), n in counts.items()} for name, (counts, _) in found.items()}
    publish(arguments.out, rows, text)


if __name__ == "__main__":
    with one_line_errors("fuzz.py"):
        main()
