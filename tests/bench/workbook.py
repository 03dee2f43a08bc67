"""Writes .xlsx files row by row, as Excel itself lays them out: shared strings, fast deflate. Standard library only."""

import datetime
import zipfile
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
PARTS = "application/vnd.openxmlformats-officedocument.spreadsheetml"
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
DAY_ZERO = datetime.date(1899, 12, 30).toordinal()
# A fixed time, so that the same rows give the same bytes.
WRITTEN = (2026, 11, 1, 8, 0, 0)
# Built-in number formats: general, a date, a time, two decimals.
STYLES = (f'{DECLARATION}<styleSheet xmlns="{MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
          '<fills count="1"><fill><patternFill patternType="none"/></fill></fills><borders count="1"><border/></borders>'
          '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4">'
          + "".join(f'<xf numFmtId="{number}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>' for number in (0, 14, 20, 2))
          + "</cellXfs></styleSheet>")


def text(value):
    return "t", value


def day(value):
    return 's="1"', value.toordinal() - DAY_ZERO


def clock(minutes):
    return 's="2"', CLOCK[minutes]


def money(ore):
    return 's="3"', repr(ore / 100)


def number(value):
    return "", repr(value)


CLOCK = [repr(minute / 1440) for minute in range(1441)]


def write(path, sheets):
    """Each sheet is a name, its headers and an iterable of rows; a cell is what the functions above give, or None."""
    shared, uses = {}, 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for name, content in fixed_parts([name for name, _, _ in sheets]):
            book.writestr(entry(name), content, compresslevel=1)
        for place, (_, headers, rows) in enumerate(sheets, 1):
            with book.open(entry(f"xl/worksheets/sheet{place}.xml"), "w", force_zip64=True) as part:
                part.write(f'{DECLARATION}<worksheet xmlns="{MAIN}"><sheetData>'.encode())
                uses += write_rows(part, shared, [text(header) for header in headers], rows)
                part.write(b"</sheetData></worksheet>")
        with book.open(entry("xl/sharedStrings.xml"), "w") as part:
            part.write(f'{DECLARATION}<sst xmlns="{MAIN}" count="{uses}" uniqueCount="{len(shared)}">'.encode())
            part.write("".join(f"<si><t>{escape(value)}</t></si>" for value in shared).encode())
            part.write(b"</sst>")


def entry(name):
    info = zipfile.ZipInfo(name, WRITTEN)
    info.compress_type = zipfile.ZIP_DEFLATED
    info._compresslevel = 1  # ZipFile.open has no argument for it
    return info


def write_rows(part, shared, headers, rows):
    """Returns how many cells were shared strings."""
    letters = [chr(ord("A") + place) for place in range(len(headers))]
    uses, waiting, at = 0, [], 0
    for row in chain_first(headers, rows):
        at += 1
        out = [f'<row r="{at}" spans="1:{len(letters)}">']
        for letter, cell in zip(letters, row):
            if cell is None:
                continue
            style, value = cell
            if style == "t":
                uses += 1
                place = shared.setdefault(value, len(shared))
                out.append(f'<c r="{letter}{at}" t="s"><v>{place}</v></c>')
            else:
                out.append(f'<c r="{letter}{at}" {style}><v>{value}</v></c>' if style else f'<c r="{letter}{at}"><v>{value}</v></c>')
        out.append("</row>")
        waiting.append("".join(out))
        if len(waiting) == 4096:
            part.write("".join(waiting).encode())
            waiting.clear()
    part.write("".join(waiting).encode())
    return uses


def chain_first(first, rest):
    yield first
    yield from rest


def fixed_parts(names):
    places = range(1, len(names) + 1)
    overrides = [("workbook", "sheet.main"), ("styles", "styles"), ("sharedStrings", "sharedStrings")]
    overrides += [(f"worksheets/sheet{place}", "worksheet") for place in places]
    listed = "".join(f'<Override PartName="/xl/{part}.xml" ContentType="{PARTS}.{kind}+xml"/>' for part, kind in overrides)
    yield "[Content_Types].xml", (
        f'{DECLARATION}<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-'
        f'package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>{listed}</Types>')
    yield "_rels/.rels", relationships([("officeDocument", "xl/workbook.xml")])
    sheets = "".join(f'<sheet name="{escape(name)}" sheetId="{place}" r:id="rId{place}"/>' for place, name in zip(places, names))
    yield "xl/workbook.xml", f'{DECLARATION}<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{sheets}</sheets></workbook>'
    yield "xl/_rels/workbook.xml.rels", relationships(
        [("worksheet", f"worksheets/sheet{place}.xml") for place in places]
        + [("styles", "styles.xml"), ("sharedStrings", "sharedStrings.xml")])
    yield "xl/styles.xml", STYLES


def relationships(targets):
    listed = "".join(f'<Relationship Id="rId{place}" Type="{RELATIONS}/{kind}" Target="{target}"/>'
                     for place, (kind, target) in enumerate(targets, 1))
    return f'{DECLARATION}<Relationships xmlns="{PACKAGE}/relationships">{listed}</Relationships>'
