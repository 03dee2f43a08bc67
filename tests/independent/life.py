"""Real life in a scenario: the takeover from an old routine, payroll's answers, payments by hand, waivers, debts and what is
decided of them, meetings withdrawn, moved and registered twice, persons registered twice, batches taken back.

What happens follows from what the oracle has booked so far, so it is drawn while a scenario runs, from a source of chance of
its own: `Life` tells the clerk's step to the program, and the same to the worlds still to come and to the oracle's ledger.
"""
import datetime as dt
import os
import random
from collections import Counter
from fractions import Fraction as F

import scenario
from basics import Facts, LONART, ORGANS
from ledger import KVITTNING_LONART, Decision
from oracle import add_months

D = dt.date
# Each happens before a batch with this chance; takeover is drawn once. The last ones let others go further: lonkod, that what
# payroll knows by a lonkod is paid elsewhere; claimed, that a meeting with claims that day is withdrawn after it was paid so;
# owing, that a withdrawn meeting comes back while its debt waits.
EVENTS = {"takeover": 0.6, "withdraw": 0.35, "restore": 0.2, "move": 0.2, "twice": 0.2, "link": 0.5, "number": 0.1, "twin": 0.2,
          "merge": 0.5, "waive": 0.25, "decide": 0.5, "byhand": 0.3, "again": 0.15, "refuse": 0.5, "paid": 0.2, "void": 0.12,
          "lonkod": 1, "claimed": 1, "owing": 1}
BEFORE = ("restore", "withdraw", "move", "link", "twice", "merge", "twin", "number", "waive", "decide", "byhand", "again")
CORRECTED_FROM = D(2026, 8, 1)                             # the scenario itself changes meetings from here on
LONART_OF_ITS_OWN = {x for x in LONART.values() if x.isdigit()} - {"5001", "5002"}
ORSAKER = ("okänt anställningsnummer", "anställningen är avslutad", "lönearten är spärrad")
MONTHS = "januari februari mars april maj juni juli augusti september oktober november december".split()


class Life:
    def __init__(self, plan, arvode, ledger, folder, events):
        self.plan, self.arvode, self.ledger, self.folder, self.events = plan, arvode, ledger, folder, events
        self.rng = random.Random(plan.seed * 613 + 7)
        self.months = [p for s in plan.stages for p in s.payouts]
        self.files, self.dnr, self.told = 0, 0, []
        self.withdrawn, self.second_ids, self.second_selves = {}, {}, {}
        self.renumbered, self.has_waived = {}, set()
        self.paid_by_hand = set()                          # (anstid, lönart, datum): what a payment elsewhere was for
        claims = plan.stages[-1].world["claims"]
        self.claimed = {c["mote"] for c in claims}
        long_enough = len(self.months) >= 8 and self.happens("takeover")
        self.own_from = self.months[self.rng.randint(2, 4)] if long_enough else self.months[0]
        self.opening = []

    def happens(self, event):
        return event in self.events and self.rng.random() < EVENTS[event]

    # ------------------------------------------------------------------------------------------------- telling it

    def at(self, k):
        """From here on the world is that of stage k and those after it."""
        self.k, self.world = k, self.plan.stages[k].world
        self.facts = Facts(self.world)
        self.writer = scenario.Writer(self.rng, self.plan.use_ids, self.world["persons"], self.plan.features)
        self.writer.habits()

    def learn(self, name, rows):
        """Rows that the clerk learns now: before whatever later stages add."""
        at = len(self.world[name])
        for stage in self.plan.stages[self.k:]:
            stage.world[name][at:at] = rows
        self.facts = Facts(self.world)

    def become(self, name, old, new):
        for stage in self.plan.stages[self.k:]:
            stage.world.setdefault(name, {})[old] = new

    def bring(self, title, rows):
        self.files += 1
        path = os.path.join(self.folder, f"liv_{self.files}_{title}.xlsx")
        scenario.write(path, [(title, rows)])
        self.arvode.do("import", path)

    def note(self, text):
        self.told.append(text)

    def pnr_of(self, anstid):
        return next(p["pnr"] for p in self.world["persons"] if p["anstid"] == anstid)

    def diarienummer(self):
        self.dnr += 1
        return f"KS {self.months[-1][0]}/{900 + self.dnr}"

    # ------------------------------------------------------------------------------------------------- the old routine

    def paid_by_the_old_routine(self, payout):
        """Whether the month is one before the switch: then nothing is frozen, and the old routine's payments are told."""
        if payout >= self.own_from:
            return False
        rows, _, _ = self.ledger.copy().batch(self.world, payout)
        rows = [r for r in rows if self.may_be_paid_elsewhere(r)]
        known = Counter(map(thing, rows))
        for r in rows:
            if r.belopp < 0 or thing(r) in self.paid_by_hand or self.rng.random() < 0.06:
                continue                                   # the old routine corrects nothing, and forgets some
            other = known[thing(r)] == 1 and self.rng.random() < 0.08
            self.pay(payout, r, self.rng.choice(("ingående", "Ingående", "utbetald på annat sätt")), other)
            self.note(f"old routine {payout}: {r.anstid} {r.lonart} {r.datum}{' otherwise' if other else ''}")
        self.paid_by_hand |= set(known)
        self.flush()
        return True

    def pay(self, payout, row, status, other=False):
        """A payment elsewhere for a row, or of another amount: taken into the ledger, and into the sheet being written."""
        antal, apris, belopp = row.antal, row.apris, row.belopp
        if other:
            belopp = row.belopp + self.rng.choice((-10000, 5000, 12300)) if row.belopp > 10000 else row.belopp + 700
            antal, apris = F(1), F(belopp, 100)
        stated = self.rng.random() < 0.6
        mote = self.meeting_name(row) if self.rng.random() < 0.4 else None
        self.ledger.pay_elsewhere(row.anstid, row.lonart, row.datum, antal if stated else None, apris if stated else None, belopp,
                                  row.occasion if mote else None)
        price = (antal, apris) if stated else (None, None)
        self.opening.append(self.paid_cells(payout, row.anstid, row.lonart, row.datum, mote, price, belopp, status, None))

    def may_be_paid_elsewhere(self, row):
        return "lonkod" in self.events or row.lonart in LONART_OF_ITS_OWN

    def meeting_name(self, row):
        m = self.facts.meetings.get(row.occasion[5:]) if row.occasion.startswith("möte ") else None
        return m and self.name_of(m)

    def name_of(self, m):
        """A meeting as a clerk names it, or None where organ and day would name two."""
        if m["organ"] not in ORGANS:
            return None
        if self.plan.use_ids:
            return m["mote"]
        alike = [x for x in self.facts.meetings.values() if (x["organ"], x["datum"]) == (m["organ"], m["datum"])]
        return f"{ORGANS[m['organ']]} {m['datum']}" if len(alike) == 1 else None

    def paid_cells(self, payout, anstid, lonart, datum, mote, price, belopp, status, orsak):
        year, number = payout
        month = self.rng.choice((f"{year}-{number:02d}", f"{MONTHS[number - 1]} {year}", f"{MONTHS[number - 1][:3]} {year}"))
        code = {"5001": "MILPRI_FRI", "5002": "MILPRI_SKT"}.get(lonart, lonart)
        code = int(code) if code.isdigit() and self.rng.random() < 0.5 else code
        who = (anstid, None) if self.rng.random() < 0.6 else (None, self.writer.pnr(self.pnr_of(anstid)))
        exact = lambda x: None if x is None else int(x) if x.denominator == 1 else float(x)
        return [month, *who, code, self.writer.date(datum), mote, *map(exact, price), exact(F(belopp, 100)), status, orsak]

    def flush(self):
        """Writes the payments told so far, and brings them in."""
        if not self.opening:
            return
        head = ["Utbetalningsmånad", "Anställningsnummer", "Personnummer", "Lönart", "Datum", "Möte", "Antal", "A-pris",
                "Belopp", "Status", "Orsak"]
        self.bring("Utbetalt", [head, *self.opening])
        self.opening = []

    # ------------------------------------------------------------------------------------------------- before a batch

    def before(self, payout):
        for event in BEFORE:
            if event == "decide" or self.happens(event):
                getattr(self, event)(payout)
        self.flush()

    def meetings(self, payout, free_of_claims):
        """Meetings of earlier months that nothing else will change, with their rows; or only those that no claim, no journey
        and no payment elsewhere is about."""
        paid_for, days = {e.occasion for e in self.ledger.payments}, {p[2] for p in self.paid_by_hand}
        registered_twice = self.second_ids.keys() | set(self.second_ids.values())
        for m in self.facts.meetings.values():
            rows = [r for (mote, _), r in self.facts.attendance.items() if mote == m["mote"]]
            if not rows or m["mote"] in self.withdrawn or m["mote"] in registered_twice or self.name_of(m) is None:
                continue
            if m["datum"] >= min(D(*payout, 1), CORRECTED_FROM):
                continue
            alone = (m["mote"] not in self.claimed and m["datum"] not in days and f"möte {m['mote']}" not in paid_for
                     and m["datum"] >= D(*self.plan.first_month, 1) and not any(r["lost"] or r["km"] for r in rows))
            if alone or not free_of_claims:
                yield m, rows

    def withdraw(self, payout):
        touched, asked = {p[2] for p in self.paid_by_hand}, {c["datum"] for c in self.plan.stages[-1].world["claims"]}
        found = [x for x in self.meetings(payout, False) if "claimed" in self.events or x[0]["datum"] not in touched & asked]
        if not found:
            return
        m, rows = self.rng.choice(found[-12:])
        name = self.name_of(m)
        self.arvode.do("withdraw", *([name] if self.plan.use_ids else name.split()), "--because", "mötet ställdes in")
        self.withdrawn[m["mote"]] = rows
        self.learn("attendance", [{"clear": m["mote"]}])
        self.note(f"{payout}: withdrawn {name}")

    def restore(self, payout):
        if not self.withdrawn:
            return
        owing = {k[1].split(" ")[-1] for changes in self.ledger.waiting.values() for k in changes}
        back = sorted(self.withdrawn.keys() - (set() if "owing" in self.events else owing))
        if not back:
            return
        mote = self.rng.choice(back)
        rows = self.withdrawn.pop(mote)
        self.bring("Närvaro", self.writer.attendance(rows))
        self.learn("attendance", rows)
        self.note(f"{payout}: withdrawn {mote} comes back")

    def another_day(self, m):
        taken = {(x["organ"], x["datum"]) for x in self.facts.meetings.values()}
        for n in (1, 2, 3, 4):
            day = m["datum"] + dt.timedelta(n)
            if day.weekday() < 5 and (m["organ"], day) not in taken and day.month == m["datum"].month:
                return day
        return None

    def move(self, payout):
        found = [x for x in self.meetings(payout, True) if self.another_day(x[0])]
        if not found:
            return
        m, rows = self.rng.choice(found[-12:])
        moved = [{**r, "datum": self.another_day(m), "flyttat": m["datum"]} for r in rows]
        self.bring("Närvaro", self.writer.attendance(moved))
        self.learn("attendance", moved)
        self.note(f"{payout}: {m['mote']} moved from {m['datum']} to {moved[0]['datum']}")

    def number(self, payout):
        person = self.rng.choice([p for p in self.world["persons"] if p["plats"] is None and p["anstid"] not in self.renumbered
                                  and p["pnr"] not in self.second_selves and p["pnr"] not in self.second_selves.values()])
        known = {p["pnr"] for p in self.world["persons"]} | set(self.renumbered.values())
        new = self.fresh_number(person["pnr"], known)
        if new is None:
            return
        self.writer.names[new] = self.writer.names[person["pnr"]]
        self.bring("Personer", self.writer.persons([{**person, "pnr": new}]))
        self.renumbered[person["anstid"]] = new
        self.note(f"{payout}: {person['anstid']} has the new number {new}")

    @staticmethod
    def fresh_number(pnr, known):
        for number in scenario.BIRTH_NUMBERS:
            nine = f"{pnr[2:8]}{number:03d}"
            new = f"{pnr[:8]}{number:03d}{scenario.luhn_digit(nine)}"
            if new not in known:
                return new
        return None

    def waive(self, payout):
        who = sorted({e.anstid for entries in self.ledger.booked.values() for e in entries} - self.has_waived)
        if not who:
            return
        anstid = self.rng.choice(who)
        word = self.rng.choice(("allt", "årsarvode", "fast arvode", "sammanträdesarvode", "förlorad arbetsinkomst", "resa"))
        fran = add_months(D(*payout, 1), self.rng.randint(-4, 2))
        till = self.rng.choice((None, add_months(fran, self.rng.randint(1, 4)) - dt.timedelta(1)))
        self.has_waived.add(anstid)
        self.ledger.waived.append((anstid, word, fran, till))
        self.bring("Avstående", [["Personnummer", "Avstår", "Från", "Till", "Handling"],
                                 [self.writer.pnr(self.pnr_of(anstid)), word, self.writer.date(fran), self.writer.date(till),
                                  self.diarienummer()]])
        self.note(f"{payout}: {anstid} waives {word} {fran}--{till or ''}")

    def decide(self, payout):
        for anstid in sorted(self.ledger.waiting):
            if not self.happens("decide"):
                continue
            how = self.rng.choice(("återkrav", "kvittning", "kvittning", "eftergift"))
            if how == "eftergift" and not self.ledger.clear_what_stays(anstid):
                how = "återkrav"
            monthly = self.rng.choice((None, 30000, 50000, 123450)) if how == "kvittning" else None
            words = how if monthly is None else f"kvittning, {monthly / 100:.2f} kr per månad".replace(".", ",")
            pnr = self.pnr_of(anstid)
            who = self.rng.choice((f"{pnr[:8]}-{pnr[8:]}", self.writer.names[pnr]))
            row = {"dnr": self.diarienummer(), "datum": D(*payout, 1), "organ": "Allmänna utskottet", "galler": who,
                   "innebord": words, "fran": None, "till": None}
            self.bring("Beslut", self.writer.decisions([row]))
            self.ledger.decisions.append(Decision(anstid, how, monthly))
            self.note(f"{payout}: {anstid} {words}")

    def byhand(self, payout):
        """What the batch would carry is paid by hand before it, some with another amount."""
        rows, _, _ = self.ledger.copy().batch(self.world, payout)
        rows = [r for r in rows if self.may_be_paid_elsewhere(r)]
        known = Counter(map(thing, rows))
        single = [r for r in rows if r.belopp > 0 and known[thing(r)] == 1 and r.lonart != KVITTNING_LONART
                  and thing(r) not in self.paid_by_hand]
        for r in self.rng.sample(single, min(len(single), self.rng.randint(1, 3))):
            other = self.rng.random() < 0.3
            self.pay(payout, r, self.rng.choice(("utbetald på annat sätt", "manuellt", "handbetald")), other)
            self.paid_by_hand.add(thing(r))
            self.note(f"{payout}: by hand {r.anstid} {r.lonart} {r.datum}{' otherwise' if other else ''}")

    def again(self, payout):
        """Somebody pays by hand what a batch has paid."""
        entries = [e for found in self.ledger.booked.values() for e in found]
        alone = Counter(map(thing, entries))
        gone = set() if "claimed" in self.events else self.withdrawn.keys()
        standing = sorted((e for e in entries if alone[thing(e)] == 1 and self.may_be_paid_elsewhere(e)
                           and thing(e) not in self.paid_by_hand and not any(m in e.occasion for m in gone)), key=str)
        if standing:
            e = self.rng.choice(standing)
            self.ledger.pay_elsewhere(e.anstid, e.lonart, e.datum, e.antal, e.apris, e.belopp, None)
            self.paid_by_hand.add(thing(e))
            self.opening.append(self.paid_cells(payout, *thing(e), None, (e.antal, e.apris), e.belopp, "manuellt", None))
            self.note(f"{payout}: paid twice {e.anstid} {e.lonart} {e.datum}")

    # ------------------------------------------------------------------------------------------- persons and meetings twice

    def twice(self, payout):
        """A meeting is registered once more, on another day."""
        found = [x for x in self.meetings(payout, True) if self.another_day(x[0])]
        if not found:
            return
        m, rows = self.rng.choice(found[-12:])
        day = self.another_day(m)
        second = [{**r, "datum": day, "mote": f"{m['mote']}-{day.day}"} for r in rows if r is rows[0] or self.rng.random() < 0.8]
        self.bring("Närvaro", self.writer.attendance(second))
        self.learn("attendance", second)
        self.second_ids[second[0]["mote"]] = m["mote"]
        self.note(f"{payout}: {m['mote']} is registered again on {day}")

    def link(self, payout):
        linked = self.world.get("linked", {})
        for second, first in self.second_ids.items():
            if second not in linked and self.rng.random() < 0.7:
                names = [self.name_of(self.facts.meetings[x]) for x in (first, second)]
                self.arvode.do("link", *names, "--because", "samma möte i två listor")
                self.ledger.link_meetings(first, second)
                self.become("linked", second, first)
                self.note(f"{payout}: {second} is {first}")

    def twin(self, payout):
        """Somebody is registered once more, under another number, and stands on lists under either."""
        found = list(self.meetings(payout, True))[-12:]
        if not found:
            return
        first = self.rng.choice([r for _, rows in found for r in rows])
        person = self.facts.persons[first["pnr"]]
        new = self.fresh_number(person["pnr"], {p["pnr"] for p in self.world["persons"]} | set(self.renumbered.values()))
        if new is None or person["pnr"] in self.second_selves or person["pnr"] in self.second_selves.values():
            return
        second = {**person, "pnr": new, "anstid": str(60000 + len(self.second_selves)), "fornamn": person["fornamn"] + " M"}
        self.writer.names[new] = f"{second['fornamn']} {second['efternamn']}"
        seats = [{"pnr": new, "organ": o, "nyckel": "ledamot", "fran": D(2022, 10, 15), "till": None, "platser": 30}
                 for o in sorted({m["organ"] for m, _ in found})]
        self.bring("Personer", self.writer.persons([second]))
        self.bring("Uppdrag", self.writer.uppdrag(seats))
        chosen = self.rng.sample(found, min(len(found), 3))
        rows = [{**next((r for r in rows if r["pnr"] == person["pnr"]), rows[0]), "pnr": new} for _, rows in chosen]
        self.bring("Närvaro", self.writer.attendance(rows))
        self.learn("persons", [second])
        self.learn("uppdrag", seats)
        self.learn("attendance", rows)
        self.second_selves[new] = person["pnr"]
        self.note(f"{payout}: {person['anstid']} is registered again as {second['anstid']}")

    def merge(self, payout):
        merged, owing = self.world.get("merged", {}), self.ledger.waiting.keys() | self.ledger.debts.keys()
        for second, first in self.second_selves.items():
            kept, other = (self.facts.anstid(p) for p in (first, second))
            if second not in merged and other not in owing and self.rng.random() < 0.7:
                self.arvode.do("person", "merge", kept, other, "--because", "samma person två gånger")
                self.ledger.merge_persons(kept, other)
                self.become("merged", second, first)
                self.renumbered[other] = self.renumbered.get(kept, first)
                self.note(f"{payout}: {other} is {kept}")

    # ------------------------------------------------------------------------------------------------- after a batch

    def after(self, payout, rows):
        """Payroll's answer. Returns the rows that it refused."""
        alike = Counter((r.anstid, r.lonart, r.datum, r.belopp) for r in rows)
        sure = [r for r in rows if alike[r.anstid, r.lonart, r.datum, r.belopp] == 1 and r.lonart != KVITTNING_LONART]
        refused = []
        if sure and self.happens("refuse"):
            refused = self.rng.sample(sure, min(len(sure), self.rng.randint(1, 4)))
        for r in refused:
            self.ledger.refuse(r)
            status, orsak = self.rng.choice(("avvisad", "Avvisad", "nekad")), self.rng.choice(ORSAKER)
            self.opening.append(self.answer(payout, r, status, orsak))
            self.note(f"{payout}: refused {r.anstid} {r.lonart} {r.datum} {r.belopp}")
        if self.happens("paid"):
            self.opening += [self.answer(payout, r, self.rng.choice(("utbetald", "betald", "ok")), None)
                             for r in sure if r not in refused][:40]
        self.flush()
        return refused

    def answer(self, payout, r, status, orsak):
        return self.paid_cells(payout, r.anstid, r.lonart, r.datum, None, (r.antal, r.apris), r.belopp, status, orsak)

    def takes_back(self):
        return self.happens("void")


def thing(row):
    """What a row is for, as payroll tells it."""
    return row.anstid, row.lonart, row.datum
