"""What it costs to keep what must not change, and what it saves: BLEU, milliseconds, and what comes out unchanged.

    python benchmarks/protection.py fr-en --data-dir FOLDER --out runs/protection

Each set is translated with and without protection. A set of addresses, tags and so on is made from Tatoeba: they are
put into sentences of its dev split, one of a kind into each. Writes report.md and report.json to --out.
"""

import argparse
import pathlib
import re
import time
import warnings

from running import add_data_dir, publish

from kerasformer import open_translator
from kerasformer.data.text_files import read_lines
from kerasformer.errors import one_line_errors
from kerasformer.evaluation.translation import bleu
from kerasformer.interface.carrying import ProtectionWarning

SETS = {
    "Tatoeba dev": "tatoeba-fra-eng/dev",
    "Multi30k test 2016": "multi30k/test_2016_flickr",
    "newstest2013": "newstest2013/test",
}
MADE_FROM = "tatoeba-fra-eng/dev"
# What is put into sentences; {} is a word of the sentence, or all of it before its full stop.
MADE = {
    "number": "{} 1 234,56 €",
    "address": "{} https://exemple.fr/a?id=3",
    "mail": "{} jean@exemple.fr",
    "placeholder": "{} {{name}}",
    "tag": "<b>{}</b>",
    "markdown": "**{}**",
    "emoji": "{} \U0001f600",
    "code": "{} `git pull`",
    "time": "{} 12:34:56",
}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="bundle, SavedModel, .tflite or pretrained model")
    add_data_dir(parser, "the corpora")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("runs/protection"))
    parser.add_argument("--limit", type=int, default=1000, help="sentences of each set (default: 1000)")
    parser.add_argument("--made", type=int, default=40, help="sentences of each kind that are made (default: 40)")
    return parser.parse_args()


def made(sentences, count):
    """Dict of kind to sentences in which something of that kind stands beside a word in the middle, or around it."""
    found = {}
    for place, (kind, form) in enumerate(MADE.items()):
        usable = [text for text in sentences[place :: len(MADE)] if len(text.split()) >= 4][:count]
        found[kind] = [_with(text, form) for text in usable]
    return found


def _with(text, form):
    words = list(re.finditer(r"[^\W\d_]{2,}(?![\w'\u2019-])", text))
    word = words[len(words) // 2]
    return text[: word.start()] + form.format(word[0]) + text[word.end() :]


def measure(translate, sources, references, protect):
    """Translate twice and time the second: dict of figures."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ProtectionWarning)
        translate(sources, protect=protect)
        caught.clear()
        began = time.perf_counter()
        answers = translate(sources, protect=protect)
        seconds = time.perf_counter() - began
    lacking = [warning.message.lacking for warning in caught if isinstance(warning.message, ProtectionWarning)]
    spans = [[span.text for span in translate.protection().find(source)] for source in sources]
    kept = sum(span in answer for of_text, answer in zip(spans, answers, strict=True) for span in of_text)
    return {
        "sentences": len(sources),
        "spans": sum(map(len, spans)),
        "kept": kept,
        "appended": sum(len(of_text) for texts in lacking for _, of_text in texts),
        "bleu": bleu(answers, references)[0] if references else None,
        "ms_per_sentence": 1000 * seconds / len(sources),
    }


def table(rows):
    """The report in Markdown."""
    lines = [
        "| set | sentences | spans | kept without | kept with | appended | BLEU without | with | ms without | with |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, off, on in rows:
        scores = [f"{row['bleu']:.2f}" if row["bleu"] is not None else "" for row in (off, on)]
        cells = [off["sentences"], off["spans"], off["kept"], on["kept"], on["appended"], *scores]
        times = [f"{row['ms_per_sentence']:.1f}" for row in (off, on)]
        lines.append(f"| {name} | {' | '.join(map(str, [*cells, *times]))} |")
    return "\n".join(lines)


def main():
    arguments = parse_arguments()
    translate = open_translator(arguments.model)

    def read(stem, language):
        return read_lines(arguments.data_dir / f"{stem}.{language}.gz")

    sets = {name: [read(stem, language)[: arguments.limit] for language in (translate.source, translate.target)]
            for name, stem in SETS.items()}  # fmt: skip
    for kind, sources in made(read(MADE_FROM, translate.source), arguments.made).items():
        sets[f"made: {kind}"] = sources, None
    rows = []
    for name, (sources, references) in sets.items():
        off, on = (measure(translate, sources, references, protect) for protect in (False, True))
        rows.append((name, off, on))
        print(table(rows[-1:]).splitlines()[-1], flush=True)
    found = [{"set": name, "without": off, "with": on} for name, off, on in rows]
    publish(arguments.out, found, table(rows))


if __name__ == "__main__":
    with one_line_errors("protection.py"):
        main()
