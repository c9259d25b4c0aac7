"""Photograph the page of `kerasformer serve` for the site, in Chromium: python docs/screenshots.py [ADDRESS]"""

import contextlib
import io
import pathlib
import shutil
import subprocess
import sys

from PIL import Image
from playwright.sync_api import sync_playwright

FOLDER = pathlib.Path(__file__).parent
TEXT = "Le chien de mon voisin dort devant la porte. Il fait froid ce matin.\n\nEst-ce que tu viens avec nous demain ?"
NARROW = {"viewport": {"width": 390, "height": 900}, "locale": "fr"}
WIDE = {"viewport": {"width": 1280, "height": 800}, "locale": "en"}


@contextlib.contextmanager
def service():
    """The address of a service that runs meanwhile."""
    command = [sys.executable, "-m", "kerasformer.cli.main", "serve", "--port", "0", "--workers", "1", "--log", "none"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()


def light_a_word(page):
    """Hover over a word, so that it lights what it looked at."""
    page.hover(".sentence >> nth=0", position={"x": 12, "y": 12})
    page.wait_for_selector("#output .word")
    page.hover("#output .word >> nth=2")
    page.wait_for_selector("#lit:not(:empty)")


def show_other_translations(page):
    """Open the menu of the first sentence."""
    page.click(".sentence >> nth=0", position={"x": 12, "y": 12})
    page.wait_for_selector("#alternatives button")


PICTURES = {
    "page": (WIDE, show_other_translations),
    "page-dark": ({**WIDE, "color_scheme": "dark"}, lambda page: None),
    "page-phone": (NARROW, lambda page: None),
    "page-attention": (WIDE, light_a_word),
}


def take(browser, address, options, prepare):
    """The bytes of one picture."""
    with contextlib.closing(browser.new_context(**options)) as context:
        page = context.new_page()
        page.goto(address)
        page.fill("#source-text", TEXT)
        page.wait_for_selector("#output .sentence >> nth=2")
        page.wait_for_selector("#copy:enabled")
        page.wait_for_selector(".answer:not(.busy)")
        prepare(page)
        page.wait_for_timeout(500)
        return page.screenshot()


def main(address):
    """Write every picture."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"))
        for name, (options, prepare) in PICTURES.items():
            image = Image.open(io.BytesIO(take(browser, address, options, prepare))).convert("RGB")
            image = image.quantize(255, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
            image.save(FOLDER / f"{name}.png", optimize=True)
        browser.close()


if __name__ == "__main__":
    with contextlib.nullcontext(sys.argv[1]) if len(sys.argv) > 1 else service() as address:
        main(address)
