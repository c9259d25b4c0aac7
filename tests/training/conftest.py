"""What tests that start processes share."""

import functools

import pytest
from forks import Server


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """Function of a backend: the `Server` that has imported Keras on it."""
    started = []

    @functools.cache
    def of(backend):
        started.append(Server(backend, tmp_path_factory.mktemp(f"forked-{backend}")))
        return started[-1]

    yield of
    for each in started:
        each.close()
