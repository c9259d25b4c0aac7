"""Print the table of an export's report.json as Markdown: `python export/table.py runs/mine/export/report.json`."""

import argparse
import json
import pathlib

from kerasformer.errors import InputError, one_line_errors
from kerasformer.exporting.report import markdown


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", type=pathlib.Path, help="report.json beside the artefacts")
    parser.add_argument("--on-device", action="store_true", help="with the memory and the times of each .tflite")
    arguments = parser.parse_args()
    path = arguments.report
    try:
        print(markdown(json.loads(path.read_text(encoding="utf-8")), arguments.on_device))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError(f"{path} is damaged or not the report of an export") from None


if __name__ == "__main__":
    with one_line_errors("table.py"):
        main()
