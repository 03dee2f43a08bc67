"""Reads payroll files, and says where two of them differ: per person and kind, in whole öre."""

import csv
import datetime
import filecmp
import xml.etree.ElementTree as ElementTree
from collections import Counter
from decimal import Decimal

from measure import Failed

# Lönart of our lonearter.toml, and of the peers.
KINDS = {
    "1652": "fast arvode", "1647": "grundarvode", "1648": "timarvode", "1675": "förlorad arbetsinkomst", "5001": "resa", "5002": "resa",
    "3001": "fast arvode", "3101": "grundarvode", "3102": "timarvode", "3110": "förlorad arbetsinkomst", "3120": "resa",
}
# Paid in November by us, by the peers for the last day of October: only the amount is compared.
WITHOUT_DAY = "fast arvode"
# A peer rejects what we hold or leave out: the reasons of each.
HELD_BY_PEERS = ("ogiltigt personnummer",)
LEFT_OUT_BY_PEERS = ("dubblett",)
LEFT_OUT_BY_US = "samma rad två gånger"


class Payroll:
    """What a file pays, in öre, by kind and by person, and how many rows say so."""

    def __init__(self, path):
        self.by_kind, self.by_person, self.rows = Counter(), Counter(), 0
        held_in = None
        for event, element in ElementTree.iterparse(path, events=("start", "end")):
            if event == "start" and element.tag == "lonetransaktioner":
                held_in = element
            elif event == "end" and element.tag == "lonetrans":
                self.add(element)
                # A million rows are read, none is kept.
                held_in.clear()

    def add(self, row):
        ore = whole_ore(row.findtext("belopp"))
        code = row.findtext("lonart")
        kind = KINDS.get(code)
        if kind is None:
            raise Failed(f"lönart {code} in a payroll file belongs to no kind that is compared")
        day = 0 if kind == WITHOUT_DAY else datetime.date.fromisoformat(row.findtext("datum")).toordinal()
        self.rows += 1
        self.by_kind[kind] += ore
        person = row.get("anstid")
        self.by_person[person, kind] += ore
        # Öre times the day: an amount that moved to another day is seen, without keeping every row.
        self.by_person[person, kind, "day"] += ore * day


def whole_ore(text):
    ore = Decimal(text) * 100
    if ore != ore.to_integral_value():
        raise Failed(f"{text} kr is not whole öre")
    return int(ore)


def agree(ours, theirs):
    """Our file and a peer's: the totals by kind. Loud when any person's kind differs by an öre or lies on other days."""
    different = [key for key in ours.by_person.keys() | theirs.by_person.keys() if ours.by_person[key] != theirs.by_person[key]]
    if different or ours.by_kind != theirs.by_kind:
        kinds = [f"  {kind}: {kronor(ours.by_kind[kind])} kr, the peer {kronor(theirs.by_kind[kind])} kr" for kind in sorted(set(KINDS.values()))]
        first = [f"  {' '.join(key)}: {ours.by_person[key]}, the peer {theirs.by_person[key]}" for key in sorted(different)[:10]]
        raise Failed("\n".join([f"the totals differ, for {len({key[0] for key in different})} persons:", *kinds, "the first (öre, or öre x day):", *first]))
    return ours.by_kind


def same_file(one, other):
    if not filecmp.cmp(one, other, shallow=False):
        raise Failed(f"{one} and {other} differ: the peers do not agree with each other")


def rows_agree(rows, told, rejects):
    """Rows in = accepted + held + left out, with us and with a peer, and each of them the same."""
    with open(rejects, encoding="utf-8", newline="") as file:
        reasons = Counter(reason for _, reason in csv.reader(file, delimiter=";"))
    peer = {"accepted": rows - reasons.total(), "held": sum(reasons[reason] for reason in HELD_BY_PEERS),
            "left out": sum(reasons[reason] for reason in LEFT_OUT_BY_PEERS)}
    ours = {"accepted": told["accepted"], "held": told["held"], "left out": told["ignored"].get(LEFT_OUT_BY_US, 0)}
    if told["rows"] != rows or sum(ours.values()) != rows or sum(peer.values()) != rows or ours != peer:
        raise Failed(f"of {rows} rows we tell of {told['rows']} and say {ours} {told['ignored']}, the peer says {peer} {dict(reasons)}")
    return ours


def kronor(ore):
    return f"{ore // 100:,}".replace(",", " ") + f",{ore % 100:02d}"
