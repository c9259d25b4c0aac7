"""Notebooks run from top to bottom, define nothing of their own, and name what the study notes name."""

import ast
import dataclasses
import functools
import itertools
import json
import os
import pathlib
import re

import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

from kerasformer import layers
from kerasformer.data.corpora import EVERYDAY
from kerasformer.data.corpus import load_corpus
from kerasformer.tokenizer import train_tokenizer

PATHS = sorted((pathlib.Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
# What a reader who comes from the notes looks for: the English term, and the Korean one beside it.
TERMS = {
    "sequence_to_sequence": (
        ("sequence-to-sequence", "시퀀스-투-시퀀스"),
        ("encoder", "인코더"),
        ("decoder", "디코더"),
        ("rnn", "순환 신경망"),
        ("cell", "셀"),
        ("hidden state", "은닉 상태"),
        ("context vector", "컨텍스트 벡터"),
        ("embedding", "임베딩"),
        ("softmax", "소프트맥스"),
        ("domain", "도메인"),
        ("information loss", "정보 손실"),
        ("vanishing gradient", "기울기 소실"),
    ),
    "attention": (
        ("context vector", "컨텍스트 벡터"),
        ("query", "쿼리"),
        ("key", "키"),
        ("value", "밸류"),
        ("dictionary", "딕셔너리"),
        ("similarity", "유사도"),
        ("attention value", "어텐션 값"),
        ("hidden state", "은닉 상태"),
        ("encoder", "인코더"),
        ("decoder", "디코더"),
        ("dot-product attention", "닷-프로덕트 어텐션"),
        ("softmax", "소프트맥스"),
        ("weighted sum", "가중합"),
    ),
    "transformer": (
        ("self-attention", "셀프 어텐션"),
        ("query", "쿼리"),
        ("key", "키"),
        ("value", "밸류"),
        ("dot product", "내적"),
        ("score", "스코어"),
        ("softmax", "소프트맥스"),
        ("weighted sum", "가중합"),
        ("multi-head attention", "멀티 헤드 어텐션"),
        ("positional encoding", "포지셔널 인코딩"),
        ("feed-forward network", "FFNN"),
        ("encoder-decoder attention", "인코더-디코더 어텐션"),
        ("masked attention", "마스크드 어텐션"),
        ("embedding", "임베딩"),
        ("encoding", "인코딩"),
        ("encoder", "인코더"),
        ("decoder", "디코더"),
    ),
    "embedding_and_encoding": (
        ("embedding", "임베딩"),
        ("encoding", "인코딩"),
        ("categorical data", "범주형 데이터"),
        ("numeric data", "수치 데이터"),
        ("integer", "정수"),
        ("word", "단어"),
        ("vector", "벡터"),
        ("integer encoding", "정수 인코딩"),
        ("one-hot encoding", "원-핫 인코딩"),
        ("tokenizer", "토크나이저"),
        ("vocabulary", "단어 집합"),
        ("dot product", "내적"),
        ("dense", "밀집"),
        ("sparse", "희소"),
        ("cosine similarity", "코사인 유사도"),
        ("principal component analysis", "주성분 분석"),
        ("latent representation", "잠재 표현"),
    ),
    "chatbot": (
        ("sequence-to-sequence", "시퀀스-투-시퀀스"),
        ("domain", "도메인"),
        ("question", "질문"),
        ("answer", "답변"),
        ("tokenizer", "토크나이저"),
        ("encoder", "인코더"),
        ("decoder", "디코더"),
        ("embedding", "임베딩"),
        ("positional encoding", "포지셔널 인코딩"),
        ("self-attention", "셀프 어텐션"),
        ("masked attention", "마스크드 어텐션"),
        ("encoder-decoder attention", "인코더-디코더 어텐션"),
        ("softmax", "소프트맥스"),
        ("query", "쿼리"),
        ("key", "키"),
    ),
    "vision_transformer": (
        ("vision transformer", "비전 트랜스포머"),
        ("patch", "패치"),
        ("embedding", "임베딩"),
        ("patch embedding", "패치 임베딩"),
        ("convolution", "합성곱"),
        ("class token", "클래스 토큰"),
        ("positional encoding", "포지셔널 인코딩"),
        ("self-attention", "셀프 어텐션"),
        ("encoder", "인코더"),
        ("softmax", "소프트맥스"),
        ("data augmentation", "데이터 증강"),
        ("confusion matrix", "혼동 행렬"),
        ("attention rollout", "어텐션 롤아웃"),
        ("cosine similarity", "코사인 유사도"),
    ),
    "dall_e": (
        ("caption", "캡션"),
        ("generates an image", "이미지를 생성"),
        ("image tokenizer", "이미지 토크나이저"),
        ("discrete autoencoder", "이산 오토인코더"),
        ("latent representation", "잠재 표현"),
        ("vector quantization", "벡터 양자화"),
        ("codebook", "코드북"),
        ("code", "코드"),
        ("vocabulary", "단어 집합"),
        ("encoder", "인코더"),
        ("decoder", "디코더"),
        ("self-attention", "셀프 어텐션"),
        ("masked attention", "마스크드 어텐션"),
        ("softmax", "소프트맥스"),
        ("perplexity", "퍼플렉서티"),
        ("sampled", "샘플링"),
        ("temperature", "온도"),
        ("guidance", "가이던스"),
    ),
}
EVERY = 24  # of the sentences a notebook trains on one in so many, because training takes most of its time
TESTED = 64  # sentences that it translates, beside those that it names
NEAR = 60  # characters between a term and its translation

load_once = functools.cache(load_corpus)

pytestmark = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def cells(path, kind):
    """Id and source of the cells of a kind, in order."""
    found = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [(cell["id"], "".join(cell["source"])) for cell in found if cell["cell_type"] == kind]


def load_little(source, *arguments, **options):
    """A corpus; of everyday few of the pairs, and those of which the code of a notebook names the sentence."""
    corpus = load_once(*arguments, **options)
    if corpus.name != "everyday":
        return corpus
    tests = {
        split: [pair for place, pair in enumerate(pairs) if place < TESTED or pair[0] in source]
        for split, pairs in corpus.tests.items()
    }
    few = {"train": corpus.train[::EVERY], "validation": corpus.validation[::EVERY]}
    return dataclasses.replace(corpus, **few, tests=tests)


def train_with_words(source, texts, vocab_size, **options):
    """A tokenizer for which the words that the code of a notebook looks up are frequent enough to be pieces."""
    missing, more = dict.fromkeys(re.findall(r"\w+", source), 40), []
    for text in itertools.chain.from_iterable(load_once("everyday").train):
        words = [word for word in re.findall(r"\w+", text) if missing.get(word)]
        missing.update({word: missing[word] - 1 for word in words})
        more += [text] if words else []
    return train_tokenizer([*texts, *more], vocab_size, **options)


def run_cell(source, name, names):
    """Run a cell as Jupyter does, and return the value of its last line if that is an expression."""
    tree = ast.parse(source, name)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, name, "exec"), names)
    return eval(compile(ast.Expression(last.value), name, "eval"), names) if last else None


def test_file_is_stripped_and_stable(path):
    text = path.read_text(encoding="utf-8")
    notebook = json.loads(text)
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None), cell["id"]
    assert text == json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def test_it_uses_kerasformer_and_defines_nothing(path):
    nodes = [node for _, source in cells(path, "code") for node in ast.walk(ast.parse(source))]
    imports = [node for node in nodes if isinstance(node, ast.ImportFrom) and "kerasformer" in node.module]
    assert imports
    definitions = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    assert not [ast.unparse(node) for node in nodes if isinstance(node, definitions)]
    ours = {alias.name for node in imports for alias in node.names} | set(layers.__all__)
    assert not ours & {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def test_each_concept_of_the_notes_is_found_by_name(path):
    text = " ".join(" ".join(source for _, source in cells(path, "markdown")).split()).replace("*", "")
    for english, korean in TERMS[path.stem]:
        places = [i for i in range(len(text)) if text[i : i + len(english)].lower() == english]
        assert places, english
        assert any(korean in text[i : i + len(english) + NEAR] for i in places), (english, korean)


@pytest.mark.usefixtures("without_xla")
def test_it_runs_and_shows_its_figures(path, tmp_path, monkeypatch):
    sources = cells(path, "code")
    if "KERASFORMER_DATA" not in os.environ and any("KERASFORMER_DATA" in source for _, source in sources):
        pytest.skip("KERASFORMER_DATA does not name a folder with the corpora, and a test downloads nothing")
    monkeypatch.setenv("KERASFORMER_NOTEBOOK_PRESET", "test")
    monkeypatch.setenv("KERASFORMER_NOTEBOOK_EPOCHS", "1")
    code = "\n".join(source for _, source in sources)
    monkeypatch.setattr("kerasformer.load_corpus", functools.partial(load_little, code), raising=False)
    if path.stem == "embedding_and_encoding":
        train = functools.partial(train_with_words, code)
        monkeypatch.setattr("kerasformer.train_tokenizer", train, raising=False)
    monkeypatch.setitem(EVERYDAY.recipe, "warmup_steps", 10)  # it learns in few steps, too
    monkeypatch.setitem(EVERYDAY.recipe, "num_shapes", 1)  # each shape is traced anew
    monkeypatch.chdir(tmp_path)
    pyplot.switch_backend("agg")
    names = {"__name__": "kerasformer_notebook"}  # so that what it warns of is an error, as for kerasformer
    for identity, source in sources:
        shown = run_cell(source, f"{path.name}[{identity}]", names)
        draws = any(f"{module}." in source for module in ("plotting", "curves", "pictorial"))
        assert isinstance(shown, Figure) if draws else shown is None, identity
    assert not list(tmp_path.iterdir())  # nothing is left behind
