"""The rest of the regulation in a scenario: schablon, lost benefits, costs, jour, decisions, traktamente, absence of
kommunalråd, and months before the usual three. Each part is drawn from a source of chance of its own, so that a scenario
without it stays as it was."""
import datetime as dt
from fractions import Fraction as F

from oracle import CLAIM_PARAGRAPHS, CLAIM_WORDS, NYCKLAR, ORGANS, next_month

D = dt.date
DEFAULT_FEATURES = ("schablon", "benefits", "costs", "jour", "decisions", "traktamente", "tidtrans")
FEATURES = (*DEFAULT_FEATURES, "life")
AU = "Allmänna utskottet"
BSU, KF, KS = "Bildnings- och sociala utskottet", "Kommunfullmäktige", "Kommunstyrelsen"
LATE_ARRIVALS = (D(2026, 10, 13), D(2026, 10, 20), D(2026, 11, 16), D(2026, 11, 17))


class Further:
    """What Builder does beyond attendance, lost income with an amount, and travel."""

    def has(self, feature):
        return feature in self.features

    def odds(self, p):
        return self.more.random() < p

    # ------------------------------------------------------------------------------------------------------- register

    def further_incomes(self):
        """Declared SGI, the self-employed, and a percentage of one's own for some."""
        if not self.has("schablon") and not self.has("benefits"):
            return
        more, known = self.more, {i["pnr"]: i for i in self.world["incomes"]}
        for pnr in self.pnrs:
            row = known.get(pnr)
            if row is None:
                if not self.odds(0.6):
                    continue
                row = self.income(pnr, 0, None)
                self.world["incomes"].append(row)
            if self.has("schablon") and self.odds(0.12):
                row["slag"] = "egen företagare"
            if self.has("schablon") and (not row["timlon"] or self.odds(0.5)):
                row["sgi"] = more.choice((18_000_000, 24_645_000, 31_299_900, 38_040_000, 47_700_000, 59_199_900, 59_200_000, 81_250_000))
            if self.has("benefits") and self.odds(0.2):
                row["semester_procent"] = more.choice((F(13), F(27, 2), F(129, 10)))
            if self.has("benefits") and self.odds(0.15):
                row["pension_procent"] = more.choice((F(6), F(9, 2), F(31, 10)))
        self.world["incomes"] = [i for i in self.world["incomes"] if i["timlon"] or i["sgi"] or i["slag"] != "anställd"
                                 or i["semester_procent"] or i["pension_procent"]]

    def further_absences(self):
        """A kommunalråd's leave of each kind: payroll hears of it."""
        if not self.has("tidtrans"):
            return
        holder = {u["nyckel"]: u["pnr"] for u in self.world["uppdrag"]}
        add = lambda nyckel, fran, till, slag, part: self.world["absences"].append(
            {"pnr": holder[nyckel], "fran": fran, "till": till, "slag": slag, "omfattning": part})
        add("ks-ordforande", D(2026, 10, 5), D(2026, 10, self.more.randint(5, 16)), "semester", 100)
        add("oppositionsrad", D(2026, 9, 21), D(2026, 10, 8), self.more.choice(("hindrad", "annan")), self.more.choice((25, 50, 100)))

    def further_meetings(self):
        """A meeting two years back, for which only a benefit can still be claimed."""
        if self.has("benefits"):
            self.meeting(self.more.choice((KS, AU)), D(2024, 10, 16), 780, 780 + self.more.randint(90, 200))

    # --------------------------------------------------------------------------------------------------------- claims

    def arrival(self, row):
        if row["mote"] in self.old_motes:
            return self.more.choice((D(2026, 10, 16), D(2026, 10, 19)) if row["datum"].year == 2024 else LATE_ARRIVALS)
        return min(self.last_arrival, row["datum"] + dt.timedelta(self.more.randint(1, 25)))

    def named_uniquely(self, row):
        """Whether organ and date alone tell which meeting is meant."""
        return not any(m["mote"] != row["mote"] and (m["organ"], m["datum"]) == (row["organ"], row["datum"]) for m in self.meetings)

    def further_claims(self, rows, claims):
        lost = {(c["mote"], c["pnr"]) for c in claims if c["slag"] == "lost"}
        out, minded = [], set()
        for row in rows:
            if not self.use_ids and not self.named_uniquely(row):
                continue
            key = row["mote"], row["pnr"]
            ask = lambda slag, **told: out.append(self.claim(row, slag, **{"inkom": self.arrival(row), **told}))
            if self.has("schablon") and key not in lost and not row["lost"] and row["datum"].year > 2024:
                if self.odds(0.3 if row["slag"] == "c" else 0.12) and self.schablon_claim(row, ask):
                    lost.add(key)
            if self.has("benefits"):
                self.benefit_claims(row, ask, key in lost or row["lost"])
            if self.has("costs") and row["datum"].year > 2024:
                self.cost_claims(row, ask, minded)
            if self.has("traktamente") and row["utom"] and self.odds(0.6):
                self.journey(row, ask)
        return out

    def schablon_claim(self, row, ask):
        more, times = self.more, self.own_times(row)
        if times is None:
            return False
        told = {"belopp": 0, "styrkt": True}
        shape = more.choice(("exact", "exact", "hours", "bare", "travel", "unproven", "asked"))
        a, b = times
        if shape in ("exact", "unproven", "asked"):
            told |= {"fran": a, "till": b}
        elif shape == "hours":
            told["timmar"] = F(max(1, round((b - a) / 30)), 2)
        elif shape == "travel":
            told |= {"restid": more.choice((30, 45, 60)), "forb": more.choice((0, 20))}
        if shape == "unproven":
            told["styrkt"] = more.choice((False, None))
        elif shape == "asked":
            told |= {"styrkt": more.choice((False, None)), "belopp": (b - a) * more.choice((90, 300, 560))}
        ask("lost", **told)
        return True

    def proof(self):
        return self.more.choice((True, True, True, True, True, True, False, None))

    def benefit_claims(self, row, ask, lost):
        more, likely = self.more, 0.9 if row["mote"] in self.old_motes and row["datum"].year == 2024 else 0.3 if lost else 0.03
        if self.odds(likely):
            ask("semester", belopp=more.choice((0, 0, 31250, 124000, 210055, 365000, 411000)), styrkt=self.proof())
        if self.odds(likely):
            told = more.choice((None, None, row["datum"], row["datum"].replace(day=1) - dt.timedelta(3)))
            ask("pension", belopp=more.choice((0, 0, 24000, 71550, 98000, 149999, 190000)), styrkt=self.proof(), pensionstillfalle=told)

    def cost_claims(self, row, ask, minded):
        more, start, slut = self.more, row["start"], row["slut"]
        if self.odds(0.06) and (row["pnr"], row["datum"]) not in minded and slut > start:
            minded.add((row["pnr"], row["datum"]))
            told = {"barn": row["datum"].year - more.choice((1, 4, 8, 11, 11, 12, 12, 13)) if self.odds(0.94) else None}
            shape = more.choice(("clock", "clock", "clock", "hours", "bare"))
            if shape == "clock":
                told["fran"], told["till"] = max(0, start - more.randint(0, 90)), min(1435, slut + more.randint(0, 60))
            elif shape == "hours":
                told["timmar"] = F(more.randint(2, 12), 2)
            hours = F(told["till"] - told["fran"] if shape == "clock" else slut - start, 60)
            told["belopp"] = int(hours * more.choice((80, 120, 149, 150, 175))) * 100 + more.choice((0, 0, 50))
            if self.odds(0.3):
                told["barnomsorg"] = more.choice(([(420, 960)], [(480, 690), (780, 1020)], [(start, start + 37)]))
            ask("barntillsyn", styrkt=self.proof(), narstaende=more.choice((True, False) + (None,) * 8), **told)
        if self.odds(0.025):
            ask("vard", belopp=more.choice((42000, 99950, 150000, 150100, 187500)), styrkt=self.proof(),
                narstaende=more.choice((True, None, None, None, False)))
        if row["pnr"] in self.helped and self.odds(0.7):
            ask("funktion", belopp=more.choice((80000, 245000, 510050, 760000)), styrkt=self.proof())
        if self.odds(0.025):
            ask("ovrigt", belopp=more.choice((9900, 34500, 120075)), styrkt=self.proof())

    def journey(self, row, ask):
        more = self.more
        leave = more.choice((300, 390, 450))
        home = more.choice((leave - 30, leave, leave + 900, 240))
        if self.odds(0.5):
            leave, home = more.choice((719, 720, 1020)), more.choice((600, 690, 1140, 1141))
        meals = more.sample(("frukost", "lunch", "middag", "lunch"), more.randint(0, 3))
        ask("traktamente", avresa=leave, hemkomst=home, maltider=meals)

    def later_changes(self, claims):
        """Evidence that comes in, a corrected amount, a claim taken back: rows that replace earlier ones."""
        more = self.more
        mine = [c for c in claims if c["slag"] not in ("lost", "resa", "traktamente")]
        more.shuffle(mine)
        unproven = [c for c in mine if c["styrkt"] is not True][:4]
        proven = [c for c in mine if c["styrkt"] is True]
        out = [{**c, "styrkt": True} for c in unproven]
        out += [{**c, "belopp": c["belopp"] + more.choice((-5000, 7500))} for c in proven[:3] if c["belopp"] > 6000]
        out += [{**c, "atertagen": True} for c in proven[3:4]]
        return out

    # ------------------------------------------------------------------------------------------- annex and decisions

    def further_attendance(self, rows):
        """Annex: a chair of the two who loses pay says so at the occasion."""
        if not self.has("jour"):
            return
        chairs = {u["pnr"] for u in self.world["uppdrag"] if u["nyckel"] in ("bsu-ordforande", "oppositionsrad", "ks-ordforande")}
        for row in rows:
            row["loneavdrag"] = row["pnr"] in chairs and self.odds(0.5)

    def make_jour(self, year, number, rows):
        """Stand-ins on jour in a month: a range of days, and days of active duty, some of it during a meeting."""
        if not self.has("jour"):
            return []
        more = self.more
        salaried = {u["pnr"] for u in self.world["uppdrag"] if NYCKLAR[u["nyckel"]].kind == "ars"}
        free = [p for p in self.pnrs if p not in salaried]
        out = []
        for pnr in more.sample(free, 2):
            first = more.randint(1, 20)
            out.append(self.jour_row(pnr, D(year, number, first), D(year, number, first + more.randint(0, 7))))
            for _ in range(more.randint(0, 3)):
                start = more.randint(360, 1200)
                out.append(self.jour_row(pnr, D(year, number, more.randint(1, 28)), None, start, start + more.choice((1, 29, 30, 31, 95, 180))))
        meeting = [r for r in rows if r["pnr"] in free and r["slut"] > r["start"] and r["slut"] < 1300]
        if meeting:
            row = more.choice(meeting)
            out.append(self.jour_row(row["pnr"], row["datum"], None, max(0, row["start"] - 35), row["slut"] + 20))
        return list({(r["pnr"], r["fran"], r["till"], r["aktiv_fran"]): r for r in out}.values())

    @staticmethod
    def jour_row(pnr, fran, till, start=None, end=None):
        return {"pnr": pnr, "fran": fran, "till": till or fran, "aktiv_fran": start, "aktiv_till": end}

    def decide(self, claims, rate, datum):
        """Single cases: övrigt granted or not, particular reasons for an older child, a late claim allowed or refused, and now
        and then the refusal of what was already paid."""
        if not self.has("decisions"):
            return []
        out = []
        for c in claims:
            if not self.named_uniquely(c) or (c["organ"] not in ORGANS) or not self.odds(rate):
                continue
            late = c["mote"] in self.old_motes and c["slag"] in ("lost", "vard", "funktion", "barntillsyn")
            if c["slag"] == "ovrigt":
                out.append(self.decision(c, 15, self.more.choice(("bifall", "bifall", "avslag")), datum))
            elif late:
                out.append(self.decision(c, 16, self.more.choice(("bifall", "avslag")), datum))
            elif c["slag"] == "barntillsyn" and c["barn"] and c["datum"].year - c["barn"] >= 12:
                out.append(self.decision(c, 12, "bifall, särskilda skäl", datum, whole_person=self.odds(0.5)))
            elif self.odds(0.04):
                out.append(self.decision(c, CLAIM_PARAGRAPHS[c["slag"]], "avslag", datum))
        return out

    def decision(self, claim, paragraph, word, datum, whole_person=False):
        self.decided += 1
        pnr = claim["pnr"]
        who = f"{pnr[:8]}-{pnr[8:]}" if self.odds(0.7) else self.names[pnr]
        parts = [f"§ {paragraph}", who]
        parts += ["särskilda skäl"] if whole_person else [f"{ORGANS[claim['organ']]} {claim['datum']}", CLAIM_WORDS[claim["slag"]]]
        bounds = (D(claim["datum"].year, 1, 1), D(claim["datum"].year, 12, 31)) if whole_person and self.odds(0.5) else (None, None)
        return {"dnr": f"KS {datum.year}/{500 + self.decided}", "datum": datum, "organ": AU, "galler": ", ".join(parts),
                "innebord": word, "fran": bounds[0], "till": bounds[1]}

    # ----------------------------------------------------------------------------------------------- earlier months

    def earlier_months(self, before):
        """[(payout month, meetings of the month before it)] from the first accrual month up to `before`."""
        out, month = [], self.first_month
        previous = None
        while month < before:
            out.append((month, self.month_of_meetings(*previous) if previous else []))
            previous, month = month, next_month(month)
        return out

    def month_of_meetings(self, year, number):
        more = self.more
        if number == 7:
            return []
        taken = {m["datum"] for m in self.meetings}          # what is told of late already has its day
        days = [d for n in range(1, 29) if (d := D(year, number, n)).weekday() < 5 and d not in taken]
        more.shuffle(days)
        free = iter(days)
        meetings = [self.meeting(KF, next(free), 1110, 1110 + more.randint(90, 330)),
                    self.meeting(KS, next(free), 780, 780 + more.randint(121, 260), ajournering=[(860, 880)]),
                    self.meeting(AU, next(free), 540, 540 + more.randint(45, 200)),
                    self.meeting(BSU, next(free), 510, 510 + more.randint(150, 470))]
        if more.random() < 0.3:
            meetings.append(self.meeting(BSU, next(free), 495, 495 + more.randint(480, 600), slag="c", beslut="BSU § 4"))
        if more.random() < 0.3:
            meetings.append(self.meeting(KS, next(free), 480, 480 + more.randint(95, 520), slag="extern förrättning", utom=True,
                                         plats="Örebro"))
        return meetings
