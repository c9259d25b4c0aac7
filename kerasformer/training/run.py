"""A run on disk: the options and the data it was started with, so that it can be resumed."""

import contextlib
import dataclasses
import json
import pathlib

import keras

from kerasformer.config import TrainingConfig, config_of, from_dict
from kerasformer.errors import InputError
from kerasformer.system.files import write_bytes, write_text
from kerasformer.system.processes import locked
from kerasformer.tokenizer import Tokenizer
from kerasformer.training.backup import discard
from kerasformer.training.precision import best_precision

FILE, TOKENIZER_FILE = "run.json", "tokenizer.model"
# Options that may change when a run is resumed; so may the place of its data, which `check` compares.
CHANGEABLE = ("epochs", "minutes", "learning_rate", "precision", "patience", "backup_steps")


@dataclasses.dataclass(frozen=True)
class Run:
    """The options of a run.

    Args:
        data: dict of the options of the job: which data it reads.
        sha256: hash of the data, so that a resumed run reads the same.
        model: the config of the model, with the sizes that the data sets.
        training: the `TrainingConfig`.
        backend: the Keras backend that the run was started with.
    """

    data: dict
    sha256: str
    model: object
    training: TrainingConfig
    backend: str = dataclasses.field(default_factory=keras.backend.backend)

    def save(self, folder, tokenizer):
        """Write the run and its tokenizer into a folder."""
        folder = pathlib.Path(folder)
        if tokenizer:
            write_bytes(folder / TOKENIZER_FILE, tokenizer.model)
        write_text(folder / FILE, json.dumps(dataclasses.asdict(self), indent=1) + "\n")

    @contextlib.contextmanager
    def locked_into(self, folder, tokenizer, resume, is_first=True):
        """Write the run into a folder and lock it against other runs; of several workers only the first does so.

        Unless it is to `resume`, the run replaces what an earlier one left there.

        Raises:
            InputError: if another process is training there.
        """
        folder = pathlib.Path(folder)
        with contextlib.ExitStack() as stack:
            if is_first:
                try:
                    stack.enter_context(locked(folder / "lock", wait=False))
                except BlockingIOError:
                    raise InputError(
                        f"another process is training into {folder}: wait for it, or choose another --out"
                    ) from None
                if not resume:
                    (folder / FILE).unlink(missing_ok=True)  # so that a kill here leaves no run with another tokenizer
                    discard(folder)
                self.save(folder, tokenizer)
            yield

    @property
    def command(self):
        """The command that resumes the run, without its folder."""
        backend = "" if self.backend == "tensorflow" else f"KERAS_BACKEND={self.backend} "
        return f"{backend}python train.py --resume --out"

    def resumed_with(self, asked):
        """The same run with the given options, as far as they may change when a run is resumed.

        Args:
            asked: dict of options: fields of the configs, or options of the job.

        Raises:
            InputError: if another option differs from that of the run, or a value is wrong.
        """
        has = {"model": self.model.kind, **vars(self.model), **vars(self.training), **self.data}
        files = {name: asked[name] for name in ("data", "validation", "test") if name in asked}
        files |= {"from": [asked["from"]]} if "from" in asked else {}
        movable = ("data_dir", *(name for name in files if all(pathlib.Path(item).exists() for item in files[name])))
        for name, value in asked.items():
            if name not in (*CHANGEABLE, *movable) and (name not in has or has[name] != value):
                raise InputError(self._refusal(name, has))
        data = {**self.data, **{name: asked[name] for name in movable if name in asked}}
        changed = self._with({name: asked[name] for name in CHANGEABLE if name in asked})
        return dataclasses.replace(changed, data=data)

    def _refusal(self, name, has):
        """Why an option is refused when a run that `has` some is resumed, in one line."""
        kept = has.get(name, "")
        kept = " ".join(map(str, kept)) if isinstance(kept, list) else str(kept)
        may = ", ".join(map(_option, CHANGEABLE))
        return (
            f"a resumed run keeps its {' '.join([_option(name), kept]).strip()}: leave it out, or start a new run; "
            f"--resume may change only {may}, and where the same data are (--data-dir, --data, "
            "--validation, --test)"
        )

    def with_precision(self):
        """The same run with the best precision in place of "auto"."""
        if self.training.precision != "auto":
            return self
        return self._with({"precision": best_precision(self.model, self.training.workers)})

    def _with(self, changes):
        return dataclasses.replace(self, training=dataclasses.replace(self.training, **changes))

    def check(self, job):
        """Raise `InputError` unless a job's data are those the run was started with, and can be trained on so."""
        if job.sha256 != self.sha256:
            raise InputError(
                f"the {job.inputs} are not those the run was started with: give those with --data, or for a named "
                "corpus with --data-dir, or start a new run"
            )
        job.check(self.training)
        if self.backend != keras.backend.backend():
            raise InputError(
                f"the run was started with KERAS_BACKEND={self.backend}: resume it with that, or start a new run"
            )
        if self.training.workers > 1 and keras.backend.backend() != "tensorflow":
            raise InputError(f"--workers needs KERAS_BACKEND=tensorflow, not {keras.backend.backend()}")

    @classmethod
    def load(cls, folder):
        """Read the run and its tokenizer from a folder.

        Raises:
            InputError: if there is none, or it is damaged.
        """
        folder = pathlib.Path(folder)
        try:
            values = json.loads((folder / FILE).read_text(encoding="utf-8"))
            model = config_of(values["model"])
            # Older runs have no precision: they computed in float32.
            training = from_dict(TrainingConfig, {"precision": "float32", **values["training"]})
            backend = values.get("backend", keras.backend.backend())  # older runs do not record it
            run = cls(values["data"], values["sha256"], model, training, backend)
        except FileNotFoundError:
            raise InputError(f"there is nothing to resume in {folder.parent}: run without --resume first") from None
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{folder / FILE} is damaged ({error}): start a new run with another --out") from None
        has_text = hasattr(model, "vocab_size")
        return run, Tokenizer((folder / TOKENIZER_FILE).read_bytes()) if has_text else None


def _option(name):
    return f"--{name.replace('_', '-')}"


def is_of_other_data(folder, sha256):
    """Whether a folder holds a run on data with another hash than `sha256`."""
    try:
        return json.loads((pathlib.Path(folder) / FILE).read_text(encoding="utf-8"))["sha256"] != sha256
    except (OSError, ValueError, KeyError, TypeError):
        return False
