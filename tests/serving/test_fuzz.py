"""Wrong requests, as benchmarks/fuzz.py sends them: each gets an answer of one line, without a path of this machine."""

import collections
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "benchmarks"))
from fuzz import ADDRESSES, KINDS, REST, bodies, complaint, table

from kerasformer.serving.refusals import FAULT


def test_wrong_bodies_get_one_line(make_client):
    client, codes = make_client(max_characters=2000, deadline=5), {}
    for name, body, draw in bodies(REST, 210):
        headers = {"content-type": draw.choice((KINDS[0], KINDS[0], *KINDS))}
        answer = client.post(draw.choice(ADDRESSES), content=body, headers=headers)
        codes.setdefault(name, set()).add(answer.status_code)
        if answer.status_code != 200:
            assert answer.status_code in (400, 404, 413), answer.text
            assert not complaint(answer.json()["error"])
    assert set(codes) == set(REST)
    assert {200, 400} <= codes["odd values in JSON"]
    assert 413 in codes["a text of 1 MB"]


@pytest.mark.parametrize(
    "path", ["/v1/models/%00", "/v1/models/a%0d%0ab", "/%2e%2e/%2e%2e/etc/passwd", "/page/../../setup.cfg"]
)
def test_odd_addresses_are_not_found(client, path):
    assert client.get(path).status_code in (404, 405)


def test_an_answer_with_a_path_or_several_lines_or_of_a_fault_is_not_right():
    assert complaint("Invalid request") is None
    assert complaint("/home/someone/model is broken")
    assert complaint("Traceback\nof it")
    assert complaint(FAULT[1])


def test_each_kind_of_body_has_a_row_and_each_code_a_column():
    rows = table(collections.Counter({("a", 200): 3, ("b", 400): 2, ("b", 200): 1})).splitlines()
    assert rows == ["| body | 200 | 400 |", "|---|---:|---:|", "| a | 3 | 0 |", "| b | 1 | 2 |"]
