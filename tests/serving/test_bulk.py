"""Translating files in bulk: shards by themselves, and with two workers of Ray of which one is killed."""

import json
import os
import signal
import sys

import pytest

from kerasformer.errors import InputError
from kerasformer.serving.shards import plan, translate_shard

TEXTS = [f"Il pleut{' très' * number} fort." for number in range(23)]


def capitals(texts):
    return [None if "fault" in text else text.upper() for text in texts]


def translated(path, out, lines=5, field="text"):
    """The counts of each shard, after all of them are translated."""
    return [translate_shard(shard, capitals, field) for shard in plan([path], out, lines, field)]


def written(out, suffix):
    """The bytes of all shards, one after the other."""
    return b"".join(path.read_bytes() for path in sorted(out.glob(f"*{suffix}")))


@pytest.mark.parametrize("end", ["", "\n"])
def test_each_line_of_text_has_one_line(tmp_path, end):
    lines = [*TEXTS, "", "a fault", "Fin."]
    (tmp_path / "a.txt").write_text("\n".join(lines) + end, encoding="utf-8")
    assert translated(tmp_path / "a.txt", tmp_path / "out") == [(5, 0)] * 4 + [(5, 1), (1, 0)]
    expected = [text.upper() for text in [*TEXTS, "", "", "Fin."]]
    assert written(tmp_path / "out", ".txt").decode() == "".join(f"{text}\n" for text in expected)


def test_a_line_that_is_not_utf8_is_an_empty_line(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"Oui.\n\xff\xfe\nNon.\n")
    assert translated(tmp_path / "a.txt", tmp_path / "out") == [(3, 1)]
    assert written(tmp_path / "out", ".txt") == b"OUI.\n\nNON.\n"


def test_each_object_of_json_gets_a_translation(tmp_path):
    lines = ['{"body": "Été.", "id": 1}', "{broken", "[1]", '{"body": 7}', '{"body": "a fault"}', '{"body": "Fin."}']
    (tmp_path / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert translated(tmp_path / "a.jsonl", tmp_path / "out", 4, "body") == [(4, 3), (2, 1)]
    rows = [json.loads(line) for line in written(tmp_path / "out", ".jsonl").splitlines()]
    assert [row["translation"] for row in rows] == ["ÉTÉ.", None, None, None, None, "FIN."]
    assert rows[0] == {"body": "Été.", "id": 1, "translation": "ÉTÉ."}


def test_each_row_of_parquet_gets_a_translation(tmp_path):
    pyarrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = pyarrow.table({"id": range(23), "text": [*TEXTS[:-1], None]})
    parquet.write_table(table, tmp_path / "a.parquet", row_group_size=7)
    assert sum(count for count, _ in translated(tmp_path / "a.parquet", tmp_path / "out")) == 23
    found = pyarrow.concat_tables(map(parquet.read_table, sorted((tmp_path / "out").glob("*.parquet"))))
    assert found.column("id").to_pylist() == list(range(23))
    assert found.column("translation").to_pylist() == [*map(str.upper, TEXTS[:-1]), None]
    with pytest.raises(InputError, match="must have the column body"):
        plan([tmp_path / "a.parquet"], tmp_path / "other", 5, "body")


def test_a_folder_is_continued_with_the_same_files_and_settings_only(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("\n".join(TEXTS))
    first = plan([path], tmp_path / "out", 5, "text", model="fr-en")
    translate_shard(first[2], capitals, "text")
    again = plan([path], tmp_path / "out", 5, "text", model="fr-en")
    assert [shard.is_done for shard in again] == [False, False, True, False, False]
    for change in ({"lines": 6}, {"model": "en-fr"}):
        with pytest.raises(InputError, match=f"other {next(iter(change))}"):
            plan([path], tmp_path / "out", **{"lines": 5, "field": "text", "model": "fr-en", **change})
    path.write_text("\n".join(TEXTS[1:]))
    with pytest.raises(InputError, match="other files"):
        plan([path], tmp_path / "out", 5, "text", model="fr-en")


@pytest.mark.parametrize("names", [["a.pdf"], ["a.txt", "b/a.txt"]], ids=["kind", "names"])
def test_files_that_cannot_be_divided(tmp_path, names):
    with pytest.raises(InputError):
        plan([tmp_path / name for name in names], tmp_path / "out", 5, "text")


@pytest.fixture(scope="module")
def run_in_bulk(request):
    """Function of arguments that translates with two workers of Ray."""
    pytest.importorskip("ray", reason="ray is not installed: pip install 'kerasformer[ray]'")
    from kerasformer.serving.bulk import translate_files

    model = request.getfixturevalue("int8_path")  # which is not made where Ray is not installed

    def run(path, out, report=None):
        return translate_files([path], out, model, workers=2, lines=4, report=report)

    run.model = model
    return run


def test_a_worker_that_is_killed_loses_no_line_and_a_second_run_does_the_rest(run_in_bulk, tmp_path):
    from kerasformer.runtime import LiteRTTranslator

    path, out, seen = tmp_path / "a.txt", tmp_path / "out", []
    path.write_text("\n".join(TEXTS), encoding="utf-8")

    def report(shard, found):
        seen.append(found[2])
        if len(seen) == 1:
            os.kill(found[2], signal.SIGKILL)

    assert run_in_bulk(path, out, report) == (23, 0, 0)
    assert len(set(seen)) >= 2
    whole = written(out, ".txt")
    assert whole.decode().splitlines() == LiteRTTranslator(run_in_bulk.model)(TEXTS)
    for shard in sorted(out.glob("*.txt"))[1:3]:
        shard.unlink()
    assert run_in_bulk(path, out) == (8, 0, 0)
    assert written(out, ".txt") == whole
    assert run_in_bulk(path, out) == (0, 0, 0)


def test_without_ray_the_command_says_what_to_install(complaint, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.delitem(sys.modules, "kerasformer.serving.bulk", raising=False)
    said = complaint("bulk", "--model", "fr-en", "--in", tmp_path / "a.txt", "--out", tmp_path / "out")
    assert "pip install 'kerasformer[ray]'" in said
