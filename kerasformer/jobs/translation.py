"""From text to text: a corpus of pairs, BLEU, and a translator in every form it ships in."""

import dataclasses

from kerasformer.bundle import Bundle
from kerasformer.data.kept import open_corpus
from kerasformer.errors import InputError
from kerasformer.interface.segmentation import too_long
from kerasformer.jobs import trained_on
from kerasformer.training import make_batches


class Translation:
    """Pairs of sentences, cleaned, with no test sentence in training.

    Args:
        data: what to read, as `open_corpus` takes it.
        seed: int, of the splits of one's own files.
        **options: more arguments of `open_corpus`.
    """

    options = ("data", "source", "target", "data_dir", "seed")
    default_data = ("phrasebook",)

    def __init__(self, data=default_data, seed=0, **options):
        self.opened = open_corpus(data, seed=seed, **options)
        self.seed = seed
        self.corpus = self.opened.corpus
        self.name = "-".join((self.corpus.name, self.corpus.source, self.corpus.target))
        self.sha256 = self.corpus.sha256
        self.held_out = self.corpus.tests or {"validation": self.corpus.validation}

    def describe(self):
        """Lines for people about the corpus."""
        return self.corpus.describe()

    def check(self, training):
        """Raise `InputError` where these pairs cannot be trained on as a `TrainingConfig` says, or not be measured."""
        for split, pairs in self.held_out.items():
            for number, (source, _) in enumerate(pairs, start=1):
                if complaint := too_long(source):
                    raise InputError(f"pair {number} of {split}, which is held out: {complaint}")
        if training.redraws and not isinstance(self.corpus.train, list):
            raise InputError(
                "--subword-sampling and --both-ways draw anew each epoch, which is for corpora of under 32 MB: "
                "set both to 0"
            )

    def prepare(self, config, exact=False):
        """The config with the sizes that the data decides, and the tokenizer; `exact` insists on its vocabulary."""
        tokenizer = self.opened.tokenizer(config.vocab_size, exact)
        return dataclasses.replace(config, vocab_size=tokenizer.vocab_size), tokenizer

    def batches(self, model, tokenizer, run, folder, resume):
        """Batches to train and to validate on."""
        sentences = None if run.training.redraws else self.opened.sentences(tokenizer)
        return make_batches(self.corpus, tokenizer, run, packed=model.packs, sentences=sentences)

    def objective(self, training):
        """What the trainer lowers and shows, where it is not that of tokens."""
        return {}

    def bundle(self, model, tokenizer, metrics):
        """The trained model with all that is needed to use it."""
        corpus = self.corpus
        about = trained_on(corpus, self.seed)
        return Bundle(model, tokenizer, corpus.source, corpus.target, corpus=about, metrics=metrics)

    def measure(self, bundle, say):
        """Evaluate on text never trained on; the figures go into the bundle. Returns its `Translator`."""
        from kerasformer.evaluation.translation import evaluate
        from kerasformer.inference.translator import Translator

        translator = Translator(bundle)
        for split, pairs in self.held_out.items():
            score, _ = evaluate(translator, pairs, bundle.target, warm_up=len(pairs))
            tokens = translator.token_scores(pairs)
            bundle.metrics[split] = {**score.to_json(), **tokens}
            say(
                f"{split}: BLEU {score.bleu:.2f}, chrF {score.chrf:.2f}, Moses BLEU {score.moses_bleu:.2f}, "
                f"exact {score.exact_match:.1f} %, token accuracy {tokens['token_accuracy']:.1f} %, "
                f"perplexity {tokens['perplexity']:.2f}, {score.sentences_per_second:.0f} sentences/s, "
                f"{score.tokens_per_second:.0f} tokens/s\n  {score.signature}"
            )
        return translator

    def export(self, translator, out, say):
        """Export, the proof, and three sentences through each artefact; the report."""
        from kerasformer.exporting.gate import export_all
        from kerasformer.exporting.report import samples

        pairs = next(iter(self.held_out.values()))
        report = export_all(translator.bundle, out, pairs, say=say, reference=translator)
        say("\n".join(["", *samples(report), ""]))
        return report
