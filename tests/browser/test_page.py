"""The page in headless Chromium: it translates, tests itself, works offline, and loads nothing from elsewhere."""

import json
import shutil

import pytest

from kerasformer.errors import InputError
from kerasformer.formats import describe
from kerasformer.runtime import LiteRTTranslator

pytestmark = pytest.mark.filterwarnings("ignore::kerasformer.interface.carrying.ProtectionWarning")
TEXT = "Mon chat dort.\nOù est la gare ? Je paie 3,5 €."
PHONE = {"width": 360, "height": 740}
PRIVATE = [{"errorId": "in-incognito", "errorArguments": []}]  # as every context of a test is
LOADED = 60_000  # ms that loading may take on a busy machine


@pytest.fixture(scope="module")
def chromium():
    api = pytest.importorskip("playwright.sync_api", reason="needs Playwright: pip install playwright")
    if not shutil.which("chromium"):
        pytest.skip("needs the command chromium")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(chromium, builder, int8_path, beam_path, tmp_path_factory):
    """The page of two models with random weights, its address, and a function that ends its service."""
    from benchmarks.browser import served

    out = tmp_path_factory.mktemp("page") / "out"
    builder["build"]([int8_path, beam_path], out)
    with served(out) as (address, end):
        yield out, address, end


@pytest.fixture(scope="module")
def opened(site, chromium):
    """The page after it has translated `TEXT`, its address, and the addresses of all requests."""
    context = chromium.new_context(viewport=PHONE, locale="ko-KR", color_scheme="dark")
    page, requests = context.new_page(), []
    context.on("request", lambda request: requests.append(request.url))
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    address = site[1]
    page.goto(address)
    page.fill("#source", TEXT)
    page.locator("#target .word").first.wait_for(timeout=LOADED)
    page.locator("#status", has_text="오프라인").wait_for(timeout=LOADED)
    assert not errors
    return page, address, requests


def test_it_translates_as_the_python_runtime(opened, int8_path):
    page, *_ = opened
    assert page.text_content("#target") == LiteRTTranslator(int8_path)(TEXT)
    assert "밀리초" in page.inner_text("#figures") or "ms" in page.inner_text("#figures")


def test_pointing_at_a_word_shows_the_words_it_comes_from(opened):
    page, *_ = opened
    page.focus("#target")
    page.keyboard.press("ArrowRight")
    page.locator("#backdrop mark").first.wait_for(state="attached")
    assert page.locator("#target .word.chosen").count() == 1
    assert page.text_content("#backdrop").rstrip("\n") == TEXT


def test_it_tests_itself_with_golden_pairs(opened, int8_path):
    page, *_ = opened
    count = len(describe(int8_path, "translation", "litert").metadata["golden"])
    page.click("#verify")
    page.locator("#verified", has_text=f"{count}개").wait_for(timeout=LOADED)
    assert page.text_content("#verified") == f"✓ 알려진 문장 {count}개 중 {count}개가 예상과 같음"
    assert page.locator("#changed").is_hidden()


def test_what_fails_is_said_until_the_next_translation(opened):
    page, *_ = opened
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed')); }")
    page.click("#copy")
    page.locator("#problem", has_text="not allowed").wait_for()
    assert page.locator("#problem").is_visible()
    page.fill("#source", TEXT)
    page.locator("#problem").wait_for(state="hidden")
    assert page.locator("#problem").is_hidden()


def test_it_speaks_three_languages(opened):
    page, *_ = opened
    titles = set()
    for language in ("en", "fr", "ko"):
        page.select_option("#language", language)
        assert page.get_attribute("html", "lang") == language
        titles.add(page.inner_text("h1"))
    assert len(titles) == 3
    assert page.evaluate("localStorage.getItem('kerasformer.language')") == '"ko"'


def test_it_opens_in_a_browser_that_keeps_nothing(site, chromium):
    page = chromium.new_page(locale="fr-FR")
    page.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw new Error(); }})")
    page.goto(site[1])
    page.locator("h1", has_text="Traduire").wait_for()
    page.select_option("#language", "en")
    assert page.inner_text("h1") == "Translate on your device"
    page.context.close()


def test_it_is_accessible_in_both_schemes_and_fits_a_phone(opened):
    page, *_ = opened
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install axe-playwright-python").Axe()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = axe.run(page)
        assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_the_other_model_translates_after_a_swap_and_offers_what_its_beam_finds(opened, beam_path):
    page, *_ = opened
    page.click("#swap")
    page.locator("#target:not(.old)").wait_for(timeout=LOADED)
    translator = LiteRTTranslator(beam_path)
    assert page.text_content("#target") == translator(TEXT)
    [found] = translator.hypotheses([TEXT.splitlines()[0]], beam_size=3, num_hypotheses=3)
    others = page.locator("#alternatives button")
    page.locator("#target .word").first.click()
    others.first.wait_for()
    greedy = page.text_content("#target").split("\n")[0]
    assert others.all_text_contents() == [one.text for one in found if one.text != greedy]
    wanted = others.first.text_content()
    others.first.click()
    assert page.text_content("#target").split("\n")[0] == wanted
    page.click("#swap")
    page.locator("#target:not(.old)").wait_for(timeout=LOADED)


def test_a_long_text_is_shown_as_it_comes(opened, int8_path, beam_path):
    page, *_ = opened
    page.click("#swap")
    page.locator("#target:not(.old)").wait_for(timeout=LOADED)
    page.evaluate("""
        window.shown = []
        const watch = () => shown.push(document.getElementById("target").textContent)
        new MutationObserver(watch).observe(document.getElementById("target"), { childList: true })
    """)
    text = " ".join(f"{TEXT} Il pleut {number} fois." for number in range(4))
    page.fill("#source", text)
    page.locator("#target .word").first.wait_for(timeout=LOADED)
    expected = LiteRTTranslator(beam_path)(text)
    page.wait_for_function("expected => shown.includes(expected)", arg=expected, timeout=LOADED)
    begun = page.evaluate("shown")
    assert len({found for found in begun if found != expected}) > 8  # more than sentences
    page.click("#swap")
    page.fill("#source", TEXT)
    is_back = "expected => document.getElementById('target').textContent === expected"
    page.wait_for_function(is_back, arg=LiteRTTranslator(int8_path)(TEXT), timeout=LOADED)


def test_the_benchmark_times_the_page_and_python(opened, site):
    from benchmarks.browser import measure

    rows = list(measure(opened[0], site[0], repeats=1))
    assert len(rows) == 2
    for _, same, count, python, wasm in rows:
        assert same.split()[0] == same.split()[-1]
        assert count > 0
        assert 0 < python < 1000
        assert 0 < wasm < 1000


def test_it_has_what_browsers_need_to_install_it(opened, site):
    page, address, _ = opened
    manifest = json.loads((site[0] / "manifest.webmanifest").read_text(encoding="utf-8"))
    assert all((site[0] / icon["src"]).exists() for icon in manifest["icons"])
    assert page.context.new_cdp_session(page).send("Page.getInstallabilityErrors")["installabilityErrors"] == PRIVATE


def test_without_the_server_it_loads_and_translates_again(opened, site):
    page, address, requests = opened
    expected = page.text_content("#target")
    site[2]()
    page.reload()
    page.fill("#source", TEXT)
    page.locator("#target .word").first.wait_for(timeout=LOADED)
    assert page.text_content("#target") == expected
    assert all(url.startswith(address) for url in requests), requests


def test_a_beam_is_refused_for_a_file_that_is_exported_already(builder, int8_path, tmp_path):
    with pytest.raises(InputError, match="--beam-size is for bundles"):
        builder["as_litert"](int8_path, tmp_path, {"beam_size": 4, "streaming": True})


def test_the_page_says_the_same_in_each_of_its_languages(node):
    words = node("words")
    assert set(words) == {"en", "fr", "ko"}
    assert words["fr"] == words["ko"] == words["en"]


def test_the_page_is_small(builder, site):
    page, wasm, _ = builder["sizes"](site[0])
    assert page < 0.2
    assert wasm < 10
