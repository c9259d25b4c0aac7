"""Decoding speed beside CTranslate2 with the same weights, sentences and beam: python benchmarks/decoding.py BUNDLE

    python benchmarks/decoding.py BUNDLE --export FOLDER --data-dir DATA --out runs/decoding

The texts are the test sentences of Multi30k. Each engine translates them in calls of 1, 8, 32 and 128 sentences,
greedily and with a beam of 4; the engines take turns, so that what else runs on the machine slows all of them. A
.tflite translates sentences together if it was exported with `--batch 16`, and with the beam of `--beam-size 4`. Each
option that has several values, such as --engines, can choose fewer.
"""

import argparse
import collections
import dataclasses
import pathlib
import re
import resource
import tempfile
import time

import numpy as np
from running import add_data_dir, publish

from kerasformer.errors import one_line_errors

ENGINES = ("bundle", "saved_model", "litert-fp32", "litert-int8", "ct2-float32", "ct2-int8")
EXPORTS = {
    "saved_model": "saved_model",
    "litert-fp32": "translator.fp32.tflite",
    "litert-int8": "translator.int8.tflite",
}
CONTAINERS = re.compile("Execute|EagerKernel|BlockUntilReady|lambda|__inference|^while|^end:|search_padded")
COLUMNS = {
    "engine": "{}",
    "beam": "{}",
    "sentences of a call": "{}",
    "ms a sentence": "{:.2f}",
    "sentences/s": "{:.0f}",
    "tokens/s": "{:.0f}",
    "p50 ms": "{:.1f}",
    "p95 ms": "{:.1f}",
    "beside CTranslate2": "{:.2f}",
    "as the bundle %": "{:.1f}",
    "BLEU": "{:.2f}",
}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", help="a bundle, or the name of a pretrained model")
    parser.add_argument("--export", type=pathlib.Path, help="the folder of its exports; without it, only its bundle")
    add_data_dir(parser, "Multi30k", is_downloaded=True)
    parser.add_argument("--engines", nargs="+", default=ENGINES, choices=ENGINES)
    parser.add_argument("--calls", type=int, nargs="+", default=[1, 8, 32, 128], help="sentences of a call")
    parser.add_argument("--beams", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--sentences", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=3, help="the fastest counts")
    parser.add_argument(
        "--threads", type=int, default=1, help="of each engine; more than 1: as many workers for CTranslate2"
    )
    parser.add_argument("--profile", action="store_true", help="print the operations of the bundle's search instead")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("runs/decoding"))
    return parser.parse_args()


@dataclasses.dataclass
class Case:
    """An engine with a beam and a number of sentences for each call, and what was measured."""

    engine: str
    beam: int
    call: int
    answers: list = dataclasses.field(default_factory=list)
    rounds: list = dataclasses.field(default_factory=list)  # the seconds of each call

    def run(self, translate, texts):
        self.answers, seconds = [], []
        for begin in range(0, len(texts), self.call):
            start = time.perf_counter()
            self.answers += translate(texts[begin : begin + self.call], self.beam)
            seconds.append(time.perf_counter() - start)
        self.rounds.append(seconds)

    @property
    def best(self):
        return min(self.rounds, key=sum)


def open_engines(arguments):
    """Functions of texts and a beam, by the names of the engines; and the bundle's translator."""
    import tensorflow as tf

    from kerasformer import Translator
    from kerasformer.inference.opening import open_artefact

    tf.config.threading.set_intra_op_parallelism_threads(arguments.threads)
    tf.config.threading.set_inter_op_parallelism_threads(arguments.threads)
    ours = Translator.load(arguments.bundle)
    opened = {"bundle": ours} if "bundle" in arguments.engines else {}
    for name in arguments.engines:
        if name in EXPORTS and arguments.export:
            options = {"workers": arguments.threads} if name.startswith("litert") else {}
            opened[name] = open_artefact(arguments.export / EXPORTS[name], "translation", **options)
    engines = {name: Ours(translator) for name, translator in opened.items()}
    if peers := [name for name in arguments.engines if name.startswith("ct2-")]:
        from ctranslate import CTranslate2Translator, convert

        folder = tempfile.mkdtemp()
        convert(ours.bundle, folder)
        for name in peers:
            kind = name.removeprefix("ct2-")
            engines[name] = CTranslate2Translator(ours.bundle, folder, kind, workers=arguments.threads)
    return engines, ours


class Ours:
    """One of our translators as a function of texts and a beam."""

    def __init__(self, translator):
        self._translator = translator

    def __call__(self, texts, beam):
        options = {"beam_size": beam} if beam > 1 else {}
        return [hypotheses[0].text for hypotheses in self._translator.decode(texts, **options)]

    def searches(self, beam):
        return beam == 1 or not self._translator.is_greedy or self._translator.beam_size == beam


def measure(engines, texts, arguments):
    """The cases that the engines can do, measured in turns."""
    cases = [
        Case(name, beam, call)
        for beam in arguments.beams
        for call in arguments.calls
        for name, engine in engines.items()
        if not isinstance(engine, Ours) or engine.searches(beam)
    ]
    for _ in range(arguments.rounds + 1):  # the first round compiles
        for case in cases:
            case.run(engines[case.engine], texts)
    for case in cases:
        del case.rounds[0]
    return cases


def row_of(case, cases, ours, references):
    """What the table says about a case, as a dict."""
    from kerasformer.evaluation.translation import bleu

    alike = [other for other in cases if (other.beam, other.call) == (case.beam, case.call)]
    peers = [sum(other.best) for other in alike if other.engine.startswith("ct2")]
    wanted = next((other.answers for other in cases if (other.engine, other.beam) == ("bundle", case.beam)), [])
    seconds, tokens = sum(case.best), sum(ours.count(case.answers)) + len(case.answers)
    values = (
        case.engine,
        case.beam,
        case.call,
        1e3 * seconds / len(case.answers),
        len(case.answers) / seconds,
        tokens / seconds,
        1e3 * float(np.percentile(case.best, 50)),
        1e3 * float(np.percentile(case.best, 95)),
        min(peers, default=float("nan")) / seconds,
        100 * sum(map(str.__eq__, case.answers, wanted)) / len(wanted) if wanted else float("nan"),
        bleu(case.answers, references, ours.target)[0],
    )
    return dict(zip(COLUMNS, values, strict=True))


def table(rows):
    lines = [f"| {' | '.join(COLUMNS)} |", "|---" + "|---:" * (len(COLUMNS) - 1) + "|"]
    for row in rows:
        lines.append(f"| {' | '.join(form.format(row[name]) for name, form in COLUMNS.items())} |")
    return "\n".join(lines)


def profile(ours, texts, beam, most=25):
    """A table of the operations that take most of a search, without those that contain others."""
    import tensorflow as tf
    from tensorflow.tsl.profiler.protobuf import xplane_pb2

    decode, milliseconds, counts = Ours(ours), collections.Counter(), collections.Counter()
    decode(texts, beam)  # compiles
    with tempfile.TemporaryDirectory() as folder:
        with tf.profiler.experimental.Profile(folder):
            decode(texts, beam)
        path = next(pathlib.Path(folder).rglob("*.xplane.pb"))
        space = xplane_pb2.XSpace.FromString(path.read_bytes())
    for plane in space.planes:
        for event in (event for line in plane.lines for event in line.events):
            name = plane.event_metadata[event.metadata_id].name
            milliseconds[name] += event.duration_ps / 1e9
            counts[name] += 1
    names = [name for name, _ in milliseconds.most_common() if not CONTAINERS.search(name)][:most]
    rows = [f"| {name} | {counts[name]} | {milliseconds[name]:.1f} |" for name in names]
    return "\n".join(["| operation | times | ms |\n|---|---:|---:|", *rows])


def main():
    arguments = parse_arguments()
    with one_line_errors("decoding.py"):
        from kerasformer.data.corpus import load_corpus

        engines, ours = open_engines(arguments)
        corpus = load_corpus(["multi30k"], ours.source, ours.target, data_dir=arguments.data_dir)
        pairs = next(iter(corpus.tests.values()))[: arguments.sentences]
        texts, references = zip(*pairs, strict=True)
        texts = [ours.clean(text, "source") for text in texts]
        if arguments.profile:
            print(*(profile(ours, texts, beam) for beam in arguments.beams), sep="\n\n")
            return
        cases = measure(engines, texts, arguments)
        rows = [row_of(case, cases, ours, references) for case in cases]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        about = f"{len(texts)} sentences of {np.mean(ours.count(texts)):.1f} tokens, {arguments.threads} thread(s)"
        publish(arguments.out, rows, f"{about}; {peak:.0f} MB for all engines together\n\n{table(rows)}")


if __name__ == "__main__":
    main()
