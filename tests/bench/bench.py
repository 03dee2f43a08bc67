#!/usr/bin/env python3
"""Does arvode pay what the peers' scripts pay, and how much faster? One run, one workbook, the same machine.

    python3 tests/bench/bench.py --peers ../shared/bench [--program target/release/arvode] [--python python3] [--rows 100000]

Exit code: 0 when every "must" is met, 1 when one is missed, 2 when totals or rows differ or a step failed.
What is measured and how both come to owe the same stands in README.md beside this file.
"""

import argparse
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass

import compare
import generate
from kommun import Kommun, make_keys
from measure import Cost, Failed, run

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = ("openpyxl", "polars")
PEERS_NEED = ("openpyxl", "lxml", "polars", "fastexcel")
SMALL_ROWS, MUNICIPALITY_ROWS, MILLION = 10_000, 1_000, 1_000_000
FIRST_MONTH, PAYOUT, BATCH = "2025-11", "2026-11", "2026-11/1"
MIB = 1024 * 1024


@dataclass
class Promise:
    """A row of the table of speed and size; `at_least` where more is better."""

    what: str
    must: float
    aim: float
    unit: str
    at_least: bool = False


PROMISES = {
    "openpyxl": Promise("cpu against the openpyxl script (which stores nothing)", 12, 25, "times faster", True),
    "polars": Promise("cpu against the polars script (which stores nothing)", 1.5, 3, "times faster", True),
    "peak": Promise("peak memory, all processes together", 64, 24, "MiB"),
    "peak of a million": Promise("peak memory, all processes together", 400, 200, "MiB"),
    "growth": Promise("growth of cpu from 10 000 rows (exponent)", 1.05, 1.02, ""),
    "month": Promise("a municipality's month (60 persons, 1 000 rows): start -> fsynced export", 150, 40, "ms cpu"),
    "again": Promise("the same workbook again, of the first import", 0.1, 0.05, ""),
    "changed": Promise("one changed row with {months} months of {rows} rows behind it -> new batch", 100, 25, "ms cpu"),
    "all": Promise("all {months} months recalculated", 2, 0.5, "s cpu"),
}


class Bench:
    """The run: what was chosen, where the files lie, what came of it."""

    def __init__(self, chosen, work):
        self.chosen, self.work, self.outcomes, self.told = chosen, work, [], False
        self.keys = make_keys(self.path("keys"))

    def path(self, *parts):
        return os.path.join(self.work, *parts)

    def all(self):
        rows = self.chosen.rows
        ours, again = self.against_peers(rows)
        small = ours if rows == SMALL_ROWS else self.month_of(SMALL_ROWS, 5)
        if rows > SMALL_ROWS:
            self.judge("growth", math.log(ours.cpu / small.cpu) / math.log(rows / SMALL_ROWS))
        self.judge("month", self.month_of(MUNICIPALITY_ROWS, 9).cpu * 1000)
        self.judge("again", again)
        self.history()
        return self.report()

    def data(self, rows, months=1):
        """The generated kommun of a size."""
        folder = self.path(f"data-{rows}-{months}")
        if not os.path.isdir(folder):
            tell(f"writing {months} x {count(rows)} rows …")
            # In a process of its own: the measuring one stays small.
            subprocess.run([sys.executable, os.path.join(HERE, "generate.py"), "--rows", str(rows), "--months", str(months), "--out", folder], check=True)
        return folder

    def against_peers(self, rows):
        """Both peers and we in turn on one workbook; totals and rows must agree each time."""
        data, costs, shares = self.data(rows), {name: [] for name in (*PEERS, "arvode")}, []
        registered, register = self.registered(data)
        steps = {}
        for turn in range(1, self.chosen.repeat + 1):
            tell(f"turn {turn} of {self.chosen.repeat}: {', '.join(PEERS)} and arvode on {count(rows)} rows …")
            for name in PEERS:
                costs[name].append(self.peer(name, data))
            kommun = registered.copy(self.path("turn"))
            turn_steps, told = self.month_steps(kommun, data)
            cost, _ = kommun.bring(os.path.join(data, "narvaro.xlsx"))
            for name, step in {**turn_steps, "the same workbook again": cost}.items():
                steps.setdefault(name, []).append(step)
            shares.append(cost.cpu / turn_steps["import"].cpu)
            costs["arvode"].append(Cost.of(turn_steps.values()))
            self.check(rows, kommun, told)
            kommun.remove()
        registered.remove()
        self.show_steps(rows, steps, register, costs)
        for name in PEERS:
            self.judge(name, statistics.median(peer.cpu / our.cpu for peer, our in zip(costs[name], costs["arvode"])))
        peak = max(cost.peak for cost in costs["arvode"]) / MIB
        self.judge("peak of a million" if rows > 100_000 else "peak", peak)
        return middle(costs["arvode"]), statistics.median(shares)

    def peer(self, name, data):
        script = os.path.join(self.chosen.peers, f"baseline_{name}.py")
        return run([self.chosen.python, script, os.path.join(data, "narvaro.xlsx"), os.path.join(data, "register.json"),
                    "--out", self.path(f"{name}.xml"), "--rejects", self.path(f"{name}.csv")], self.path(f"{name}.log"))

    def registered(self, data):
        """A kommun that knows its persons and has no attendance yet, and what taking them in cost."""
        kommun = Kommun.make(self.chosen.program, self.path("registered"), data, FIRST_MONTH, self.keys)
        cost, told = kommun.bring(os.path.join(data, "register.xlsx"))
        if told["held"]:
            raise Failed(f"register.xlsx: {told['held']} rows are held")
        return kommun, cost

    @staticmethod
    def month_steps(kommun, data):
        """Import, freeze, both attests and export: {step: cost}, and how the rows ended."""
        imported, told = kommun.bring(os.path.join(data, "narvaro.xlsx"))
        steps = {"import": imported, "month --freeze": kommun.freeze(PAYOUT)}
        steps.update(kommun.send(BATCH))
        return steps, told

    def month_of(self, rows, times):
        """The middle of some months of a size, without peers."""
        data = self.data(rows)
        registered, _ = self.registered(data)
        costs = []
        for _ in range(times):
            kommun = registered.copy(self.path("turn"))
            steps, _ = self.month_steps(kommun, data)
            costs.append(Cost.of(steps.values()))
        kommun.remove()
        registered.remove()
        return middle(costs)

    def check(self, rows, kommun, told):
        """Raises unless the peers and we pay the same and take in the same rows."""
        compare.same_file(self.path("openpyxl.xml"), self.path("polars.xml"))
        compare.same_file(self.path("openpyxl.csv"), self.path("polars.csv"))
        ended = compare.rows_agree(rows, told, self.path("openpyxl.csv"))
        ours, theirs = compare.Payroll(kommun.exported(BATCH)), compare.Payroll(self.path("openpyxl.xml"))
        by_kind = compare.agree(ours, theirs)
        if self.told:
            return
        self.told = True
        print(f"\n{count(rows)} rows: " + ", ".join(f"{count(number)} {name}" for name, number in ended.items()) + ", with all three")
        print(f"{count(ours.rows)} payroll rows of ours, {count(theirs.rows)} of the peers; the same öre for each person, kind and day:")
        for kind, ore in sorted(by_kind.items()):
            print(f"  {kind:<24}{compare.kronor(ore):>20} kr")
        print(f"  {'together':<24}{compare.kronor(sum(by_kind.values())):>20} kr")

    def show_steps(self, rows, steps, register, costs):
        print(f"\n{count(rows)} rows, middle of {self.chosen.repeat}           cpu s   peak MiB")
        for name, each in steps.items():
            show(name, middle(each))
        show("arvode, import to export", middle(costs["arvode"]))
        for name in PEERS:
            show(f"peer: {name}", middle(costs[name]))
        show("(once: register.xlsx)", register)
        with_register = middle(costs["arvode"]).cpu + register.cpu
        print("  with the register's import too: " + ", ".join(f"{middle(costs[name]).cpu / with_register:.1f} x {name}" for name in PEERS))

    def history(self):
        """Months behind: each imported, attested and exported; then one row changes, then a rule."""
        months, rows = self.chosen.history_months, self.chosen.history_rows
        data, first = self.data(rows, months), generate.month_before(months - 1)
        kommun = Kommun.make(self.chosen.program, self.path("history"), data, f"{first:%Y-%m}", self.keys)
        kommun.bring(os.path.join(data, "register.xlsx"))
        tell(f"{months} months of {count(rows)} rows imported, attested and exported …")
        for back in reversed(range(months)):
            kommun.bring(os.path.join(data, f"narvaro-{generate.month_before(back):%Y-%m}.xlsx"))
            payout = f"{generate.month_before(back - 1):%Y-%m}"
            kommun.freeze(payout)
            send(kommun, f"{payout}/1")
        changed = []
        for place in range(1, generate.CHANGES + 1):
            imported, _ = kommun.bring(os.path.join(data, f"andrad-{place}.xlsx"))
            frozen = kommun.freeze(PAYOUT)
            changed.append((imported, frozen))
            send(kommun, f"{PAYOUT}/{place + 1}")
        kommun.add_rules(os.path.join(data, "hojning.toml"))
        recalculated = kommun.run("recalculate", "--from", f"{first:%Y-%m}", "--because", "KF 2026-11-02 § 1", "--yes")
        print(f"\n{months} months of {count(rows)} rows behind             cpu s   peak MiB")
        show("import of one changed row", middle([imported for imported, _ in changed]))
        show("month --freeze after it", middle([frozen for _, frozen in changed]))
        show("recalculate", recalculated)
        self.judge("changed", statistics.median(sum(cost.cpu for cost in each) for each in changed) * 1000, months=months, rows=count(rows))
        self.judge("all", recalculated.cpu, months=months)
        kommun.remove()

    def judge(self, key, value, **words):
        self.outcomes.append((PROMISES[key], PROMISES[key].what.format(**words), value))

    def report(self):
        """The table; true when every must is met."""
        print(f"\n{'':<82}{'measured':>10}{'must':>8}{'aim':>8}")
        met_all = True
        for promise, what, value in self.outcomes:
            met, aimed = meets(promise, value, promise.must), meets(promise, value, promise.aim)
            word = "met, and the aim" if aimed else "met" if met else "MISSED"
            met_all &= met
            print(f"{what:<82}{shown(value):>10}{promise.must:>8g}{promise.aim:>8g}  {promise.unit:<13} {word}")
        return met_all


def meets(promise, value, limit):
    return value >= limit if promise.at_least else value <= limit


def send(kommun, batch):
    for _ in kommun.send(batch):
        pass


def middle(costs):
    """By cpu; the peak is the highest of all."""
    return Cost(statistics.median(cost.cpu for cost in costs), max(cost.peak for cost in costs))


def show(name, cost):
    print(f"  {name:<32}{cost.cpu:>9.3f}{cost.peak / MIB:>11.1f}")


def count(number):
    return f"{number:,}".replace(",", " ")


def shown(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def tell(text):
    sys.stdout.flush()
    print(text, file=sys.stderr, flush=True)


def ready(chosen, arguments):
    """Everything that the run needs is there; else what to do."""
    for path, hint in ((chosen.program, "cargo build --release"), (os.path.join(chosen.peers, "baseline_openpyxl.py"), "--peers: the folder with the peers' scripts")):
        if not os.path.isfile(path):
            arguments.error(f"{path} is missing: {hint}")
    if shutil.which("ssh-keygen") is None:
        arguments.error("ssh-keygen is missing (Debian: openssh-client)")
    lacking = subprocess.run([chosen.python, "-c", f"import {', '.join(PEERS_NEED)}"], capture_output=True, text=True, check=False)
    if lacking.returncode:
        wanted = os.path.join(chosen.peers, "requirements.txt")
        arguments.error(f"{lacking.stderr.strip().splitlines()[-1]}: the peers need {', '.join(PEERS_NEED)}. python3 -m venv venv && "
                        f"venv/bin/pip install -r {wanted}, then --python venv/bin/python")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--peers", required=True, metavar="DIR", help="the folder with baseline_openpyxl.py and baseline_polars.py")
    arguments.add_argument("--program", default="target/release/arvode", metavar="FILE")
    arguments.add_argument("--python", default="python3", metavar="FILE", help="a Python that has what the peers need")
    arguments.add_argument("--rows", type=int, default=100_000, help="attendance rows; 1000000 is the size of the promises")
    arguments.add_argument("--repeat", type=int, help="turns of all three [default: 3, of 100 000 rows or more 1]")
    arguments.add_argument("--history-months", type=int, default=60)
    arguments.add_argument("--history-rows", type=int, help="rows of each month behind [default: 1000; 10000 with --rows 1000000]")
    arguments.add_argument("--work", metavar="DIR", help="where the files lie while it runs [default: a temporary folder]")
    chosen = arguments.parse_args()
    chosen.repeat = chosen.repeat or (1 if chosen.rows >= 100_000 else 3)
    chosen.history_rows = chosen.history_rows or (10_000 if chosen.rows >= MILLION else 1_000)
    chosen.program = os.path.abspath(chosen.program)
    ready(chosen, arguments)
    work = tempfile.mkdtemp(prefix="arvode-bench-", dir=chosen.work)
    try:
        met = Bench(chosen, work).all()
    except Failed as failed:
        print(f"bench: {failed}", file=sys.stderr)
        sys.exit(2)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
