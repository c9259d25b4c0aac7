"""Splitting text into sentences: ours beside sentencex and pysbd, in French, English, German and Korean.

    python benchmarks/splitting.py --data-dir FOLDER --out runs/splitting

Three lines of a corpus that end like a sentence are joined by spaces; the two joins are the sentence ends to be found.
Then the same with one line of the three that is hard, of each kind, from all corpora of a language. A corpus that is
missing in the folder, or a kind of which a language has few lines, is left out.
Writes report.md and report.json to --out.
"""

import argparse
import pathlib
import random
import re
import time

from running import add_data_dir, publish

from kerasformer.data.own_data import read_pairs
from kerasformer.data.text_files import read_lines
from kerasformer.errors import InputError, one_line_errors
from kerasformer.interface.segmentation import split_sentences

CORPORA = {
    "fr": ("tatoeba-fra-eng/dev.fr", "newstest2013/test.fr", "general-fra-eng/cds-blog.fr"),
    "en": ("tatoeba-fra-eng/dev.en", "newstest2013/test.en", "general-fra-eng/cds-blog.en"),
    "de": ("multi30k/val.de", "multi30k/test_2016_flickr.de"),
    "ko": ("korean-chat/ChatbotData.csv",),
}
MORE = {  # from which hard lines are drawn too
    "fr": ("tatoeba-fra-eng/train.fr", "multi30k/train.fr"),
    "en": ("tatoeba-fra-eng/train.en", "multi30k/train.en"),
    "de": ("multi30k/train.de",),
}
LINES = 3  # of a text
FEW = 8
# What makes a line hard: marks inside it that are no sentence ends.
KINDS = {
    "abbreviations": re.compile(
        r"(?<!\S)[A-Za-zÀ-ÿ][\w-]{0,5}(?:\.[\w-]+)*\.(?=,| [a-zà-ÿ]| \d)"
        r"|(?<!\S)(?:Mr?s?|Dr|Mmes?|Mlles?|Prof|St|Gen|Gov|Sen)\.(?= )"
    ),
    "quotes": re.compile('[«»"“”„]'),
    "decimals": re.compile(r"\d[.,]\d"),
    "initials": re.compile(r"(?<![\w.])[A-ZÀ-Ü]\.(?:[ -]?[A-ZÀ-Ü]\.)* ?(?=[A-ZÀ-Ü])"),
    "ellipses": re.compile(r"(?:\.\.|…)(?= ?\w)"),
}
SENTENCE = re.compile(r"\w.*[.!?…][\"'”’»)\]]*")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_data_dir(parser, "the corpora")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("runs/splitting"))
    parser.add_argument("--texts", type=int, default=400, help="texts of each corpus (default: 400)")
    return parser.parse_args()


def read_sentences(path):
    """Lines of a file that look like one sentence."""
    if path.suffix == ".csv":
        lines = [answer for _, answer in read_pairs([path])[2]]
    else:
        lines = read_lines(path if path.exists() else path.with_name(f"{path.name}.gz"))
    return [line.strip() for line in lines if SENTENCE.fullmatch(line.strip())]


def make_texts(sentences, count):
    """Draw `count` lists of `LINES` different sentences."""
    rng = random.Random(0)
    return [rng.sample(sentences, LINES) for _ in range(count)]


def make_hard_texts(sentences, kind, count):
    """Lists of `LINES` sentences, the second of them of a kind of `KINDS`; at most `count`, none if there are few."""
    rng, hard = random.Random(0), [sentence for sentence in sentences if KINDS[kind].search(sentence)]
    if len(hard) < FEW:
        return []
    chosen = rng.sample(hard, min(count, len(hard)))
    return [[rng.choice(sentences), sentence, rng.choice(sentences)] for sentence in chosen]


def ends_of(sentences):
    """Where sentences end within their text, as numbers of characters other than white space; without the last."""
    lengths = [len("".join(sentence.split())) for sentence in sentences if sentence.strip()]
    return {sum(lengths[: place + 1]) for place in range(len(lengths) - 1)}


def splitters(language):
    """Dict of name to function from a text to its sentences."""
    try:
        import pysbd
        import sentencex
    except ImportError:
        raise InputError('this compares with other packages: pip install "kerasformer[bench]"') from None
    known = language if language in pysbd.languages.LANGUAGE_CODES else "en"
    return {
        "kerasformer": lambda text: [sentence for sentence, _ in split_sentences(text)],
        "sentencex": lambda text: sentencex.segment(language, text),
        "pysbd": pysbd.Segmenter(language=known, clean=False).segment,
    }


def measure(split, texts):
    """Precision and recall of sentence ends, in per cent, texts split as wanted, and sentences per second."""
    joined, right, found, wanted, same = [" ".join(text) for text in texts], 0, 0, 0, 0
    began = time.perf_counter()
    answers = [list(split(text)) for text in joined]
    seconds = time.perf_counter() - began
    for text, answer in zip(texts, answers, strict=True):
        gold, ends = ends_of(text), ends_of(answer)
        right, found, wanted, same = (
            right + len(gold & ends),
            found + len(ends),
            wanted + len(gold),
            same + (gold == ends),
        )
    return {
        "precision": 100 * right / max(found, 1),
        "recall": 100 * right / wanted,
        "exact": 100 * same / len(texts),
        "sentences_per_second": LINES * len(texts) / seconds,
    }


def table(rows):
    """The report in Markdown."""
    cells = {(row["splitter"], row["corpus"]): row for row in rows}
    names, corpora = (list(dict.fromkeys(part)) for part in zip(*cells, strict=True))
    lines = [f"| precision / recall / texts exact, % | {' | '.join(names)} |", f"| --- |{' ---: |' * len(names)}"]
    for corpus in corpora:
        found = [cells[name, corpus] for name in names]
        scores = [f"{row['precision']:.1f} / {row['recall']:.1f} / {row['exact']:.1f}" for row in found]
        lines.append(f"| {corpus} | {' | '.join(scores)} |")
    speeds = [[cells[name, corpus]["sentences_per_second"] for corpus in corpora] for name in names]
    lines.append(f"| sentences/s | {' | '.join(f'{min(speed):,.0f} to {max(speed):,.0f}' for speed in speeds)} |")
    return "\n".join(lines)


def main():
    arguments = parse_arguments()
    rows = []
    for language, paths in CORPORA.items():
        texts, everything = {}, []
        for path in (*paths, *MORE.get(language, ())):
            if not any((arguments.data_dir / f"{path}{end}").exists() for end in ("", ".gz")):
                print(f"left out: there is no {arguments.data_dir / path}")
                continue
            sentences = read_sentences(arguments.data_dir / path)
            everything += sentences
            if path in CORPORA[language]:
                texts[path] = make_texts(sentences, arguments.texts)
        for kind in KINDS if everything else ():
            hard = make_hard_texts(everything, kind, arguments.texts)
            texts[f"{language}, {kind} ({len(hard)} texts)"] = hard
        for name, split in splitters(language).items():
            for corpus, of_corpus in texts.items():
                if of_corpus:
                    texts_of_row = {"corpus": corpus, "splitter": name, "texts": len(of_corpus)}
                    rows.append({"language": language, **texts_of_row, **measure(split, of_corpus)})
    publish(arguments.out, rows, table(rows))


if __name__ == "__main__":
    with one_line_errors("splitting.py"):
        main()
