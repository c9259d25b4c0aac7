"""Atomic writing: after any failure the old file or folder is there, and no temporary file."""

import errno
import os

import pytest

from kerasformer.system import files


def tree(folder):
    """Every file below a folder with its bytes, and every folder with None."""
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


@pytest.fixture
def place(tmp_path):
    """A folder that holds a file and a folder to be replaced."""
    (tmp_path / "file").write_bytes(b"old")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "one").write_bytes(b"1")
    return tmp_path


def write_file(place):
    files.write_bytes(place / "file", b"new")


def write_folder(place):
    with files.whole_folder(place / "folder") as folder:
        (folder / "two").write_bytes(b"2")


def full(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


def failing(monkeypatch, name, time):
    """Let the call number `time` of a function of `os` fail."""
    real, calls = getattr(os, name), []

    def call(*arguments, **options):
        calls.append(arguments)
        return full() if len(calls) == time else real(*arguments, **options)

    monkeypatch.setattr(os, name, call)
    return calls


def test_a_file_is_written_and_replaced(tmp_path):
    path = tmp_path / "new" / "deep" / "file"
    files.write_bytes(path, b"\x00\xff")
    assert tree(tmp_path) == {"new": None, "new/deep": None, "new/deep/file": b"\x00\xff"}
    files.write_text(path, "œuvre\n")
    assert tree(tmp_path / "new" / "deep") == {"file": "œuvre\n".encode()}


def test_a_folder_is_written_and_replaced_whole(place):
    with files.whole_folder(place / "folder") as folder:
        (folder / "deep").mkdir()
        (folder / "deep" / "two").write_bytes(b"2")
        assert tree(place / "folder") == {"one": b"1"}  # the old one, until the end
    assert tree(place) == {"file": b"old", "folder": None, "folder/deep": None, "folder/deep/two": b"2"}
    with files.whole_folder(place / "other") as folder:
        (folder / "three").write_bytes(b"3")
    assert tree(place / "other") == {"three": b"3"}
    assert (place / "other").stat().st_mode & 0o777 == 0o755


def test_the_old_content_is_visible_until_the_block_ends(place):
    with files.whole_file(place / "file") as beside:
        beside.write_bytes(b"new")
        assert (place / "file").read_bytes() == b"old"
    assert (place / "file").read_bytes() == b"new"


@pytest.mark.parametrize("error", [RuntimeError("stop"), KeyboardInterrupt()])
@pytest.mark.parametrize(("whole", "name"), [(files.whole_file, "file"), (files.whole_folder, "folder")])
def test_an_error_inside_leaves_the_old_one(place, whole, name, error):
    before = tree(place)
    with pytest.raises(type(error)), whole(place / name) as beside:  # noqa: PT012
        (beside / "two" if beside.is_dir() else beside).write_bytes(b"half")
        raise error
    assert tree(place) == before


@pytest.mark.parametrize("write", [write_file, write_folder])
def test_a_full_disk_leaves_the_old_one(place, write, monkeypatch):
    before = tree(place)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write(place)
    assert tree(place) == before


def test_a_file_that_cannot_be_moved_leaves_the_old_one(place, monkeypatch):
    before = tree(place)
    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        write_file(place)
    assert tree(place) == before


@pytest.mark.parametrize("time", [1, 2])
def test_a_folder_that_cannot_be_moved_leaves_the_old_one(place, time, monkeypatch):
    before = tree(place)
    calls = failing(monkeypatch, "rename", time)
    with pytest.raises(OSError, match="No space left"):
        write_folder(place)
    assert len(calls) >= time
    assert tree(place) == before


def test_a_new_name_leaves_nothing_when_it_fails(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        files.write_bytes(tmp_path / "file", b"new")
    with pytest.raises(OSError, match="No space left"), files.whole_folder(tmp_path / "folder") as folder:
        (folder / "two").write_bytes(b"2")
    assert tree(tmp_path) == {}


def test_everything_is_synced_before_it_is_moved(place, monkeypatch):
    steps = []
    sync, rename, replace = os.fsync, os.rename, os.replace
    monkeypatch.setattr(os, "fsync", lambda file: (steps.append("sync"), sync(file)))
    monkeypatch.setattr(os, "rename", lambda *paths: (steps.append("move"), rename(*paths)))
    monkeypatch.setattr(os, "replace", lambda *paths: (steps.append("move"), replace(*paths)))
    write_file(place)
    assert steps == ["sync", "move", "sync"]  # the file, its name
    steps.clear()
    write_folder(place)
    assert steps[0] == "sync"
    assert steps[-3:] == ["move", "move", "sync"]


def test_a_folder_does_not_replace_a_file(place):
    before = tree(place)
    with pytest.raises(NotADirectoryError, match="file"), files.whole_folder(place / "file") as folder:
        (folder / "two").write_bytes(b"2")
    assert tree(place) == before


def test_a_link_to_a_folder_stays_a_link(place):
    (place / "link").symlink_to("folder")
    with files.whole_folder(place / "link") as folder:
        (folder / "two").write_bytes(b"2")
    assert (place / "link").is_symlink()
    assert tree(place / "folder") == {"two": b"2"}
    assert sorted(os.listdir(place)) == ["file", "folder", "link"]


def test_a_file_does_not_replace_a_folder(place):
    before = tree(place)
    with pytest.raises(IsADirectoryError):
        files.write_bytes(place / "folder", b"new")
    assert tree(place) == before


def test_a_folder_that_is_a_file_cannot_hold_anything(place):
    with pytest.raises(OSError, match="file"):
        files.write_bytes(place / "file" / "deeper", b"new")
    assert (place / "file").read_bytes() == b"old"
