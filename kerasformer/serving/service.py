"""The service without the web: which model translates what, limits, deadlines, and texts in sentences."""

import asyncio
import contextlib
import dataclasses

from kerasformer.data.languages import base_of, ranked
from kerasformer.errors import InputError
from kerasformer.interface.segmentation import Plan
from kerasformer.interface.text import Hypothesis, join_hypotheses
from kerasformer.serving import together
from kerasformer.serving.catalogue import find_models
from kerasformer.serving.engine import Engine
from kerasformer.serving.log import say
from kerasformer.serving.refusals import BUSY, LATE, Refusal

MOST_ALTERNATIVES = 10
_SHORT = 200  # characters of a text that is translated whole by one worker; longer ones take turns by sentence
_SENTENCE = 100  # characters that count as one sentence in the queue
_ENOUGH = 1000  # characters of text that show its language


@dataclasses.dataclass(frozen=True)
class Translation:
    """The translation of a text.

    Args:
        hypotheses: list of `Hypothesis`: the translation, then alternatives.
        source, target: codes of the languages.
    """

    hypotheses: list
    source: str
    target: str

    @property
    def text(self):
        """The translation, str."""
        return self.hypotheses[0].text


class Service:
    """Translates texts for many clients.

    Args:
        settings: `Settings`.
        engine: `Engine`; None for one by the settings.
        watch: `engine.Watch`.
    """

    def __init__(self, settings, engine=None, watch=None):
        workers = settings.count_workers()
        self.settings = settings
        self.engine = engine or Engine(workers, settings.threads, settings.deadline, watch)
        self._in_progress, self._is_open = 0, asyncio.Event()

    # Models

    async def start(self):
        """Load the models; requests wait until one worker has them.

        Raises:
            InputError: if one cannot be loaded.
        """
        await self.engine.load(find_models(self.settings.models))
        self._is_open.set()

    async def reload(self):
        """Load the models again from where they are; the old ones serve until then, and go on if this fails.

        Raises:
            Refusal: if one cannot be loaded; the reason is printed on standard error.
        """
        try:
            await self.start()
        except (InputError, OSError) as error:
            say(f"kerasformer: the models stay as they are: {error}")
            message = "A model cannot be loaded, so the models stay as they are; the log of the service says why"
            raise Refusal(500, message) from None

    async def stop(self):
        """End the workers."""
        await self.engine.stop()

    @property
    def models(self):
        """The `Model`s that are served: list, empty before they are loaded."""
        return self.engine.crew.models

    @property
    def is_ready(self):
        """Whether at least one worker has its models loaded and warmed up."""
        return self._is_open.is_set() and bool(self.engine.working)

    @property
    def waiting(self):
        """int, sentences that are waiting or being translated."""
        return self._in_progress

    def versions(self, name):
        """The `Model`s with a name, ascending by version.

        Raises:
            Refusal: if there are none.
        """
        found = [model for model in self.models if model.name == name]
        if not found:
            raise Refusal(404, f"Servable not found for request: Latest({name[:100]})")
        return found

    def directions(self):
        """dict of (source, target) to the `Model` that translates: of several the first one named, in its last
        version."""
        found = {}
        for model in self.models:
            about = self.engine.about[model.key]
            pair = base_of(about["source"]), base_of(about["target"])
            if pair not in found or found[pair].name == model.name:
                found[pair] = model
        return found

    # Languages

    def detect(self, text):
        """The languages that a text may be in, the most likely first: list of (code, probability)."""
        return ranked(text[:_ENOUGH])

    def guess_source(self, text):
        """The most likely language of a text among those of the models: (code, probability among them)."""
        codes = {code for pair in self.directions() for code in pair}
        found = [(code, chance) for code, chance in self.detect(text) if code in codes]
        best, chance = found[0] if found else (min(codes), 0.0)
        return best, chance / (sum(chance for _, chance in found) or 1.0)

    def model_between(self, source, target):
        """The `Model` from one language into another; None from a language into itself.

        Raises:
            Refusal: if there is none.
        """
        directions = self.directions()
        pair = base_of(source), base_of(target)
        for asked, code in zip((source, target), pair, strict=True):
            if not any(code in known for known in directions):
                raise Refusal(400, f"{asked[:20]} is not supported")
        if pair[0] == pair[1]:
            return None
        if pair not in directions:
            raise Refusal(400, f"{pair[1]} is not available as a target language from {pair[0]}")
        return directions[pair]

    # Texts

    async def translate(self, texts, source, target, client="", alternatives=0, is_html=False):
        """Translate texts.

        Args:
            texts: list of str.
            source, target: codes of the languages; a text into its own language stays as it is.
            client: str, who asks; clients take turns.
            alternatives: int, how many other translations each text gets at most.
            is_html: bool, whether the texts are HTML, whose tags stay.

        Returns:
            list of `Translation`.

        Raises:
            Refusal: if a text or a language cannot be translated, too much is asked, or it takes too long.
        """
        source, target = base_of(source), base_of(target)
        async with self.admitted(texts) as request:
            model = self.model_between(source, target)
            if model is None:
                return [Translation([Hypothesis(text, 0.0, ())], source, target) for text in texts]
            work = self._html if is_html else self.hypotheses
            found = await self.in_time(work(model, texts, client, request, alternatives))
        return [Translation(hypotheses, source, target) for hypotheses in found]

    async def stream(self, text, source, target, client=""):
        """Translate a text, and yield each sentence as soon as it and those before it are translated.

        Yields:
            dict of "source", a sentence of the text, "text", its translation, "separator", what stands after it, and
            "score"; joined, translations and separators are the translation of the text.

        Raises:
            Refusal: as `translate`.
        """
        async with self.admitted([text]) as request:
            model = self.model_between(source, target)
            if model is None:
                yield {"source": text, "text": text, "separator": "", "score": 0.0}
                return
            loop = asyncio.get_running_loop()
            end = loop.time() + self.settings.deadline
            (before, *after), pieces, parts = await self.in_time(self._pieces(model, text, client, request))
            if before:
                yield {"source": "", "text": "", "separator": before, "score": 0.0}
            try:
                for piece, part, separator in zip(pieces, parts, after, strict=True):
                    (found,) = await self.in_time(asyncio.gather(part), end - loop.time())
                    best = {name: found[0][name] for name in ("text", "score")}
                    yield {"source": piece, **best, "separator": separator}
            finally:
                together.cancel(parts)

    async def attention(self, text, translation, source, target, client=""):
        """What the tokens of a translation of one sentence attend to; see `worker.attend`."""
        async with self.admitted([text, translation]) as request:
            model = self.model_between(source, target)
            job = self.submit(model, "attend", [text, translation], client, request)
            return await self.in_time(job)

    @contextlib.asynccontextmanager
    async def admitted(self, texts):
        """Admit a request while it is answered; yields what identifies it.

        Raises:
            Refusal: if its texts are too many or too long, or too much is waiting.
        """
        settings, size = self.settings, sum(map(len, texts))
        if len(texts) > settings.max_texts:
            raise Refusal(400, f"Invalid request: request ({len(texts)}) exceeds batch limit ({settings.max_texts})")
        if size > settings.max_characters:
            raise Refusal(400, f"Invalid request: request ({size}) exceeds text limit ({settings.max_characters})")
        sentences = sum(1 + len(text) // _SENTENCE for text in texts)
        if self._in_progress and self._in_progress + sentences > settings.queue:
            raise Refusal(*BUSY)
        self._in_progress += sentences
        try:
            if not self._is_open.is_set():
                await self.in_time(self._is_open.wait())
            yield object()
        finally:
            self._in_progress -= sentences

    async def in_time(self, awaitable, seconds=None):
        """The result of an awaitable, which is cancelled at the deadline.

        Raises:
            Refusal: at the deadline.
        """
        try:
            return await asyncio.wait_for(awaitable, self.settings.deadline if seconds is None else seconds)
        except asyncio.TimeoutError:
            raise Refusal(*LATE) from None

    async def hypotheses(self, model, texts, client, request, alternatives=0):
        """The hypotheses of each text by a model: list of lists of `Hypothesis`; see `translate`."""
        options = (("alternatives", min(alternatives, MOST_ALTERNATIVES)),) if alternatives else ()
        return await together.all_of(self._text(model, text, client, request, options) for text in texts)

    async def _html(self, model, texts, client, request, alternatives):
        """The hypotheses of each text of HTML; see `translate`."""
        about = self.engine.about[model.key]
        languages = base_of(about["source"]), base_of(about["target"])

        async def of_text(text):
            parts = await self.submit(model, "html_texts", [text, *languages], client, request)
            of_parts = await self.hypotheses(model, parts, client, request, alternatives)
            found = {part: [one.text for one in ranked] for part, ranked in zip(parts, of_parts, strict=True)}
            written = await self.submit(model, "html_written", [text, *languages, found], client, request)
            score = sum(ranked[0].score for ranked in of_parts) / max(len(of_parts), 1)
            return [Hypothesis(html, score, ()) for html in written]

        return await together.all_of(map(of_text, texts))

    async def _text(self, model, text, client, request, options):
        if not text.strip():
            return [Hypothesis(text, 0.0, ())]
        if len(text) <= _SHORT:
            job = self.submit(model, "translate", [text, False], client, request, options)
            return [Hypothesis(**found) for found in await job]
        separators, _, parts = await self._pieces(model, text, client, request, options)
        found = [[Hypothesis(**one) for one in hypotheses] for hypotheses in await together.all_of(parts)]
        return join_hypotheses(Plan([""] * len(found), [separators]), found)[0]

    async def _pieces(self, model, text, client, request, options=()):
        """The separators of a text's pieces, the pieces, and the futures of their hypotheses: lists."""
        planned = await self.submit(model, "plan", text, client, request)
        parts = [
            self.submit(model, "translate", [piece, True], client, request, options) for piece in planned["pieces"]
        ]
        return planned["separators"][0], planned["pieces"], parts

    def submit(self, model, operation, content, client, request, options=()):
        """Let a worker do something; returns the `asyncio.Future` of what comes out.

        Args:
            model: `Model`.
            operation: the name of one of `worker.OPERATIONS`.
            content: the item of that operation: a text, or a list that begins with one.
            client: str, who asks.
            request: what `admitted` has yielded.
            options: tuple of (name, value), further arguments of the operation.
        """
        text = content if isinstance(content, str) else content[0]
        return self.engine.submit((model.key, operation, options), content, client, request, len(text))
