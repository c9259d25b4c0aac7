"""Train a translator further: its bundle gives config, tokenizer, weights and text rules, other data the pairs."""

import dataclasses
import hashlib
import itertools
import json

from kerasformer.bundle import Bundle, load_bundle
from kerasformer.config.presets import choose
from kerasformer.data.languages import UnknownLanguage, shown
from kerasformer.data.training_pairs import ENOUGH, count_characters
from kerasformer.errors import InputError
from kerasformer.formats import describe
from kerasformer.interface.cleaning import LATEST
from kerasformer.interface.rules import TextRules
from kerasformer.jobs.translation import COUNTED, FEW, Translation
from kerasformer.manifest import check_files, load_tokenizer

# Small steps for a short time, so that the model keeps what it knows.
RECIPE = {
    "epochs": 3,
    "batch_tokens": 2048,
    "num_shapes": 2,
    "learning_rate": 3e-4,
    "warmup_steps": 100,
    "cooldown": 0.8,
    "average_last": 1,
    "patience": 2,
}
# Of few pairs there are few batches; compiling would take longer than training.
FEW_RECIPE = {
    **RECIPE,
    "epochs": 6,
    "batch_tokens": 512,
    "num_shapes": 1,
    "warmup_steps": 20,
    "precision": "float32",
    "compiled": False,
}
_FREE = ("dropout",)  # fields of the model's config that its weights do not depend on


def describe_base(path):
    """The `Description` of a translator's bundle that is trained further.

    Args:
        path: the folder, or the name of a pretrained model.

    Raises:
        InputError: if it is no bundle, or not of a translator.
    """
    return describe(path, "translation", "bundle")


def choose_from(path, asked, given, recipe=None):
    """The two configs of a run that trains a bundle further.

    Args:
        path: the folder of the bundle, or the name of a pretrained model.
        asked: dict of the options "model" and "preset", None where they were not given.
        given: dict of fields of the configs that the command line sets.
        recipe: dict of such fields; those of the model but `dropout` are not used. None for `RECIPE`.

    Returns:
        The config of the model, and the `TrainingConfig`.

    Raises:
        InputError: if an option asks for another model than that of the bundle.
    """
    config, values = describe_base(path).config, RECIPE if recipe is None else recipe
    if asked["preset"]:
        raise InputError(f"--preset sets sizes, but --from takes those of {path}: leave out --preset")
    _, training = choose(asked["model"] or config.kind, "tiny", given, values)
    has, wanted = {"model": config.kind, **vars(config)}, {**given, "model": asked["model"] or config.kind}
    for name in has.keys() & wanted.keys() - set(_FREE):
        if wanted[name] != has[name]:
            option = f"--{name.replace('_', '-')}"
            raise InputError(f"{option} {wanted[name]} differs from {path}, which has {has[name]}: leave out {option}")
    free = {name: value for name, value in {**values, **given}.items() if name in _FREE}
    return dataclasses.replace(config, **free), training


class FineTuning(Translation):
    """Trains a translator further.

    Args:
        seed: int, seed of the splits of files that have none.
        **options: "from", the folder of a bundle or the name of a pretrained model; and those of `Translation`.

    Raises:
        InputError: if the bundle is damaged, or the data are in other languages.
    """

    options = (*Translation.options, "from")

    def __init__(self, seed=0, **options):
        self.base_name = options.pop("from")
        self.base = describe_base(self.base_name)
        check_files(self.base)
        self.rules = TextRules.of(self.base.metadata.get("text_rules"))
        cleaning = {} if self.rules.cleaning == LATEST else {"cleaning": self.rules.cleaning}
        languages = {"source": self.base.source, "target": self.base.target}
        way = f"{self.base_name} translates {' into '.join(map(shown, languages.values()))}"
        for side, code in languages.items():
            if options.get(side, code) != code:
                raise InputError(f"--{side} {options[side]}: {way}; leave out --{side}")
        try:
            super().__init__(seed=seed, **{**languages, **cleaning, **options})
        except UnknownLanguage as error:
            raise InputError(f"{error}; {way}") from None
        self.name += f"-from-{self.base.path.name}"
        self.recipe = FEW_RECIPE if len(self.corpus.train) < FEW else RECIPE

    @property
    def sentences(self):
        return self.rules.sentences

    @property
    def sha256(self):
        files = json.dumps(self.base.metadata["files"], sort_keys=True)
        return hashlib.sha256(f"{super().sha256} {files}".encode()).hexdigest()

    @property
    def inputs(self):
        return f"data of {self.corpus.name} or the files of {self.base_name}"

    def describe(self):
        trained_on = self.base.corpus
        credit = f" ({trained_on['attribution']})" if trained_on.get("attribution") else ""
        return [
            *self.corpus.describe(),
            f"training {self.base_name} further, which was trained on {trained_on.get('name', 'other data')}{credit}",
        ]

    def prepare(self, config, exact=False):
        return config, load_tokenizer(self.base)

    def build(self, config):
        model, base = super().build(config), load_bundle(self.base).model
        for name, graph in model.parts.items():
            graph.set_weights(base.parts[name].get_weights())
        return model

    def bundle(self, model, tokenizer, metrics):
        counts, _ = count_characters(itertools.islice(self.corpus.train, COUNTED))
        unseen = "".join(character for character in self.rules.unseen if counts[character] < ENOUGH)
        return Bundle(
            model,
            tokenizer,
            self.base.source,
            self.base.target,
            text_rules=dataclasses.replace(self.rules, unseen=unseen),
            decoding=self.base.metadata["decoding"],
            corpus={**self.source_of_training, "from": {"model": self.base_name, **self.base.corpus}},
            metrics=metrics,
        )
