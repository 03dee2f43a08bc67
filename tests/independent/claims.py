"""§§ 3-6 and 11-16: what a yrkande gives. Every function yields Lines and appends to `held` what must wait for a person."""
from basics import *                                       # the ground that the whole calculation shares

# ---------------------------------------------------------------------------------------------- what all claims have in common


class Asked:
    """A claim with its meeting and presence; `open` tells whether the paragraph may look at it at all."""

    def __init__(self, facts, claim, presence, held):
        self.facts, self.claim, self.presence, self.held = facts, claim, presence, held
        meeting = facts.meetings.get(claim["mote"])
        self.datum = meeting["datum"] if meeting else claim["datum"]
        self.start = meeting["start"] if meeting else 0
        self.paragraph = CLAIM_PARAGRAPHS[claim["slag"]]
        self.anstid = facts.anstid(claim["pnr"])

    def hold(self, reason):
        self.held.append(Held(self.anstid, self.datum, f"§ {self.paragraph}: {reason}"))

    def open(self, years=1, event=None):
        """§ 16 and § 17: a refusal ends the claim without a word more; one that comes too late waits unless a decision
        allows it. § 2: it hangs on presence that is paid."""
        claim, p = self.claim, self.presence
        if refused(self.facts, claim):
            return False
        last = last_claim_day(event or self.datum, years)
        if p is None or not (p.entitled or p.held):
            self.hold("no presence that § 2 pays")
        elif claim["inkom"] and claim["inkom"] > last and not self.facts.ruling(claim, 16):
            self.hold(f"late, last day {last}")
        elif p.held:
            self.hold("the presence is held")
        else:
            return True
        return False

    def proven(self):
        """§ 16: losses and costs must be shown."""
        if self.claim["styrkt"] is not True:
            self.hold("not proven")
        return self.claim["styrkt"] is True

    def line(self, kind, belopp, antal=F(1), apris=None, datum=None):
        return Line(self.anstid, f"yrkande {self.claim['mote']} § {self.paragraph}", kind, datum or self.datum, antal,
                    F(belopp, 100) if apris is None else apris, belopp)


def refused(facts, claim):
    return False in (facts.ruling(claim, CLAIM_PARAGRAPHS[claim["slag"]]), facts.ruling(claim, 16))


def asked_for(facts, pnr, rows, held, *kinds):
    """The person's claims of those kinds that are not taken back, in order of arrival, then of the rows."""
    at = {p.row["mote"]: p for p in rows}
    found = [Asked(facts, c, at.get(c["mote"]), held) for c in facts.claims.values()
             if c["pnr"] == pnr and c["slag"] in kinds and not c["atertagen"]]
    return sorted(found, key=lambda a: a.claim["inkom"])


def claimed_span(claim, datum):
    """The clock interval of a claim, past midnight if it ends before it begins; None without clock times."""
    if claim["fran"] is None:
        return None
    end = claim["till"] if claim["till"] >= claim["fran"] else claim["till"] + 1440
    return instant(datum, claim["fran"]), instant(datum, end)


# ------------------------------------------------------------------------------------------------------------ § 3 (§ 6)

class LostIncome:
    """§ 3: proven lost income is paid, at most the cap per hour (pro rata by the minute) and per day. Where the loss is shown
    but not its amount, a schablon on the sjukpenning per day; for a self-employed person without proof, on a yearly income of
    200 000 kr. § 6: travel time, practical preparation and necessary leave count as time too. One hour is compensated once.
    § 16: claimed within a year of the meeting. § 1: not for the class of 40 percent and more, except where the annex gives
    the chairs compensation for löneavdrag."""

    def __init__(self, facts, pnr, rows, held):
        self.facts, self.pnr = facts, pnr
        self.lines, self.paid_spans = [], defaultdict(list)         # paid_spans: by day, for § 12
        self.used, self.day_left = [], defaultdict(lambda: LOST_CAP_DAY_ORE)
        self.schablon_left = {}
        asked = asked_for(facts, pnr, rows, held, "lost")
        listed = [Asked(facts, listed_claim(p), p, held) for p in rows if p.row["lost"]]
        asked.sort(key=lambda a: (a.claim["inkom"], a.datum, a.start))
        for a in asked + sorted(listed, key=lambda a: (a.datum, a.start)):
            self._judge(a)

    def _judge(self, a):
        claim, p = a.claim, a.presence
        if not a.open():
            return
        if self.facts.in_class(self.pnr, a.datum) and not self._loneavdrag(p, a.datum):
            a.hold("§ 1 class")
            return
        way = self._way(a)
        if way is None:
            return
        presence = first_minutes(p.spans, COURSE_MINUTES_PER_DAY) if p.slag == "c" else p.spans
        extra = claim["restid"] + claim["forb"] + claim["sarskild"]
        # A schablon is for time, and of that there is one: without clock times it lies where no § 3 line has paid yet.
        taken = [] if claim["belopp"] else self.paid_spans[a.datum]
        claimed, paid, consumed, placed = claim_minutes(claim, a.datum, presence, extra, self.used, taken)
        if claimed == 0 or paid == 0:
            return
        kind, amount = way(a, claimed, paid)
        belopp = min(half_up(min(amount, F(LOST_CAP_HOUR_ORE * paid, 60))), self.day_left[a.datum])
        if kind == "schablon" and a.datum in self.schablon_left:
            belopp = min(belopp, self.schablon_left[a.datum])
            self.schablon_left[a.datum] -= belopp
        self.used = union(self.used + consumed)
        self.day_left[a.datum] -= belopp
        if belopp:
            self.paid_spans[a.datum] = union(self.paid_spans[a.datum] + placed)
            antal, apris = hours_and_price(paid, belopp)
            self.lines.append(a.line(kind, belopp, antal, apris))

    def _loneavdrag(self, p, day):
        """Annex: BSU's ordförande and the oppositionsråd, when they lose pay for a called deliberation."""
        held = {u["nyckel"] for u in self.facts.held_uppdrag(self.pnr, day)}
        return p.row["loneavdrag"] and not held.isdisjoint(LONEAVDRAG_NYCKLAR)

    def _way(self, a):
        """How the amount is found: proven, up to an Intyg's Timlön, or by schablon; None where it must wait."""
        claim, incomes = a.claim, self.facts.incomes_on(self.pnr, a.datum)
        if claim["styrkt"] is True and claim["belopp"]:
            return self._proven
        timlon = max((i["timlon"] for i in incomes if i["intyg"] and i["timlon"]), default=None)
        if claim["styrkt"] is not True and claim["belopp"] and timlon is not None:
            return lambda a, claimed, paid: self._by_intyg(a, claimed, paid, timlon)
        if any(i["slag"] == "egen företagare" for i in incomes):
            return lambda a, claimed, paid: self._schablon(a, claimed, paid, self_employed_hour_ore())
        if claim["styrkt"] is not True:
            a.hold("not proven")
            return None
        sgi = next((i["sgi"] for i in incomes if i["sgi"]), None)
        if sgi is None:
            a.hold("loss shown without an amount, and no SGI")
            return None
        day_ore = sjukpenning_day_ore(sgi, a.datum)
        self.schablon_left.setdefault(a.datum, day_ore)
        return lambda a, claimed, paid: self._schablon(a, claimed, paid, schablon_hour_ore(day_ore))

    @staticmethod
    def _proven(a, claimed, paid):
        return "lost", a.claim["belopp"] * F(paid, claimed)

    @staticmethod
    def _by_intyg(a, claimed, paid, timlon):
        if a.claim["belopp"] > F(timlon * claimed, 60):
            a.hold("above the Intyg's Timlön")
        return "lost", min(a.claim["belopp"] * F(paid, claimed), F(timlon * paid, 60))

    @staticmethod
    def _schablon(a, claimed, paid, hour_ore):
        amount = F(hour_ore * paid, 60)
        asked = a.claim["belopp"] * F(paid, claimed) if a.claim["belopp"] else amount
        return "schablon", min(amount, asked)


def listed_claim(p):
    """An amount in an attendance list: a claim for the presence, without an arrival day that could make it late."""
    return dict(mote=p.row["mote"], datum=p.datum, pnr=p.row["pnr"], slag="lost", belopp=p.row["lost"], styrkt=None, fran=None,
                till=None, timmar=None, restid=0, forb=0, sarskild=0, inkom=None, listed=True)


def claim_minutes(claim, datum, presence, extra, used, taken=()):
    """(claimed minutes, payable minutes, time used up, the paid time's place on the clock). Without clock times only the
    hours count; they are taken to lie in the presence from its beginning, outside what is taken."""
    span = claimed_span(claim, datum)
    if span is None and not claim.get("listed"):
        claimed = int(claim["timmar"] * 60) if claim["timmar"] is not None else size(presence) + extra
        left = minus(presence, taken)
        paid = min(claimed, size(left) + extra)
        return claimed, paid, [], first_minutes(left, paid)
    spans = presence if span is None else [span]
    new = minus(spans, used)
    inside, outside = both(new, presence), minus(new, presence)
    consumed = inside + (outside if size(outside) <= extra else [])
    return size(spans), size(inside) + min(size(outside), extra), consumed, consumed


def hours_and_price(minutes, belopp):
    """antal = hours to 0.01, apris with four decimals at most, whose product rounds to belopp; else one piece."""
    antal = half_up(F(minutes, 60), F(1, 100))
    if antal:
        apris = half_up(F(belopp, 100) / antal, F(1, 10000))
        if half_up(antal * apris, F(1, 100)) == F(belopp, 100):
            return antal, apris
    return F(1), F(belopp, 100)


# ------------------------------------------------------------------------------------------------------------ §§ 4 and 5

def benefits(facts, pnr, rows, held, lost_lines):
    """§ 4, § 5: proven lost pension or holiday benefit, at most the cap (pension by month of service, holiday by day), or a
    percentage of what § 3 gives for the same meeting where only the effect is shown. § 16: two years. § 1: not the class."""
    entitled = defaultdict(int)
    for line in lost_lines:
        entitled[line.occasion] += line.belopp
    left = {"pension": defaultdict(lambda: PENSION_CAP_MONTH_ORE), "semester": defaultdict(lambda: SEMESTER_CAP_DAY_ORE)}
    percent = {"pension": PENSION_SCHABLON_PERCENT, "semester": SEMESTER_SCHABLON_PERCENT}
    for a in asked_for(facts, pnr, rows, held, "pension", "semester"):
        kind, claim = a.claim["slag"], a.claim
        event = (kind == "pension" and claim["pensionstillfalle"]) or a.datum
        if not a.open(2, event):
            continue
        if facts.in_class(pnr, a.datum):
            a.hold("§ 1 class")
            continue
        if not a.proven():
            continue
        if claim["belopp"]:
            unit = month_of(event) if kind == "pension" else a.datum
            belopp = min(claim["belopp"], left[kind][unit])
            left[kind][unit] -= belopp
        else:
            base = entitled[f"yrkande {claim['mote']} § 3"]
            if not base:
                a.hold("schablon without a § 3 line")
                continue
            own = next((i[kind + "_procent"] for i in facts.incomes_on(pnr, a.datum) if i[kind + "_procent"]), None)
            belopp = half_up(base * (own or percent[kind]) / 100)
        if belopp:
            yield a.line(kind, belopp)


# ---------------------------------------------------------------------------------------------------------- §§ 12 to 15

def costs(facts, pnr, rows, held, paid_spans):
    """§§ 12-15, open to the class of § 1 as well. All costs must be shown and claimed within a year."""
    vard_left, funktion_left = defaultdict(lambda: VARD_CAP_DAY_ORE), defaultdict(lambda: FUNKTION_CAP_YEAR_ORE)
    for a in asked_for(facts, pnr, rows, held, "barntillsyn", "vard", "funktion", "ovrigt"):
        kind, claim = a.claim["slag"], a.claim
        if not a.open() or not a.proven():
            continue
        if kind in ("barntillsyn", "vard") and claim["narstaende"]:
            a.hold("by own family or närstående")
            continue
        if not claim["belopp"]:
            a.hold("no amount")
            continue
        belopp = claim["belopp"]
        if kind == "barntillsyn":
            if not child_counts(a):
                continue
            belopp = child_care_ore(a, paid_spans[a.datum])
        elif kind == "vard":
            belopp = min(belopp, vard_left[a.datum])
            vard_left[a.datum] -= belopp
        elif kind == "funktion":
            belopp = min(belopp, funktion_left[a.datum.year])
            funktion_left[a.datum.year] -= belopp
        elif facts.ruling(claim, 15) is not True:
            # § 15: only with particular reasons, and a decision that finds them.
            a.hold("no decision")
            continue
        if belopp:
            yield a.line(kind, belopp)


def child_counts(a):
    """§ 12: a child that does not turn twelve within the calendar year; an older one by a decision on particular reasons."""
    born = a.claim["barn"]
    if born is None:
        a.hold("no birth year of the child")
        return False
    if a.datum.year - born >= BARNTILLSYN_AGE and a.facts.ruling(a.claim, 12) is not True:
        a.hold("the child turns twelve this year or is older")
        return False
    return True


def child_care_ore(a, lost_spans):
    """§ 12: at most so much per hour, by the minute; not while § 3 is paid for the same time, nor in municipal child care."""
    claim, presence = a.claim, a.presence.spans
    span = claimed_span(claim, a.datum)
    if span:
        placed, unplaced = [span], 0
    else:
        minutes = int(claim["timmar"] * 60) if claim["timmar"] is not None else size(presence)
        placed = first_minutes(presence, minutes)
        unplaced = minutes - size(placed)
    care = [(instant(a.datum, x), instant(a.datum, y)) for x, y in claim["barnomsorg"]]
    claimed = size(placed) + unplaced
    paid = size(minus(placed, lost_spans + care)) + unplaced
    if not claimed:
        return 0
    return half_up(min(claim["belopp"] * F(paid, claimed), F(BARNTILLSYN_CAP_HOUR_ORE * paid, 60)))


# ------------------------------------------------------------------------------------------------------- § 11: own car

def travel(facts, pnr, rows, held, first_month):
    """§ 11: travel by own car, only from six kilometres one way (not for those under KL 4:13), one trip a day, at most
    twice the stored distance within the kommun. None for distance attendance. Tax-free up to the year's amount if the
    home is the tjänsteställe, else wholly taxable at ordinary meetings. The class of § 1 has § 11 too."""
    person, anstid = facts.persons[pnr], facts.anstid(pnr)
    trips, known = defaultdict(list), {p.row["mote"] for p in rows}
    for claim in facts.claims.values():
        if (claim["pnr"], claim["slag"]) == (pnr, "resa") and claim["mote"] not in known and not claim["atertagen"] \
                and not refused(facts, claim):
            held.append(Held(anstid, claim["datum"], "§ 11: no presence that § 2 pays"))
    for p in rows:
        claim = facts.claims.get((p.row["mote"], pnr, "resa"))
        if claim and (claim["atertagen"] or refused(facts, claim)):
            claim = None
        hold = lambda reason: claim and held.append(Held(anstid, p.datum, "§ 11: " + reason))
        km, window = p.row["km"] or F(0), None
        if month_of(p.datum) < first_month:
            km = F(0)
        if claim:
            if claim["inkom"] > last_claim_day(p.datum) and not facts.ruling(claim, 16):
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
        trips[p.datum].append((km if outside else min(km, 2 * distance), km, p, window))
    for datum, found in trips.items():
        windows = sorted(w for *_, w in found if w)
        apart = len(windows) == len(found) and all(a[1] <= b[0] for a, b in zip(windows, windows[1:]))
        for km, _, p, _ in found if apart else [max(found, key=lambda t: t[:2])]:
            free = taxfree_mil_ore(datum) if person["tjanstestalle"] or p.meeting["utom"] else 0
            for kind, price in (("mil_fri", free), ("mil_skt", MIL_ORE - free)):
                belopp = half_up(km / 10 * price)
                if belopp:
                    yield Line(anstid, f"resa {p.row['mote']}", kind, datum, km / 10, F(price, 100), belopp)


# --------------------------------------------------------------------------------------------------- § 11: traktamente

NOON, SEVEN_IN_THE_EVENING = 12 * 60, 19 * 60
MEAL_PERCENT = {"frukost": 20, "lunch": 35, "middag": 35}


LEAST_WAY_KM = 50  # IL 12:6


def traktamente(facts, pnr, rows, held):
    """§ 11: at a meeting outside the kommun by the reseavtal: an allowance for a journey with a night in it, a whole day's
    when it begins before noon or ends after seven in the evening, else half; meals that are provided reduce it. A journey
    within one day has none, nor one whose way is known to be fifty kilometres or less. Hemkomst at or before Avresa on the clock is on the day after."""
    for a in asked_for(facts, pnr, rows, held, "traktamente"):
        claim = a.claim
        if not a.open():
            continue
        if not a.presence.meeting["utom"]:
            a.hold("within the kommun")
            continue
        if a.presence.row["distans"]:
            a.hold("distance attendance")
            continue
        if claim["avresa"] is None or claim["hemkomst"] is None:
            a.hold("Avresa and Hemkomst are needed")
            continue
        if claim["hemkomst"] > claim["avresa"]:
            continue
        driven = [c["km"] for (mote, who, slag), c in facts.claims.items() if (mote, who, slag) == (claim["mote"], pnr, "resa")]
        km = max([a.presence.row["km"] or F(0), *(k or F(0) for k in driven)])
        if 0 < km <= 2 * LEAST_WAY_KM:
            a.hold("a way of fifty kilometres or less")
            continue
        whole = (claim["avresa"] < NOON, claim["hemkomst"] > SEVEN_IN_THE_EVENING)
        for number, (is_whole, meals) in enumerate(zip(whole, meals_by_day(claim))):
            day = a.datum + dt.timedelta(number)
            amount = traktamente_ore(day) // (1 if is_whole else 2)
            cut = half_up(amount * F(sum(MEAL_PERCENT[m] for m in meals), 100), 100)
            if amount > cut:
                line = a.line("trakt_hel" if is_whole else "trakt_halv", amount - cut, datum=day)
                yield line._replace(occasion=f"traktamente {claim['mote']} {day}")


def meals_by_day(claim):
    """A breakfast is eaten on the day of return, a lunch and a dinner on that of departure where the journey leaves time for
    it; a second meal of a kind falls on the other day."""
    days = ([], [])
    for meal in claim["maltider"]:
        first = 1 if meal == "frukost" or (meal == "lunch" and claim["avresa"] >= NOON) else 0
        days[first if meal not in days[first] else 1 - first].append(meal)
    return days
