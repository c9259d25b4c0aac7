"""Score a translator of `bundles.py` on news, on Tatoeba and on the held-out pairs of each set.

    python benchmarks/general/scores.py --model fr-en --data-dir DATA --run runs/general

RUN holds the held-out pairs that `prepare.py` wrote. Prints BLEU and chrF of sacreBLEU against the raw references,
greedy search; how many translations have a loop (`kerasformer.evaluation.variants.has_loop`); how many of the names
and numbers that source and reference share are in the translation, and in how many sentences all of them are (`kept`).
`--max-repeats 0` searches without the guard against loops; `--show N` prints the first N sources of each set with their
translations.
"""

import argparse
import json
import pathlib
import re

import sacrebleu

from kerasformer import open_translator
from kerasformer.data.general import SETS
from kerasformer.data.text_files import read_parallel
from kerasformer.evaluation.variants import has_loop

TESTS = {"newstest2013": "newstest2013/test", "tatoeba-dev": "tatoeba-fra-eng/dev"}
_NAME = re.compile(r"\b[A-ZÀ-Þ][\w-]*[a-zß-ÿ]\b")
_NUMBER = re.compile(r"\b\d(?:[\d.,]*\d)?\b")
_SMALL = re.compile(r"\b[a-zß-ÿ][\w-]*")


def kept(sources, references, translations):
    """How many of the names and numbers that sources and references share are in the translations, and where all are.

    A name is a word with a capital that the sources have nowhere without one: not "The" or "University" of a title.

    Returns:
        dict of int: "shared" names and numbers, those of them "kept", "sentences_with" any, and how many of these
        sentences are "whole", with all of them kept.
    """
    common = {word for source in sources for word in _SMALL.findall(source)}

    def of(text):
        return {word for word in _NAME.findall(text) if word.lower() not in common}.union(_NUMBER.findall(text))

    counts = []
    for source, reference, translation in zip(sources, references, translations, strict=True):
        shared = of(source) & of(reference)
        counts.append((len(shared & of(translation)), len(shared)))
    found, shared = map(sum, zip(*counts, strict=True))
    with_any = [pair for pair in counts if pair[1]]
    whole = sum(kept == all_of_it for kept, all_of_it in with_any)
    return {"kept": found, "shared": shared, "whole": whole, "sentences_with": len(with_any)}


def read_tests(data_dir, run):
    """Yield (name, (French, English) pairs) of each test set."""
    for name, stem in TESTS.items():
        yield name, read_parallel(*(data_dir / f"{stem}.{side}.gz" for side in ("fr", "en")))
    for part in SETS if run else ():
        sides = [(run / f"held-out-{part.name}.{side}").read_text(encoding="utf-8") for side in ("fr", "en")]
        yield part.name, list(zip(*(side.splitlines() for side in sides), strict=True))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--data-dir", type=pathlib.Path, required=True)
    parser.add_argument("--run", type=pathlib.Path, help="folder of prepare.py (default: only news and Tatoeba)")
    held_out = [part.name for part in SETS]
    names = f"{', '.join(TESTS)} and, with --run, {', '.join(held_out)}"
    parser.add_argument("--sets", nargs="+", choices=[*TESTS, *held_out], metavar="NAME", help=f"of {names}")
    parser.add_argument("--limit", type=int, help="use only the first N sentences of each set")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="print the first N translations of each set")
    parser.add_argument("--max-repeats", type=int, help="see `SearchOptions` (default: the model's)")
    args = parser.parse_args()
    if not args.run and set(args.sets or ()) & set(held_out):
        parser.error("the held-out pairs need --run")
    options = {} if args.max_repeats is None else {"max_repeats": args.max_repeats}
    translator = open_translator(args.model, **options)
    side = ("fr", "en").index(translator.source)
    for name, pairs in read_tests(args.data_dir, args.run):
        if args.sets and name not in args.sets:
            continue
        pairs = pairs[: args.limit]
        sources, references = [pair[side] for pair in pairs], [pair[1 - side] for pair in pairs]
        answers = translator(sources)
        bleu, chrf = (score(answers, [references]).score for score in (sacrebleu.corpus_bleu, sacrebleu.corpus_chrf))
        figures = {"bleu": round(bleu, 2), "chrf": round(chrf, 2), "loops": sum(map(has_loop, sources, answers))}
        figures |= kept(sources, references, answers)
        print(json.dumps({"set": name, "sentences": len(pairs), **figures}), flush=True)
        for source, answer in list(zip(sources, answers, strict=True))[: args.show]:
            print(f"{source}\n    {answer}")


if __name__ == "__main__":
    main()
