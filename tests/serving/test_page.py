"""The page in a browser: Chromium, driven by Playwright, against a service whose workers are in this process."""

import asyncio
import json
import shutil
import threading
import time

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="the page is tested with: pip install playwright")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install axe-playwright-python")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium: apt-get install chromium")
TEXT = "Il pleut. J'ai froid."


@pytest.fixture(scope="module")
def served(start_in_process):
    """The address of a running service, and the `Log` of its workers."""
    import uvicorn

    app, service, log = start_in_process(workers=2)
    server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="off", log_level="error", timeout_graceful_shutdown=1))

    async def serve():
        await asyncio.gather(service.start(), asyncio.to_thread(service.detect, ""))
        await server.serve()
        await service.stop()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/", log
    server.should_exit = log.is_free = True
    thread.join(20)


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def open_page(browser, served):
    """Function of a locale that opens a page, once for all tests, in which time passes faster; and what went wrong."""
    address, opened = served[0], {}

    def open_page(locale):
        if locale not in opened:
            page, wrong = browser.new_page(locale=locale), []
            page.set_default_timeout(10_000)
            page.add_init_script("const wait = setTimeout; setTimeout = (what, ms) => wait(what, ms / 5);")
            page.on("request", lambda request: request.url.startswith(address) or wrong.append(request.url))
            page.on("pageerror", lambda error: wrong.append(str(error)))
            page.on("console", lambda said: said.type == "error" and wrong.append(said.text))
            page.goto(address)
            opened[locale] = page, wrong
        return opened[locale]

    return open_page


@pytest.fixture
def visit(open_page):
    """Function that opens the page as if for the first time; nothing may go wrong in it, or leave the service."""
    used = []

    def visit(locale="en", width=1280, height=800, colours="light"):
        page, wrong = open_page(locale)
        used.append(wrong)
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=colours)
        page.unroute_all()
        page.evaluate("localStorage.clear()")
        again(page)
        return page

    yield visit
    found = [line for wrong in used for line in wrong if "Failed to load resource" not in line]  # as for a status code
    for wrong in used:
        wrong.clear()
    assert not found


@pytest.fixture
def page(visit):
    return visit()


def again(page):
    """Load the page again, until it knows what the service can do."""
    page.reload()
    page.wait_for_selector("#documents:visible")


def translate(page, text=TEXT):
    """Type a text and wait for its translation."""
    page.fill("#source-text", text)
    expect_text(page, text.upper())


def expect_text(page, text, selector="#output"):
    playwright.expect(page.locator(selector)).to_have_text(text)


def refuse(page, status, error):
    """Let the service refuse to translate, until `page.unroute`."""
    page.route("**/translate", lambda route: route.fulfill(status=status, json={"error": error}))


def kept(page, name):
    return json.loads(page.evaluate(f"localStorage.getItem('kerasformer.{name}')"))


def lit(page, side):
    """The words that are lit on one side."""
    words = page.locator(f"{side} .word[style]")
    return words.all_text_contents()


def test_what_is_typed_is_translated_after_a_pause(page):
    requests = []
    page.on("request", lambda request: requests.append(request.url.rpartition("/")[2]))
    page.evaluate(
        """() => [..."Il pleut."].forEach((letter) => {
            const field = document.getElementById("source-text");
            field.value += letter;
            field.dispatchEvent(new Event("input"));
        })"""
    )
    expect_text(page, "IL PLEUT.")
    assert requests == ["translate"]
    expect_text(page, "Confidence 61%", "#score-text")
    expect_text(page, "9 of 50,000 characters", "#count")
    assert page.locator("#source-language option:checked").inner_text() == "French (detected)"
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click("#copy")
    expect_text(page, "Copied", "#copy")
    assert page.evaluate("navigator.clipboard.readText()") == "IL PLEUT."
    page.click("#clear")
    expect_text(page, "")
    assert page.evaluate("document.activeElement.id") == "source-text"


def test_an_older_answer_never_replaces_a_newer_one(page, served):
    with page.expect_request("**/translate"):
        page.fill("#source-text", "Un texte stuck.")
    translate(page, "Il pleut.")
    served[1].is_free = True  # now the first text is translated
    page.wait_for_timeout(300)
    served[1].is_free = False
    assert page.inner_text("#output") == "IL PLEUT."


def test_a_text_that_is_typed_before_the_service_is_ready_is_translated_when_it_is(page):
    page.route("**/languages", lambda route: route.fulfill(json=[]))
    page.reload()
    playwright.expect(page.locator("#notice")).to_contain_text("is busy")
    page.fill("#source-text", "Il pleut.")
    page.unroute("**/languages")
    expect_text(page, "IL PLEUT.")
    playwright.expect(page.locator("#notice")).to_be_hidden()
    assert page.inner_text("#output") == "IL PLEUT."


def test_a_long_text_appears_while_it_is_translated_and_fits_its_field(page):
    text = " ".join(["Il pleut."] + ["J'ai froid."] * 600)
    with page.expect_request("**/translate"):
        page.fill("#source-text", text)
    page.wait_for_selector("#output .sentence >> nth=100")
    expect_text(page, text.upper())
    hidden = page.evaluate(
        "() => { const field = document.activeElement; return field.scrollHeight - field.clientHeight; }"
    )
    assert hidden <= 1


def test_languages_are_swapped_with_their_texts(page):
    translate(page, "Il pleut.")
    page.click("#swap")
    assert page.input_value("#source-text") == "IL PLEUT."
    assert [page.input_value(f"#{side}-language") for side in ("source", "target")] == ["en", "fr"]
    again(page)
    assert [page.input_value(f"#{side}-language") for side in ("source", "target")] == ["en", "fr"]


def test_a_text_in_the_target_language_is_translated_into_another(page):
    page.fill("#source-text", "Where is the railway station?")
    expect_text(page, "WHERE IS THE RAILWAY STATION?")
    assert page.input_value("#target-language") == "fr"


def test_a_click_shows_other_translations_and_one_is_chosen(page):
    translate(page)
    page.click(".sentence >> nth=1")
    menu = page.locator("#alternatives button")
    playwright.expect(menu).to_have_text([f"J'AI FROID.{end}" for end in ("61%", "+22%", "++8%", "+++3%", "++++1%")])
    menu.nth(1).click()
    expect_text(page, "IL PLEUT. J'AI FROID.+")
    expect_text(page, "Confidence 37%", "#score-text")
    assert page.locator("#alternatives").is_hidden()


def test_everything_is_reached_from_the_keyboard(page):
    page.fill("#source-text", TEXT)
    page.keyboard.press("Control+Enter")  # does not wait for a pause
    page.wait_for_selector(".sentence:focus")
    page.keyboard.press("ArrowRight")
    expect_text(page, "IL looked at Il 100%", "#lit")
    page.keyboard.press("ArrowRight")
    expect_text(page, "PLEUT. looked at pleut. 100%", "#lit")
    page.keyboard.press("ArrowRight")
    expect_text(page, "J'AI looked at J'ai 100%", "#lit")
    page.keyboard.press("Enter")
    page.wait_for_selector("#alternatives button:focus")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    assert page.locator("#alternatives").is_hidden()
    assert page.evaluate("document.activeElement.textContent") == "J'AI FROID."
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "source-text"


def test_a_word_lights_what_it_looked_at_and_the_other_way_round(page):
    translate(page)
    page.hover(".sentence >> nth=1")
    page.wait_for_selector("#output .word")
    page.hover("#output .word >> text=FROID")
    expect_text(page, "FROID. looked at froid. 100%", "#lit")
    assert (lit(page, "#output"), lit(page, "#mirror")) == (["FROID."], ["froid."])
    box = page.locator("#mirror .word >> text=ai").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect_text(page, "J'ai was looked at by J'AI 100%", "#lit")
    assert (lit(page, "#output"), lit(page, "#mirror")) == (["J'AI"], ["J'ai"])
    page.mouse.move(5, 5)
    assert not lit(page, "#output") + lit(page, "#mirror")


def test_a_file_is_dropped_translated_and_saved(page):
    data = page.evaluate_handle(
        "() => { const data = new DataTransfer(); data.items.add(new File(['Il pleut.'], 'a.fr.txt')); return data; }"
    )
    page.dispatch_event("body", "drop", {"dataTransfer": data})
    with page.expect_download() as download:
        page.click("#files a")
    assert download.value.path().read_text() == "IL PLEUT."
    assert download.value.suggested_filename.endswith(".txt")
    page.set_input_files("#file", {"name": "a.exe", "mimeType": "", "buffer": b"Oui."})
    expect_text(page, "The text could not be translated: Invalid request: file format not supported", "#files .failed")


def test_history_stays_in_the_browser_and_can_be_deleted(page):
    translate(page, "Il pleut.")
    translate(page, "Il pleut. Il")
    translate(page)
    page.wait_for_function("text => localStorage.getItem('kerasformer.history')?.includes(text)", arg=TEXT)
    assert [entry["q"] for entry in kept(page, "history")] == [TEXT]
    page.click("#clear")
    page.click("#history-open")
    page.click("#entries .entry")
    expect_text(page, TEXT.upper())
    page.click("#history-open")
    page.click("#history-delete")
    assert (kept(page, "history"), page.locator("#history-empty").is_visible()) == ([], True)


def test_without_a_connection_the_text_stays_and_is_translated_later(page):
    page.context.set_offline(True)
    page.fill("#source-text", "Il pleut.")
    playwright.expect(page.locator("#notice")).to_contain_text("The service cannot be reached")
    assert page.input_value("#source-text") == "Il pleut."
    page.context.set_offline(False)
    expect_text(page, "IL PLEUT.")
    playwright.expect(page.locator("#notice")).to_be_hidden()


def test_a_refusal_is_shown_until_a_text_is_translated(page):
    for status, said in ((429, "is busy"), (403, "translated: wrong 403"), (400, "translated: wrong 400")):
        refuse(page, status, f"wrong {status}")
        page.fill("#source-text", f"Oui {status}.")
        playwright.expect(page.locator("#notice")).to_contain_text(said)
        assert page.locator("#notice-retry").is_visible() == (status == 429)
        assert page.locator("#key-form").is_visible() == (status == 403)
        page.unroute("**/translate")
    translate(page, "Oui !")
    playwright.expect(page.locator("#notice")).to_be_hidden()


def test_a_key_is_asked_for_and_sent(page):
    refuse(page, 403, "a key is missing")
    page.fill("#source-text", "Oui.")
    page.fill("#key", "abc")
    page.unroute("**/translate")
    with page.expect_request("**/translate") as request:
        page.keyboard.press("Enter")
    assert request.value.post_data_json["api_key"] == kept(page, "key") == "abc"
    expect_text(page, "OUI.")


def test_a_text_that_is_too_long_is_not_sent(page):
    sent = []
    page.on("request", lambda request: sent.append(request.url))
    page.fill("#source-text", "a" * 50_001)
    expect_text(
        page, "The text is too long: 50,001 characters, and at most 50,000 are translated at once.", "#notice-text"
    )
    page.keyboard.press("Control+Enter")
    page.wait_for_timeout(300)  # longer than the pause after which a text is sent
    assert not sent


def test_the_page_speaks_the_language_of_the_browser_or_another_one(visit):
    page = visit(locale="fr-CA")
    translate(page)
    expect_text(page, "Confiance 61 %", "#score-text")
    page.select_option("#interface", "ko")
    expect_text(page, "번역", "h1")
    expect_text(page, "확신도 61%", "#score-text")
    assert page.locator("#source-language option:checked").inner_text() == "프랑스어 (감지됨)"
    assert page.locator("html").get_attribute("lang") == "ko"


def test_on_a_phone_nothing_is_wider_than_the_screen(visit):
    page = visit(width=360)
    translate(page, f"{TEXT} {'Anticonstitutionnellement' * 4}.")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    panes = [pane.bounding_box() for pane in page.locator(".pane").all()]
    assert panes[0]["y"] + panes[0]["height"] <= panes[1]["y"]
    small = page.locator("button:visible, select:visible").all()
    assert all(min(box["width"], box["height"]) >= 40 for box in (item.bounding_box() for item in small))


def test_dark_follows_the_system_until_a_choice_is_made(visit):
    page = visit(colours="dark")

    def brightness():
        return sum(map(int, page.evaluate("getComputedStyle(document.body).backgroundColor").strip("rgb()").split(",")))

    assert brightness() < 100
    page.click("#theme")
    assert brightness() > 700
    again(page)
    assert brightness() > 700


@pytest.mark.parametrize(("colours", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_nothing_serious(visit, colours, width):
    page = visit(colours=colours, width=width)
    translate(page)
    page.hover(".sentence >> nth=0")
    page.wait_for_selector("#output .word")
    page.hover("#output .word >> nth=0")
    found = axe.Axe().run(page).response["violations"]
    page.click(".sentence >> nth=0")
    page.wait_for_selector("#alternatives button")
    found += axe.Axe().run(page).response["violations"]
    page.keyboard.press("Escape")
    page.click("#history-open")
    found += axe.Axe().run(page).response["violations"]
    serious = [(rule["id"], rule["nodes"][0]["html"]) for rule in found if rule["impact"] in ("serious", "critical")]
    assert not serious
