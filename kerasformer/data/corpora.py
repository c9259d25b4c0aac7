"""The named corpora, one record each: where its files are, how they are read, its licence and its training recipe.

To add a corpus, add a `NamedCorpus` to `_CORPORA` below, or call `register` from outside the package.
"""

import io
import lzma
import zipfile
import zlib
from pathlib import Path

from kerasformer.config.presets import IMAGE_RECIPES
from kerasformer.data.columns import CONVERSATION, choose_columns
from kerasformer.data.corpus_record import CorpusFile, NamedCorpus, require_files
from kerasformer.data.delimited import read as read_columns
from kerasformer.data.file_formats import read_table
from kerasformer.data.general import ATTRIBUTION, FROM, SETS, mix
from kerasformer.data.splits import split_by_target
from kerasformer.data.text_files import decode_text, read_bytes, read_folder, read_parallel
from kerasformer.errors import InputError


def _read_everyday(folder, source, target):
    """Read lines of split, French, English."""
    splits = {"train": [], "validation": [], "test": []}
    with lzma.open(Path(__file__).with_name("everyday.tsv.xz"), "rt", encoding="utf-8") as lines:
        for line in lines:
            split, *pair = line.rstrip("\n").split("\t")
            splits[split].append(tuple(pair))
    return _from_french(splits, source), []


EVERYDAY = NamedCorpus(
    name="everyday",
    languages=("fr", "en"),
    attribution="Sentences from tatoeba.org, CC-BY 2.0 FR, selected by manythings.org/anki",
    read=_read_everyday,
    recipe={
        "num_decoder_layers": 2,
        "dropout": 0.0,
        "vocab_size": 4000,
        "epochs": 2,
        "batch_tokens": 2048,
        "num_shapes": 1,
        "learning_rate": 5e-3,
        "warmup_steps": 150,
        "cooldown": 0.6,
        "average_last": 1,
        "patience": 0,
    },
)


_MULTI30K_URL = "https://raw.githubusercontent.com/multi30k/dataset/master/data/task1/raw"
_MULTI30K_SHA256 = {  # of the decompressed text
    "train.de": "2c2b73fd2b548fbcde3a875e0a78d6ee94d498bfdee6bd3eae3945779e9ddf72",
    "train.en": "460a15fbd157e34a7a9957ee388c1ca247fe47af3ef25fb50442af6c274e0fc6",
    "train.fr": "5925a3c18f1587b6b54b87743106e6e8ab93618edb6f65d19eac0621f853a10d",
    "val.de": "660e09eb7e1da2f856ea13ee5ad3cf6d36b3d5b0b733c857e94c5747a3dfc660",
    "val.en": "1f2a23d992769b5b3d209b0a10dd0b77c08cceb1f20dfb97ed0aafa49d107227",
    "val.fr": "5304e444d842e962b2dda4d816b70b22a1765b15401642b7ca37a67477e708dc",
    "test_2016_flickr.de": "4be6b5b3236b79c25475c6bb829800a7ce559e9ba7a1f6c2394fe4d40be46d16",
    "test_2016_flickr.en": "399a4382932c1aadd3ceb9bef1008d388a64c76d4ae4e9d4728c6f4301cac182",
    "test_2016_flickr.fr": "cb3160d69b002bb638e66cc7612fcd56cb0af82eadc9c142dedc438afb885ef6",
    "test_2017_flickr.de": "c3078bc3b36808bf9d20eb2347ed6137016179ef59ec0d2b9b8ecc3fb2880081",
    "test_2017_flickr.en": "ce1450ddc5ab0834502579d77a170849952e15a2938b34cc503bdc25ebb4fb98",
    "test_2017_flickr.fr": "6f3764e31dac41e9455e612958bcfd4e877c5e15cd66df2c2b2be6d9bd83e5b6",
}


def _read_multi30k(folder, source, target):
    require_files(folder, [name for name in _MULTI30K_SHA256 if name.rpartition(".")[2] in (source, target)])
    return read_folder(folder, source, target)


MULTI30K = NamedCorpus(
    name="multi30k",
    languages=("de", "en", "fr"),
    direction=("fr", "en"),
    attribution="Multi30K (Elliott et al., 2016; 2017), captions of Flickr30k images: for research and "
    "education, not for redistribution",
    files=tuple(
        CorpusFile(f"{_MULTI30K_URL}/{name}.gz", name, sha256, language=name.rpartition(".")[2])
        for name, sha256 in _MULTI30K_SHA256.items()
    ),
    read=_read_multi30k,
    recipe={
        "dropout": 0.25,
        "vocab_size": 10000,
        "epochs": 100,
        "batch_tokens": 4096,
        "num_shapes": 2,
        "learning_rate": 5e-3,
        "cooldown": 0.5,
        "both_ways": 0.33,
        "subword_sampling": 0.5,
        "average_last": 8,
        "patience": 0,
    },
)


_TATOEBA_DEV_PER_MILLE = 15


def _read_tatoeba(folder, source, target):
    """Read train and dev files if they are there, else split the list that manythings.org publishes."""
    archive, text = folder / "fra-eng.zip", folder / "fra.txt"
    if archive.exists():
        table = read_columns(decode_text(_unzip_tatoeba(read_bytes(archive)), archive), archive)
    elif text.exists():
        table = read_table(text)
    else:
        require_files(folder, [f"{split}.{language}" for split in ("train", "dev") for language in ("fr", "en")])
        return read_folder(folder, source, target)
    splits = split_by_target(table.pairs(1, 0), _TATOEBA_DEV_PER_MILLE)
    return _from_french(splits, source), []


def _unzip_tatoeba(data):
    """Return fra.txt (English TAB French TAB attribution) from the bytes of the archive."""
    try:
        return zipfile.ZipFile(io.BytesIO(data)).read("fra.txt")
    except (zipfile.BadZipFile, KeyError, EOFError, zlib.error) as error:
        raise InputError(f"fra-eng.zip is not the archive of manythings.org ({error}): get it again") from error


TATOEBA = NamedCorpus(
    name="tatoeba-fra-eng",
    languages=("fr", "en"),
    attribution="Sentences from tatoeba.org, CC-BY 2.0 FR, selected by manythings.org/anki",
    files=(CorpusFile("https://www.manythings.org/anki/fra-eng.zip", unpack=_unzip_tatoeba),),
    read=_read_tatoeba,
    recipe={
        "dropout": 0.1,
        "epochs": 8,
        "batch_tokens": 3072,
        "num_shapes": 2,
        "cooldown": 0.5,
        "average_last": 4,
        "patience": 0,
    },
)


def _read_korean_chat(folder, source, target):
    """Read the two columns of the one file; it has no splits. Its third column is a label of the topic."""
    path = require_files(folder, ["ChatbotData.csv"])[0]
    choice = choose_columns(read_table(path), path, source, target)
    return {"train": choice.table.pairs(*choice.places)}, []


KOREAN_CHAT = NamedCorpus(
    name="korean-chat",
    languages=CONVERSATION,
    attribution="Song, Chatbot_data_for_Korean v1.0, github.com/songys/Chatbot_data, MIT licence",
    files=(
        CorpusFile(
            "https://raw.githubusercontent.com/songys/Chatbot_data/master/ChatbotData.csv",
            sha256="287eb129695b577321c80ad397bb3c2279164d4ca577874d129fd3db5b30afe2",
        ),
    ),
    read=_read_korean_chat,
    # Answers recur, so token accuracy is best long after the validation loss is lowest: no patience.
    recipe={
        "dropout": 0.1,
        "vocab_size": 4000,
        "epochs": 30,
        "batch_tokens": 512,
        "num_shapes": 3,
        "learning_rate": 2e-3,
        "warmup_steps": 300,
        "cooldown": 0.4,
        "average_last": 1,
        "patience": 0,
        "precision": "float32",  # the same for all kinds of models, which are compared on this corpus
    },
)


def _read_general(folder, source, target):
    """Read the sets, and beside their folder Tatoeba and, if it is there, newstest2013."""
    names = [f"{part.name}.{language}" for part in SETS[1:] for language in ("fr", "en")]
    paths = iter(require_files(folder, names, f"docs/train.md says where these sets of {GENERAL.name} are from"))
    beside = folder.resolve().parent
    if not (beside / TATOEBA.name).is_dir():
        raise InputError(
            f"{beside} lacks the folder {TATOEBA.name}: {GENERAL.name} has Tatoeba as well, see docs/train.md"
        )
    tatoeba, _ = TATOEBA.read(beside / TATOEBA.name, "fr", "en")
    sets = {"tatoeba": tatoeba["train"], **{part.name: read_parallel(next(paths), next(paths)) for part in SETS[1:]}}
    validation, news = tatoeba["validation"], beside / "newstest2013"
    if news.is_dir():
        validation = validation + read_parallel(*require_files(news, ["test.fr", "test.en"]))
    mixed = mix(sets, validation)
    train = {name: pairs for name, pairs in mixed.train.items() if FROM.get(name, source) == source}
    splits = {"train": [pair for pairs in train.values() for pair in pairs], "validation": validation, **mixed.held_out}
    weights = [mixed.weights[name] for name, pairs in train.items() for _ in pairs]
    return _from_french(splits, source), [], weights


_TATOEBA_FILES = ("train.fr", "train.en", "dev.fr", "dev.en", "fra-eng.zip", "fra.txt")
GENERAL = NamedCorpus(
    name="general-fra-eng",
    languages=("fr", "en"),
    attribution=ATTRIBUTION,
    files=tuple(
        CorpusFile("", name)
        for name in (
            *(f"{part.name}.{language}" for part in SETS[1:] for language in ("fr", "en")),
            *(f"../{TATOEBA.name}/{name}" for name in _TATOEBA_FILES),
            "../newstest2013/test.fr",
            "../newstest2013/test.en",
        )
    ),
    origin=f"the folders {TATOEBA.name} (manythings.org/anki) and general-fra-eng, files NAME.fr and NAME.en of "
    + "; ".join(f"{part.name} ({part.place})" for part in SETS[1:])
    + ". docs/train.md describes them",
    read=_read_general,
    # The pretrained models took a rate of 2e-3, 400 steps to warm up, and batches of 32,768 tokens. These are a quarter
    # of it, to fit memory, so the rate is divided by the root of four, and there are four times as many steps.
    recipe={
        "preset": "deep",
        "dropout": 0.05,
        "epochs": 10,
        "batch_tokens": 8192,
        "num_shapes": 2,
        "learning_rate": 1e-3,
        "warmup_steps": 1600,
        "cooldown": 0.3,
        "average_last": 3,
        "patience": 0,
    },
)

_CORPORA = {corpus.name: corpus for corpus in (EVERYDAY, MULTI30K, TATOEBA, KOREAN_CHAT, GENERAL)}


def register(corpus):
    """Make a `NamedCorpus` known to `load_corpus`, `train.py` and the command line.

    Raises:
        ValueError: if another corpus has that name.
    """
    if _CORPORA.setdefault(corpus.name, corpus) != corpus:
        raise ValueError(f"there is a corpus named {corpus.name!r} already: choose another name")


def available() -> list[str]:
    """Return the names of the corpora that `load_corpus` knows."""
    return list(_CORPORA)


def find_corpus(name) -> NamedCorpus | None:
    """Return the corpus of a name, None if there is none."""
    return _CORPORA.get(name)


def find_recipe(kind, data=None, asked=None):
    """Return the fields of configs that a model is trained with by default.

    Args:
        kind: kind of the model; a model of images has one recipe for all data.
        data: name of the corpus, if it has one.
        asked: name of the corpus whose recipe is used in place of that of `data`, or "none".

    Returns:
        Dict of field name to value; empty where there is no recipe.

    Raises:
        InputError: if the recipe asked for does not exist, or `kind` does not use recipes of corpora.
    """
    if asked is None:
        return IMAGE_RECIPES.get(kind) or getattr(find_corpus(data), "recipe", {})
    if kind in IMAGE_RECIPES:
        raise InputError(f"a {kind} has only one recipe and always takes it: leave out --recipe")
    if asked not in (*_CORPORA, "none"):
        raise InputError(f"recipe {asked!r} is unknown; there are {', '.join(_CORPORA)} and none")
    return getattr(find_corpus(asked), "recipe", {})


def _from_french(splits, source):
    """Turn (French, English) pairs round if the source is English."""
    if source == "fr":
        return splits
    return {name: [(english, french) for french, english in pairs] for name, pairs in splits.items()}
