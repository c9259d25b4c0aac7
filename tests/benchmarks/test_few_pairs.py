"""The benchmark of a first run divides its seconds among the parts of train.py."""

import pathlib
import re
import runpy
import sys

SCRIPT = pathlib.Path(__file__).parents[2] / "benchmarks" / "few_pairs.py"
LINES = (
    "loading Keras", "pairs.tsv, fr -> en: {} training pairs", "stage 1 of 1", "step 1/60", "epoch   1  loss 7",
    "epoch   2  loss 6", "saved bundle", "exporting saved_model and", "exporting litert-fp32 and",
    "exporting litert-int8 and", "done in 0.1 minutes",
)  # fmt: skip


def test_the_parts_add_up_to_the_whole(tmp_path, monkeypatch, capsys):
    fake = tmp_path / "train.py"
    fake.write_text(
        "import sys, time\npairs = open(sys.argv[2], encoding='utf-8').readlines()\n"
        f"for line in {LINES!r}:\n    time.sleep(0.02)\n    print(line.format(len(pairs)))\n"
    )
    monkeypatch.setattr(sys, "argv", ["few_pairs.py", "--pairs", "7", "--script", str(fake)])
    runpy.run_path(str(SCRIPT), run_name="__main__")
    printed = capsys.readouterr().out
    assert "fr -> en: 7 training pairs" in printed
    parts = re.findall(r"^ +([0-9.]+) s  (.+)$", printed, re.MULTILINE)
    *names, end = runpy.run_path(str(SCRIPT))["PARTS"]
    assert ([name for _, name in parts], end) == (["starting", *names], "end")
    whole = float(re.search(r"([0-9.]+) s in all", printed)[1])
    assert abs(sum(float(seconds) for seconds, _ in parts) - whole) < 0.6
