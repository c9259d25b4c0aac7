"""Scores of translations: BLEU, chrF, Moses BLEU as in the Multi30k papers, exact matches, and speed."""

import dataclasses
import itertools
import time
import warnings
from collections.abc import Callable, Sequence

import sacrebleu.metrics
import sacremoses

from kerasformer.errors import InputError
from kerasformer.evaluation.bleu_tokenizer import SPACED, bleu_tokenizer
from kerasformer.inference.compiling import compiled_first


@dataclasses.dataclass(frozen=True)
class Score:
    """The scores of a set of translations, each from 0 to 100, and the speed.

    Attributes:
        bleu: sacreBLEU's corpus BLEU of detokenised, cased text.
        chrf: sacreBLEU's chrF2.
        moses_bleu: BLEU of lower-cased, Moses-tokenised text, as the Multi30k papers report it; None for languages that
            do not put spaces between words, and for Korean, which Moses does not tokenise.
        exact_match: share of translations that equal the reference, apart from white space.
        signature: sacreBLEU's signature of `bleu`.
        chrf_signature: sacreBLEU's signature of `chrf`.
        sentences: number of sentences.
        seconds: wall time of translating them.
        tokens: number of tokens of the translations.
    """

    bleu: float
    chrf: float
    moses_bleu: float | None
    exact_match: float
    signature: str
    chrf_signature: str
    sentences: int
    seconds: float
    tokens: int

    @property
    def sentences_per_second(self) -> float:
        """Sentences per second; 0 if no time was measured."""
        return self.sentences / self.seconds if self.seconds else 0.0

    @property
    def tokens_per_second(self) -> float:
        """Tokens of translations per second; 0 if no time was measured."""
        return self.tokens / self.seconds if self.seconds else 0.0

    @property
    def ms_per_sentence(self) -> float:
        """Milliseconds per sentence."""
        return 1000 * self.seconds / self.sentences

    def quality(self) -> dict:
        """The scores by name, without the speed, which means nothing for a baseline."""
        return {name: getattr(self, name) for name in ("sentences", "bleu", "chrf", "moses_bleu", "exact_match")}

    def to_json(self) -> dict:
        """Every score and speed by name."""
        speeds = ("sentences_per_second", "tokens_per_second", "ms_per_sentence")
        return dataclasses.asdict(self) | {speed: getattr(self, speed) for speed in speeds}


@compiled_first()
def evaluate(
    translate: Callable[[list[str]], list[str]],
    pairs: Sequence[tuple[str, str]],
    target_language: str,
    *,
    count_tokens: Callable[[list[str]], list[int]] | None = None,
    warm_up: int = 0,
) -> tuple[Score, list[str]]:
    """Translate the source of every pair, score the translations against the targets and measure the speed.

    Args:
        translate: function that translates a list of texts.
        pairs: (source, target) sentences.
        target_language: two-letter code of the language of the targets.
        count_tokens: function that counts the tokens of each translation; by default words are counted.
        warm_up: number of sources to translate before the clock starts, so that compilation is not timed.

    Returns:
        The score, and the translations in the order of the pairs.

    Raises:
        InputError: if there are no pairs, or not one translation for each.
    """
    sources, references = [source for source, _ in pairs], [target for _, target in pairs]
    if not sources:
        raise InputError("there are no pairs to evaluate: expected at least one")
    if warm_up > 0:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they come again with all sources
            translate(sources[:warm_up])
    start = time.perf_counter()
    hypotheses = list(translate(sources))
    seconds = time.perf_counter() - start
    counts = count_tokens(hypotheses) if count_tokens else [len(text.split()) for text in hypotheses]
    return score(sources, hypotheses, references, target_language, seconds, int(sum(counts))), hypotheses


def score(
    sources: Sequence[str],
    hypotheses: Sequence[str],
    references: Sequence[str],
    target_language: str,
    seconds: float = 0.0,
    tokens: int = 0,
) -> Score:
    """Score translations against one reference each.

    Args:
        sources: the texts that were translated, for metrics that read them.
        hypotheses: the translations, in the same order.
        references: the reference translations, in the same order.
        target_language: two-letter code of the language of the translations.
        seconds: wall time of translating.
        tokens: number of tokens of the translations.

    Returns:
        All scores.

    Raises:
        InputError: if there are no texts, or not as many sources and hypotheses as references.
    """
    if len(sources) != len(references):
        raise InputError(f"expected one source for each of {len(references)} references, got {len(sources)}")
    bleu_score, signature = bleu(hypotheses, references, target_language)
    chrf_score, chrf_signature = chrf(hypotheses, references)
    is_spaced = bleu_tokenizer(target_language, references) == SPACED
    matches = [text.split() == wanted.split() for text, wanted in zip(hypotheses, references, strict=True)]
    return Score(
        bleu=bleu_score,
        chrf=chrf_score,
        moses_bleu=moses_bleu(hypotheses, references, target_language) if is_spaced else None,
        exact_match=100 * sum(matches) / len(references),
        signature=signature,
        chrf_signature=chrf_signature,
        sentences=len(references),
        seconds=seconds,
        tokens=tokens,
    )


def score_by_length(
    sources: Sequence[str],
    hypotheses: Sequence[str],
    references: Sequence[str],
    edges: Sequence[int],
    target_language: str = "",
) -> list[dict]:
    """BLEU and chrF of the translations, in groups by the length of the source.

    Args:
        sources: the texts that were translated.
        hypotheses: the translations, in the same order.
        references: the reference translations, in the same order.
        edges: ascending numbers of words; a group starts at one edge and ends below the next.
        target_language: two-letter code of the language of the translations; see `bleu_tokenizer`.

    Returns:
        For each group with sentences: {"from": fewest words, "to": most words, "sentences", "bleu", "chrf"}.

    Reference: Bahdanau et al. 2015, "Neural Machine Translation by Jointly Learning to Align and Translate", figure 2.
    """
    groups = []
    for low, high in itertools.pairwise(edges):
        rows = [row for row, source in enumerate(sources) if low <= len(source.split()) < high]
        if rows:
            texts = [hypotheses[row] for row in rows], [references[row] for row in rows]
            scores = {"bleu": bleu(*texts, target_language)[0], "chrf": chrf(*texts)[0]}
            groups.append({"from": low, "to": high - 1, "sentences": len(rows), **scores})
    return groups


def bleu(hypotheses: Sequence[str], references: Sequence[str], language: str = "") -> tuple[float, str]:
    """Corpus BLEU of detokenised, cased text, with sacreBLEU's tokenizer for the language.

    Args:
        hypotheses: the translations.
        references: the reference translations, in the same order.
        language: code of their language, such as "zh"; see `bleu_tokenizer`.

    Returns:
        The score from 0 to 100, and sacreBLEU's signature, which names the tokenizer.

    Raises:
        InputError: if there are no texts or not as many hypotheses as references.

    Reference:
        Post, A Call for Clarity in Reporting BLEU Scores, 2018.
    """
    metric = sacrebleu.metrics.BLEU(tokenize=bleu_tokenizer(language, references))
    return _corpus_score(metric, hypotheses, references)


def chrf(hypotheses: Sequence[str], references: Sequence[str]) -> tuple[float, str]:
    """chrF2, the F-score of character n-grams, which also suits languages with few spaces.

    Args:
        hypotheses: the translations.
        references: the reference translations, in the same order.

    Returns:
        The score from 0 to 100, and sacreBLEU's signature.

    Raises:
        InputError: if there are no texts or not as many hypotheses as references.

    Reference:
        Popović, chrF: character n-gram F-score for automatic MT evaluation, 2015.
    """
    return _corpus_score(sacrebleu.metrics.CHRF(), hypotheses, references)


def moses_bleu(hypotheses: Sequence[str], references: Sequence[str], language: str) -> float:
    """BLEU as the Multi30k papers report it: `multi-bleu.perl` on lower-cased, normalised, Moses-tokenised text.

    Args:
        hypotheses: the translations.
        references: the reference translations, in the same order.
        language: two-letter code of the language of the texts.

    Returns:
        The score from 0 to 100.

    Raises:
        InputError: if there are no texts or not as many hypotheses as references.
    """
    metric = sacrebleu.metrics.BLEU(tokenize="none", smooth_method="none", force=True)
    return _corpus_score(metric, moses_tokenize(hypotheses, language), moses_tokenize(references, language))[0]


def moses_tokenize(texts: Sequence[str], language: str) -> list[str]:
    """Lower-case, normalise punctuation and tokenise, in the order of Multi30k's `lc.norm.tok` files.

    A language without Moses rules is tokenised by the general rules, without a warning.

    Args:
        texts: detokenised sentences.
        language: two-letter code of the language of the texts.

    Returns:
        The tokens of each text, separated by one space; the characters &|<>'"[] are escaped as in Moses.
    """
    normalizer, tokenizer = sacremoses.MosesPunctNormalizer(language), sacremoses.MosesTokenizer(language)
    return [tokenizer.tokenize(normalizer.normalize(text.lower()), return_str=True) for text in texts]


def _corpus_score(metric, hypotheses: Sequence[str], references: Sequence[str]) -> tuple[float, str]:
    if not hypotheses or not references:
        raise InputError("there is nothing to score: expected at least one hypothesis and one reference")
    if len(hypotheses) != len(references):
        raise InputError(f"expected one hypothesis for each of {len(references)} references, got {len(hypotheses)}")
    value = metric.corpus_score(list(hypotheses), [list(references)]).score
    return float(value), str(metric.get_signature())
