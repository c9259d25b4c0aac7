"""The command `distill`: a teacher's translations of its training sources, from which a smaller model can learn.

Reference: Kim and Rush 2016, "Sequence-Level Knowledge Distillation".
"""

import pathlib
import sys

from kerasformer.cli.arguments import DECODING, add_decoding, chosen, chosen_protection
from kerasformer.cli.printing import complain
from kerasformer.data.corpora import available
from kerasformer.errors import InputError
from kerasformer.formats import describe
from kerasformer.inference.opening import named_data, open_artefact, split_seed
from kerasformer.interface.segmentation import too_long

AT_ONCE = 1024  # sources that are translated together; those of a batch have about the same length


def add_command(add):
    """Add the command to a parser; see `cli.main`."""
    command = add(
        "distill",
        distill,
        "translate the training sources, to train a smaller model on",
        "Translate the training sources of a corpus, one line for each, with a large model, the teacher. train.py "
        "--translations trains a smaller model on them. A run that was interrupted goes on with the same command.",
        """  kerasformer distill --model runs/teacher/bundle --data-dir DATA --out runs/teacher/translations.en
  python train.py --data general-fra-eng --data-dir DATA --translations runs/teacher/translations.en
""",
    )
    command.add_argument(
        "--data",
        nargs="+",
        metavar="DATA",
        help=f"what train.py will read: {', '.join(available())}; FILE FILE, one FILE with columns, or a FOLDER "
        "(default: the data the model was trained on)",
    )
    command.add_argument("--data-dir", metavar="FOLDER", help="folder with the files of a named corpus")
    command.add_argument("--out", required=True, metavar="FILE", help="write the translations to FILE, one a line")
    add_decoding(command)


def distill(arguments):
    """Translate the training sources of a corpus into a file, with progress on standard error; the exit code."""
    from kerasformer.data.prepared import open_corpus
    from kerasformer.documents.journal import Journal, model_key
    from kerasformer.system.files import write_text

    description = describe(arguments.model, "translation")
    data = arguments.data or named_data(description.corpus, available())
    if not data:
        raise InputError(
            "the model names no corpus that can be loaded by name: give what it was trained on with --data"
        )
    seed = split_seed(None, description.corpus)
    corpus = open_corpus(data, description.source, description.target, data_dir=arguments.data_dir, seed=seed).corpus
    options = {**chosen(arguments, DECODING), **chosen_protection(arguments)}
    translator = open_artefact(description, **options)
    out = pathlib.Path(arguments.out)
    journal = Journal(out.with_name(f"{out.name}.part"), model_key(description.path, options))
    sources = dict.fromkeys(source for source, _ in corpus.train)
    new = [source for source in sources if journal.get(source) is None]
    for begin in range(0, len(new), AT_ONCE):
        texts = new[begin : begin + AT_ONCE]
        journal.add(texts, _translations(translator, texts))
        done = len(sources) - len(new) + begin + len(texts)
        print(f"{done:,} of {len(sources):,} sources", file=sys.stderr, flush=True)
    write_text(out, "".join(f"{journal.get(source)}\n" for source, _ in corpus.train))
    journal.remove()
    return 0


def _translations(translator, texts):
    """The translation of each text in one line; an empty one where a sentence is too long."""
    complaints = [too_long(text) for text in texts]
    for complaint in filter(None, complaints):
        complain(complaint)
    found = iter(translator([text for text, complaint in zip(texts, complaints, strict=True) if not complaint]))
    return ["" if complaint else " ".join(next(found).split()) for complaint in complaints]
