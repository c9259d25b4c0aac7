"""A service that translates over HTTP: worker processes behind a fair queue, with the interfaces of known servers."""
