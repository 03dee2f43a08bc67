"""An independent reading of the regulation: what each förtroendevald is entitled to, and what each batch must carry.

Written from the texts alone (bestämmelserna, the page of readings, the example bilaga), without sight of the program it
is held against. Pure standard library; money is whole öre, every ratio a Fraction, no floats.

A *world* is plain data, a dict of lists of dicts, in the order in which a clerk learnt it; later rows replace earlier ones:

    persons     pnr (12 digits), anstid, fornamn, efternamn, avstand (km one way), plats (or None: the general distance),
                tjanstestalle (bool or None), kl413 (bool)                                     key: pnr + plats
    uppdrag     pnr, organ, nyckel, fran, till (or None), platser                              key: pnr, organ, nyckel, fran
    incomes     pnr, fran, till, timlon (öre), intyg (diarienummer or None)                    key: pnr, fran
    absences    pnr, fran, till, slag (hindrad / semester / annan), omfattning (percent)       key: pnr, fran
    attendance  mote, datum, organ, slag, plats, utom, kallat, beslut, start, slut (minutes of the day), ajournering
                [(a, b)], pnr, roll, tjg (True / False / None), nfran, ntill, paragrafer, distans, narvaroratt,
                lost (öre), km (Fraction, return distance)                                     key: mote, pnr
                {"clear": mote} forgets the meeting's rows ("Hela listan: ja")
    claims      mote, datum, pnr, slag (lost / resa), inkom, fran, till (minutes), timmar, restid, forb, sarskild (minutes),
                belopp (öre), km, styrkt (True / False / None), atertagen, avresa, hemkomst    key: mote, pnr, slag

Meeting facts (time, slag, ...) are those of the meeting's latest row.

Decisions (where the documents leave something open, and how it is read here)
 D1  Single-seat uppdrag: the month's fee is apportioned over all holders and all gaps of that month in one go (largest
     remainder, ties to the earlier part). Several seats: over the chain of handovers (Från = Till + 1) and the rest of
     the month before and after it.
 D2  Days that a rule cuts (absence beyond two months, § 1 class for fast arvode, grades above 100, full-time kommunalråd)
     are a kept part of the days held, multiplied with the handover share, one half-up rounding. datum stays the last day
     the uppdrag was held in the month.
 D3  Two holders of a single seat: the fee up to the day before the first common day is paid (datum = that day), the rest
     is held, for both.
 D4  "Absences at most one day apart": Från of the next is at most one day after Till of the one before (no free day
     between). `annan` hinders like `hindrad`; semester does not, and breaks a spell. Omfattning cuts by its percentage.
 D5  Two months after the 31st: the last day of the month if the day number does not exist.
 D6  A person who is kommunalråd on the day is not cut for absence in any årsarvode.
 D7  Overlapping meetings: "starts later" is the meeting's start; only minutes that are paid in the earlier meeting are
     taken from the later one (an unpaid or held meeting takes nothing); equal start: the meeting first known.
 D8  Courses: overlap is taken away first, then the first 480 minutes of the person's courses of the day are counted.
 D9  Lost income: the time allowed is the person's own presence (after ajourneringar, before the overlap rule of § 9),
     plus restid + förberedelse + särskild ledighet. A claim's clock time, or its Timmar, is the whole claimed time with
     travel included: minutes outside presence are paid up to the sum of the stated minutes. With neither clock time nor
     Timmar the claim is for presence plus the stated minutes.
 D10 Claims of one day are taken in order of arrival (Inkom, then the meeting's start); amounts in an attendance list
     without a date of their own come last. The day cap and the minutes already compensated are used up in that order.
     Of a claim's minutes outside presence, all or (if not wholly covered by stated minutes) none count as used.
 D11 The amount is min(belopp x paid / claimed, Timlön x paid hours where only an Intyg proves it, 456 kr/h x paid hours),
     rounded once half up, then at most what is left of the day's 3 650 kr. apris = belopp / hours to four decimals.
 D12 Styrkt nej or empty: a valid Intyg proves in its place; without one all is held. Intyg below the claim: paid up to it, and the claim is in the held list.
 D13 A claim at a meeting where the presence itself is held waits with it; without any attendance row, or with presence
     that § 2 does not pay, it is held.
 D14 The six kilometres are measured on the stored one-way distance (of the Plats, else the general one); for a meeting
     outside the kommun on half the stated km. Utom kommunen is a tjänsteresa: split tax-free/taxable whatever the
     tjänsteställe. Several trips a day: the largest km after the cut to twice the distance; ties to the earlier meeting.
     Avresa/Hemkomst make two trips only if every trip of the day states both and they do not overlap.
 D15 Own-car travel needs no Styrkt. A km figure that a rule refuses outright (distans, below 6 km, not serving) is not
     counted as a held claim in an attendance list, but is one in Yrkanden.
 D16 A claim is payable the month after the meeting's month, whenever it came; older than forsta_manad too. Arvode and
     km of attendance lists before forsta_manad are not owed.
 D17 Närvarande från/till outweigh Paragrafer; Paragrafer alone hold the row. Jäv deducts nothing.
 D18 An Uppdrag row's fee belongs to (person, organ, nyckel, month): a corrected Från changes the line, not its identity.
 D19 A person whose rows of a batch sum below zero waits with all of them; the next batch tries again. Zero or more goes.
"""
import calendar
import datetime as dt
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
          "lost": "1675", "mil_fri": "5001", "mil_skt": "5002"}

CLASS_LIMIT_PERCENT = 40
GRUND_MINUTES, UNIT_MINUTES = 60, 30
COURSE_MINUTES_PER_DAY = 480
LOST_CAP_HOUR_ORE, LOST_CAP_DAY_ORE = 45600, 365000
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


def holds(u, day):
    return u["fran"] <= day and (u["till"] is None or day <= u["till"])


# ------------------------------------------------------------------------------------------------ §§ 7 and 8: month fees

def seat_chains(facts, month):
    """Groups the fee-bearing uppdrag of a month by seat: lists of (uppdrag, last payable day or None)."""
    days = days_of(month)
    groups = defaultdict(list)
    for u in facts.uppdrag:
        if NYCKLAR[u["nyckel"]].kind != "none" and u["fran"] <= days[-1] and (u["till"] is None or u["till"] >= days[0]):
            groups[u["organ"], u["nyckel"]].append(u)
    for (organ, nyckel), members in sorted(groups.items()):
        members.sort(key=lambda u: (u["fran"], u["pnr"]))
        if members[0]["platser"] == 1:
            yield [(u, first_common_day(facts, u)) for u in members]
            continue
        left = list(members)
        while left:
            chain = [left.pop(0)]
            while (heir := next((v for v in left if chain[-1]["till"]
                                 and v["fran"] == chain[-1]["till"] + dt.timedelta(1)), None)):
                chain.append(heir)
                left.remove(heir)
            yield [(u, None) for u in chain]


def first_common_day(facts, u):
    """The first day on which another person holds the same single seat as well, or None."""
    common = []
    for v in facts.uppdrag:
        if v["pnr"] != u["pnr"] and (v["organ"], v["nyckel"]) == (u["organ"], u["nyckel"]):
            start = max(u["fran"], v["fran"])
            if holds(u, start) and holds(v, start):
                common.append(start)
    return min(common, default=None)


def apportion(whole, parts):
    """Splits whole öre over day counts so that the shares add up: largest remainder, ties to the earlier part."""
    total = sum(parts)
    shares = [whole * p // total for p in parts]
    order = sorted(range(len(parts)), key=lambda i: (-(whole * parts[i] % total), i))
    for i in order[:whole - sum(shares)]:
        shares[i] += 1
    return shares


def fees(facts, month, held):
    """§ 7 a, § 8 and § 18: årsarvode and fast arvode, one row a month, a twelfth of the year's amount. When an uppdrag
    passes on, the old and the new holder share by the days each has had it."""
    days = days_of(month)
    for chain in seat_chains(facts, month):
        owner, disputed = {}, []
        for u, common in chain:
            for day in days:
                if holds(u, day):
                    if common and day >= common:
                        disputed.append((u, day))
                    else:
                        owner[day] = u
        for u, day in disputed:
            if day == days[0] or day == u["fran"] or (u, day - dt.timedelta(1)) not in disputed:
                held.append(Held(facts.anstid(u["pnr"]), day, "two holders of a single seat"))
        parts = []                                                     # consecutive days of one holder, or of nobody
        for day in days:
            u = owner.get(day)
            if parts and parts[-1][0] is u:
                parts[-1][1].append(day)
            else:
                parts.append((u, [day]))
        shares = apportion(month_fee_ore(chain[0][0]["nyckel"], days[0]), [len(d) for _, d in parts])
        for (u, part), share in zip(parts, shares):
            if u is None:
                continue
            kept = sum(kept_part(facts, u, day) for day in part) / len(part)
            belopp = half_up(share * kept)
            if belopp:
                kind = "arsarvode" if NYCKLAR[u["nyckel"]].kind == "ars" else "fast"
                occasion = f"uppdrag {u['organ']} {u['nyckel']} {month[0]}-{month[1]:02d}"
                yield Line(facts.anstid(u["pnr"]), occasion, kind, part[-1], F(1), F(belopp, 100), belopp)


def kept_part(facts, u, day):
    """The part of a day's fee that the rules leave."""
    if NYCKLAR[u["nyckel"]].kind == "fast":
        # § 1 names only § 7 and §§ 10-19 for the class: § 8 is shut out. No reduction for absence (reading "delning").
        return F(0) if facts.in_class(u["pnr"], day) else F(1)
    return grade_part(facts, u, day) * presence_part(facts, u["pnr"], day)


def grade_part(facts, u, day):
    """§ 7 a: a full-time kommunalråd has no other municipal årsarvode. A part-time kommunalråd with another årsarvoderat
    uppdrag is raised to full time at most: the later start (same start: the lower fee) gets what is left of 100."""
    uppdrag = facts.held_uppdrag(u["pnr"], day, "ars")
    full = [v for v in uppdrag if NYCKLAR[v["nyckel"]].kommunalrad and NYCKLAR[v["nyckel"]].grade >= 100]
    if full:
        return F(1) if u is full[0] else F(0)
    if not any(NYCKLAR[v["nyckel"]].kommunalrad for v in uppdrag):
        return F(1)
    room = 100
    for v in sorted(uppdrag, key=lambda v: (v["fran"], -month_fee_ore(v["nyckel"], day))):
        grade = NYCKLAR[v["nyckel"]].grade
        if v is u:
            return F(max(0, min(grade, room)), grade)
        room -= grade


def presence_part(facts, pnr, day):
    """§ 7 a: a holder who is not kommunalråd and is hindered for more than two months is cut in proportion, here for the
    time beyond two months. Leave equal to holiday cuts nothing. Kommunalråd follow the employees' rules in payroll."""
    if any(NYCKLAR[u["nyckel"]].kommunalrad for u in facts.held_uppdrag(pnr, day, "ars")):
        return F(1)
    spells = sorted((a for a in facts.absences if a["pnr"] == pnr and a["slag"] != "semester"), key=lambda a: a["fran"])
    start = end = None
    for a in spells:
        if start is None or a["fran"] > end + dt.timedelta(1):
            start, end = a["fran"], a["till"]
        end = max(end, a["till"])
        if a["fran"] <= day <= a["till"] and day >= add_months(start, 2):
            return F(100 - a["omfattning"], 100)
    return F(1)


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


# ------------------------------------------------------------------------------------------- § 9 and § 8: meeting fees

def meeting_fees(facts, pnr, rows):
    """§ 9: one who has neither årsarvode nor fast arvode (in any organ) gets one grundarvode per meeting, covering its
    first 60 paid minutes, and timarvode per started half-hour after that. § 8: a holder of fast arvode gets timarvode
    from the first minute at an external förrättning or representation. The same time is never paid twice; courses count
    for at most eight hours a day (last page of bestämmelserna)."""
    anstid, used, course_left = facts.anstid(pnr), [], defaultdict(lambda: COURSE_MINUTES_PER_DAY)
    for p in rows:
        if not p.entitled or facts.in_class(pnr, p.datum):
            continue
        external = p.slag in EXTERNAL and p.meeting["utom"]
        fast = bool(facts.held_uppdrag(pnr, p.datum, "fast"))
        if fast and not external:
            continue
        paid = minus(p.spans, used)
        if p.slag == "c":
            paid = first_minutes(paid, course_left[p.datum])
            course_left[p.datum] -= size(paid)
        used = union(used + paid)
        minutes = size(paid)
        if minutes == 0:
            continue
        occasion, hour = f"möte {p.row['mote']}", timarvode_ore(p.datum)
        if not fast:
            grund = grundarvode_ore(p.datum)
            yield Line(anstid, occasion, "grundarvode", p.datum, F(1), F(grund, 100), grund)
        units = -(-(minutes if fast else max(0, minutes - GRUND_MINUTES)) // UNIT_MINUTES)
        if units:
            half = half_up(F(hour, 2))
            yield Line(anstid, occasion, "forrattning" if fast else "timarvode", p.datum, F(units, 2), F(hour, 100),
                       units * half)


# ------------------------------------------------------------------------------------------------------------ § 3 (§ 6)

def lost_income(facts, pnr, rows, held):
    """§ 3: proven lost income is paid, at most the cap per hour (pro rata by the minute) and per day. § 6: travel time,
    practical preparation and necessary leave count as time too. One hour is compensated once. § 16: claimed within a
    year of the meeting. § 1: not for the class of 40 percent and more."""
    anstid = facts.anstid(pnr)
    at = {p.row["mote"]: p for p in rows}
    asked = []
    for claim in facts.claims.values():
        if claim["pnr"] == pnr and claim["slag"] == "lost" and not claim["atertagen"]:
            asked.append((claim["inkom"], claim))
    for p in rows:
        if p.row["lost"]:
            listed = dict(mote=p.row["mote"], datum=p.datum, pnr=pnr, belopp=p.row["lost"], styrkt=None, fran=None, till=None,
                          timmar=None, restid=0, forb=0, sarskild=0, inkom=None, listed=True)
            asked.append((dt.date.max, listed))
    def meeting_start(claim):
        m = facts.meetings.get(claim["mote"])
        return (m["datum"], m["start"]) if m else (claim["datum"], 0)

    asked.sort(key=lambda pair: (pair[0], meeting_start(pair[1])))
    used, day_left = [], defaultdict(lambda: LOST_CAP_DAY_ORE)
    for _, claim in asked:
        datum = meeting_start(claim)[0]
        hold = lambda reason: held.append(Held(anstid, datum, "§ 3: " + reason))
        p = at.get(claim["mote"])
        if p is None or not (p.entitled or p.held):
            hold("no presence that § 2 pays")
            continue
        if facts.in_class(pnr, datum):
            hold("§ 1 class")
            continue
        if claim["inkom"] and claim["inkom"] > last_claim_day(datum):
            hold(f"late, last day {last_claim_day(datum)}")
            continue
        if p.held:
            hold("the presence is held")
            continue
        timlon = None                                    # set where an Intyg alone proves the hourly amount
        if claim["styrkt"] is not True:
            timlon = proven_timlon(facts, pnr, datum)
            if timlon is None:
                hold("not proven")
                continue
        presence = first_minutes(p.spans, COURSE_MINUTES_PER_DAY) if p.slag == "c" else p.spans
        extra = claim["restid"] + claim["forb"] + claim["sarskild"]
        claimed, paid, consumed = claim_minutes(claim, datum, presence, extra, used)
        if claimed == 0 or paid == 0:
            continue
        amount = min(claim["belopp"] * F(paid, claimed), F(LOST_CAP_HOUR_ORE * paid, 60))
        if timlon is not None:
            if claim["belopp"] > F(timlon * claimed, 60):
                hold("above the Intyg's Timlön")
            amount = min(amount, F(timlon * paid, 60))
        belopp = min(half_up(amount), day_left[datum])
        used = union(used + consumed)
        day_left[datum] -= belopp
        if belopp:
            antal, apris = hours_and_price(paid, belopp)
            yield Line(anstid, f"yrkande {claim['mote']} § 3", "lost", datum, antal, apris, belopp)


def proven_timlon(facts, pnr, day):
    rates = [i["timlon"] for i in facts.incomes if i["pnr"] == pnr and i["intyg"] and i["timlon"]
             and i["fran"] <= day and (i["till"] is None or day <= i["till"])]
    return max(rates, default=None)


def claim_minutes(claim, datum, presence, extra, used):
    """(claimed minutes, payable minutes, time used up). Without clock times only the hours count."""
    if claim["fran"] is not None:
        end = claim["till"] if claim["till"] >= claim["fran"] else claim["till"] + 1440
        span = [(instant(datum, claim["fran"]), instant(datum, end))]
    elif claim.get("listed"):
        span = presence
    else:
        claimed = int(claim["timmar"] * 60) if claim["timmar"] is not None else size(presence) + extra
        return claimed, min(claimed, size(presence) + extra), []
    new = minus(span, used)
    inside, outside = both(new, presence), minus(new, presence)
    covered = size(outside) <= extra
    return size(span), size(inside) + min(size(outside), extra), inside + (outside if covered else [])


def hours_and_price(minutes, belopp):
    """antal = hours to 0.01, apris with four decimals at most, whose product rounds to belopp; else one piece."""
    antal = half_up(F(minutes, 60), F(1, 100))
    if antal:
        apris = half_up(F(belopp, 100) / antal, F(1, 10000))
        if half_up(antal * apris, F(1, 100)) == F(belopp, 100):
            return antal, apris
    return F(1), F(belopp, 100)


# ------------------------------------------------------------------------------------------------------- § 11: own car

def travel(facts, pnr, rows, held, first_month):
    """§ 11: travel by own car, only from six kilometres one way (not for those under KL 4:13), one trip a day, at most
    twice the stored distance within the kommun. None for distance attendance. Tax-free up to the year's amount if the
    home is the tjänsteställe, else wholly taxable at ordinary meetings. The class of § 1 has § 11 too."""
    person, anstid = facts.persons[pnr], facts.anstid(pnr)
    trips, known = defaultdict(list), {p.row["mote"] for p in rows}
    for claim in facts.claims.values():
        if (claim["pnr"], claim["slag"]) == (pnr, "resa") and claim["mote"] not in known and not claim["atertagen"]:
            held.append(Held(anstid, claim["datum"], "§ 11: no presence that § 2 pays"))
    for p in rows:
        claim = facts.claims.get((p.row["mote"], pnr, "resa"))
        if claim and claim["atertagen"]:
            claim = None
        hold = lambda reason: claim and held.append(Held(anstid, p.datum, "§ 11: " + reason))
        km, window = p.row["km"] or F(0), None
        if month_of(p.datum) < first_month:
            km = F(0)
        if claim:
            if claim["inkom"] > last_claim_day(p.datum):
                hold(f"late, last day {last_claim_day(p.datum)}")
            else:
                km = max(km, claim["km"])
                if claim["avresa"] is not None and claim["hemkomst"] is not None:
                    window = (claim["avresa"], claim["hemkomst"])
        if not km:
            continue
        if not p.entitled:
            hold("no presence that § 2 pays")
            continue
        if p.row["distans"]:
            hold("distance attendance")
            continue
        outside = p.meeting["utom"]
        distance = facts.place_km.get((pnr, p.meeting["plats"]), person["avstand"])
        one_way = km / 2 if outside else distance
        if one_way < KM_LIMIT_ONE_WAY and not person["kl413"]:
            hold("below six kilometres")
            continue
        trips[p.datum].append((km if outside else min(km, 2 * distance), p, window))
    for datum, found in trips.items():
        windows = sorted(w for _, _, w in found if w)
        apart = len(windows) == len(found) and all(a[1] <= b[0] for a, b in zip(windows, windows[1:]))
        for km, p, _ in found if apart else [max(found, key=lambda t: t[0])]:
            free = taxfree_mil_ore(datum) if person["tjanstestalle"] or p.meeting["utom"] else 0
            for kind, price in (("mil_fri", free), ("mil_skt", MIL_ORE - free)):
                belopp = half_up(km / 10 * price)
                if belopp:
                    yield Line(anstid, f"resa {p.row['mote']}", kind, datum, km / 10, F(price, 100), belopp)


# ----------------------------------------------------------------------------------------------- all of it, and the ledger

def entitled(world, payout, first_month):
    """The lines entitled and payable up to a payout month, and what is held. § 18: årsarvode and fast arvode are paid in
    their own month, all else the month after. Nothing before the first accrual month is owed but claims."""
    facts, lines, held = Facts(world), [], []
    month = first_month
    while month <= payout:
        lines += fees(facts, month, held)
        month = next_month(month)
    present = presences(facts)
    for pnr in sorted({k[1] for k in facts.claims} | set(present)):
        rows = present.get(pnr, [])
        held += [Held(facts.anstid(pnr), p.datum, p.held) for p in rows if p.held]
        lines += (x for x in meeting_fees(facts, pnr, rows) if month_of(x.datum) >= first_month)
        lines += travel(facts, pnr, rows, held, first_month)
        lines += lost_income(facts, pnr, rows, held)
    payable = [x for x in lines if x.kind in ("arsarvode", "fast") or next_month(month_of(x.datum)) <= payout]
    return payable, held


class Ledger:
    """owed = entitled - booked. An equal line is settled; a different one is reversed in full and booked anew."""

    def __init__(self, first_month):
        self.first_month, self.booked = first_month, {}

    def batch(self, world, payout):
        """Books the payout month's batch. Returns (rows, rows of persons who wait net negative, held)."""
        lines, held = entitled(world, payout, self.first_month)
        now = {(x.anstid, x.occasion, x.kind): x for x in lines}
        assert len(now) == len(lines), "two lines with one identity"
        by_person = defaultdict(list)
        for key in self.booked.keys() | now.keys():
            old, new = self.booked.get(key), now.get(key)
            if old != new:
                by_person[key[0]].append((key, old, new))
        rows, waiting = [], []
        for anstid, changes in sorted(by_person.items()):
            own = [as_row(old, -1) for _, old, _ in changes if old] + [as_row(new, 1) for _, _, new in changes if new]
            if sum(r.belopp for r in own) < 0:
                waiting += own
                continue
            rows += own
            for key, _, new in changes:
                self.booked.pop(key, None)
                if new:
                    self.booked[key] = new
        return rows, waiting, held


def as_row(line, sign):
    return Row(line.anstid, LONART[line.kind], line.datum, sign * line.antal, line.apris, sign * line.belopp, line.occasion)
