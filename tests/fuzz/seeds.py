"""Seeds for the fuzz targets, from the repository's own workbooks: the files as they are, and their sheets as text."""

import csv
import io
import pathlib
import struct
import sys
import zipfile

import openpyxl

ROOT = pathlib.Path(__file__).resolve().parents[2]


def small(container):
    """A container with the same parts cut short, so that a change of one byte is likely to matter."""
    out = io.BytesIO()
    with zipfile.ZipFile(container) as book, zipfile.ZipFile(out, "w") as copy:
        for name in book.namelist():
            copy.writestr(name, book.read(name)[:400])
    return out.getvalue()


def texts(container):
    """Each sheet as a text file in the form that the target `cells` takes."""
    for sheet in openpyxl.load_workbook(container, data_only=True):
        out = io.StringIO()
        rows = [["" if cell is None else cell for cell in row] for row in sheet.iter_rows(max_row=5, values_only=True)]
        csv.writer(out, delimiter=";").writerows(rows)
        yield b"\0" + out.getvalue().encode()


def cells():
    """A row of words, of numbers and of moments for each form."""
    for form in range(11):
        words = bytes(byte for word in range(32) for byte in (1, word))
        numbers = bytes([7]) + struct.pack("<d", 20261014.0) + bytes([8, 1, 2, 9, 100, 10, 140, 12, 1, 13, 15])
        yield bytes([1, form, 1]) + words + bytes([16]) + numbers


def main(folder):
    for target in ("container", "cells"):
        (folder / target).mkdir(parents=True, exist_ok=True)
    books = sorted((ROOT / "fixtures").rglob("*.xlsx"))
    for number, book in enumerate(books):
        (folder / "container" / f"hel-{number}").write_bytes(book.read_bytes())
        (folder / "container" / f"kort-{number}").write_bytes(small(book))
        for sheet, text in enumerate(texts(book)):
            (folder / "cells" / f"text-{number}-{sheet}").write_bytes(text)
    for number, seed in enumerate(cells()):
        (folder / "cells" / f"celler-{number}").write_bytes(seed)


main(pathlib.Path(sys.argv[1]))
