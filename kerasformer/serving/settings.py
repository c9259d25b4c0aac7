"""The settings of a service; most are options of `kerasformer serve`."""

import dataclasses
import os


@dataclasses.dataclass(frozen=True)
class Settings:
    """How a service works.

    Args:
        models: tuple of str, names of pretrained models, paths, or NAME=PATH; empty for all pretrained models.
        workers: int, processes that translate; 0 for one for each processor that this process may use, at most 8.
        threads: int, threads of each worker.
        queue: int, the most sentences that are waiting or being translated; more are refused.
        deadline: float, seconds after which a request is given up.
        max_characters: int, the most characters of the texts of one request.
        max_texts: int, the most texts of one request.
        max_file_bytes: int, the most bytes of a file to translate.
        keys: tuple of str, lines of the file of API keys: a key, or a key and the word "admin"; empty if all may ask.
        per_minute: int, the most requests of a client in a minute; 0 for any number.
        cors: str, the origin whose pages may use the service, or "*"; "" for none.
        files: bool, whether files are translated; a translated file is fetched from the process that made it.
        page: bool, whether a web page stands at "/".
        log: "plain", "json" or "none", the form of the access log.
    """

    models: tuple = ()
    workers: int = 0
    threads: int = 1
    queue: int = 1000
    deadline: float = 30.0
    max_characters: int = 50_000
    max_texts: int = 1000
    max_file_bytes: int = 5_000_000
    keys: tuple = ()
    per_minute: int = 0
    cors: str = ""
    files: bool = True
    page: bool = True
    log: str = "plain"

    def count_workers(self):
        """The number of worker processes."""
        may_use = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return self.workers or min(may_use, 8)
