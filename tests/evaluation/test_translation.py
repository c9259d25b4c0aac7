"""Scores equal sacreBLEU's own and what one can work out by hand."""

import json
import math
import warnings

import pytest
import sacrebleu

from kerasformer.errors import InputError
from kerasformer.evaluation import translation as evaluation

HYPOTHESES = [
    "Le chat est assis sur le tapis.",
    "Un homme court dans la rue.",
    "Il n'y a pas de pluie, dit-elle.",
]
REFERENCES = [
    "Le chat est sur le tapis.",
    "Un homme court dans la rue.",
    "Elle dit qu'il n'y a pas de pluie.",
]
# 4 of 5 words, 2 of 4 pairs and 1 of 3 triples match, and no run of four.
TRIPLE = (["a b c x e"], ["a b c d e"])


def test_bleu_and_chrf_are_sacrebleus():
    score = evaluation.score(HYPOTHESES, HYPOTHESES, REFERENCES, "fr")
    assert score.bleu == sacrebleu.corpus_bleu(HYPOTHESES, [REFERENCES]).score
    assert score.chrf == sacrebleu.corpus_chrf(HYPOTHESES, [REFERENCES]).score
    assert 0 < score.bleu < 100
    assert score.signature.startswith("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:")
    assert score.chrf_signature.startswith("nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:")


def test_bleu_can_be_worked_out_by_hand():
    # "a b c d e" against "a b c d f": precisions 4/5, 3/4, 2/3, 1/2; the same length, so no brevity penalty.
    expected = 100 * (4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** 0.25
    assert evaluation.bleu(["a b c d e"], ["a b c d f"])[0] == pytest.approx(expected)
    assert evaluation.moses_bleu(["a b c d e"], ["a b c d f"], "en") == pytest.approx(expected)


def test_a_short_translation_pays_the_brevity_penalty():
    # Every n-gram of four words stands in a reference of five: the penalty is exp(1 - 5/4).
    assert evaluation.bleu(["a b c d"], ["a b c d e"])[0] == pytest.approx(100 * math.exp(-0.25))


def test_moses_bleu_without_a_common_four_gram_is_0_as_in_multi_bleu():
    assert evaluation.moses_bleu(*TRIPLE, "en") == 0
    assert evaluation.bleu(*TRIPLE)[0] > 0


def test_moses_bleu_looks_at_neither_case_nor_typography():
    hypotheses, references = ["L’homme dit : « Viens avec moi. »"], ['l\'homme dit: "viens avec moi."']
    assert evaluation.moses_bleu(hypotheses, references, "fr") == pytest.approx(100)
    assert evaluation.bleu(hypotheses, references)[0] < 50


def test_moses_tokens():
    assert evaluation.moses_tokenize(["L'homme n'est pas là, dans l’eau."], "fr") == [
        "l&apos; homme n&apos; est pas là , dans l&apos; eau ."
    ]
    assert evaluation.moses_tokenize(["The man's well-known dog isn't here!"], "en") == [
        "the man &apos;s well-known dog isn &apos;t here !"
    ]


@pytest.mark.parametrize("language", ["ko", "xx"])
def test_languages_without_moses_rules_are_tokenised_quietly(language, capfd):
    assert evaluation.moses_tokenize(["Hi, you."], language) == ["hi , you ."]
    assert evaluation.moses_bleu(["한국어 문장 입니다 네 ."], ["한국어 문장 입니다 네 ."], language) == pytest.approx(
        100
    )
    assert capfd.readouterr() == ("", "")


CHINESE = ["我今天下午要去图书馆看书。", "他昨天买了三个苹果。"]
KOREAN = ["저는 오늘 도서관에 갑니다.", "그는 어제 사과를 세 개 샀습니다."]
THAI = ["ฉันจะไปห้องสมุดวันนี้", "เขาซื้อแอปเปิ้ลสามลูกเมื่อวาน"]
LAO = ["ຂ້ອຍໄປຫໍສະໝຸດ", "ລາວຊື້ໝາກໂປມ"]


@pytest.mark.parametrize("texts", [CHINESE, KOREAN, THAI, LAO, REFERENCES])
@pytest.mark.parametrize("code", ["by code", "target"])
def test_a_perfect_translation_scores_100_in_every_language(texts, code):
    codes = {id(CHINESE): "zh", id(KOREAN): "ko", id(THAI): "th", id(LAO): "lo", id(REFERENCES): "fr"}
    language = codes[id(texts)] if code == "by code" else code
    score = evaluation.score(texts, texts, texts, language)
    assert (score.bleu, score.chrf) == (pytest.approx(100), pytest.approx(100))
    assert score.moses_bleu == (pytest.approx(100) if texts is REFERENCES else None)


def test_the_signature_names_the_tokenizer_of_the_language():
    score = evaluation.score(CHINESE, CHINESE, CHINESE, "zh")
    assert "|tok:zh|" in score.signature
    one_word_wrong = [CHINESE[0].replace("看书", "借书"), CHINESE[1]]
    assert evaluation.bleu(one_word_wrong, CHINESE, "zh")[0] == sacrebleu.corpus_bleu(
        one_word_wrong, [CHINESE], tokenize="zh"
    ).score  # fmt: skip


def test_exact_match_looks_at_all_but_white_space():
    score = evaluation.score(["?"] * 4, ["a  b ", "A b", "c", "d"], ["a b", "a b", "c", "e"], "en")
    assert score.exact_match == 50


def test_evaluate_translates_all_pairs_in_order_and_times_them():
    calls = []

    def translate(texts):
        calls.append(texts)
        return [text.upper() for text in texts]

    pairs = [("a b", "A B"), ("c", "C"), ("d e f", "D")]
    score, hypotheses = evaluation.evaluate(translate, pairs, "en", warm_up=2)
    assert calls == [["a b", "c"], ["a b", "c", "d e f"]]
    assert hypotheses == ["A B", "C", "D E F"]
    assert (score.sentences, score.tokens) == (3, 6)
    assert score.seconds > 0
    counted, _ = evaluation.evaluate(translate, pairs, "en", count_tokens=lambda texts: [7] * len(texts))
    assert counted.tokens == 21


def test_what_translating_warns_of_is_said_once():
    def translate(texts):
        warnings.warn(f"{texts[0]} lacked 3", stacklevel=1)
        return texts

    with pytest.warns(UserWarning, match="lacked 3") as caught:
        evaluation.evaluate(translate, [("a", "a"), ("b", "b")], "en", warm_up=2)
    assert [str(warning.message) for warning in caught] == ["a lacked 3"]


def test_speeds_follow_from_time():
    score = evaluation.score(["?"] * 10, ["a"] * 10, ["a"] * 10, "en", seconds=4.0, tokens=30)
    assert (score.sentences_per_second, score.tokens_per_second, score.ms_per_sentence) == (2.5, 7.5, 400)
    untimed = evaluation.score(["?"], ["a"], ["a"], "en")
    assert (untimed.sentences_per_second, untimed.tokens_per_second, untimed.ms_per_sentence) == (0, 0, 0)


def test_a_score_is_written_as_json():
    written = json.loads(json.dumps(evaluation.score(["?"], ["a"], ["a"], "en", 2.0, 5).to_json(), allow_nan=False))
    assert written["exact_match"] == 100
    assert written["tokens_per_second"] == 2.5
    assert {"bleu", "chrf", "moses_bleu", "signature", "chrf_signature", "ms_per_sentence"} <= written.keys()


@pytest.mark.parametrize("measure", [evaluation.bleu, evaluation.chrf])
def test_nothing_to_score_and_unequal_numbers_are_refused(measure):
    with pytest.raises(InputError, match="nothing to score"):
        measure([], [])
    with pytest.raises(InputError, match="expected one hypothesis for each of 2 references, got 1"):
        measure(["a"], ["a", "b"])


def test_moses_bleu_and_evaluate_refuse_them_too():
    with pytest.raises(InputError, match="nothing to score"):
        evaluation.moses_bleu([], [], "en")
    with pytest.raises(InputError, match="expected one hypothesis for each of 2 references, got 1"):
        evaluation.evaluate(lambda texts: texts[:1], [("a", "a"), ("b", "b")], "en")
    with pytest.raises(InputError, match="expected one source for each of 2 references, got 1"):
        evaluation.score(["?"], ["a", "b"], ["a", "b"], "en")
    with pytest.raises(InputError, match="no pairs to evaluate"):
        evaluation.evaluate(lambda texts: texts, [], "en")


def test_scores_by_length_are_those_of_each_group():
    sources = ["a", "a b", "a b c", "a b c d e"]
    references = ["one two three four", "five six seven eight", "nine ten eleven twelve", "not in any group at all"]
    hypotheses = [*references[:2], "wrong in every single word", references[3]]
    groups = evaluation.score_by_length(sources, hypotheses, references, (1, 3, 4, 5))
    assert [(row["from"], row["to"], row["sentences"]) for row in groups] == [(1, 2, 2), (3, 3, 1)]
    assert groups[0]["bleu"] == pytest.approx(100)
    assert groups[1]["bleu"] < 10
    assert groups[0]["chrf"] == pytest.approx(100)
    assert evaluation.score_by_length(["a"], CHINESE[:1], CHINESE[:1], (1, 2), "zh")[0]["bleu"] == pytest.approx(100)
