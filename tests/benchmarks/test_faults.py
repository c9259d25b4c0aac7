"""The benchmark of faults counts what became of each request."""

import asyncio
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "benchmarks"))
from faults import Load, in_work
from serving import PAIR

web = pytest.importorskip("aiohttp.web", reason="aiohttp is not installed")
ANSWERS = {"Oui.": "Yes.", "Non.": "No.", "busy": "", "fault": ""}
CODES = {"busy": 429, "fault": 500}


async def translate(request):
    """The translation of "Oui.", whatever the text is."""
    text = (await request.json())["q"]
    return web.json_response({"translatedText": "Yes."}, status=CODES.get(text, 200))


async def counts(most):
    app = web.Application()
    app.router.add_post("/translate", translate)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = site._server.sockets[0].getsockname()
    load = Load(f"http://{host}:{port}", ANSWERS, most)
    await load.run(2)
    await runner.cleanup()
    left = in_work(load)
    await load.run(1)  # everything was asked already
    return load.counts, left


def test_an_answer_is_right_swapped_refused_or_lost(monkeypatch):
    monkeypatch.setitem(PAIR, "source", "fr")
    found, left = asyncio.run(counts(8))
    assert found == {"asked": 8, "answered": 2, "swapped": 2, "refused": 2, "lost": 2}
    assert left == 0
