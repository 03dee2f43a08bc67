"""Seeded fictional scenarios, and the workbooks a municipality would send in for them.

    /usr/bin/python3 scenario.py --seed 7 --out DIR [--with costs,jour] [--months 24]      writes the workbooks of one scenario

`build(seed, features, months)` gives a Scenario: stages in order, each with its workbooks (in import order), the world as known after it
(see oracle.py for its form) and the payout months calculated then. Needs openpyxl (Debian: python3-openpyxl).
All persons are fictional; birth numbers are only those that Skatteverket publishes for tests (238, 239, 980-999).
"""
import argparse
import copy
import datetime as dt
import os
import random
from fractions import Fraction as F

import openpyxl
from openpyxl.utils import get_column_letter

from further import DEFAULT_FEATURES, FEATURES, Further
from oracle import CLAIM_WORDS, NYCKLAR, ORGANS, month_of

D = dt.date
STANDARD_MONTHS = 3                                        # payouts of September, October and November 2026
LAST_ARRIVAL = D(2026, 11, 20)
BIRTH_NUMBERS = [238, 239, *range(980, 1000)]
GIVEN = ("Agnes Alva Arvid Astrid Axel Birger Bodil Cecilia Dagny Ebba Edvin Elsa Emil Folke Frida Gerda Greta Gunnar Hedda "
         "Hilma Holger Ines Ivar Jonna Kajsa Klas Leif Lovisa Märta Nils Ottilia Pär Ragnar Rut Sixten Stina Sven Tyra "
         "Ulla Valter Vendela Vera Yngve Åke Örjan").split()
FAMILY = ("Almqvist Björkdal Dalenius Ekvall Fagerlind Granhult Hallmyr Ivarsdal Järvstrand Kvarnlöf Lövhall Myrgård Norrby "
          "Oxdal Provén Rönnås Skogmyr Testander Ulvhammar Vikmark Ytterhall Åbacka Älgmark Östhed").split()
SINGLE_FAST = ("ks-vice", "kf-ordforande", "kf-vice-1", "kf-vice-2", "bsu-vice", "valnamnd-ordforande",
               "revision-ordforande", "valberedning-ordforande")
MEETING_ORGANS = [o for o in ORGANS if o != "Överförmyndaren"]
BSU, KF, KS, AU = "Bildnings- och sociala utskottet", "Kommunfullmäktige", "Kommunstyrelsen", "Allmänna utskottet"
WORDS = {"a": "sammanträde", "b": "arbetsgrupp", "c": "kurs", "d": "förhandling", "e": "överläggning", "f": "samråd",
         "g": "presidium", "h": "besiktning", "i": "myndighet", "j": "revision", "k": "gruppledarmöte"}


class Stage:
    def __init__(self, world, files, payouts):
        self.world, self.files, self.payouts = world, files, payouts


class Scenario:
    def __init__(self, builder, stages):
        self.seed, self.first_month, self.notes = builder.seed, builder.first_month, builder.notes
        self.stages, self.features, self.use_ids = stages, builder.features, builder.use_ids


# ------------------------------------------------------------------------------------------------------------ the people

def luhn_digit(nine):
    total = 0
    for i, ch in enumerate(nine):
        value = int(ch) * (2 - i % 2)
        total += value // 10 + value % 10
    return str(-total % 10)


class Builder(Further):
    def __init__(self, seed, features, months):
        self.rng, self.more = random.Random(seed * 7919 + 11), random.Random(seed * 104729 + 5)
        self.seed, self.notes, self.features, self.decided = seed, [], features, 0
        self.last_arrival = LAST_ARRIVAL
        year, number = divmod(2026 * 12 + 11 - months, 12)
        self.first_month = year, number + 1
        self.world = {k: [] for k in ("persons", "uppdrag", "incomes", "absences", "attendance", "claims", "jour", "beslut")}
        self.use_ids = self.chance(0.5)
        self.meetings = []

    def chance(self, p):
        return self.rng.random() < p

    def make_persons(self):
        rng, taken = self.rng, set()
        count = rng.randint(25, 60)
        names = rng.sample([(a, b) for a in GIVEN for b in FAMILY], count)
        for i, (given, family) in enumerate(names):
            year = rng.choice((2002, 2004)) if i % 17 == 5 else rng.randint(1946, 1999)
            day = D(year, rng.randint(1, 12), rng.randint(1, 28))
            shift = 60 if self.chance(0.05) else 0                                       # samordningsnummer
            while True:
                nine = f"{day:%y%m}{day.day + shift:02d}{rng.choice(BIRTH_NUMBERS):03d}"
                pnr = f"{day.year // 100}{nine}{luhn_digit(nine)}"
                if pnr not in taken:
                    break
                day += dt.timedelta(1)
            taken.add(pnr)
            km = F(rng.choice((59, 60, 61))) / 10 if self.chance(0.1) else F(rng.randint(4, 380), 10)
            self.world["persons"].append({
                "pnr": pnr, "anstid": str(20000 + 37 * i + self.seed), "fornamn": given, "efternamn": family, "avstand": km,
                "plats": None, "tjanstestalle": rng.choice((True, False, None)), "kl413": self.chance(0.05)})
        self.pnrs = [p["pnr"] for p in self.world["persons"]]
        self.names = {p["pnr"]: f"{p['fornamn']} {p['efternamn']}" for p in self.world["persons"]}
        self.helped = set(self.more.sample(self.pnrs, 3))                                # KL 4:14, § 14
        for person in rng.sample(self.world["persons"], 4):
            self.world["persons"].append({**person, "plats": "Medborgarhuset", "avstand": F(rng.randint(4, 300), 10)})

    # ------------------------------------------------------------------------------------------------------ uppdrag

    def appoint(self, pnr, nyckel, fran=D(2023, 1, 1), till=None, platser=1, organ=None):
        row = {"pnr": pnr, "organ": organ or NYCKLAR[nyckel].organ, "nyckel": nyckel, "fran": fran, "till": till,
               "platser": platser}
        self.world["uppdrag"].append(row)
        return row

    def make_uppdrag(self):
        rng, pool = self.rng, list(self.pnrs)
        rng.shuffle(pool)
        take = lambda: pool.pop()
        ks, bsu, opp, ofn = take(), take(), take(), take()
        self.classed = {ks, bsu, opp, ofn}
        self.appoint(ks, "ks-ordforande")
        self.appoint(bsu, "bsu-ordforande")
        self.appoint(opp, "oppositionsrad", D(2024, 2, 1))
        self.absentee = ofn
        combination = rng.choice(("none", "none", "opp", "bsu", "ks"))
        if combination == "none":
            self.appoint(ofn, "overformyndare")
        else:
            holder = {"opp": opp, "bsu": bsu, "ks": ks}[combination]
            self.appoint(holder, "overformyndare", rng.choice((D(2022, 1, 1), D(2025, 1, 1), D(2026, 10, 9))))
            self.notes.append(f"överförmyndare combined with {combination}")
            self.absentee, self.classed = None, {ks, bsu, opp}
            pool.append(ofn)
        single = {nyckel: self.appoint(take(), nyckel) for nyckel in SINGLE_FAST}
        groups = [self.appoint(take(), "gruppledare", platser=8) for _ in range(rng.randint(2, 4))]
        if self.chance(0.5):
            self.appoint(opp, "gruppledare", platser=8)
        for _ in range(rng.randint(1, 2)):
            self.appoint(take(), "revisor", platser=4)
        self.plain = list(pool)
        # Handovers in the middle of a month: to a person without fees, some after a vacancy.
        changing = rng.sample(list(single.values()) + [groups[0]], rng.randint(2, 4))
        for row in changing[:max(1, len(self.plain) - 6)]:
            last = rng.choice((D(2026, 9, rng.randint(3, 28)), D(2026, 10, rng.randint(3, 28)), D(2026, 10, 14)))
            gap = rng.choice((0, 0, 0, 5))
            row["till"] = last
            heir = rng.choice(self.plain)
            self.plain.remove(heir)
            self.appoint(heir, row["nyckel"], last + dt.timedelta(1 + gap), None, row["platser"])
            self.notes.append(f"handover of {row['nyckel']} after {last}, gap {gap}")
        if self.chance(0.3) and self.plain:                                              # into the § 1 class mid-month
            row = next(u for u in self.world["uppdrag"] if u["nyckel"] == "oppositionsrad")
            row["till"] = D(2026, 10, 11)
            heir = next((g["pnr"] for g in groups if g["till"] is None), self.plain[0])
            self.appoint(heir, "oppositionsrad", D(2026, 10, 12))
            self.notes.append("oppositionsråd handed over 2026-10-11 to a gruppledare")
        if self.chance(0.2) and single["valberedning-ordforande"]["till"] is None:
            self.appoint(self.plain.pop(), "valberedning-ordforande", D(2026, 10, 17))
            self.notes.append("two valberedning-ordforande from 2026-10-17")
        self.fee_rows = single
        self.seat_members()

    def seat_members(self):
        """Ledamöter and ersättare of every organ; each serving since before the oldest meeting used."""
        rng = self.rng
        everyone = list(self.pnrs)
        for organ in MEETING_ORGANS:
            present = {u["pnr"] for u in self.world["uppdrag"] if u["organ"] == organ}
            size = {KF: 16, KS: 9}.get(organ, 6)
            crew = [p for p in rng.sample(everyone, min(size, len(everyone))) if p not in present]
            for k, pnr in enumerate(crew):
                self.appoint(pnr, "ledamot" if k < len(crew) * 0.65 else "ersattare", D(2022, 10, 15), None, 30, organ)
        # Whoever has handed on, or will take over, a fee sits as ledamot the rest of the time.
        for u in [u for u in self.world["uppdrag"] if u["nyckel"] not in ("ledamot", "ersattare")]:
            if u["organ"] in MEETING_ORGANS and (u["till"] or u["fran"] > D(2025, 12, 31)):
                self.appoint(u["pnr"], "ledamot", D(2022, 10, 15), None, 30, u["organ"])

    @staticmethod
    def income(pnr, timlon, intyg, till=None):
        return {"pnr": pnr, "fran": D(2025, 1, 1), "till": till, "slag": "anställd", "timlon": timlon, "sgi": 0,
                "semester_procent": None, "pension_procent": None, "intyg": intyg}

    def make_incomes(self):
        rng = self.rng
        for pnr in self.pnrs:
            if self.chance(0.45):
                till, timlon = rng.choice((None, D(2026, 12, 31))), rng.choice((19850, 24000, 31275, 40000, 52050))
                intyg = f"KS 2026/{rng.randint(1, 400)}" if self.chance(0.7) else None
                self.world["incomes"].append(self.income(pnr, timlon, intyg, till))

    def make_absences(self):
        rng = self.rng
        add = lambda pnr, fran, till, slag="hindrad", part=100: self.world["absences"].append(
            {"pnr": pnr, "fran": fran, "till": till, "slag": slag, "omfattning": part})
        if self.absentee:
            shape = rng.choice(("long", "part", "chain", "short", "semester"))
            self.notes.append(f"överförmyndare absent: {shape}")
            if shape == "long":
                add(self.absentee, D(2026, 7, 10), rng.choice((D(2026, 9, 25), D(2026, 10, 20), D(2026, 12, 31))))
            elif shape == "part":
                add(self.absentee, D(2026, 7, 27), D(2026, 10, 18), part=rng.choice((25, 50, 75)))
            elif shape == "chain":
                add(self.absentee, D(2026, 7, 6), D(2026, 8, 14))
                add(self.absentee, D(2026, 8, 15), D(2026, 9, 22), part=50)
            elif shape == "short":
                add(self.absentee, D(2026, 7, 20), D(2026, 9, 15))
            else:
                add(self.absentee, D(2026, 6, 22), D(2026, 9, 11), "semester")
        holders = {u["nyckel"]: u["pnr"] for u in self.world["uppdrag"] if u["till"] is None}
        if "bsu-ordforande" in holders and self.chance(0.5):
            add(holders["bsu-ordforande"], D(2026, 6, 15), D(2026, 9, 30))               # kommunalråd: no cut here
        if "ks-vice" in holders and self.chance(0.5):
            add(holders["ks-vice"], D(2026, 6, 1), D(2026, 9, 20))                       # fast arvode: no cut

    # ----------------------------------------------------------------------------------------------------- meetings

    def meeting(self, organ, day, start, slut, slag="a", **more):
        while any(m["datum"] == day and m["start"] == start for m in self.meetings):     # equal starts are another matter
            start, slut = start + 5, slut + 5
        m = {"mote": f"{ORGANS.get(organ, 'X')}-{day:%y%m%d}-{start}", "datum": day, "organ": organ, "slag": slag,
             "plats": self.rng.choice(("Kommunhuset", "Kommunhuset", "Medborgarhuset", None)), "utom": False, "kallat": None,
             "beslut": None, "start": start, "slut": slut % 1440, "ajournering": [], **more}
        self.meetings.append(m)
        return m

    def make_meetings(self):
        rng = self.rng
        for day in (D(2025, 10, 14), D(2025, 11, 14), D(2026, 8, 19)):                   # told of late: claims are owed for these
            self.meeting(rng.choice((KS, AU, BSU)), day, 780, 780 + rng.randint(90, 240))
        self.further_meetings()
        self.old_motes = {m["mote"] for m in self.meetings}
        for month in (9, 10):
            days = [D(2026, month, d) for d in range(1, 31) if D(2026, month, d).weekday() < 5]
            rng.shuffle(days)
            free = iter(days)
            if month == 10 and self.chance(0.3):
                # the night clocks are turned back; an end in the doubled hour cannot be told apart
                self.meeting(KF, D(2026, 10, 24), 1350, rng.choice((1350 + 240, 1350 + 290, 1350 + 320)))
            else:
                self.meeting(KF, next(free), 1110, 1110 + rng.randint(90, 400))
            shared = next(free)
            self.meeting(KS, shared, 780, 780 + rng.randint(121, 260), ajournering=[(860, 880)])
            self.meeting("Lokala rådet", shared, 900, 900 + rng.randint(61, 200))        # overlaps KS
            twice = next(free)
            self.meeting(AU, twice, 540, 540 + rng.randint(45, 150))
            if self.use_ids or month == 10:
                self.meeting(AU, twice, 780, 780 + rng.randint(45, 150))
            self.meeting(BSU, next(free), 510, 510 + rng.randint(200, 470), ajournering=[(590, 605), (705, 765)][:rng.randint(0, 2)])
            self.meeting(BSU, next(free), 795, 795 + rng.randint(20, 190))
            self.meeting("Valnämnden", next(free), 1080, 1080 + rng.randint(30, 150))
            self.meeting("Revisionen", next(free), 540, 540 + rng.randint(100, 420), slag=rng.choice("aj"))
            self.meeting("Valberedningen", next(free), 1020, 1020 + rng.randint(30, 100))
            if self.chance(0.5):
                self.meeting("Krisledningsnämnden", next(free), 600, 600 + rng.randint(50, 130))
            self.meeting(KS, next(free), 540, 540 + rng.randint(60, 240), slag=rng.choice("bdefhi"))
            self.meeting(KF, next(free), 960, 960 + rng.randint(30, 120), slag="g")
            self.meeting(BSU, next(free), 495, 495 + rng.randint(480, 600), slag="c", beslut="BSU 2026-06-11 § 44",
                         ajournering=rng.choice(([], [(720, 765)])))
            self.meeting("Lokala rådet", next(free), 510, 510 + rng.randint(180, 420), slag="c")   # no decision yet
            callers = ("KS ordförande", "KF ordförande", "KF vice ordförande", self.name_of("ks-ordforande"))
            self.meeting(KF, next(free), 900, 900 + rng.randint(40, 140), slag="k", kallat=rng.choice(callers))
            if self.chance(0.7):
                self.meeting(KF, next(free), 870, 870 + rng.randint(40, 140), slag="k")
            self.meeting(KS, next(free), 480, 480 + rng.randint(95, 520), slag=rng.choice(("extern förrättning",
                         "extern representation")), utom=True, plats="Örebro")
        if self.chance(0.5):
            self.meeting("Kulturnämnden", D(2026, 9, 2), 1000, 1100)                     # an organ nobody knows

    def name_of(self, nyckel):
        row = next(u for u in self.world["uppdrag"] if u["nyckel"] == nyckel)
        person = next(p for p in self.world["persons"] if p["pnr"] == row["pnr"])
        return f"{person['fornamn']} {person['efternamn']}"

    def members(self, organ, day):
        found = {}
        rank = {"ledamot": 1, "gruppledare": 1, "revisor": 1, "ersattare": 0}
        for u in self.world["uppdrag"]:
            if u["organ"] == organ and u["fran"] <= day and (u["till"] is None or day <= u["till"]):
                if u["pnr"] not in found or rank.get(u["nyckel"], 2) > rank.get(found[u["pnr"]], 2):
                    found[u["pnr"]] = u["nyckel"]
        return found

    def attend(self, m):
        rng, rows = self.rng, []
        length = (m["slut"] - m["start"]) % 1440
        crew = self.members(m["organ"], m["datum"]) or {self.plain[0]: "ledamot"}
        if m["slag"] in ("c", "k", "extern förrättning", "extern representation", "g", "b"):
            crew = dict(rng.sample(sorted(crew.items()), min(len(crew), rng.randint(2, 5))))
        old = month_of(m["datum"]) < self.first_month
        for pnr, nyckel in crew.items():
            ersattare = nyckel == "ersattare"
            if not self.chance(0.6 if ersattare else 0.92):
                continue
            roll = {"ersattare": "Ersättare"}.get(nyckel, "Ordförande" if nyckel.endswith("ordforande")
                                                  else "Vice ordförande" if "vice" in nyckel else "Ledamot")
            row = {**m, "pnr": pnr, "roll": roll, "tjg": True, "nfran": None, "ntill": None, "paragrafer": None, "jav": None,
                   "ersatter": None, "distans": False, "narvaroratt": None, "lost": 0, "km": None, "loneavdrag": False}
            if ersattare:
                row["tjg"] = rng.choice((True, True, False, False, False, None) if self.chance(0.3) else (True, False))
                if row["tjg"] is False and self.chance(0.15):
                    row["narvaroratt"] = f"KS 2026/{rng.randint(1, 300)}"
            elif self.chance(0.12):
                row["tjg"] = None
            elif self.chance(0.02):
                row["tjg"] = False
            if length > 45 and self.chance(0.14):
                if self.chance(0.5):
                    row["nfran"] = (m["start"] + rng.randint(5, length - 20)) % 1440
                else:
                    row["ntill"] = (m["start"] + rng.randint(20, length - 5)) % 1440
            elif self.chance(0.015):
                row["paragrafer"] = "§§ 45-52"
            if self.chance(0.04):
                row["jav"] = "§ 47"
            row["distans"] = not m["utom"] and self.chance(0.06)
            if not old:
                if m["utom"] and self.chance(0.7):
                    row["km"] = F(rng.randint(300, 1800), 10)
                elif self.chance(0.35):
                    home = next(p["avstand"] for p in self.world["persons"] if p["pnr"] == pnr and p["plats"] is None)
                    row["km"] = max(F(1, 10), 2 * home + F(rng.choice((0, 0, 0, 15, -11, 80)), 10))
                if self.chance(0.05):
                    row["lost"] = rng.randint(200, 1900) * 100
            rows.append(row)
        self.further_attendance(rows)
        return rows

    # ------------------------------------------------------------------------------------------------------- claims

    def claim(self, row, slag="lost", **more):
        out = {"mote": row["mote"], "datum": row["datum"], "start": row["start"], "organ": row["organ"], "pnr": row["pnr"], "slag": slag,
               "inkom": min(LAST_ARRIVAL, row["datum"] + dt.timedelta(self.rng.randint(1, 18))), "fran": None, "till": None,
               "timmar": None, "restid": 0, "forb": 0, "sarskild": 0, "motivering": None, "belopp": 0, "km": None,
               "styrkt": True, "atertagen": False, "avresa": None, "hemkomst": None, "maltider": [],
               "barn": None, "narstaende": None, "barnomsorg": [], "pensionstillfalle": None, **more}
        return out

    def own_times(self, row):
        start = row["start"] if row["nfran"] is None else row["nfran"]
        end = row["slut"] if row["ntill"] is None else row["ntill"]
        return (start, end) if end > start else None

    def lost_claim(self, row):
        rng, times = self.rng, self.own_times(row)
        if times is None or row["lost"]:
            return None
        a, b = times
        shape = rng.choice(("exact", "travel", "hours", "bare", "wide", "unproven", "intyg", "intyg", "leave"))
        c = self.claim(row)
        minutes = b - a
        if shape in ("exact", "unproven", "intyg"):
            c["fran"], c["till"] = a, b
        elif shape == "travel":
            c["restid"], c["forb"] = rng.choice((20, 45, 60)), rng.choice((0, 15, 30))
            c["fran"], c["till"] = a - c["restid"] // 2 - c["forb"], b + (c["restid"] - c["restid"] // 2)
        elif shape == "wide":
            c["fran"], c["till"], c["restid"] = max(0, a - rng.randint(10, 120)), min(1430, b + rng.randint(10, 90)), rng.choice((0, 30))
        elif shape == "hours":
            c["timmar"] = F(max(1, round(minutes / 30)), 2)
        elif shape == "leave":
            c["sarskild"], c["motivering"] = rng.choice((60, 120, 240)), "nattskift före sammanträdet"
            c["timmar"] = F(max(1, (minutes + c["sarskild"]) // 30), 2)
        if c["till"] is not None and c["till"] >= 1440:
            c["fran"], c["till"] = a, b
        hours = F(c["till"] - c["fran"] if c["fran"] is not None else minutes, 60)
        hourly = rng.choice((155, 198, 240, 312, 399, 455, 456, 520, 610))
        c["belopp"] = int(hours * hourly * 100) if self.chance(0.5) else int(hours * hourly) * 100
        c["styrkt"] = {"unproven": False, "intyg": None}.get(shape, True)
        return c

    def make_claims(self, rows):
        rng, out = self.rng, []
        times = lambda r: self.own_times(r) or (0, 0)
        met = {}
        for row in rows:
            met.setdefault((row["pnr"], row["datum"]), []).append(row)
        for row in rows:
            c = None
            if not self.use_ids and any(m["mote"] != row["mote"] and (m["organ"], m["datum"]) == (row["organ"], row["datum"])
                                        for m in self.meetings):
                continue                                  # Datum + Organ would not tell which of the two meetings is meant
            others = [r for r in met[row["pnr"], row["datum"]] if r is not row]
            if others and self.chance(0.7) and not row["lost"] and times(row)[1]:
                c = self.claim(row, fran=times(row)[0], till=times(row)[1],
                               belopp=(times(row)[1] - times(row)[0]) * rng.choice((400, 533, 760, 815)))
            elif row["slag"] == "c" and row["beslut"] and row["pnr"] not in self.classed and self.chance(0.6):
                a, b = times(row)
                if b - a >= 450 and not row["lost"]:
                    c = self.claim(row, fran=a - 30, till=b + 30, restid=60, belopp=rng.choice((365000, 410000, 520050)))
            elif row["mote"] in self.old_motes and self.chance(0.6) or self.chance(0.16 if row["pnr"] not in self.classed else 0.05):
                c = self.lost_claim(row)
            if c and c["belopp"] > 0:
                if row["mote"] in self.old_motes and row["datum"].year < 2026:
                    c["inkom"] = rng.choice((D(2026, 10, 13), D(2026, 10, 20), D(2026, 11, 16), D(2026, 11, 17)))
                out.append(c)
            if month_of(row["datum"]) >= min(self.first_month, (2026, 8)) and not row["km"] and not row["distans"] and self.chance(0.05):
                out.append(self.claim(row, "resa", km=F(rng.randint(20, 900), 10)))
        out += self.further_claims(rows, out)
        out.sort(key=lambda c: (c["inkom"], c["datum"], c["start"]))
        return out

    # --------------------------------------------------------------------------------------------------- corrections

    def corrections(self, sept, claims):
        """What a clerk finds out in the second month: attendance lists and claim rows that replace earlier ones."""
        rng, lists, changed = self.rng, [], []
        by_meeting = {}
        for row in sept:
            by_meeting.setdefault(row["mote"], []).append(row)
        safe = [k for k, rows in by_meeting.items() if rows[0]["organ"] in ORGANS and rows[0]["slut"] > rows[0]["start"]
                and len(rows) > 2 and not (rows[0]["organ"] == AU and not self.use_ids)]
        rng.shuffle(safe)
        time = lambda k: [r for r in by_meeting[k] if r["slut"] < 1380]
        moved = next((k for k in safe if time(k) and by_meeting[k][0]["slag"] == "a"), None)
        if moved:
            safe.remove(moved)
            later = by_meeting[moved][0]["slut"] + rng.choice((25, 35, 50))
            lists.append(("ratt_tid", [{**r, "slut": later} for r in by_meeting[moved]], False))
            self.notes.append(f"{moved}: ends later")
        decided = next((k for k in by_meeting if by_meeting[k][0]["slag"] == "c" and not by_meeting[k][0]["beslut"]), None)
        if decided:
            lists.append(("kursbeslut", [{**r, "beslut": "LR 2026-10-05 § 31"} for r in by_meeting[decided]], False))
            safe = [k for k in safe if k != decided]
            self.notes.append(f"{decided}: course gets its decision")
        single = []
        plain_rows = [r for k in safe[2:] for r in by_meeting[k] if r["tjg"] is True and not r["lost"]]
        if plain_rows:
            row = rng.choice(plain_rows)
            single.append({**row, "tjg": False})
            self.notes.append(f"{row['mote']} {row['pnr']}: did not serve after all")
        unstated = [r for k in safe[2:] for r in by_meeting[k] if r["tjg"] is None and r["roll"] == "Ersättare"]
        if unstated:
            single.append({**unstated[0], "tjg": True})
            self.notes.append(f"{unstated[0]['mote']} {unstated[0]['pnr']}: served")
        driven = [r for k in safe[2:] for r in by_meeting[k] if r["km"] and not r["utom"] and r["tjg"] is True
                  and all((r["mote"], r["pnr"]) != (s["mote"], s["pnr"]) for s in single)]
        if driven:
            row = rng.choice(driven)
            single.append({**row, "km": row["km"] / 2 if row["km"] / 2 * 10 % 1 == 0 else row["km"] - F(1, 10)})
            self.notes.append(f"{row['mote']} {row['pnr']}: km corrected")
        for row in single:
            lists.append((f"rattelse_{len(lists)}", [row], False))
        if safe and self.chance(0.35):
            whole, claimed = by_meeting[safe[0]], {(c["mote"], c["pnr"]) for c in claims}
            drop = next((r for r in whole if (r["mote"], r["pnr"]) not in claimed and not r["lost"]), None)
            if drop:
                lists.append(("hela_listan", [r for r in whole if r is not drop], True))
                self.notes.append(f"{safe[0]} {drop['pnr']}: gone from a whole list")
        current = [c for c in claims if c["slag"] == "lost"]
        rng.shuffle(current)
        proven = [c for c in current if c["styrkt"]]
        if proven:
            changed.append({**proven[0], "belopp": max(10000, proven[0]["belopp"] - 12345)})
        if len(proven) > 1:
            changed.append({**proven[1], "atertagen": True})
        unproven = [c for c in current if c["styrkt"] is False]
        changed += [{**c, "styrkt": True} for c in unproven[:2]]
        changed += self.later_changes(claims)
        for c in changed:
            self.notes.append(f"claim {c['mote']} {c['pnr']}: changed")
        changed.sort(key=lambda c: (c["inkom"], c["datum"], c["start"]))
        return lists, changed, safe[1] if len(safe) > 1 else None

    def new_uppdrag(self):
        """A resignation that the kansli hears of late: the holder left in October, another took over the day after."""
        row = self.fee_rows["ks-vice"] if self.chance(0.5) else self.fee_rows["kf-vice-2"]
        known = {u["pnr"] for u in self.world["uppdrag"] if NYCKLAR[u["nyckel"]].kind != "none"}
        free = [p for p in self.plain if p not in known]
        if row["till"] is not None or not free or not self.chance(0.35):
            return []
        last = D(2026, 10, self.rng.randint(18, 30))
        self.notes.append(f"{row['nyckel']} left {last}, told in November")
        return [{**row, "till": last}, {**row, "pnr": free[0], "fran": last + dt.timedelta(1), "till": None}]

    def build(self):
        self.make_persons()
        self.make_uppdrag()
        self.make_incomes()
        self.further_incomes()
        self.make_absences()
        self.further_absences()
        self.make_meetings()
        writer = Writer(random.Random(self.seed * 31 + 5), self.use_ids, self.world["persons"], self.features)
        meetings = list(self.meetings)
        rows = {m["mote"]: self.attend(m) for m in meetings}
        first = [m for m in meetings if m["datum"] < D(2026, 10, 1) and rows[m["mote"]]]
        second = [m for m in meetings if m["datum"] >= D(2026, 10, 1) and rows[m["mote"]]]
        late = next(m for m in first if m["datum"].month == 9 and m["slag"] == "a" and m["organ"] in ("Valnämnden", BSU))
        known = [r for m in first if m is not late for r in rows[m["mote"]]]
        sept = [r for r in known if r["datum"].month == 9]
        claims = self.make_claims(known)
        early = [c for c in claims if c["inkom"] <= D(2026, 10, 20)]
        waiting = self.make_claims(rows[late["mote"]])                                   # some come before their list
        early += waiting[:len(waiting) // 2]
        early.sort(key=lambda c: (c["inkom"], c["datum"], c["start"]))
        lists, changed, aba = self.corrections(sept, early)
        aba_rows = [r for r in sept if r["mote"] == aba]
        main_rows = [r for r in known if r["mote"] != aba]

        register = self.register(writer)
        before, pending = self.earlier_stages(writer, register)
        early, claims = sorted(early + pending, key=lambda c: (c["inkom"], c["datum"], c["start"])), claims + pending
        w = self.world
        w["attendance"] += main_rows + aba_rows
        w["claims"] += early
        files = [] if before else register
        files += [("narvaro_september.xlsx", [("Närvaro", writer.attendance(main_rows))])]
        if aba_rows:
            files += [("lista_a.xlsx", [("Blad1", writer.attendance(aba_rows))])]
        files += [("yrkanden_oktober.xlsx", [("Yrkanden", writer.claims(early))])]
        files += self.further_files(writer, "oktober", self.make_jour(2026, 9, sept), self.decide(early, 0.3, D(2026, 10, 19)))
        one = Stage(copy.deepcopy(w), files, [(2026, 9), (2026, 10)])

        october = [r for m in second for r in rows[m["mote"]]]
        w["attendance"] += october + rows[late["mote"]]
        files = [("narvaro_oktober.xlsx", [("Närvaro", writer.attendance(october))]),
                 ("sen_lista.xlsx", [("Lista", writer.attendance(rows[late["mote"]]))])]
        for name, part, whole in lists:
            w["attendance"] += ([{"clear": part[0]["mote"]}] if whole else []) + part
            files.append((f"{name}.xlsx", [("Blad1", writer.attendance(part, whole))]))
        if aba_rows:
            end = max([aba_rows[0]["start"] + 60] + [t for r in aba_rows for t in (r["nfran"], r["ntill"]) if t])
            other = [{**r, "slut": end + 17} for r in aba_rows]
            w["attendance"] += other + aba_rows
            files += [("lista_b.xlsx", [("Blad1", writer.attendance(other))]), ("lista_a.xlsx", None)]
            self.notes.append(f"{aba}: list A, B, A")
        later = [c for c in claims if c["inkom"] > D(2026, 10, 20)] + waiting[len(waiting) // 2:]
        later += self.make_claims(october)
        later.sort(key=lambda c: (c["inkom"], c["datum"], c["start"]))
        w["claims"] += later + changed
        files.append(("yrkanden_november.xlsx", [("Yrkanden", writer.claims(later))]))
        if changed:
            files.append(("rattade_yrkanden.xlsx", [("Yrkanden", writer.claims(changed))]))
        decided = self.decide(early + later, 0.5, D(2026, 11, 18))
        files += self.further_files(writer, "november", self.make_jour(2026, 10, october), decided)
        moved = self.new_uppdrag()
        if moved:
            w["uppdrag"] += moved
            files.append(("uppdrag_november.xlsx", [("Uppdrag", writer.uppdrag(moved))]))
        two = Stage(copy.deepcopy(w), files, [(2026, 11)])
        return Scenario(self, [*before, one, two])

    def register(self, writer):
        w = self.world
        sheets = [("Personer", writer.persons(w["persons"])), ("Uppdrag", writer.uppdrag(w["uppdrag"])),
                  ("Inkomstuppgifter", writer.incomes(w["incomes"])), ("Frånvaro", writer.absences(w["absences"]))]
        if self.chance(0.5):
            return [("register.xlsx", sheets)]
        return [(f"register_{i}.xlsx", [sheet]) for i, sheet in enumerate(sheets)]

    def further_files(self, writer, name, jour, decisions):
        """Takes jour and decisions into the world and writes their sheets."""
        self.world["jour"] += jour
        self.world["beslut"] += decisions
        files = [(f"jour_{name}.xlsx", [("Jour", writer.jour(jour))])] if jour else []
        return files + ([(f"beslut_{name}.xlsx", [("Beslut", writer.decisions(decisions))])] if decisions else [])

    def earlier_stages(self, writer, register):
        """One stage a payout month before September 2026, and the claims that had not come when it began."""
        w, stages, pending = self.world, [], []
        for payout, meetings in self.earlier_months((2026, 9)):
            name, cut = "%d-%02d" % payout, D(*payout, 20)
            rows = [r for m in meetings for r in self.attend(m)]
            pending += self.make_claims(rows)
            came = sorted((c for c in pending if c["inkom"] <= cut), key=lambda c: (c["inkom"], c["datum"], c["start"]))
            pending = [c for c in pending if c["inkom"] > cut]
            files = [] if stages else list(register)
            if rows:
                files.append((f"narvaro_{name}.xlsx", [("Närvaro", writer.attendance(rows))]))
            if came:
                files.append((f"yrkanden_{name}.xlsx", [("Yrkanden", writer.claims(came))]))
            w["attendance"] += rows
            w["claims"] += came
            held = meetings[0]["datum"] if meetings else None
            jour = self.make_jour(held.year, held.month, rows) if held else []
            files += self.further_files(writer, name, jour, self.decide(came, 0.6, cut))
            stages.append(Stage(copy.deepcopy(w), files, [payout]))
        return stages, pending


# ---------------------------------------------------------------------------------------------------------- the workbooks

MONTHS = "jan feb mar apr maj jun jul aug sep okt nov dec".split()


class Writer:
    """Turns rows into sheets: lists of cell rows. Headers and forms of cells vary with the seed, never the content."""

    def __init__(self, rng, use_ids, persons, features):
        self.rng, self.use_ids, self.features = rng, use_ids, features
        self.names = {p["pnr"]: f"{p['fornamn']} {p['efternamn']}" for p in persons}

    # Each sheet picks its habits once, as one clerk would; some clerks mix.
    def habits(self):
        pick = self.rng.choice
        self.date_form = pick(("cell", "cell", "iso", "slash", "words", "short", "mixed"))
        self.time_form = pick(("cell", "cell", "dot", "colon", "kl", "fraction", "mixed"))
        self.money_form = pick(("number", "number", "kr", "comma", "mixed"))
        self.pnr_form = pick(("long", "short", "digits12", "digits10", "number10", "number12", "mixed"))
        self.yes_form = pick(("ja", "Ja", "x", 1))

    def one_of(self, form, forms):
        return self.rng.choice(forms) if form == "mixed" else form

    def date(self, day):
        if day is None:
            return None
        form = self.one_of(self.date_form, ("cell", "iso", "slash", "words", "short"))
        return {"cell": dt.datetime(day.year, day.month, day.day), "iso": day.isoformat(),
                "slash": f"{day.day}/{day.month} {day.year}", "words": f"{day.day} {MONTHS[day.month - 1]} {day.year}",
                "short": f"{day:%y%m%d}"}[form]

    def time(self, minute):
        if minute is None:
            return None
        h, m = divmod(minute % 1440, 60)
        form = self.one_of(self.time_form, ("cell", "dot", "colon", "kl"))
        if form == "dot" and m == 0 and self.rng.random() < 0.3:
            return str(h)
        return {"cell": dt.time(h, m), "dot": f"{h:02d}.{m:02d}", "colon": f"{h}:{m:02d}", "kl": f"kl. {h:02d}.{m:02d}",
                "fraction": (h * 60 + m) / 1440}[form]

    def money(self, ore):
        if not ore:
            return None
        form = self.one_of(self.money_form, ("number", "kr", "comma"))
        kr, rest = divmod(ore, 100)
        if form == "number":
            return kr if rest == 0 else ore / 100
        if form == "comma":
            return f"{kr},{rest:02d}"
        return f"{kr:,}".replace(",", self.rng.choice((" ", "\u00a0"))) + f",{rest:02d} kr"

    def number(self, value):
        if value is None or value == 0:
            return None
        if value.denominator == 1:
            return int(value)
        return float(value) if self.rng.random() < 0.7 else f"{float(value)}".replace(".", ",")

    def pnr(self, pnr):
        form = self.one_of(self.pnr_form, ("long", "short", "digits12", "digits10"))
        return {"long": f"{pnr[:8]}-{pnr[8:]}", "short": f"{pnr[2:8]}-{pnr[8:]}", "digits12": pnr, "digits10": pnr[2:],
                "number10": int(pnr[2:]), "number12": int(pnr)}[form]

    def yes(self, value):
        return None if value is None else self.yes_form if value else self.rng.choice(("nej", "Nej"))

    def mark(self, value):
        return self.yes_form if value else None

    def header(self, *names):
        name = self.rng.choice(names)
        return self.rng.choice((name, name, name.upper(), name.replace(" ", "\n"), f" {name} "))

    def table(self, columns, rows, always=()):
        """columns: (header, cell of row). Columns that stay empty are sometimes left out."""
        body = [[cell(row) for _, cell in columns] for row in rows]
        keep = [i for i, (name, _) in enumerate(columns)
                if any(line[i] is not None for line in body) or self.rng.random() < 0.6 or name in always]
        out = [["" if columns[i][0] is None else columns[i][0] for i in keep]]
        for line in body:
            if len(out) > 3 and self.rng.random() < 0.02:
                out.append([None] * len(keep))
            out.append([line[i] for i in keep])
        return out

    def persons(self, rows):
        self.habits()
        h = self.header
        return self.table([
            (h("Personnummer", "Pnr"), lambda r: self.pnr(r["pnr"])), ("Efternamn", lambda r: r["efternamn"]),
            ("Förnamn", lambda r: r["fornamn"]), (h("Anställningsnummer", "Anstid"), lambda r: r["anstid"]),
            ("E-post", lambda r: f"{r['anstid']}@kommun.example"), ("Avstånd km", lambda r: self.number(r["avstand"])),
            ("Plats", lambda r: r["plats"]), (h("Tjänsteställe i hemmet"), lambda r: self.yes(r["tjanstestalle"])),
            ("KL 4:13", lambda r: self.mark(r["kl413"]))], rows)

    def uppdrag(self, rows):
        self.habits()
        self.yes_form = "ja"
        titles = {"ledamot": "Ledamot", "ersattare": "Ersättare", "gruppledare": "Gruppledare", "revisor": "Revisor"}
        grade = lambda r: NYCKLAR[r["nyckel"]].grade or None
        return self.table([
            (self.header("Personnummer"), lambda r: self.pnr(r["pnr"])), ("Organ", lambda r: r["organ"]),
            (self.header("Uppdrag", "Roll"), lambda r: titles.get(r["nyckel"], "Vice ordförande" if "vice" in r["nyckel"]
                                                                  else "Oppositionsråd" if "rad" in r["nyckel"] else "Ordförande")),
            ("Från", lambda r: self.date(r["fran"])), ("Till", lambda r: self.date(r["till"])),
            ("Sysselsättningsgrad", grade), ("Arvodesnyckel", lambda r: r["nyckel"]), ("Platser", lambda r: r["platser"])],
            rows, always=("Till",))

    def incomes(self, rows):
        self.habits()
        return self.table([
            ("Personnummer", lambda r: self.pnr(r["pnr"])), ("Från", lambda r: self.date(r["fran"])),
            ("Till", lambda r: self.date(r["till"])), ("Slag", lambda r: r["slag"]), ("Timlön", lambda r: self.money(r["timlon"])),
            *(column for column in (("SGI", lambda r: self.money(r["sgi"])),
                                    ("Semester %", lambda r: self.number(r["semester_procent"])),
                                    ("Pension %", lambda r: self.number(r["pension_procent"])))
              if "schablon" in self.features or "benefits" in self.features),
            ("Intyg", lambda r: r["intyg"])], rows, always=("Till", "Intyg"))

    def absences(self, rows):
        self.habits()
        words = {"semester": "ledighet motsvarande semester"}
        return self.table([
            ("Personnummer", lambda r: self.pnr(r["pnr"])), ("Från", lambda r: self.date(r["fran"])),
            ("Till", lambda r: self.date(r["till"])), ("Slag", lambda r: words.get(r["slag"], r["slag"])),
            ("Omfattning", lambda r: r["omfattning"])], rows)

    def attendance(self, rows, whole=False):
        self.habits()
        h, rng = self.header, self.rng
        start, slut = rng.choice((("Start", "Slut"), ("Börjar", "Slut"), ("Start", "Till"), ("Kl", "Till")))
        slag_words = rng.random() < 0.5
        slag = lambda r: WORDS.get(r["slag"], r["slag"]) if slag_words else r["slag"]
        clock = lambda t: f"{t // 60:02d}.{t % 60:02d}"
        pauses = lambda r: ", ".join(f"{clock(a)}-{clock(b)}" for a, b in r["ajournering"]) or None
        mil = rng.random() < 0.2
        km = lambda r: self.number(r["km"] / 10 if mil and r["km"] else r["km"])
        columns = [
            (h("Datum", "Sammanträdesdatum"), lambda r: self.date(r["datum"])), (h("Organ", "Nämnd"), lambda r: r["organ"]),
            (h("Slag"), slag), (h("Plats"), lambda r: r["plats"]), (h("Utom kommunen"), lambda r: self.mark(r["utom"])),
            (h("Kallat av"), lambda r: r["kallat"]), (h("Utskottets beslut"), lambda r: r["beslut"]),
            (h(start), lambda r: self.time(r["start"])), (h(slut), lambda r: self.time(r["slut"])),
            (h("Ajournering"), pauses), (h("Personnummer", "Pnr", "Persnr"), lambda r: self.pnr(r["pnr"])),
            (h("Namn", "Förtroendevald"), lambda r: self.names[r["pnr"]]), (h("Roll"), lambda r: r["roll"]),
            (h("Tjänstgörande", "Tjg"), lambda r: self.yes(r["tjg"])),
            (h("Närvarande från"), lambda r: self.time(r["nfran"])), (h("Närvarande till"), lambda r: self.time(r["ntill"])),
            (h("Paragrafer"), lambda r: r["paragrafer"]), (h("Jäv"), lambda r: r["jav"]), (h("Distans"), lambda r: self.mark(r["distans"])),
            (h("Närvarorätt"), lambda r: r["narvaroratt"]), (h("Förlorad arbetsinkomst (kr)", "Förlorad arbetsinkomst"),
                                                           lambda r: self.money(r["lost"])),
            ("Mil" if mil else h("Körda km", "Km"), km), ("Kommentar", lambda r: None)]
        if self.use_ids:
            columns.insert(2, (h("Möte", "Dnr"), lambda r: r["mote"]))
        if any("flyttat" in r for r in rows):
            columns.insert(1, ("Flyttat från", lambda r: self.date(r.get("flyttat"))))
        if "jour" in self.features:
            columns.insert(-1, ("Löneavdrag", lambda r: self.mark(r["loneavdrag"])))
        # A replacing row must be able to say that a cell is now empty: corrections keep every column.
        out = self.table(columns, rows, always=[name for name, _ in columns])
        top = []
        if whole:
            top.append(["Hela listan: ja"])
        elif rng.random() < 0.3:
            top += [["Närvarolista"], [None]]
        return top + out

    def claims(self, rows):
        self.habits()
        words = {**CLAIM_WORDS, "lost": self.rng.choice(("förlorad arbetsinkomst", "Förlorad arbetsinkomst § 3"))}
        columns = [
            ("Inkom", lambda r: self.date(r["inkom"])), ("Datum", lambda r: self.date(r["datum"])),
            ("Organ", lambda r: r["organ"]), (self.header("Personnummer", "Pnr"), lambda r: self.pnr(r["pnr"])),
            ("Namn", lambda r: self.names[r["pnr"]]), (self.header("Slag", "Ersättningsslag"), lambda r: words[r["slag"]]),
            ("Tid från", lambda r: self.time(r["fran"])), ("Tid till", lambda r: self.time(r["till"])),
            ("Timmar", lambda r: self.number(r["timmar"])), ("Restid min", lambda r: r["restid"] or None),
            ("Förberedelse min", lambda r: r["forb"] or None), ("Särskild ledighet min", lambda r: r["sarskild"] or None),
            ("Belopp", lambda r: self.money(r["belopp"])), ("Km", lambda r: self.number(r["km"])),
            ("Styrkt", lambda r: self.yes(r["styrkt"])), ("Återtagen", lambda r: self.mark(r["atertagen"])),
            ("Motivering", lambda r: r["motivering"])]
        clock = lambda t: f"{t // 60:02d}.{t % 60:02d}"
        if "benefits" in self.features:
            columns.append(("Pensionstillfälle", lambda r: self.date(r["pensionstillfalle"])))
        if "costs" in self.features:
            columns += [("Barnets födelseår", lambda r: r["barn"]), ("Vårdgivare närstående", lambda r: self.yes(r["narstaende"])),
                        ("Kommunal barnomsorg", lambda r: ", ".join(f"{clock(a)}-{clock(b)}" for a, b in r["barnomsorg"]) or None)]
        if "traktamente" in self.features:
            columns += [("Avresa", lambda r: self.time(r["avresa"])), ("Hemkomst", lambda r: self.time(r["hemkomst"])),
                        ("Måltider", lambda r: ", ".join(meals(r["maltider"])) or None)]
        if self.use_ids:
            columns.insert(1, ("Möte", lambda r: r["mote"]))
        return self.table(columns, rows, always=[name for name, _ in columns])

    def jour(self, rows):
        self.habits()
        return self.table([
            (self.header("Personnummer", "Pnr"), lambda r: self.pnr(r["pnr"])), ("Från", lambda r: self.date(r["fran"])),
            ("Till", lambda r: self.date(r["till"])), ("För", lambda r: "BSU ordförande"),
            ("Aktiv från", lambda r: self.time(r["aktiv_fran"])), ("Aktiv till", lambda r: self.time(r["aktiv_till"]))],
            rows, always=("För", "Aktiv från", "Aktiv till"))

    def decisions(self, rows):
        self.habits()
        return self.table([
            ("Diarienummer", lambda r: r["dnr"]), ("Datum", lambda r: self.date(r["datum"])), ("Organ", lambda r: r["organ"]),
            ("Gäller", lambda r: r["galler"]), ("Innebörd", lambda r: r["innebord"]), ("Från", lambda r: self.date(r["fran"])),
            ("Till", lambda r: self.date(r["till"]))], rows, always=("Från", "Till"))


def meals(words):
    """"2 lunch" for a meal that was provided twice."""
    counted = {w: words.count(w) for w in words}
    return [w if n == 1 else f"{n} {w}" for w, n in counted.items()]


def write(path, sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for r, row in enumerate(rows, 1):
            for c, value in enumerate(row, 1):
                if value is None or value == "":
                    continue
                cell = sheet.cell(row=r, column=c, value=value)
                if isinstance(value, dt.datetime):
                    cell.number_format = "yyyy-mm-dd"
                elif isinstance(value, dt.time):
                    cell.number_format = "hh:mm"
        for c in range(1, sheet.max_column + 1):
            sheet.column_dimensions[get_column_letter(c)].width = 16
    book.save(path)


def write_stage(stage, folder):
    """Writes a stage's workbooks and returns their paths in import order; sheets None means the file written earlier."""
    paths = []
    for name, sheets in stage.files:
        path = os.path.join(folder, name)
        if sheets is not None:
            write(path, sheets)
        paths.append(path)
    return paths


def build(seed, features=DEFAULT_FEATURES, months=STANDARD_MONTHS):
    return Builder(seed, features, months).build()


def add_arguments(ap):
    ap.add_argument("--with", dest="features", default=",".join(DEFAULT_FEATURES),
                    type=str, help=f"parts of the regulation beyond the fees, of {','.join(FEATURES)}; all; none for \"none\"")
    ap.add_argument("--months", type=int, default=STANDARD_MONTHS, help="payout months, the last of them November 2026")


def chosen(ap, args):
    """The features asked for, checked."""
    features = FEATURES if args.features == "all" else tuple(f for f in args.features.split(",") if f and f != "none")
    if unknown := set(features) - set(FEATURES):
        ap.error(f"--with: {', '.join(sorted(unknown))} is not one of {', '.join(FEATURES)}")
    if args.months < STANDARD_MONTHS:
        ap.error(f"--months: at least {STANDARD_MONTHS}")
    return features


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--seed", type=int, required=True)
    ap.add_argument("--out", required=True)
    add_arguments(ap)
    args = ap.parse_args()
    os.makedirs(args.out, exist_ok=True)
    scenario = build(args.seed, chosen(ap, args), args.months)
    for stage in scenario.stages:
        for path in write_stage(stage, args.out):
            print(path)
    print(*scenario.notes, sep="\n")


if __name__ == "__main__":
    main()
