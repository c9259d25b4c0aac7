"""From text to text: train a translator on a corpus of sentence pairs."""

import dataclasses
import functools
import itertools

from kerasformer.bundle import Bundle
from kerasformer.data.batches import make_batches
from kerasformer.data.prepared import open_corpus
from kerasformer.data.training_pairs import hardly_seen, marks_for
from kerasformer.errors import InputError
from kerasformer.interface.capitals import in_capitals
from kerasformer.interface.cleaning import LATEST
from kerasformer.interface.rules import TextRules
from kerasformer.interface.segmentation import split_sentences, too_long
from kerasformer.jobs.job import Job, Stage

DECODING = {"max_repeats": 4}  # the decode defaults of a new translator, see `generation.SearchOptions`
COUNTED = 1_000_000  # training pairs whose characters are counted
SAMPLED = 20_000  # training sources whose sentences are counted, and those in capitals
FEW = 1000  # training pairs: with fewer, steps are small, and compiling them would take longer than training
FEW_RECIPE = {
    "epochs": 24,
    "batch_tokens": 512,
    "num_shapes": 1,
    "warmup_steps": 50,
    "cooldown": 0.3,
    "average_last": 4,
    "patience": 0,
    "precision": "float32",
    "compiled": False,
}


class Translation(Job):
    """Trains a translator on cleaned pairs; no held-out sentence is in the training pairs.

    Args:
        data: what to read, as `open_corpus` takes it.
        seed: int, seed of the splits of files that have none.
        **options: further arguments of `open_corpus`.
    """

    options = ("data", "source", "target", "columns", "validation", "test", "data_dir", "translations", "seed")
    default_data = ("everyday",)

    def __init__(self, data=default_data, seed=0, **options):
        self.opened = open_corpus(data, seed=seed, **options)
        corpus = self.opened.corpus
        super().__init__(corpus, "-".join((corpus.name, corpus.source, corpus.target)), seed)
        self.held_out = corpus.tests or {"validation": corpus.validation}
        self.recipe = FEW_RECIPE if len(corpus.train) < FEW else None

    @functools.cached_property
    def sentences(self):
        """The most sentences that texts are translated at once, see `most_sentences`: int."""
        return most_sentences(self._sampled())

    def _sampled(self):
        """Training sources from all over the corpus."""
        step = max(1, len(self.corpus.train) // SAMPLED)
        return (source for source, _ in itertools.islice(self.corpus.train, 0, None, step))

    def describe(self):
        lines = super().describe()
        if self.sentences > 1:
            lines.append(
                f"one source in ten has {self.sentences} sentences or more: texts will be translated "
                f"{self.sentences} sentences at a time"
            )
        if self.recipe:
            count = f"{len(self.corpus.train):,}"
            lines += [
                f"{count} training pairs are few: expect a model that repeats them and fails on other sentences",
                "that takes tens of thousands of pairs: the built-in corpus has 90,000",
            ]
        return lines

    def check(self, training):
        for split, pairs in self.held_out.items():
            for number, (source, _) in enumerate(pairs, start=1):
                if complaint := too_long(source):
                    raise InputError(f"pair {number} of {split}, which is held out: {complaint}")
        if training.redraws and not isinstance(self.corpus.train, list):
            raise InputError(
                "--subword-sampling and --both-ways prepare the pairs anew each epoch, which works for corpora of "
                "under 32 MB: set both to 0"
            )

    def prepare(self, config, exact=False):
        tokenizer = self.opened.tokenizer(config.vocab_size, exact)
        return dataclasses.replace(config, vocab_size=tokenizer.vocab_size), tokenizer

    def stages(self, model, tokenizer, training):
        """One stage: source to target."""

        def batches():
            sentences = None if training.redraws else self.opened.sentences(tokenizer)
            options = {"packed": model.packs, "sentences": sentences}
            return make_batches(self.corpus, tokenizer, model.config.max_length, training, **options)

        return [Stage(model.config.kind, model.training, training, batches)]

    def bundle(self, model, tokenizer, metrics):
        source, target = self.corpus.source, self.corpus.target
        rules = TextRules(LATEST, self.sentences, lower_capitals=not often_in_capitals(self._sampled()))
        if marks_for(source, target):
            unseen = hardly_seen(itertools.islice(self.corpus.train, COUNTED), tokenizer)
            rules = dataclasses.replace(rules, marks=tokenizer.marks, unseen=unseen)
        else:  # an answer need not have what the question has
            rules = dataclasses.replace(rules, protected=())
        about = {"corpus": self.source_of_training, "metrics": metrics}
        return Bundle(model, tokenizer, source, target, text_rules=rules, decoding=DECODING, **about)

    def measure(self, bundle, say):
        from kerasformer.evaluation.translation import evaluate
        from kerasformer.inference.translator import Translator

        engine, metrics = Translator(bundle), {}
        for split, pairs in self.held_out.items():
            score, _ = evaluate(engine, pairs, bundle.target, warm_up=len(pairs))
            tokens = engine.token_scores(pairs)
            metrics[split] = {**score.to_json(), **tokens}
            moses = "" if score.moses_bleu is None else f"Moses BLEU {score.moses_bleu:.2f}, "
            say(
                f"{split}: BLEU {score.bleu:.2f}, chrF {score.chrf:.2f}, {moses}"
                f"exact {score.exact_match:.1f} %, token accuracy {tokens['token_accuracy']:.1f} %, "
                f"perplexity {tokens['perplexity']:.2f}, {score.sentences_per_second:.0f} sentences/s, "
                f"{score.tokens_per_second:.0f} tokens/s\n  BLEU {score.signature}\n  chrF {score.chrf_signature}"
            )
        return engine, metrics

    def proof_data(self):
        return next(iter(self.held_out.values()))


def most_sentences(sources):
    """The most sentences that at least one source in ten has: int, 1 or more.

    A model that rarely saw so many sentences at once in training leaves some of them out.

    Args:
        sources: iterable of str.
    """
    counts = sorted((len(split_sentences(source)) for source in sources), reverse=True)
    return max(1, counts[-(-len(counts) // 10) - 1]) if counts else 1


def often_in_capitals(sources):
    """Whether at least one source in ten is in capitals, so that a model learned to read them.

    Args:
        sources: iterable of str.
    """
    found = [in_capitals(source) for source in sources]
    return 10 * sum(found) >= len(found)
