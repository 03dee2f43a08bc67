"""Drives the command line as a stranger would, month by month, and compares every payroll row with the oracle.

    /usr/bin/python3 run.py --bin PATH_TO_ARVODE [--seeds 1-20] [--with schablon,costs | all | none] [--months 24]
        [--without takeover,void] [--database postgres://...] [--keep DIR] [--quiet]

Per seed: init, settings, keys, imports, batches 2026-09 and 2026-10, corrections, batch 2026-11 (with --months: earlier
months before them, one import and batch each); each batch is frozen,
signed twice, exported, and the PAXml compared: first sums of antal and belopp per (anstid, lönart), then the multiset of
rows. Every difference is printed with the person's facts and both readings, for a human to judge.
With `life` (part of `all`, see life.py) things go wrong and are mended between the batches, and at the end the sum that was
paid must be what the final facts give, per person and year. Held rows and claims are
compared as warnings. Exit 1 if any row differs or a command fails, else 0. The scratch folder is removed unless --keep.
With --database, one database per seed is created beside the given one through psql, and dropped afterwards.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from fractions import Fraction as F

sys.dont_write_bytecode = True                             # leave no __pycache__ in the source tree

import life
import oracle
import scenario
from ledger import KVITTNING_LONART, Ledger

OFFICIALS = (("granskare-1", "ordinarie", ["granskning"]), ("beslutare-1", "ordinarie", ["beslut"]),
             ("ersattare-1", "ersattare", ["granskning", "beslut"]))
LONKOD = {"MILPRI_FRI": "5001", "MILPRI_SKT": "5002", **{k: k for k in ("INRHEL_FRI", "INRHLV_FRI", "INRNAT_FRI", "INRDAG_SKT")}}
PRICED_FREELY = ("1675", "1676")                           # any apris whose product rounds to belopp
FIELDS = ("anstid", "lonart", "datum", "antal", "apris", "belopp")


class Failed(Exception):
    pass


class Arvode:
    """One data folder of the program under test."""

    def __init__(self, binary, folder, database):
        self.binary, self.data, self.database = binary, os.path.join(folder, "data"), database
        self.keys = {}

    def run(self, *args, allowed=(0, 1)):
        done = subprocess.run([self.binary, *args], capture_output=True, text=True, timeout=300)
        if done.returncode not in allowed:
            raise Failed(f"arvode {' '.join(args)}\n  exit {done.returncode}\n  {done.stdout[-1500:]}\n  {done.stderr[-1500:]}")
        return done.stdout

    def do(self, *args):
        return self.run("--data", self.data, *args)

    def json(self, *args):
        text = self.do(*args, "--json")
        try:
            return json.loads(text)
        except ValueError as e:
            raise Failed(f"arvode {' '.join(args)} --json: {e}\n  {text[:600]}")

    def set_up(self, keys_folder, first_month):
        self.run("init", self.data)
        config = os.path.join(self.data, "config")
        self.set_line(os.path.join(config, "regelverk", "lonekalender.toml"), "forsta_manad", "%d-%02d" % first_month)
        if self.database:
            self.set_line(os.path.join(config, "arvode.toml"), "database", self.database)
        entries = []
        for name, kind, roles in OFFICIALS:
            self.keys[name] = os.path.join(keys_folder, name)
            if not os.path.exists(self.keys[name]):
                subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", self.keys[name]], check=True)
            with open(self.keys[name] + ".pub", encoding="utf-8") as f:
                public = f.read().strip()
            entries.append(f'[[person]]\nid = "{name}"\nname = "{name.capitalize()}"\nemail = "{name}@kommun.example"\n'
                           f'key = "{public}"\nroles = {json.dumps(roles)}\nansvar = ["*"]\nmax_belopp = 10000000\n'
                           f'from = "2014-01-01"\nkind = "{kind}"\ndecision = "KS 2014-12-17 § 1"\n')
        with open(os.path.join(config, "attestforteckning.toml"), "w", encoding="utf-8") as f:
            f.write("\n".join(entries))

    @staticmethod
    def set_line(path, name, value):
        with open(path, encoding="utf-8") as f:
            text = f.read()
        line = f'{name} = "{value}"'
        text, found = re.subn(rf"(?m)^[ \t]*#?[ \t]*{name}[ \t]*=.*$", lambda _: line, text, count=1)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text if found else line + "\n" + text)

    def month(self, payout):
        """Freezes, signs and exports a month. Returns (rows of the XML, its days of absence, the JSON of the frozen batch)."""
        before = set(self.xml_files())
        report = self.json("month", "%d-%02d" % payout, "--freeze", "--yes")
        if not report["rows"]:
            return [], {}, report
        self.do("attest", "sign", report["batch"], "--role", "granskning", "--key", self.keys["granskare-1"])
        self.do("attest", "sign", report["batch"], "--role", "beslut", "--key", self.keys["beslutare-1"])
        self.do("export", report["batch"])
        paths = sorted(set(self.xml_files()) - before)
        absent = {key: part for path in paths for key, part in read_absences(path).items()}
        return [row for path in paths for row in read_paxml(path)], absent, report

    def xml_files(self):
        for folder, _, names in os.walk(os.path.join(self.data, "out")):
            yield from (os.path.join(folder, n) for n in names if n.endswith(".xml"))

    def held(self):
        return {(h["anstid"], h["date"]): f"{h.get('kind')}: {h.get('reason')}" for h in self.json("remarks", "--state", "held")}


# ------------------------------------------------------------------------------------------------------- reading the XML

def decimal(text):
    return F(text.strip().replace(",", "."))


def read_paxml(path):
    rows = []
    for node in ET.parse(path).getroot().iter("lonetrans"):
        get = lambda tag: (node.findtext(tag) or "").strip()
        lonart = LONKOD[get("lonkod")] if get("lonkod") else get("lonart")
        rows.append({"postid": node.get("postid"), "anstid": node.get("anstid"), "persnr": node.get("persnr"), "lonart": lonart,
                     "datum": get("datum"), "antal": decimal(get("antal")), "apris": decimal(get("apris")),
                     "belopp": decimal(get("belopp"))})
    return rows


def read_absences(path):
    """{(anstid, day): percent} of the file's tidtransaktioner."""
    get = lambda node, tag: (node.findtext(tag) or "").strip()
    return {(node.get("anstid"), get(node, "datum")): decimal(get(node, "omfattning"))
            for node in ET.parse(path).getroot().iter("tidtrans")}


def oracle_row(r):
    return {"anstid": r.anstid, "lonart": r.lonart, "datum": r.datum.isoformat(), "antal": r.antal, "apris": r.apris,
            "belopp": F(r.belopp, 100)}


def to_ore(value):
    return oracle.half_up(value, F(1, 100))


def comparable(row):
    """Lost income may be priced with any apris whose product rounds to belopp: it is judged apart (see unsound). What is set
    off is dated as payroll's calendar has it."""
    apris = None if row["lonart"] in PRICED_FREELY else row["apris"]
    datum = row["datum"][:7] if row["lonart"] == KVITTNING_LONART else row["datum"]
    return (row["anstid"], row["lonart"], datum, row["antal"], apris, row["belopp"])


def unsound(rows, persnr):
    """Rows that contradict themselves: antal x apris other than belopp, or another person's number."""
    for r in rows:
        if abs(to_ore(r["antal"] * r["apris"])) != abs(r["belopp"]) or (r["antal"] < 0) != (r["belopp"] < 0) or r["apris"] < 0:
            yield f"antal x apris is not belopp: {show(r)}"
        if r["persnr"] != persnr.get(r["anstid"]):
            yield f"persnr {r['persnr']} for anstid {r['anstid']}"


# ---------------------------------------------------------------------------------------------------------- the comparison

def plain(value, places=4):
    text = f"{float(value):.{places}f}".rstrip("0").rstrip(".")
    return text if value is not None else "-"


def show(r):
    return f"{r['lonart']}  {r['datum']}  {plain(r['antal']):>8} x {plain(r['apris']):>10} = {plain(r['belopp'], 2):>10}"


def compare(expected, got):
    """(set of anstid with a difference, lines about the sums)."""
    sums = []
    for side, rows in (("oracle", expected), ("program", got)):
        total = defaultdict(lambda: [F(0), F(0)])
        for r in rows:
            total[r["anstid"], r["lonart"]][0] += r["antal"]
            total[r["anstid"], r["lonart"]][1] += r["belopp"]
        sums.append(total)
    lines, persons = [], set()
    for key in sorted(sums[0].keys() | sums[1].keys()):
        a, b = (s.get(key, [F(0), F(0)]) for s in sums)
        if a != b:
            persons.add(key[0])
            lines.append(f"  sum {key[0]} lönart {key[1]}: oracle {plain(a[0])} st {plain(a[1], 2)} kr, "
                         f"program {plain(b[0])} st {plain(b[1], 2)} kr")
    left, right = Counter(map(comparable, expected)), Counter(map(comparable, got))
    persons |= {key[0] for key in (left - right) + (right - left)}
    return persons, lines


def compare_absences(due, got):
    for key in sorted(due.keys() | got.keys()):
        if due.get(key) != got.get(key):
            yield f"  absent {key[0]} {key[1]}: oracle {plain(due.get(key, 0))} %, program {plain(got.get(key, 0))} %"


def facts_of(world, anstid, dates):
    """What the clerk knows about a person on the days in question, latest revisions only."""
    facts = oracle.Facts(world)
    pnr, person = next((k, p) for k, p in facts.persons.items() if p["anstid"] == anstid)
    clock = lambda t: "-" if t is None else f"{t // 60:02d}.{t % 60:02d}"
    yield (f"{person['fornamn']} {person['efternamn']}, {plain(person['avstand'])} km, tjänsteställe {person['tjanstestalle']}, "
           f"KL 4:13 {person['kl413']}" + "".join(f", {plain(km)} km to {plats}" for (p, plats), km in facts.place_km.items() if p == pnr))
    for u in sorted(facts.by_person[pnr], key=lambda u: u["fran"]):
        yield f"uppdrag {u['nyckel']} {u['organ']} {u['fran']}--{u['till'] or ''}"
    for a in facts.absences:
        if a["pnr"] == pnr:
            yield f"absence {a['slag']} {a['omfattning']} % {a['fran']}--{a['till']}"
    for i in facts.incomes:
        if i["pnr"] == pnr:
            yield (f"income {i['slag']} {plain(F(i['timlon'], 100), 2)} kr/h, SGI {plain(F(i['sgi'], 100), 2)}, semester "
                   f"{plain(i['semester_procent'] or 0)} %, pension {plain(i['pension_procent'] or 0)} %, intyg {i['intyg']}, "
                   f"{i['fran']}--{i['till'] or ''}")
    for (mote, who), r in facts.attendance.items():
        m = facts.meetings[mote]
        if who == pnr and m["datum"].isoformat() in dates:
            told = {k: m[k] for k in ("utom", "plats", "kallat", "beslut") if m[k]}
            told |= {k: r[k] for k in ("tjg", "paragrafer", "distans", "narvaroratt", "loneavdrag") if r[k] not in (None, False) or k == "tjg"}
            pauses = " ".join(f"({clock(a)}-{clock(b)})" for a, b in m["ajournering"])
            yield (f"at {mote} slag {m['slag']} {m['datum']} {clock(m['start'])}-{clock(m['slut'])} {pauses} {r['roll']} own "
                   f"{clock(r['nfran'])}-{clock(r['ntill'])} km {plain(r['km'] or 0)} lost {plain(F(r['lost'], 100), 2)} {told}")
    for j in facts.jour:
        if j["pnr"] == pnr and any(j["fran"].isoformat() <= d <= j["till"].isoformat() for d in dates):
            yield f"jour {j['fran']}--{j['till']} active {clock(j['aktiv_fran'])}-{clock(j['aktiv_till'])}"
    for d in facts.decisions:
        if f"{pnr[:8]}-{pnr[8:]}" in d["galler"] or f"{person['fornamn']} {person['efternamn']}" in d["galler"]:
            yield f"decision {d['dnr']} {d['datum']} {d['galler']}: {d['innebord']} {d['fran'] or ''}--{d['till'] or ''}"
    # A cap of a month or a year binds claims of other days together: all of the person's claims of those years are shown.
    for (mote, who, slag), c in facts.claims.items():
        near = {d[:4] for d in dates} if slag in ("funktion", "pension") else dates
        if who == pnr and (c["datum"].isoformat() in near or c["datum"].isoformat()[:4] in near):
            told = {k: c[k] for k in ("barn", "narstaende", "barnomsorg", "pensionstillfalle", "avresa", "hemkomst", "maltider") if c[k]}
            yield (f"claim {slag} {mote} inkom {c['inkom']} {clock(c['fran'])}-{clock(c['till'])} timmar {plain(c['timmar'] or 0)} "
                   f"restid {c['restid']} förb {c['forb']} särsk {c['sarskild']} belopp {plain(F(c['belopp'], 100), 2)} "
                   f"km {plain(c['km'] or 0)} styrkt {c['styrkt']}{' ÅTERTAGEN' if c['atertagen'] else ''} "
                   f"{told or ''}")


def explain(world, persons, expected, got):
    for anstid in sorted(persons):
        mine, theirs = ([r for r in rows if r["anstid"] == anstid] for rows in (expected, got))
        left, right = Counter(map(comparable, mine)), Counter(map(comparable, theirs))
        only = lambda rows, diff: [r for r in rows if comparable(r) in diff]
        missing, extra = only(mine, left - right), only(theirs, right - left)
        print(f"  -- anstid {anstid}")
        for line in facts_of(world, anstid, {r["datum"] for r in missing + extra}):
            print(f"     {line}")
        for title, rows in (("oracle only ", missing), ("program only", extra)):
            for r in sorted(rows, key=lambda r: (r["datum"], r["lonart"])):
                print(f"     {title}  {show(r)}")


def compare_held(world, held, program):
    ours = defaultdict(set)
    for h in held:
        ours[h.anstid, h.datum.isoformat()].add(h.reason)
    for key in sorted(ours.keys() - program.keys()):
        print(f"  warning: held by the oracle only: {key[0]} {key[1]} ({'; '.join(sorted(ours[key]))})")
    for key in sorted((k for k in program.keys() - ours.keys()), key=str):
        print(f"  warning: held by the program only: {key[0]} {key[1]} ({program[key]})")


# ----------------------------------------------------------------------------------------------------------------- the run

class Course:
    """One seed's months: what comes in, the batches, and what becomes of them."""

    def __init__(self, seed, args, folder, database):
        self.args, self.folder, self.found = args, folder, 0
        self.plan = scenario.build(seed, args.features, args.months)
        self.arvode, self.ledger = Arvode(args.bin, folder, database), Ledger(self.plan.first_month)
        self.life = life.Life(self.plan, self.arvode, self.ledger, folder, args.events) if "life" in args.features else None
        self.absent_before, self.delivered, self.held = {}, [], []

    def go(self, keys_folder):
        """The number of differences."""
        books = os.path.join(self.folder, "workbooks")
        os.makedirs(books)
        self.arvode.set_up(keys_folder, self.plan.first_month)
        for k, stage in enumerate(self.plan.stages):
            # Each list is written just before it is imported: one file comes in a second time, unchanged.
            for path in scenario.write_stage(stage, books):
                self.arvode.do("import", path)
            for payout in stage.payouts:
                if self.life:
                    self.live(k, stage, payout)
                else:
                    self.batch(stage.world, payout)
            if not self.args.quiet:
                compare_held(stage.world, self.held, self.arvode.held())
        if self.life:
            self.balance(self.plan.stages[-1].world, self.plan.stages[-1].payouts[-1])
        return self.found

    def live(self, k, stage, payout):
        self.life.at(k)
        if self.life.paid_by_the_old_routine(payout):
            return
        self.life.before(payout)
        if self.life.takes_back():
            before = self.ledger.copy(), dict(self.absent_before), len(self.delivered)
            _, name = self.batch(stage.world, payout)
            if name:
                self.arvode.do("void", name, "--because", "fel fil till lönesystemet", "--payroll-discarded")
                self.life.note(f"{payout}: {name} taken back")
                self.ledger, self.absent_before = before[:2]
                self.life.ledger = self.ledger
                del self.delivered[before[2]:]
        rows, _ = self.batch(stage.world, payout)
        for row in self.life.after(payout, rows):
            self.delivered.remove(comparable(oracle_row(row)))

    def batch(self, world, payout):
        """Freezes, signs and delivers a month, and compares. Returns (the rows that left, by the oracle; the batch's name)."""
        persnr = {p["anstid"]: p["pnr"] for p in world["persons"]} | (self.life.renumbered if self.life else {})
        waited = set(self.ledger.waiting)
        rows, waiting, self.held = self.ledger.batch(world, payout)
        expected = [oracle_row(r) for r in rows]
        got, absent, report = self.arvode.month(payout)
        self.delivered += map(comparable, got)
        persons, lines = compare(expected, got)
        if "tidtrans" in self.args.features:
            due = {(who, day.isoformat()): F(part) for (who, day), part in
                   oracle.absent_days(world, payout, self.plan.first_month).items()}
            # Days of absence wait with all other rows of a person who waits: with which batch they go then is not compared.
            waited |= self.ledger.waiting.keys()
            lines += compare_absences({k: v for k, v in due.items() if k not in self.absent_before and k[0] not in waited},
                                      {k: v for k, v in absent.items() if k not in self.absent_before and k[0] not in waited})
            self.absent_before |= due
        faults = list(unsound(got, persnr))
        if len(report["rows"]) != len(got) + len(absent):
            faults.append(f"{len(report['rows'])} rows in the JSON, {len(got) + len(absent)} in the XML")
        self.found += len(persons) + len(faults) + sum("absent" in x for x in lines)
        print(f"  batch {report['batch']}: {len(expected)} rows expected, {len(got)} exported, "
              f"{len({r.anstid for r in waiting})} persons wait, {len(persons)} persons differ")
        print(*lines, *(f"  fault: {x}" for x in faults), sep="\n", end="\n" if lines or faults else "")
        explain(world, persons, expected, got)
        if self.life and persons:
            print(*(f"     life: {x}" for x in self.life.told if any(p in x for p in persons)), sep="\n")
        return rows, report["batch"] if got else None

    def balance(self, world, payout):
        """Sum paid = entitled, per person and year, and each debt that is set off is paid or left."""
        left = [row for row in self.delivered if row[1] != KVITTNING_LONART]
        ore = [(anstid, int(datum[:4]), int(belopp * 100)) for anstid, _, datum, _, _, belopp in left]
        wrong = [f"{who} {year}: {plain(F(x, 100), 2)} kr more entitled than paid" for who, year, x in
                 self.ledger.imbalance(world, payout, ore)]
        debts = defaultdict(int)
        for s in self.ledger.settled:
            debts[s.row.anstid] += -s.row.belopp if s.how == "kvittning" else 0
        for anstid, lonart, *_, belopp in self.delivered:
            debts[anstid] += int(belopp * 100) if lonart == KVITTNING_LONART else 0
        wrong += [f"{who}: {plain(F(x, 100), 2)} kr of kvittning left, not {plain(F(self.ledger.left_of_debts(who), 100), 2)}"
                  for who, x in debts.items() if x != self.ledger.left_of_debts(who)]
        self.found += len(wrong)
        print(f"  sums: {len(wrong)} of persons and years differ", *(f"    {x}" for x in wrong), sep="\n")
        if not self.args.quiet:
            print(*(f"  life: {x}" for x in self.life.told), sep="\n")


def run_seed(seed, args, keys_folder):
    """Returns the number of differences of one seed."""
    folder = os.path.join(args.keep, f"seed-{seed}") if args.keep else tempfile.mkdtemp(prefix=f"arvode-oracle-{seed}-")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    database, found, course = None, 0, None
    try:
        database = create_database(args.database, seed) if args.database else None
        course = Course(seed, args, folder, database)
        print(f"seed {seed}: {len(course.plan.stages[0].world['persons'])} rows of persons; "
              + ("" if args.quiet else "; ".join(course.plan.notes)))
        found = course.go(keys_folder)
    except (Failed, OSError, ET.ParseError, KeyError, subprocess.SubprocessError) as e:
        print(f"  FAILED: {type(e).__name__}: {e}")
        found = 1 + (course.found if course else 0)
    finally:
        if database:
            psql(args.database, f'DROP DATABASE IF EXISTS "{database.rsplit("/", 1)[1]}"')
        if not args.keep:
            shutil.rmtree(folder, ignore_errors=True)
    return found


def psql(url, statement):
    subprocess.run(["psql", url, "-qc", statement], check=True, capture_output=True)


def create_database(url, seed):
    name = f"arvode_oracle_{seed}_{os.getpid()}"
    psql(url, f'CREATE DATABASE "{name}"')
    return url.rsplit("/", 1)[0] + "/" + name


def seeds(text):
    out = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        out += range(int(first), int(last or first) + 1)
    return out


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--bin", required=True, type=os.path.abspath)
    ap.add_argument("--seeds", default="1-20", type=seeds)
    ap.add_argument("--database", help="a postgres URL whose user may create databases")
    ap.add_argument("--keep", help="leave data folders and workbooks here")
    ap.add_argument("--quiet", action="store_true", help="differences only: no notes, no held warnings")
    ap.add_argument("--without", default="", help=f"parts of life that do not happen, of {','.join(life.EVENTS)}")
    scenario.add_arguments(ap)
    args = ap.parse_args()
    args.features = scenario.chosen(ap, args)
    args.events = [e for e in life.EVENTS if e not in args.without.split(",")]
    with tempfile.TemporaryDirectory(prefix="arvode-keys-") as keys_folder:
        found = {seed: run_seed(seed, args, keys_folder) for seed in args.seeds}
    bad = {seed: n for seed, n in found.items() if n}
    print(f"{len(found) - len(bad)} of {len(found)} seeds agree" + (f"; differences: {bad}" if bad else ""))
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
