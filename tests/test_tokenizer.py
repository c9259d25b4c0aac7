"""Text to ids and back: in Python, in a TensorFlow graph and on a device the same to the last id."""

import io
import subprocess
import sys

import numpy as np
import pytest
import sentencepiece

from kerasformer.errors import InputError
from kerasformer.interface.cleaning import CLEANINGS, clean
from kerasformer.tokenizer import BOS_ID, EOS_ID, MARKS, PAD_ID, UNK_ID, Tokenizer, pad_rows, train_tokenizer
from tests.odd_texts import ACCENTS, TEXTS

NFKC = CLEANINGS["nfkc"].source


@pytest.fixture(scope="module")
def tokenizer(bundle):
    return bundle.tokenizer


@pytest.fixture(scope="module")
def graph(bundle):
    from kerasformer.exporting.graphs.signatures import TextGraph

    return TextGraph(bundle.tokenizer, max_length=20_000)


@pytest.fixture(scope="module")
def device(tflite_path):
    from kerasformer.runtime import LiteRTTranslator

    return LiteRTTranslator(tflite_path).tokenizer


def graph_ids(graph, text):
    """What the graph makes of a text, without `eos` and padding."""
    import tensorflow as tf

    encode = tf.function(graph.encode, input_signature=[tf.TensorSpec((None,), tf.string)])
    ids = encode(tf.constant([text])).numpy()[0].tolist()
    assert ids.count(EOS_ID) == bool(ids)
    assert not ids or ids[-1] == EOS_ID
    return ids[:-1]


@pytest.mark.parametrize("name", TEXTS)
def test_python_graph_and_device_give_the_same_ids(name, tokenizer, graph, device):
    ids = tokenizer.encode(clean(TEXTS[name], NFKC))
    assert graph_ids(graph, TEXTS[name]) == ids
    assert device.encode(clean(TEXTS[name], NFKC)) == ids
    assert bool(ids) == (name not in ("empty", "only spaces"))
    assert not {PAD_ID, BOS_ID, EOS_ID} & set(ids)


def test_a_batch_in_the_graph_is_each_text_alone(tokenizer, graph):
    import tensorflow as tf

    rows = graph.encode(tf.constant(list(TEXTS.values()))).numpy()
    expected = [[*ids, EOS_ID] if ids else [] for ids in tokenizer.encode([clean(x, NFKC) for x in TEXTS.values()])]
    assert [[int(i) for i in row if i != PAD_ID] for row in rows] == expected


@pytest.mark.parametrize("seed", range(3))
def test_python_and_graph_spell_ids_the_same(seed, tokenizer, graph, device):
    rng = np.random.default_rng(seed)
    rows = rng.integers(EOS_ID + 1, tokenizer.vocab_size, (50, 23)).astype("int32")
    rows[rng.random(rows.shape) < 0.05] = UNK_ID
    for row, length in zip(rows, rng.integers(0, 23, 50), strict=True):
        row[length] = EOS_ID
        row[length + 1 :] = PAD_ID
    spelled = [text.decode("utf-8") for text in graph.decode(rows).numpy()]
    assert tokenizer.decode(rows.tolist()) == spelled
    assert device.decode(rows.tolist()) == spelled


def test_special_ids():
    assert (PAD_ID, UNK_ID, BOS_ID, EOS_ID) == (0, 1, 2, 3)


def test_special_ids_have_their_pieces_and_leave_no_trace(tokenizer):
    assert tokenizer.pieces([PAD_ID, UNK_ID, BOS_ID, EOS_ID]) == ["<pad>", "<unk>", "<s>", "</s>"]
    ids = tokenizer.encode("une pomme")
    assert tokenizer.decode([BOS_ID, *ids, EOS_ID, PAD_ID, PAD_ID]) == "une pomme"
    assert tokenizer.decode([BOS_ID, EOS_ID]) == ""


def test_texts_come_back(tokenizer, phrases):
    texts = [text for pair in phrases for text in pair]
    ids = tokenizer.encode(texts)
    assert tokenizer.decode(ids) == texts
    assert all(tokenizer.encode(text) == row for text, row in zip(texts, ids, strict=True))
    assert {i for row in ids for i in row} <= set(range(EOS_ID + 1, tokenizer.vocab_size))


def test_one_text_or_many(tokenizer):
    assert tokenizer.decode([]) == tokenizer.decode(()) == ""
    assert tokenizer.decode([[], [4, 5], ()]) == ["", tokenizer.decode((4, 5)), ""]
    assert tokenizer.encode([]) == tokenizer.encode("") == []


def test_pieces_spell_the_text(tokenizer):
    text = "Je mange une pomme."
    assert "".join(tokenizer.pieces(tokenizer.encode(text))) == "▁" + text.replace(" ", "▁")


def test_the_bytes_are_the_whole_tokenizer(tokenizer):
    again = Tokenizer(tokenizer.model)
    assert again.model == tokenizer.model
    assert again.vocab_size == tokenizer.vocab_size == 200
    assert again.encode(ACCENTS) == tokenizer.encode(ACCENTS)


def test_the_same_texts_give_the_same_tokenizer(phrases, monkeypatch):
    texts = [french for french, _ in phrases]
    found = train_tokenizer(texts, 120).model
    monkeypatch.setattr("os.cpu_count", lambda: 7)  # on another machine
    assert train_tokenizer(iter(texts), 120).model == found


def test_more_entries_than_the_texts_allow(phrases):
    texts = [french for french, _ in phrases]
    with pytest.raises(
        InputError, match=r"^vocab_size 9999 is more than the corpus allows; choose at most \d+$"
    ) as error:
        train_tokenizer(texts, 9999)
    limit = int(str(error.value).split()[-1])
    assert train_tokenizer(texts, limit).vocab_size == limit
    with pytest.raises(InputError, match=f"choose at most {limit}$"):
        train_tokenizer(texts, limit + 1)
    assert train_tokenizer(texts, 9999, exact=False).vocab_size == limit


def test_fewer_entries_than_there_are_characters():
    with pytest.raises(InputError, match="^vocab_size 9 is too small for the characters of the corpus"):
        train_tokenizer(["abcdefghijklmnop"] * 5, 9)


@pytest.mark.parametrize("sentences", [[], [""], ["  ", "\n"]])
def test_an_empty_corpus(sentences):
    with pytest.raises(InputError, match="corpus is empty"):
        train_tokenizer(sentences, 50)


@pytest.mark.parametrize(
    "damage", [lambda model: b"", lambda model: model[:-9], lambda model: b"\0" + model, bytes.swapcase]
)
def test_damaged_bytes(tokenizer, damage):
    with pytest.raises(InputError, match="not a SentencePiece model; the file is damaged"):
        Tokenizer(damage(tokenizer.model))


@pytest.mark.parametrize("model_type", ["unigram", "bpe"])
def test_a_model_with_other_ids(model_type, phrases):
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.Train(
        sentence_iterator=iter([french for french, _ in phrases]),
        model_writer=model, model_type=model_type, vocab_size=120, minloglevel=2,
    )  # fmt: skip
    with pytest.raises(InputError, match=r"ids are \(-1, 0, 1, 2\), kerasformer needs \(0, 1, 2, 3\)"):
        Tokenizer(model.getvalue())


def test_a_sample_is_another_split_of_the_same_text_and_a_function_of_its_seed(tokenizer):
    texts = ["Je mange une pomme rouge.", "Nous avons deux petits chats blancs."] * 20
    drawn = tokenizer.sample(texts, 0.2, seed=1)
    assert tokenizer.sample(texts, 0.2, seed=1) == drawn != tokenizer.sample(texts, 0.2, seed=2)
    assert tokenizer.decode(drawn) == texts
    assert len({tuple(ids) for ids in drawn}) > 2
    assert sum(map(len, drawn)) > sum(map(len, tokenizer.sample(texts, 1.0, seed=1)))  # the smaller, the wilder
    assert tokenizer.sample(texts, 1000.0, seed=1) == tokenizer.encode(texts)


def test_another_process_draws_the_same(tokenizer):
    """Which SentencePiece's own drawing does not."""
    texts = ["Je mange une pomme rouge.", "Nous avons deux petits chats blancs."]
    program = (
        "import sys; from kerasformer.tokenizer import Tokenizer; "
        f"print(Tokenizer(sys.stdin.buffer.read()).sample({texts!r}, 0.2, seed=1))"
    )
    found = subprocess.run([sys.executable, "-c", program], input=tokenizer.model, capture_output=True, check=True)
    assert found.stdout.decode().strip() == str(tokenizer.sample(texts, 0.2, seed=1))


def test_rows_are_padded_to_one_width():
    padded = pad_rows([[5, 6, 7], [], [8]], 4, count=5)
    assert padded.tolist() == [[5, 6, 7, 0], [0] * 4, [8, 0, 0, 0], [0] * 4, [0] * 4]
    assert (padded.dtype, pad_rows([[9]], 2).shape, pad_rows([], 2).shape) == ("int32", (1, 2), (0, 2))


def test_symbols_are_one_piece_everywhere_in_python_and_in_the_graph(phrases):
    from kerasformer.exporting.graphs.signatures import TextGraph

    tokenizer = train_tokenizer([text for pair in phrases for text in pair], 200, symbols=MARKS)
    text = "<p3> une pomme<p0>, <p9> <p3>."
    ids = tokenizer.encode(text)
    assert [piece for piece in tokenizer.pieces(ids) if "<" in piece] == ["<p3>", "<p0>", "<p9>", "<p3>"]
    assert graph_ids(TextGraph(tokenizer, max_length=99), text) == ids
    assert tokenizer.decode(ids) == text
    for seed in range(9):
        [sampled] = tokenizer.sample([text], 0.1, seed)
        assert [piece for piece in tokenizer.pieces(sampled) if "<" in piece] == ["<p3>", "<p0>", "<p9>", "<p3>"]
    assert (tokenizer.marks, tokenizer.vocab_size) == (MARKS, 200)
    assert "<" not in tokenizer.characters


def test_a_tokenizer_without_symbols_has_no_marks_and_tells_what_it_knows(tokenizer):
    assert tokenizer.marks == ()
    assert tokenizer.knows(["une pomme", "une 北", ""]) == [True, False, True]
    assert tokenizer.characters >= set("pome,é")
