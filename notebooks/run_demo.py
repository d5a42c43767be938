"""Runs the first notebook headless and writes it as one HTML page that loads nothing: `python notebooks/run_demo.py`.

Prints the text of the verdict on the flights and the path of the page. Exit status 0 unless the notebook failed.
"""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter

HERE = Path(__file__).resolve().parent
NOTEBOOK = HERE / "01_guard_a_frame.ipynb"
MIME = "application/vnd.guard-nb.verdict.v1+json"
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Guard a frame</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<style>{style}</style></head>
<body><main>{body}</main></body></html>
"""


def execute(notebook: Path) -> Any:
    """The notebook with its outputs, run in its own folder. Raises `CellExecutionError` when a cell fails."""
    document = nbformat.read(notebook, as_version=4)
    client = NotebookClient(
        document,
        timeout=600,
        kernel_name="python3",
        resources={"metadata": {"path": str(notebook.parent)}},
        # The kernel's warnings are for those who serve it to others.
        extra_arguments=["--IPKernelApp.log_level=40"],
    )
    return client.execute()


def page(document: Any) -> str:
    """One page without scripts or addresses of its own; it follows the reader's light or dark theme."""
    exporter = HTMLExporter(template_name="basic", embed_images=True)
    exporter.anchor_link_text = ""
    body, _ = exporter.from_notebook_node(document)
    style = (HERE / "page.css").read_text(encoding="utf-8")
    return PAGE.format(style=style, body=body)


def verdict_text(document: Any) -> str:
    """The first verdict's text."""
    for cell in document.cells:
        for output in cell.get("outputs", []):
            if MIME in output.get("data", {}):
                return str(output["data"]["text/plain"])
    return ""


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE.parent / "out", help="folder for the page")
    options = parser.parse_args()
    logging.getLogger("traitlets").setLevel(logging.ERROR)
    try:
        document = execute(NOTEBOOK)
    except CellExecutionError as error:
        print(f"the notebook stopped: {error.ename}: {error.evalue}", file=sys.stderr)
        return 1
    options.out.mkdir(parents=True, exist_ok=True)
    target = options.out / f"{NOTEBOOK.stem}.html"
    target.write_text(page(document), encoding="utf-8")
    print(verdict_text(document).rstrip())
    print(f"\nreport: {target}")
    print('next:   make lab (the notebooks), or README.md, "The first contract" (your own data)')
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
