"""How fast a page of export/browser.py translates, beside the Python runtime: python benchmarks/browser.py PAGE

Both translate the same sentences with the same file on one thread, in turn. `--pictures` also photographs the page.
"""

import argparse
import contextlib
import functools
import http.server
import json
import pathlib
import shutil
import threading
import time

from playwright.sync_api import sync_playwright

from kerasformer.runtime import LiteRTTranslator

TOKENS = range(14, 18)  # of the sentences that are timed
TEXT = (
    "Le chien de mon voisin dort devant la porte. Il fait froid ce matin.\n\nLe train part à 10 h 30 et coûte 24,50 €."
)
WIDE, PHONE = {"width": 1180, "height": 760}, {"width": 390, "height": 844}
ROUNDS = 3
HEAD = """| model | MB | same answers | sentences timed | Python ms | wasm ms | ratio |
|---|---:|---:|---:|---:|---:|---:|"""
LOADED = 120_000  # ms that loading may take
RUN = """async ({file, wasm, texts, repeats}) => {
    const worker = new Worker('worker.js');
    const ask = message => new Promise(resolve => {
        worker.onmessage = ({data}) => resolve(data.answer);
        worker.postMessage({id: 0, file, forget: true, ...message});
    });
    await ask({task: 'load', wasm: new URL(wasm, location.href).href});
    const found = [];
    for (const text of texts) {
        let answer, fastest = Infinity;
        for (let i = 0; i < repeats; i++) {
            answer = await ask({task: 'translate', text});
            fastest = Math.min(fastest, answer.ms);
        }
        found.push([answer.text, fastest]);
    }
    worker.terminate();
    return found;
}"""


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serves files without a log."""

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def served(folder):
    """The address of a folder, and a function that ends its service."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(QuietHandler, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    end = functools.cache(lambda: (server.shutdown(), server.server_close()))
    try:
        yield f"http://localhost:{server.server_port}/", end
    finally:
        end()


def open_page(browser, address, text, **options):
    """A page that has translated a text; the seconds until it was ready, and from then to the translation."""
    page = browser.new_context(**options).new_page()
    start = time.perf_counter()
    page.goto(address)
    page.locator("#verify").wait_for(timeout=LOADED)
    ready = time.perf_counter() - start
    page.fill("#source", text)
    page.locator("#target .word").first.wait_for(timeout=LOADED)
    return page, ready, time.perf_counter() - start - ready


def measure(page, folder, repeats):
    """Rows of the table: for each model the golden pairs with the same answer, the sentences timed, and ms of both."""
    for record in json.loads((folder / "models.json").read_text(encoding="utf-8")):
        translator = LiteRTTranslator(folder / record["file"])
        texts = [pair["text"] for pair in translator.metadata["golden"]]
        asked = {"file": record["file"], "wasm": record["wasm"], "texts": texts, "repeats": 1}
        found = page.evaluate(RUN, asked)
        same = sum(answer == translator(text) for text, (answer, _) in zip(texts, found, strict=True))
        counts = translator.count_tokens(texts)
        asked["texts"] = timed = [text for text, count in zip(texts, counts, strict=True) if count in TOKENS]
        asked["repeats"], python, wasm = repeats, {}, {}
        for _ in range(ROUNDS):  # in turn
            for text, (_, time_of_text) in zip(timed, page.evaluate(RUN, asked), strict=True):
                wasm[text] = min(wasm.get(text, time_of_text), time_of_text)
                python[text] = min(python.get(text, 1e9), fastest(translator, text, repeats))
        mean = [sum(times.values()) / len(timed) for times in (python, wasm)]
        yield record, f"{same} of {len(texts)}", len(timed), *mean


def fastest(translator, text, repeats):
    """Milliseconds of the fastest run."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        translator(text)
        times.append(1000 * (time.perf_counter() - start))
    return min(times)


def photograph(browser, folder, out):
    """Write the pictures of docs/device.md: desktop with attention, phone, and offline."""
    with served(folder) as (address, end):
        page, *_ = open_page(browser, address, TEXT, viewport=WIDE, locale="fr-FR")
        page.select_option("#language", "en")
        page.hover("#target .word >> nth=3")
        page.locator("#backdrop mark").first.wait_for()
        page.screenshot(path=out / "device-page.png")
        page, *_ = open_page(browser, address, TEXT, viewport=PHONE, locale="fr-FR", color_scheme="dark")
        page.locator("#status", has_text="hors ligne").wait_for(timeout=LOADED)
        page.screenshot(path=out / "device-phone.png")
        page.select_option("#language", "ko")
        page.context.set_offline(True)
        end()
        page.emulate_media(color_scheme="light")
        page.reload()
        page.locator("#verify").wait_for(timeout=LOADED)
        if page.get_attribute("#source", "lang") != "fr":
            page.click("#swap")
        page.fill("#source", TEXT)
        page.locator("#target .word").first.wait_for(timeout=LOADED)
        page.click("#verify")
        page.locator("#verified", has_text="✓").wait_for(timeout=LOADED)
        page.screenshot(path=out / "device-offline.png")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=pathlib.Path, metavar="PAGE", help="folder that export/browser.py wrote")
    parser.add_argument(
        "--repeats", type=int, default=5, metavar="N", help=f"runs of each sentence in each of {ROUNDS} rounds"
    )
    parser.add_argument("--pictures", type=pathlib.Path, metavar="FOLDER", help="write pictures of the page there")
    arguments = parser.parse_args()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        if arguments.pictures:
            return photograph(browser, arguments.page, arguments.pictures)
        with served(arguments.page) as (address, _):
            page, ready, first = open_page(browser, address, TEXT)
            print(f"ready after {ready:.1f} s, first translation {first:.1f} s later\n")
            print(HEAD)
            for record, same, count, python, wasm in measure(page, arguments.page, arguments.repeats):
                name, size = f"{record['source']}-{record['target']}", record["size"] / 1e6
                print(f"| {name} | {size:.1f} | {same} | {count} | {python:.1f} | {wasm:.1f} | {wasm / python:.2f} |")
        browser.close()


if __name__ == "__main__":
    main()
