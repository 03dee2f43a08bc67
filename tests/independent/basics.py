"""What every paragraph of the independent calculation stands on: the numbers of the example bilaga and of the tables of
facts, calendar and clock, sets of time, the folded facts of a world, and § 2's presence. See oracle.py for the form of a
world and for the readings."""
import calendar
import datetime as dt
import re
from collections import defaultdict, namedtuple
from fractions import Fraction as F

Line = namedtuple("Line", "anstid occasion kind datum antal apris belopp")      # antal, apris (kr): Fraction; belopp: öre
Row = namedtuple("Row", "anstid lonart datum antal apris belopp occasion")       # what a batch carries; reversals negative
Held = namedtuple("Held", "anstid datum reason")

# ---------------------------------------------------------------------------------------------------------- the numbers

RIKSDAGSARVODE = [(dt.date(*map(int, day.split("-"))), kr) for day, kr in (
    ("2013-11-01", 59800), ("2014-11-01", 61000), ("2015-11-01", 62400), ("2016-11-01", 63800), ("2017-11-01", 65400),
    ("2018-11-01", 66900), ("2019-11-01", 68400), ("2021-01-01", 69900), ("2022-01-01", 71500), ("2023-01-01", 73000),
    ("2024-01-01", 75500), ("2025-01-01", 78500), ("2026-01-01", 81400))]

# facts/prisbasbelopp.csv: first day, kr, the SGI cap in whole or half prisbasbelopp. The latest known goes on applying.
PRISBASBELOPP = [(dt.date(*map(int, day.split("-"))), kr, F(cap)) for day, kr, cap in (
    ("2014-01-01", 44400, "7.5"), ("2015-01-01", 44500, "7.5"), ("2016-01-01", 44300, "7.5"), ("2017-01-01", 44800, "7.5"),
    ("2018-01-01", 45500, "7.5"), ("2018-07-01", 45500, "8"), ("2019-01-01", 46500, "8"), ("2020-01-01", 47300, "8"),
    ("2021-01-01", 47600, "8"), ("2022-01-01", 48300, "10"), ("2023-01-01", 52500, "10"), ("2024-01-01", 57300, "10"),
    ("2025-01-01", 58800, "10"), ("2026-01-01", 59200, "10"))]

# facts/travel.csv: the year's whole day's traktamente in kr; a half day is half of it.
TRAKTAMENTE_KR = {2014: 220, 2015: 220, 2016: 220, 2017: 220, 2018: 230, 2019: 230, 2020: 240, 2021: 240, 2022: 240,
                  2023: 260, 2024: 290, 2025: 290, 2026: 300}

ORGANS = {
    "Kommunfullmäktige": "KF", "Kommunstyrelsen": "KS", "Allmänna utskottet": "AU",
    "Bildnings- och sociala utskottet": "BSU", "Valnämnden": "VN", "Revisionen": "REV", "Lokala rådet": "LR",
    "Valberedningen": "VB", "Krisledningsnämnden": "KLN", "Överförmyndaren": "OFN"}

Nyckel = namedtuple("Nyckel", "kind percent grade organ kommunalrad")            # percent None: KS ordförande's own 75 %
BSU = "Bildnings- och sociala utskottet"
NYCKLAR = {
    "ks-ordforande": Nyckel("ars", None, 100, "Kommunstyrelsen", True),
    "bsu-ordforande": Nyckel("ars", F(90), 90, BSU, True),
    "oppositionsrad": Nyckel("ars", F(40), 40, "Kommunstyrelsen", True),
    "overformyndare": Nyckel("ars", F(45), 45, "Överförmyndaren", False),
    "ks-vice": Nyckel("fast", F(20), 20, "Kommunstyrelsen", False),
    "kf-ordforande": Nyckel("fast", F(12), 12, "Kommunfullmäktige", False),
    "kf-vice-1": Nyckel("fast", F(3), 3, "Kommunfullmäktige", False),
    "kf-vice-2": Nyckel("fast", F(3), 3, "Kommunfullmäktige", False),
    "bsu-vice": Nyckel("fast", F(10), 10, BSU, False),
    "valnamnd-ordforande": Nyckel("fast", F(2), 2, "Valnämnden", False),
    "revision-ordforande": Nyckel("fast", F(4), 4, "Revisionen", False),
    "revisor": Nyckel("fast", F(5, 2), 2, "Revisionen", False),
    "valberedning-ordforande": Nyckel("fast", F(1), 1, "Valberedningen", False),
    "gruppledare": Nyckel("fast", F(5), 5, "Kommunfullmäktige", False),
    "ledamot": Nyckel("none", F(0), 0, None, False),
    "ersattare": Nyckel("none", F(0), 0, None, False),
}

LONART = {"arsarvode": "1651", "fast": "1652", "grundarvode": "1647", "timarvode": "1648", "forrattning": "1655",
          "lost": "1675", "schablon": "1676", "pension": "1677", "semester": "1678", "barntillsyn": "1681", "vard": "1682",
          "funktion": "1683", "ovrigt": "1684", "installelse": "1654", "mil_fri": "5001", "mil_skt": "5002",
          "trakt_hel": "INRHEL_FRI", "trakt_halv": "INRHLV_FRI"}

CLASS_LIMIT_PERCENT = 40
GRUND_MINUTES, UNIT_MINUTES = 60, 30
COURSE_MINUTES_PER_DAY = 480
LOST_CAP_HOUR_ORE, LOST_CAP_DAY_ORE = 45600, 365000
SCHABLON_HOURS_PER_DAY = 8
SELF_EMPLOYED_YEAR_ORE, SELF_EMPLOYED_HOURS_PER_YEAR = 200_000_00, 2080
PENSION_CAP_MONTH_ORE, PENSION_SCHABLON_PERCENT = 150000, F(9, 2)
SEMESTER_CAP_DAY_ORE, SEMESTER_SCHABLON_PERCENT = 365000, F(12)
PENSION_PAYOUT_MONTH = 1
BARNTILLSYN_CAP_HOUR_ORE, BARNTILLSYN_AGE = 15000, 12
VARD_CAP_DAY_ORE, FUNKTION_CAP_YEAR_ORE = 150000, 1200000
INSTALLELSE_ORE = 40000
# The annex: who is compensated for lost income although § 1 would shut them out, at occasions with Löneavdrag.
LONEAVDRAG_NYCKLAR = ("bsu-ordforande", "oppositionsrad")
KM_LIMIT_ONE_WAY = F(6)
MIL_ORE = 2900
LONGEST_NIGHT_MEETING_MINUTES = 12 * 60

SLAG = {word: letter for letter, words in {
    "a": "sammanträde", "b": "arbetsgrupp", "c": "kurs", "d": "förhandling", "e": "överläggning", "f": "samråd",
    "g": "presidium", "h": "besiktning", "i": "myndighet", "j": "revision", "k": "gruppledarmöte",
    "xf": "extern förrättning", "xr": "extern representation"}.items() for word in (letter, words)}
EXTERNAL = ("xf", "xr")


def half_up(value, unit=1):
    """Rounds an exact number to the nearest multiple of unit, halves away from zero."""
    q = F(value) / unit
    n = abs(q)
    whole = (2 * n.numerator + n.denominator) // (2 * n.denominator)
    return (whole if q >= 0 else -whole) * unit


def riksdagsarvode_ore(day):
    """§ 7 b: the gällande riksdagsmannaarvode on the day (same-day effect is the default reading of "gällande")."""
    return [kr for start, kr in RIKSDAGSARVODE if start <= day][-1] * 100


def ks_ordforande_ore(day):
    """§ 7 b: the chair of kommunstyrelsen has 75 percent of it."""
    return half_up(F(riksdagsarvode_ore(day) * 75, 100))


def grund_ore(day):
    """§ 7 b and § 8: every other arvode is counted on 90 percent of the KS chair's arvode."""
    return half_up(F(ks_ordforande_ore(day) * 90, 100))


def month_fee_ore(nyckel, day):
    """Bilaga: the uppdrag's percentage of the grund, per month."""
    n = NYCKLAR[nyckel]
    return ks_ordforande_ore(day) if n.percent is None else half_up(grund_ore(day) * n.percent / 100)


def grundarvode_ore(day):
    """Bilaga to § 9: 0.75 percent of the grund, to whole kronor half up."""
    return half_up(grund_ore(day) * F(75, 10000), 100)


def timarvode_ore(day):
    """Bilaga to § 9: 0.375 percent of the grund per hour, to whole kronor half up."""
    return half_up(grund_ore(day) * F(375, 100000), 100)


def taxfree_mil_ore(day):
    return 2500 if day.year >= 2023 else 1850


def half_hour_ore(day):
    return half_up(F(timarvode_ore(day), 2))


def sjukpenning_day_ore(sgi_ore, day):
    """SFB 25:5, 28:7, 28:10: the SGI, at most so many prisbasbelopp, down to whole hundreds of kronor, x 0.97 x 0.80 / 365,
    to the nearest krona; by the rules in force on the day."""
    _, kr, cap = [row for row in PRISBASBELOPP if row[0] <= day][-1]
    counted = min(F(sgi_ore, 100), kr * cap) // 100 * 100
    return half_up(counted * F(97, 100) * F(80, 100) / 365) * 100


def schablon_hour_ore(day_ore):
    return half_up(F(day_ore, SCHABLON_HOURS_PER_DAY))


def self_employed_hour_ore():
    return half_up(F(SELF_EMPLOYED_YEAR_ORE, SELF_EMPLOYED_HOURS_PER_YEAR))


def traktamente_ore(day):
    return TRAKTAMENTE_KR[min(day.year, max(TRAKTAMENTE_KR))] * 100


# --------------------------------------------------------------------------------------------------- calendar and clock

def month_of(day):
    return day.year, day.month


def next_month(month):
    year, number = month
    return (year, number + 1) if number < 12 else (year + 1, 1)


def days_of(month):
    return [dt.date(*month, d) for d in range(1, calendar.monthrange(*month)[1] + 1)]


def add_months(day, months):
    """The same day number months later; the last day of the month where the number does not exist."""
    year, number = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, number + 1, min(day.day, calendar.monthrange(year, number + 1)[1]))


def easter(year):
    """Gregorian Easter Sunday (the anonymous computus)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e, f = b // 4, b % 4, (b + 8) // 25
    h = (19 * a + b - d - (b - f + 1) // 3 + 15) % 30
    k = (32 + 2 * e + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    return dt.date(year, (h + k - 7 * m + 114) // 31, (h + k - 7 * m + 114) % 31 + 1)


def is_working_day(day):
    """Lag 1930:173: not Saturday, Sunday, public holiday, midsommarafton, julafton or nyårsafton."""
    if day.weekday() >= 5:
        return False
    if (day.month, day.day) in {(1, 1), (1, 6), (5, 1), (6, 6), (12, 24), (12, 25), (12, 26), (12, 31)}:
        return False
    if (day - easter(day.year)).days in {-2, 1, 39}:
        return False
    return not (day.month == 6 and day.weekday() == 4 and 19 <= day.day <= 25)


def last_claim_day(event, years=1):
    """§ 16: the same month and day some years later (29 February: the 28th), moved off holidays to a working day."""
    day = add_months(event, 12 * years)
    while not is_working_day(day):
        day += dt.timedelta(1)
    return day


def last_sunday(year, month):
    day = dt.date(year, month, 31)
    return day - dt.timedelta((day.weekday() + 1) % 7)


def instant(day, minute):
    """Elapsed minutes for a Swedish civil time; None in the hour that a DST night skips or doubles."""
    day, minute = day + dt.timedelta(minute // 1440), minute % 1440
    spring, autumn = last_sunday(day.year, 3), last_sunday(day.year, 10)
    if day in (spring, autumn) and 120 <= minute < 180:
        return None
    summer = spring < day < autumn or (day == spring and minute >= 180) or (day == autumn and minute < 120)
    return day.toordinal() * 1440 + minute - (120 if summer else 60)


# ------------------------------------------------------------------------------------------ sets of time, as [a, b) lists

def union(spans):
    out = []
    for a, b in sorted(s for s in spans if s[0] < s[1]):
        if out and a <= out[-1][1]:
            out[-1] = (out[-1][0], max(b, out[-1][1]))
        else:
            out.append((a, b))
    return out


def minus(spans, cuts):
    out = union(spans)
    for c, d in cuts:
        out = [piece for a, b in out for piece in ((a, min(b, c)), (max(a, d), b)) if piece[0] < piece[1]]
    return out


def both(spans, others):
    return union([(max(a, c), min(b, d)) for a, b in spans for c, d in others])


def size(spans):
    return sum(b - a for a, b in spans)


def first_minutes(spans, minutes):
    out = []
    for a, b in spans:
        take = min(b - a, minutes)
        if take > 0:
            out.append((a, a + take))
            minutes -= take
    return out


# ------------------------------------------------------------------------------------------------- the world, folded once

class Facts:
    """The latest revision of every row of a world."""

    def __init__(self, world):
        fold = lambda rows, key: list({key(r): r for r in rows}.values())
        persons = fold(world["persons"], lambda r: (r["pnr"], r["plats"]))
        self.persons = {r["pnr"]: r for r in persons if r["plats"] is None}
        self.place_km = {(r["pnr"], r["plats"]): r["avstand"] for r in persons if r["plats"]}
        self.uppdrag = fold(world["uppdrag"], lambda r: (r["pnr"], r["organ"], r["nyckel"], r["fran"]))
        self.incomes = fold(world["incomes"], lambda r: (r["pnr"], r["fran"]))
        self.absences = fold(world["absences"], lambda r: (r["pnr"], r["fran"]))
        self.attendance, self.meetings = {}, {}
        for r in world["attendance"]:
            if "clear" in r:
                self.attendance = {k: v for k, v in self.attendance.items() if k[0] != r["clear"]}
                continue
            self.attendance[r["mote"], r["pnr"]] = r
            self.meetings[r["mote"]] = r                       # a changed value keeps its place in the dict
        self.claims = {(r["mote"], r["pnr"], r["slag"]): r for r in world["claims"]}
        self.jour = fold(world["jour"], lambda r: (r["pnr"], r["fran"], r["till"], r["aktiv_fran"]))
        self.decisions = sorted(fold(world["beslut"], lambda r: (r["dnr"], r["galler"])), key=lambda r: r["datum"])
        self.by_person = defaultdict(list)
        for u in self.uppdrag:
            self.by_person[u["pnr"]].append(u)

    def anstid(self, pnr):
        return self.persons[pnr]["anstid"]

    def held_uppdrag(self, pnr, day, kind=None):
        return [u for u in self.by_person[pnr] if holds(u, day) and (kind is None or NYCKLAR[u["nyckel"]].kind == kind)]

    def in_class(self, pnr, day):
        """§ 1: on the day, the grades of the person's årsarvoderade uppdrag sum to at least 40 percent of full time.
        Such a person has only § 7 and §§ 10-19."""
        return sum(NYCKLAR[u["nyckel"]].grade for u in self.held_uppdrag(pnr, day, "ars")) >= CLASS_LIMIT_PERCENT

    def incomes_on(self, pnr, day):
        """The rows of Inkomstuppgifter valid on the day, the one that began last first."""
        valid = [i for i in self.incomes if i["pnr"] == pnr and i["fran"] <= day and (i["till"] is None or day <= i["till"])]
        return sorted(valid, key=lambda i: i["fran"], reverse=True)

    def ruling(self, claim, paragraph):
        """What the last decision says of the claim by that paragraph: True bifall, False avslag, None nothing."""
        said = [d["innebord"].lower().startswith("bifall") for d in self.decisions if self._concerns(d, claim, paragraph)
                and d["innebord"].lower().startswith(("bifall", "avslag"))]
        return said[-1] if said else None

    def _concerns(self, decision, claim, paragraph):
        """Gäller must name the paragraph and the person; a meeting or a kind of claim that it names narrows it."""
        text, person = decision["galler"], self.persons[claim["pnr"]]
        if not re.search(rf"§ *{paragraph}(?!\d)", text):
            return False
        if (decision["fran"] and claim["datum"] < decision["fran"]) or (decision["till"] and claim["datum"] > decision["till"]):
            return False
        pnr = claim["pnr"]
        if f"{pnr[:8]}-{pnr[8:]}" not in text and f"{person['fornamn']} {person['efternamn']}" not in text:
            return False
        kinds = [kind for kind, word in CLAIM_WORDS.items() if word in text.lower()]
        if kinds and claim["slag"] not in kinds:
            return False
        found = re.search(r"(?:(\w+) )?(\d{4}-\d\d-\d\d)", text)
        if paragraph == 15 and not found:
            return False                                       # § 15 is granted claim by claim
        if found is None:
            return True
        meeting = self.meetings.get(claim["mote"])
        return found[2] == claim["datum"].isoformat() and meeting is not None and ORGANS.get(meeting["organ"]) == found[1]


CLAIM_WORDS = {"lost": "förlorad arbetsinkomst", "pension": "pensionsförmån", "semester": "semesterförmån", "resa": "resa",
               "traktamente": "traktamente", "barntillsyn": "barntillsyn", "vard": "vård", "funktion": "funktionshindrad",
               "ovrigt": "övrigt"}
CLAIM_PARAGRAPHS = {"lost": 3, "pension": 4, "semester": 5, "resa": 11, "traktamente": 11, "barntillsyn": 12, "vard": 13,
                    "funktion": 14, "ovrigt": 15}


def holds(u, day):
    return u["fran"] <= day and (u["till"] is None or day <= u["till"])


# ----------------------------------------------------------------------------------------- § 2: gatherings and presence

class Presence:
    """One person at one meeting: spans of entitled presence, or why the row is held or unpaid."""

    def __init__(self, facts, row):
        meeting = facts.meetings[row["mote"]]
        self.facts, self.row, self.meeting, self.datum = facts, row, meeting, meeting["datum"]
        self.slag = SLAG.get(meeting["slag"])
        self.spans, self.held, self.entitled = [], None, False
        self.start = instant(meeting["datum"], meeting["start"])
        self._judge()

    def _judge(self):
        m, r = self.meeting, self.row
        if m["organ"] not in ORGANS or self.slag is None:
            self.held = "unknown organ or slag"
            return
        # Presence is paid for a tjänstgörande ledamot, an ersättare who serves, and one with granted närvarorätt.
        # Tjänstgörande empty: yes for a ledamot, asked about for an ersättare.
        serving = r["tjg"]
        if serving is None:
            serving = None if r["roll"] == "Ersättare" else True
        if r["narvaroratt"]:
            serving = True
        if serving is None:
            self.held = "ersättare: tjänstgörande not stated"
            return
        if not serving:
            return
        if r["paragrafer"] and r["nfran"] is None and r["ntill"] is None:
            self.held = "presence by paragraph only"
            return
        # (c) needs the utskott's decision; (k) needs that KF's or KS's ordförande or vice ordförande called: the words
        # organ + role, or the name of a person who holds such an uppdrag that day.
        if self.slag == "c" and not m["beslut"]:
            self.held = "course without the utskott's decision"
            return
        if self.slag == "k" and not may_call(self.facts, m):
            self.held = "gruppledarmöte without Kallat av"
            return
        self._measure()

    def _measure(self):
        """A meeting past midnight is one meeting; ajourneringar are taken away; own times narrow it."""
        m, r = self.meeting, self.row
        start, end = m["start"], m["slut"]
        if end < start:
            end += 1440
            if end - start > LONGEST_NIGHT_MEETING_MINUTES:
                self.held = "Slut before Start"
                return
        later = lambda t: t if t >= start else t + 1440
        clock = [start, end] + [later(t) for pair in m["ajournering"] for t in pair]
        clock += [later(t) for t in (r["nfran"], r["ntill"]) if t is not None]
        at = {t: instant(m["datum"], t) for t in clock}
        if None in at.values():
            self.held = "clock time in the hour of a DST night"
            return
        spans = [(at[start], at[end])]
        if r["nfran"] is not None:
            spans = both(spans, [(at[later(r["nfran"])], at[end])])
        if r["ntill"] is not None:
            spans = both(spans, [(at[start], at[later(r["ntill"])])])
        self.spans = minus(spans, [(at[later(a)], at[later(b)]) for a, b in m["ajournering"]])
        self.entitled = True


CALLERS = {f"{organ} {role}" for organ in ("KF", "KS") for role in ("ordförande", "vice ordförande")}
CALLING_NYCKLAR = {"ks-ordforande", "ks-vice", "kf-ordforande", "kf-vice-1", "kf-vice-2"}


def may_call(facts, meeting):
    names = {f"{p['fornamn']} {p['efternamn']}" for pnr, p in facts.persons.items()
             if any(u["nyckel"] in CALLING_NYCKLAR for u in facts.held_uppdrag(pnr, meeting["datum"]))}
    return meeting["kallat"] in CALLERS or meeting["kallat"] in names


def presences(facts):
    out = defaultdict(list)
    for row in facts.attendance.values():
        p = Presence(facts, row)
        out[row["pnr"]].append(p)
    for rows in out.values():
        rows.sort(key=lambda p: (p.start if p.start is not None else 0))
    return out
