"""Five hundred odd requests: each gets an answer of one line, and no part of this machine is in it."""

import json
import random

import pytest

ADDRESSES = ("/translate", "/detect", "/v1/models/fr-en:predict", "/languages", "/translate_file", "/attention")
VALUES = [
    None,
    True,
    -1,
    1e308,
    10**30,
    "",
    "fr",
    "auto",
    "en\r\nx: y",
    "../../etc/passwd",
    "\u0000",
    "a" * 3000,
    [],
    {},
]
VALUES += [
    [[]],
    ["Oui."] * 3,
    {"b64": "AA=="},
    {"texts": "Oui."},
    "<b>" * 9,
    "\u202e",
    "%s{0}",
    "Oui. " * 99,
    ["", None],
]
NAMES = (
    "q",
    "source",
    "target",
    "format",
    "alternatives",
    "stream",
    "api_key",
    "instances",
    "inputs",
    "signature_name",
)


def odd_json(random):
    """Fields of the interfaces with odd values."""
    fields = {"q": "Oui.", "source": "fr", "target": "en", "instances": ["Oui."]}
    for _ in range(random.randint(0, 4)):
        fields[random.choice(NAMES)] = random.choice(VALUES)
    for name in random.sample(sorted(fields), random.randint(0, 2)):
        del fields[name]
    return json.dumps(fields).encode()


def odd_bytes(random):
    """JSON with some bytes changed, cut or put in."""
    body = bytearray(odd_json(random))
    for _ in range(random.randint(1, 5)):
        place = random.randrange(len(body) + 1)
        body[place : place + random.randint(0, 3)] = random.randbytes(random.randint(0, 3))
    return bytes(body)


@pytest.mark.parametrize("make", [odd_json, odd_bytes])
def test_odd_bodies_get_one_line(make_client, make):
    client, chance = make_client(max_characters=2000, deadline=5), random.Random(0)
    kinds = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "a/b", "")
    codes = set()
    for _ in range(250):
        headers = {"content-type": chance.choice((kinds[0], kinds[0], *kinds))}
        answer = client.post(chance.choice(ADDRESSES), content=make(chance), headers=headers)
        codes.add(answer.status_code)
        if answer.status_code != 200:
            said = answer.json()["error"]
            assert answer.status_code in (400, 404, 413), said
            assert "\n" not in said
            assert not any(word in answer.text for word in ("Traceback", "/root", "/home", "site-packages", ".py"))
    assert {200, 400} <= codes


@pytest.mark.parametrize(
    "path", ["/v1/models/%00", "/v1/models/a%0d%0ab", "/%2e%2e/%2e%2e/etc/passwd", "/page/../../setup.cfg"]
)
def test_odd_addresses_are_not_found(client, path):
    assert client.get(path).status_code in (404, 405)
