import gzip
import json

import pytest

from kerasformer.data.cleaning import overlap_key
from kerasformer.data.corpus import load_corpus
from kerasformer.errors import InputError

WORDS = ["un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"]
PAIRS = [(f"{a} et {b} {i}{j}", f"{i} and {j}") for i, a in enumerate(WORDS) for j, b in enumerate(WORDS)]


def lines(column, pairs=PAIRS):
    return "".join(f"{pair[column]}\n" for pair in pairs).encode()


@pytest.fixture
def write(tmp_path):
    def write_file(name, data):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
        return str(tmp_path / name)

    return write_file


def test_a_folder_of_named_corpora_is_refused_with_own_files(write):
    files = [write("a.fr", lines(0)), write("a.en", lines(1))]
    with pytest.raises(InputError, match="--data-dir is the folder of a named corpus, and --data gives files"):
        load_corpus(files, data_dir="elsewhere")


@pytest.fixture
def files(write):
    return [write("a.fr", lines(0)), write("a.en.gz", gzip.compress(lines(1)))]


def test_translations_take_the_place_of_the_training_targets(files, write):
    corpus = load_corpus(files)
    lines = [f"{target} !" for _, target in corpus.train]
    lines[3], lines[4] = "", corpus.validation[0][1]
    path = write("teacher.en", "".join(f"{line}\n" for line in lines).encode())
    distilled = load_corpus(files, translations=path)
    sources = [source for source, _ in corpus.train]
    wanted = list(zip(sources, lines, strict=True))
    assert distilled.train == [*wanted[:3], *wanted[5:]]  # neither the empty line nor the one that is held out
    assert (distilled.validation, distilled.tests) == (corpus.validation, corpus.tests)
    assert distilled.sha256 != corpus.sha256
    assert f"the targets are {len(lines) - 2} of the {len(lines)} translations in {path}" in distilled.describe()


def test_translations_must_be_as_many_as_training_pairs(files, write):
    few = write("few.en", b"one\ntwo\n")
    with pytest.raises(InputError, match=r"few\.en has 2 lines, but .* has 90 training pairs: .* kerasformer distill"):
        load_corpus(files, translations=few)
    none = write("none.en", b"\n" * 89 + b"x" * 2000 + b"\n")
    with pytest.raises(InputError, match=r"no line of .*none\.en is a translation that can be trained on"):
        load_corpus(files, translations=none)


@pytest.fixture
def folder(write, tmp_path):
    for split, part in {"train": PAIRS[:60], "val": PAIRS[60:80], "test_old": PAIRS[80:]}.items():
        write(f"own/{split}.fr", lines(0, part))
        write(f"own/{split}.en", lines(1, part))
    return str(tmp_path / "own")


def test_two_files(files):
    corpus = load_corpus(files)
    assert (corpus.name, corpus.source, corpus.target, corpus.attribution) == (
        "a.fr + a.en.gz",
        "fr",
        "en",
        "",
    )
    assert (len(corpus.train), len(corpus.validation), list(corpus.tests)) == (90, 5, ["test"])
    assert sorted(corpus.train + corpus.validation + corpus.tests["test"]) == sorted(PAIRS)
    assert corpus.report["carved"] == ["validation", "test"]
    assert json.loads(json.dumps(corpus.report)) == corpus.report


def test_two_files_in_the_other_direction(files):
    corpus, turned = load_corpus(files), load_corpus(files, source="en")
    assert (turned.source, turned.target) == ("en", "fr")
    assert sorted(turned.train + turned.validation + turned.tests["test"]) == sorted((b, a) for a, b in PAIRS)
    assert turned.sha256 != corpus.sha256


def test_seed_changes_the_split_but_not_the_hash_of_what_was_read(files):
    first, second = load_corpus(files, seed=1), load_corpus(files, seed=2)
    assert first.tests != second.tests
    assert first.sha256 == second.sha256


@pytest.mark.parametrize(
    ("source", "target", "languages", "turned"),
    [
        (None, None, ("source", "target"), False),
        ("fr", "en", ("fr", "en"), False),
        ("fr", None, ("fr", "target"), False),
        ("target", "source", ("target", "source"), True),
    ],
)
def test_tsv(write, source, target, languages, turned):
    path = write("own.tsv", "".join(f"{a}\t{b}\tignored\n" for a, b in PAIRS).encode())
    corpus = load_corpus([path], source, target)
    assert (corpus.name, corpus.source, corpus.target) == ("own.tsv", *languages)
    assert (" and " in corpus.train[0][0]) == turned


def test_folder_keeps_its_splits(folder):
    corpus = load_corpus([folder])
    assert (corpus.name, corpus.source, corpus.target) == ("own", "fr", "en")
    assert (corpus.train, corpus.validation) == (PAIRS[:60], PAIRS[60:80])
    assert corpus.tests == {"test_old": PAIRS[80:]}
    assert corpus.report["carved"] == []


def test_folder_without_test_split_has_none(write, folder, tmp_path):
    (tmp_path / "own/test_old.fr").unlink()
    (tmp_path / "own/test_old.en").unlink()
    assert load_corpus(folder).tests == {}


def test_folder_without_validation_sets_some_aside_but_keeps_its_test(folder, tmp_path):
    (tmp_path / "own/val.fr").unlink()
    (tmp_path / "own/val.en").unlink()
    corpus = load_corpus([folder])
    assert (len(corpus.train), len(corpus.validation)) == (57, 3)
    assert corpus.tests == {"test_old": PAIRS[80:]}


def test_folder_of_three_languages_needs_a_choice(write, folder):
    write("own/train.de", lines(0, PAIRS[:60]))
    with pytest.raises(InputError, match="give both source and target language: choose from de, en, fr"):
        load_corpus([folder])
    assert load_corpus([folder], "en", "fr").source == "en"


def test_held_out_text_is_unchanged_and_not_in_train(write, folder):
    raw = [("ÇA\u00a0va…  ", " ﬁne\u200b "), ("", "empty"), ("x", "long " * 300), ("x", "long " * 300)]
    train = [("ça va...", "well"), ("bien", "FINE"), ("gardé", "kept"), ("gardé", "kept")]
    for column, language in enumerate(("fr", "en")):
        write(f"own/train.{language}", lines(column, train))
        write(f"own/val.{language}", lines(column, raw))
    corpus = load_corpus([folder], max_characters=50)
    assert corpus.validation == raw
    assert corpus.train == [("gardé", "kept")]
    assert corpus.report["removed_for_overlap"] == 2
    assert corpus.report["overlap"]["train/validation"] == {"source": 1, "target": 1}
    assert corpus.report["cleaning"]["train"]["duplicate"] == 1
    assert corpus.report["cleaning"]["validation"] == {"before": 4, "after": 4}


def test_description(write, folder):
    write("own/val.fr", lines(0, PAIRS[79:81]))
    write("own/val.en", lines(1, PAIRS[79:81]))
    text = "\n".join(load_corpus([folder]).describe())
    assert "own, fr -> en: 60 training pairs of 60 read, 2 validation, 20 test old" in text
    assert "validation shares 1 sources and 1 targets with test_old" in text


FRENCH = ("La gare numéro {} est là-bas.", "Il pleut depuis {} jours.", "Je voudrais {} cafés.", "Nous avons {} chats.")
ENGLISH = (
    "Station number {} is over there.",
    "It has been raining for {} days.",
    "I want {} coffees.",
    "We have {} cats.",
)
REAL = [(fr.format(n), en.format(n)) for n in range(20) for fr, en in zip(FRENCH, ENGLISH, strict=True)]
SWAPPED = [(en, fr) for fr, en in REAL]


def tsv(pairs):
    return "".join(f"{a}\t{b}\n" for a, b in pairs).encode()


def everything(corpus):
    return sorted(corpus.train + corpus.validation + corpus.tests["test"])


def test_swapped_columns_change_places_and_the_report_says_so(write):
    corpus = load_corpus([write("mine.tsv", tsv(SWAPPED))], "fr", "en")
    assert everything(corpus) == sorted(REAL)
    lines = corpus.describe()
    assert "mine.tsv is text with tabs: the source is column 2, the target column 1" in lines
    assert "swapped: column 1 looks like English (en) and column 2 like French (fr), so they change places" in lines
    assert f"    {' -> '.join(corpus.report['sample'])}" in lines
    straight = load_corpus([write("mine.tsv", tsv(REAL))], "fr", "en")
    assert everything(straight) == sorted(REAL)
    assert not any("swapped" in line for line in straight.describe())


@pytest.mark.parametrize(
    ("first", "count", "told"),
    [
        (("Phrase", "Traduction"), 0, "'Phrase' and 'Traduction', is read as the names of the columns"),
        (("Oui", "No"), 1, "'Oui' and 'No', is read as a pair: delete it if it has the names of the columns"),
    ],
)
def test_the_report_says_what_the_first_row_is(write, first, count, told):
    corpus = load_corpus([write("mine.tsv", tsv([first, *REAL]))], "fr", "en")
    assert everything(corpus) == sorted([*REAL, first][: len(REAL) + count])
    assert any(line.endswith(f"the first row, {told}") for line in corpus.describe())


def test_swapped_files_change_places_unless_their_names_say_the_contrary(write):
    files = [write("a.txt", lines(0, SWAPPED)), write("b.txt", lines(1, SWAPPED))]
    corpus = load_corpus(files, "fr", "en")
    assert everything(corpus) == sorted(REAL)
    assert (
        "swapped: a.txt looks like English (en) and b.txt like French (fr), so they change places" in corpus.describe()
    )
    files = [write("a.fr", lines(0, SWAPPED)), write("a.en", lines(1, SWAPPED))]
    with pytest.raises(InputError, match="so their names are swapped: correct the names, or choose with --columns"):
        load_corpus([write("mine.tsv", tsv([("fr", "en"), *SWAPPED]))])
    with pytest.raises(InputError, match=r"a\.fr looks like English \(en\) .* so their names are swapped: rename"):
        load_corpus(files)


def test_a_folder_whose_files_are_swapped_is_refused(write, tmp_path):
    for split in ("train", "val"):
        write(f"own/{split}.fr", lines(0, SWAPPED))
        write(f"own/{split}.en", lines(1, SWAPPED))
    with pytest.raises(InputError, match=r"own: train\.fr looks like English \(en\) .* so their names are swapped"):
        load_corpus([str(tmp_path / "own")])


def test_columns_that_are_asked_for_are_obeyed_with_a_warning(write):
    corpus = load_corpus([write("mine.tsv", tsv(SWAPPED))], "fr", "en", columns=["1", "2"])
    assert everything(corpus) == sorted(SWAPPED)
    assert any(line.startswith("warning: column 1 looks like English (en)") for line in corpus.describe())


def test_languages_without_names_and_wrong_names_are_told(write):
    path = write("mine.tsv", tsv(REAL))
    told = "if that is right, name them with --source fr --target en"
    assert any(told in line for line in load_corpus([path]).describe())
    wrong = load_corpus([path], "fr", "de").describe()
    assert "warning: the target is called German (de) but looks like English (en)" in wrong


@pytest.mark.parametrize("names", [["val.fr", "val.en"], ["val.tsv"]])
def test_held_out_files_of_ones_own(write, names):
    pairs = [write("mine.fr", lines(0, REAL[:40])), write("mine.en", lines(1, REAL[:40]))]
    held_out = [write("val.tsv", tsv([pair[::-1] for pair in REAL[40:60]]))]
    if len(names) == 2:
        held_out = [write(name, lines(side, REAL[40:60])) for side, name in enumerate(names)]
    test = [write("test.fr", lines(0, REAL[60:])), write("test.en", lines(1, REAL[60:]))]
    corpus = load_corpus(pairs, validation=held_out, test=test)
    assert (corpus.train, corpus.validation, corpus.tests) == (REAL[:40], REAL[40:60], {"test": REAL[60:]})
    assert corpus.report["carved"] == []
    assert any(line.startswith("validation: swapped") for line in corpus.describe()) == (len(names) == 1)
    only = load_corpus(pairs, validation=held_out)
    assert (only.validation, only.tests) == (REAL[40:60], {})
    assert corpus.sha256 != only.sha256 != load_corpus(pairs).sha256
    assert load_corpus(pairs, test=test).report["carved"] == ["validation"]
    assert load_corpus(pairs, source="en", validation=held_out).validation == SWAPPED[40:60]


def test_held_out_files_and_columns_where_there_are_none(write, files, folder):
    val = [write("val.fr", lines(0)), write("val.en", lines(1))]
    for data, options, message in [
        (
            "everyday",
            {"validation": val},
            "--validation goes with files of your own, not with everyday: leave it out",
        ),
        ("everyday", {"columns": ["1", "2"]}, "--columns goes with files of your own, not with everyday"),
        (folder, {"test": val}, "--test goes with files of your own, not with the folder .*own: leave it out"),
        (files, {"columns": ["1", "2"]}, "but two files are given: leave it out"),
        (files, {"test": [*val, val[0]]}, "--test takes FILE FILE or one FILE with columns, not 3 files"),
        (files, {"test": ["none.fr", "none.en"]}, "none.fr does not exist"),
        (files, {"validation": files}, "cleaning dropped all training pairs .*overlap 100"),
        ([write("x.tsv", tsv(REAL))], {"validation": val}, "no language 'source': choose from fr, en"),
    ]:
        with pytest.raises(InputError, match=message):
            load_corpus(data, **options)


def test_the_report_shows_what_was_changed_and_dropped(write):
    odd = [("l&#39;été", "the sum\u200bmer"), ("ﬁn", "the  end"), ("Bonjour", ""), REAL[0], ("du " * 400, "of")]
    odd += [("this one is not translated", "This one is not translated"), ("a" * 99, "b")]
    path = write("mine.tsv", tsv(REAL + odd))
    val = [write("val.tsv", tsv([("Un été &amp; un hiver.", "One summer &amp; one winter."), REAL[5]]))]
    corpus = load_corpus([path], "fr", "en", validation=val)
    text = "\n".join(corpus.describe())
    for line in (
        "changed, HTML entities decoded: 3 lines, such as\n    l&#39;été -> l'été",
        "changed, invisible characters removed: 1 line, such as\n    the sum<U+200B>mer -> the summer",
        "changed, characters and typography normalised: 1 line, such as\n    ﬁn -> fin",
        "dropped, duplicates: 1 pair, such as\n    La gare numéro 0 est là-bas. -> Station number 0 is over there.",
        "dropped, a side is empty: 1 pair, such as\n    Bonjour -> ",
        "dropped, lengths differ very much: 1 pair, such as\n    " + "a" * 60 + " ... -> b",
        "dropped, too long: 1 pair, such as",
        f"dropped, they share a sentence with a held-out split: 1 pair, such as\n    {' -> '.join(REAL[5])}",
        "dropped, the target is the source: 1 pair, such as\n    this one is not translated -> This one is not",
    ):
        assert line in text
    assert corpus.validation[0] == ("Un été & un hiver.", "One summer & one winter.")
    assert json.loads(json.dumps(corpus.report)) == corpus.report


CHAT = [(f"{a} {b}?", f"{b}.") for a in WORDS for b in WORDS]  # each answer ten times


def csv(pairs, header="Q,A,label"):
    return "".join(f"{row}\n" for row in [header, *(f"{a},{b},0" for a, b in pairs)]).encode()


def test_csv_of_a_conversation_keeps_questions_apart_and_lets_answers_recur(write):
    corpus = load_corpus([write("chat.csv", csv(CHAT))])
    assert (corpus.name, corpus.source, corpus.target) == ("chat.csv", "question", "answer")
    assert (len(corpus.train), len(corpus.validation), len(corpus.tests["test"])) == (90, 5, 5)
    assert sorted(corpus.train + corpus.validation + corpus.tests["test"]) == sorted(CHAT)
    assert (corpus.report["removed_for_overlap"], corpus.report["kept_apart"]) == (0, ["source"])
    assert corpus.report["overlap"]["train/test"]["source"] == 0
    assert corpus.report["overlap"]["train/test"]["target"] > 0
    rule = "they share their question with a held-out split (pairs that share only their answer are kept)"
    assert f"dropped, {rule}: 0 pairs" in corpus.describe()
    assert json.loads(json.dumps(corpus.report)) == corpus.report


def test_csv_of_two_languages_keeps_both_sides_apart(write):
    corpus = load_corpus([write("words.csv.gz", gzip.compress(csv(PAIRS, "FR,en,n")))], "fr", "EN")
    assert (corpus.source, corpus.target, corpus.report["kept_apart"]) == ("fr", "en", ["source", "target"])
    assert "dropped, they share a sentence with a held-out split: 0 pairs" in corpus.describe()
    assert load_corpus([write("chat.csv", csv(CHAT, "fr,en,n"))], "fr", "en").report["removed_for_overlap"] > 0


def test_empty_answers_are_never_held_out_and_are_dropped_from_training(write):
    empty = [(f"{word}??", "") for word in WORDS]
    corpus = load_corpus([write("chat.csv", csv(CHAT + empty))])
    assert corpus.report["read"] == {"train": 110}
    assert corpus.report["cleaning"]["train"]["empty"] == 10
    assert len(corpus.train) == 90
    assert all(answer for _, answer in corpus.validation + corpus.tests["test"])


def test_folder_of_a_conversation_loses_only_questions_that_are_held_out(write, tmp_path):
    for split, part in {"train": CHAT[:60], "val": [(CHAT[0][0].upper(), "new"), ("new?", CHAT[1][1])]}.items():
        write(f"chat/{split}.question", lines(0, part))
        write(f"chat/{split}.answer", lines(1, part))
    corpus = load_corpus([str(tmp_path / "chat")], "question", "answer")
    assert corpus.train == CHAT[1:60]


@pytest.mark.parametrize("name", ["fichier.fr", "multi31k"])
def test_unknown_name_lists_the_corpora(name):
    with pytest.raises(InputError, match=f"'{name}' is neither a corpus .*everyday, multi30k, tatoeba-fra-eng"):
        load_corpus([name])


def test_wrong_arguments_are_refused_in_one_line(files, folder, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    for data, languages, message in [
        ([], (), "0 data arguments"),
        (files * 2, (), "4 data arguments"),
        ([files[0], files[0]], (), "is given twice"),
        ([files[0], folder], (), "is a folder"),
        ([files[0], str(tmp_path / "none")], (), "none does not exist"),
        (files, ("it", "en"), "the data has no language 'it': choose from fr, en"),
        (files, ("fr", "fr"), "both 'fr'"),
        ([files[0]], (), "line 1: the line has one column, but two are needed"),
        ([folder], ("fr", "it"), "the data has no language 'it': choose from en, fr"),
        ([str(empty)], (), "no train.LANG"),
    ]:
        with pytest.raises(InputError, match=message):
            load_corpus(data, *languages)


def test_too_few_pairs_are_refused_and_so_is_a_corpus_that_cleaning_empties(write):
    few = write("few.tsv", b"un\tone\n" * 19)
    with pytest.raises(InputError, match="only 19 usable sentence pairs"):
        load_corpus([few])
    with pytest.raises(InputError, match=r"both 'fr'"):
        load_corpus([few], "fr", "fr")
    long = write("long.tsv", "".join(f"{a}\t{b}\n" for a, b in PAIRS).encode())
    with pytest.raises(InputError, match=r"cleaning dropped all training pairs of long\.tsv \(too long 90"):
        load_corpus([long], max_characters=3)


def test_real_multi30k(real_data):
    corpus = load_corpus(["multi30k"], data_dir=real_data)
    assert (corpus.source, corpus.target) == ("fr", "en")
    assert corpus.report["read"] == {
        "train": 29000,
        "validation": 1014,
        "test_2016_flickr": 1000,
        "test_2017_flickr": 1000,
    }
    assert corpus.report["notes"] == []  # every checksum agrees
    assert corpus.validation[0][1].startswith("A group of men are loading cotton onto a truck")
    assert len(corpus.train) == 29000 - corpus.report["cleaning"]["train"]["duplicate"] - 4


@pytest.mark.parametrize("direction", [("en", "de"), ("de", "fr")])
def test_real_multi30k_in_other_directions(real_data, direction):
    corpus = load_corpus(["multi30k"], *direction, data_dir=real_data / "multi30k")
    assert (corpus.source, corpus.target) == direction
    assert corpus.report["notes"] == []  # every checksum agrees


def test_real_tatoeba(real_data):
    corpus = load_corpus(["tatoeba-fra-eng"], data_dir=real_data)
    assert corpus.report["read"] == {"train": 150868, "validation": 2157}
    assert corpus.tests == {}
    assert "CC-BY 2.0 FR" in corpus.describe()[-1]


@pytest.mark.parametrize("direction", [(None, None), ("answer", "question")])
def test_real_korean_chat_has_no_source_on_two_sides(real_data, direction):
    corpus = load_corpus(["korean-chat"], *direction, data_dir=real_data)
    assert (corpus.source, corpus.target) == (direction if direction[0] else ("question", "answer"))
    assert (corpus.report["read"], corpus.report["notes"]) == ({"train": 11823}, [])  # the checksum agrees
    sides = [corpus.train, corpus.validation, corpus.tests["test"]]
    keys = [{overlap_key(source) for source, _ in pairs} for pairs in sides]
    assert sum(map(len, keys)) == len(set().union(*keys))
    assert [len(pairs) for pairs in sides[1:]] == pytest.approx([591, 591], abs=5)
    assert load_corpus(["korean-chat"], *direction, data_dir=real_data, seed=7) == corpus


def test_real_korean_chat_trains_on_all_that_is_not_held_out(real_data):
    corpus = load_corpus(["korean-chat"], data_dir=real_data)
    assert ("12시 땡!", "하루가 또 가네요.") in corpus.train + corpus.validation + corpus.tests["test"]
    counts = corpus.report["cleaning"]["train"]
    assert len(corpus.train) == 11823 - 2 * 591 - counts["duplicate"] - counts["length_ratio"]
    # Half of the answers in the test are answers in training, too.
    assert corpus.report["overlap"]["train/test"]["target"] > 500
    assert "MIT" in corpus.describe()[-1]
