"""The service without the web: order, faults, deadlines, reloading; its workers are in this process."""

import asyncio

import pytest

from kerasformer.errors import InputError
from kerasformer.serving.refusals import Refusal


def texts_of(found):
    return [translation.text for translation in found]


def test_texts_are_translated_and_keep_their_order(in_service):
    async def ask(service):
        return await service.translate(["Il pleut.", "", "  \n", "J'ai froid. Bonjour !\n"], "fr-CA", "en")

    assert texts_of(in_service(ask)) == ["IL PLEUT.", "", "  \n", "J'AI FROID. BONJOUR !\n"]


def test_a_text_into_its_own_language_stays(in_service):
    assert texts_of(in_service(lambda service: service.translate(["Il pleut."], "fr", "fr"))) == ["Il pleut."]


@pytest.mark.parametrize(("source", "target"), [("de", "en"), ("fr", "de"), ("xx", "xx"), ("", "en")])
def test_languages_that_no_model_knows_are_refused(in_service, source, target):
    with pytest.raises(Refusal, match="is not supported") as refused:
        in_service(lambda service: service.translate(["Il pleut."], source, target))
    assert refused.value.status == 400


def test_a_long_text_is_translated_sentence_by_sentence_and_joined(in_service, log):
    text = "Il pleut encore. " * 30 + "\n\n  Fin."
    assert texts_of(in_service(lambda service: service.translate([text], "fr", "en"))) == [text.upper()]
    assert len(log.batches) > 8  # a plan, and batches of four sentences


def test_a_short_text_does_not_wait_for_a_long_one_of_another_client_or_of_another_request(in_service):
    async def ask(service):
        ended = []

        async def one(name, text, client):
            await service.translate([text], "fr", "en", client)
            ended.append(name)

        long = "Il est slow. " * 60
        await asyncio.gather(one("long", long, "a"), one("same client", "Oui.", "a"), one("other", "Non.", "b"))
        return ended

    assert in_service(ask)[-1] == "long"


def test_alternatives_differ_and_come_after_the_translation(in_service):
    async def ask(service):
        return await service.translate(["Il pleut.", "Un. " * 60], "fr", "en", alternatives=2)

    short, long = in_service(ask)
    assert [one.text for one in short.hypotheses] == ["IL PLEUT.", "IL PLEUT.+", "IL PLEUT.++"]
    assert len({one.text for one in long.hypotheses}) == 3
    assert long.text == "UN. " * 60


def test_one_text_that_fails_does_not_stop_the_others_of_its_batch(in_service, log):
    async def ask(service):
        asked = [service.translate([text], "fr", "en") for text in ("stuck", "Oui.", "a fault", "x" * 20_000, "Non.")]
        asyncio.get_running_loop().call_later(0.1, setattr, log, "is_free", True)
        return await asyncio.gather(*asked, return_exceptions=True)

    _, yes, fault, too_long, no = in_service(ask)
    assert log.batches[0] == ["stuck", "Oui.", "a fault", "Non."]
    assert texts_of(yes) == ["OUI."]
    assert texts_of(no) == ["NON."]
    assert (fault.status, too_long.status) == (500, 400)
    assert "longer than the limit" in too_long.message


def test_a_worker_that_dies_is_replaced_and_its_texts_are_translated(in_service, log):
    log.deaths_left = 1
    found = in_service(lambda service: service.translate(["we die", "Oui.", "Non."], "fr", "en"))
    assert texts_of(found) == ["WE DIE", "OUI.", "NON."]
    assert [worker.is_dead for worker in log.workers] == [False, True]  # the first one died by itself


def test_a_text_that_kills_two_workers_is_refused_and_those_beside_it_are_not(in_service, log):
    log.deaths_left = 5

    async def ask(service):
        asked = [service.translate([text], "fr", "en") for text in ("die", "Oui.")]
        return await asyncio.gather(*asked, return_exceptions=True)

    killer, other = in_service(ask)
    assert killer.status == 500
    assert texts_of(other) == ["OUI."]


def test_a_request_is_given_up_at_its_deadline_and_its_texts_leave_the_queue(in_service, log):
    async def ask(service):
        tasks = [asyncio.ensure_future(service.translate([text], "fr", "en")) for text in ("stuck", "Oui.")]
        found = await asyncio.gather(*tasks, return_exceptions=True)
        log.is_free = True
        await service.translate(["Non."], "fr", "en")
        return found, service.waiting

    found, waiting = in_service(ask, deadline=0.3)
    assert [one.status for one in found] == [504, 504]
    assert waiting == 0
    assert ["Oui."] not in log.batches


def test_more_than_the_queue_holds_is_refused_but_never_a_single_request(in_service, log):
    async def ask(service):
        first = asyncio.ensure_future(service.translate(["stuck"] * 5, "fr", "en"))
        await asyncio.sleep(0.02)
        second = (await asyncio.gather(service.translate(["Oui."], "fr", "en"), return_exceptions=True))[0]
        log.is_free = True
        return second, texts_of(await first)

    refused, first = in_service(ask, queue=3)
    assert (refused.status, refused.retry_after) == (429, 1)
    assert first == ["STUCK"] * 5


@pytest.mark.parametrize(
    ("settings", "texts", "limit"),
    [({"max_characters": 9}, ["1234567890"], "text limit"), ({"max_texts": 2}, ["a"] * 3, "batch limit")],
)
def test_requests_that_are_too_large_are_refused(in_service, settings, texts, limit):
    with pytest.raises(Refusal, match=limit):
        in_service(lambda service: service.translate(texts, "fr", "en"), **settings)


def test_new_models_are_exchanged_while_the_old_ones_answer(in_service, log):
    async def ask(service):
        slow = asyncio.ensure_future(service.translate(["slow"], "fr", "en"))
        await asyncio.sleep(0.01)
        await service.reload()
        return texts_of(await slow) + texts_of(await service.translate(["Oui."], "fr", "en"))

    assert in_service(ask, workers=2) == ["SLOW", "OUI."]
    assert len(log.workers) >= 3
    assert log.workers[0].is_dead


def test_another_version_answers_while_the_last_batch_of_the_old_one_is_in_work(in_service, log, tmp_path):
    for version in ("1", "2"):
        (tmp_path / version).mkdir()
        (tmp_path / version / "saved_model.pb").touch()
    (tmp_path / "2").rename(tmp_path / "hidden")

    async def ask(service):
        stuck = asyncio.ensure_future(service.translate(["stuck"], "fr", "en"))
        await asyncio.sleep(0.02)
        (tmp_path / "1").rename(tmp_path / "old")
        (tmp_path / "hidden").rename(tmp_path / "2")
        reload = asyncio.ensure_future(service.reload())
        try:
            while "fr-en/2" not in service.engine.about:
                await asyncio.sleep(0.01)
            new = texts_of(await service.translate(["Oui."], "fr", "en"))
        finally:
            log.is_free = True
        await reload
        return new + texts_of(await stuck)

    assert in_service(ask, models=(f"fr-en={tmp_path}",)) == ["OUI.", "STUCK"]


def test_a_broken_model_leaves_the_old_ones_serving(in_service, log, capsys):
    async def ask(service):
        log.broken = True
        with pytest.raises(Refusal) as refused:
            await service.reload()
        return refused.value, texts_of(await service.translate(["Oui."], "fr", "en"))

    refused, found = in_service(ask)
    assert found == ["OUI."]
    assert "damaged" not in refused.message
    assert "/" not in refused.message
    assert "damaged" in capsys.readouterr().err


def test_a_model_that_is_broken_from_the_beginning_is_an_input_error(make_service, log):
    log.broken = True
    with pytest.raises(InputError, match="damaged"):
        asyncio.run(make_service().start())


def test_a_stream_gives_sentences_that_join_to_the_translation(in_service):
    text = "  Il pleut.  J'ai froid.\n\nOui."

    async def ask(service):
        return [sentence async for sentence in service.stream(text, "fr", "en")]

    found = in_service(ask)
    assert [sentence["source"] for sentence in found] == ["", "Il pleut.", "J'ai froid.", "Oui."]
    assert "".join(sentence["text"] + sentence["separator"] for sentence in found) == text.upper()


def test_the_language_of_a_text_is_guessed_among_those_of_the_models(in_service):
    async def ask(service):
        return [service.guess_source(text)[0] for text in ("Où est la gare ?", "Where is the station?", "", "12")]

    french, english, *unknown = in_service(ask)
    assert (french, english) == ("fr", "en")
    assert set(unknown) <= {"fr", "en"}


def test_the_attention_of_a_sentence(in_service):
    async def ask(service):
        return await service.attention("Oui.", "Yes.", "fr", "en")

    weights, tokens = [[1.0, 0.0], [0.0, 1.0]], {"source_tokens": ["▁Oui.", "</s>"], "target_tokens": ["▁Yes.", "</s>"]}
    assert in_service(ask) == {"weights": weights, **tokens}
