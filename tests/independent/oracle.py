"""An independent reading of the regulation: what each förtroendevald is entitled to, and what each batch must carry.

Written from the texts alone (bestämmelserna, the page of readings, the example bilaga), without sight of the program it
is held against. Pure standard library; money is whole öre, every ratio a Fraction, no floats.

A *world* is plain data, a dict of lists of dicts, in the order in which a clerk learnt it; later rows replace earlier ones:

    persons     pnr (12 digits), anstid, fornamn, efternamn, avstand (km one way), plats (or None: the general distance),
                tjanstestalle (bool or None), kl413 (bool)                                     key: pnr + plats
    uppdrag     pnr, organ, nyckel, fran, till (or None), platser                              key: pnr, organ, nyckel, fran
    incomes     pnr, fran, till, slag, timlon, sgi (öre or 0), semester_procent, pension_procent (Fraction or None),
                intyg (diarienummer or None)                                                   key: pnr, fran
    absences    pnr, fran, till, slag (hindrad / semester / annan), omfattning (percent)       key: pnr, fran
    attendance  mote, datum, organ, slag, plats, utom, kallat, beslut, start, slut (minutes of the day), ajournering
                [(a, b)], pnr, roll, tjg (True / False / None), nfran, ntill, paragrafer, distans, narvaroratt,
                lost (öre), km (Fraction, return distance), loneavdrag (bool)                  key: mote, pnr
                {"clear": mote} forgets the meeting's rows ("Hela listan: ja")
    claims      mote, datum, pnr, slag (lost / pension / semester / resa / traktamente / barntillsyn / vard / funktion /
                ovrigt), inkom, fran, till (minutes), timmar, restid, forb, sarskild (minutes), belopp (öre, 0 = empty), km,
                styrkt (True / False / None), atertagen, avresa, hemkomst, maltider [word], barn (birth year), narstaende,
                barnomsorg [(a, b)], pensionstillfalle (date or None)                          key: mote, pnr, slag
    jour        pnr, fran, till, aktiv_fran, aktiv_till (minutes or None)                      key: all but aktiv_till
    beslut      dnr, datum, organ, galler, innebord, fran, till (or None)                      key: dnr, galler

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
 D12 With a Belopp. Styrkt nej or empty: a valid Intyg proves in its place; without one all is held. Intyg below the
     claim: paid up to it, and the claim is in the held list.
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
 D19 What becomes of the lines, batch by batch: see ledger.py.
 D20 Schablon (§ 3): Styrkt ja with empty Belopp, even beside an Intyg. It is hour amount x paid minutes / 60, half up once;
     all schablon lines of a person and day together at most the day amount, all § 3 lines at most 3 650 kr. Of several valid
     rows of Inkomstuppgifter with an SGI the one that began last counts. Where next year's prisbasbelopp or traktamente is
     not in the table, the latest goes on applying.
 D21 Self-employed (any valid row says so): without proof (no Belopp, or one with neither Styrkt ja nor an Intyg) the
     hour amount of 200 000 kr / 2 080 h, whatever SGI there is, at most what was asked where a Belopp is stated; no day
     amount but § 3's. An amount in an attendance list is paid so too.
 D22 §§ 4-5: the caps bind proven amounts alone; a schablon neither is cut by them nor uses them up. A schablon rests on
     what § 3 gives for that meeting (0: held). Date and year of the pension line are the meeting's; its cap month and its
     last day count from Pensionstillfälle where one is stated. A percentage of the latest valid income row outweighs.
 D23 Caps by day, month or year (§§ 4, 5, 13, 14) are used up in order of Inkom, then of the rows as first seen, also where
     the evidence came later than the claim. A claim that a cap leaves nothing of gives no line and is not held.
 D24 §§ 12-15 hang on a meeting at which § 2 pays the presence; the class of § 1 has them too. A claim without a Belopp is
     held. Barntillsyn is not limited to the presence; with neither clock times nor Timmar it is for the presence.
 D25 § 12 and § 3: only minutes that gave a § 3 line shut out. Time without clock times, on either side, is taken to lie in
     the presence from its beginning; what does not fit is outside all other time. Minutes outside the presence that the
     stated minutes cover only in part shut out nothing (as in D10). Two children's claims do not shut one another out.
 D26 § 12: particular reasons (bifall naming § 12 and the person) open for a child in the year it turns twelve and for an
     older one: the text says "även för äldre barn".
 D27 A decision concerns a claim if Gäller names its paragraph and the person (YYYYMMDD-NNNN or full name); meeting (organ's
     abbreviation + date) and kind of claim narrow it where stated; Från/Till bound the meeting's day. § 15 must name the
     meeting. The latest by Datum counts, by paragraph: bifall by § 16 lifts lateness, by § 15 and § 12 as said, by no other;
     avslag by the claim's own paragraph or § 16 refuses it: no line, nothing held.
 D28 Löneavdrag opens § 3 alone, not §§ 4-5, and only on a day when the person holds one of the annex's nycklar.
 D29 Jour: started half-hours count on the day's active minutes together (the day on which the duty began), one line for
     inställelse and one for active time a day. Minutes that § 9 or § 8's external timarvode pays are taken away first. Not a
     claim: no evidence, no last day, nothing before the first accrual month.
 D30 Traktamente needs no Styrkt and no six kilometres; one journey a claim, two days at most, each a line of its own date.
     Meals: see meals_by_day; whole kronor per meal of the day's own amount; a day that meals eat up gives no line.
 D31 tidtrans: for all kinds of absence, one a day, paid the month after like all that is not a fee or, told later, with the next batch.
"""
from basics import *                                       # the ground that the whole calculation shares
from claims import LostIncome, benefits, costs, hours_and_price, traktamente, travel

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


# ------------------------------------------------------------------------------------------- § 9 and § 8: meeting fees

def meeting_fees(facts, pnr, rows):
    """§ 9: one who has neither årsarvode nor fast arvode (in any organ) gets one grundarvode per meeting, covering its
    first 60 paid minutes, and timarvode per started half-hour after that. § 8: a holder of fast arvode gets timarvode
    from the first minute at an external förrättning or representation. The same time is never paid twice; courses count
    for at most eight hours a day (last page of bestämmelserna). Returns the lines and the time that they pay."""
    anstid, used, course_left = facts.anstid(pnr), [], defaultdict(lambda: COURSE_MINUTES_PER_DAY)
    lines = []
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
            lines.append(Line(anstid, occasion, "grundarvode", p.datum, F(1), F(grund, 100), grund))
        units = -(-(minutes if fast else max(0, minutes - GRUND_MINUTES)) // UNIT_MINUTES)
        if units:
            lines.append(Line(anstid, occasion, "forrattning" if fast else "timarvode", p.datum, F(units, 2), F(hour, 100),
                              units * half_hour_ore(p.datum)))
    return lines, used


# ----------------------------------------------------------------------------------------- annex: jour, absence of kommunalråd

def jour(facts, pnr, meeting_time, held):
    """Annex: one who stands in for BSU's ordförande on jour gets an inställningsarvode per calendar day, and timarvode for
    active duty, per started half-hour of the day from the first minute; not for minutes that a meeting already pays."""
    anstid, days, active = facts.anstid(pnr), set(), defaultdict(list)
    for r in facts.jour:
        if r["pnr"] != pnr:
            continue
        days.update(r["fran"] + dt.timedelta(n) for n in range((r["till"] - r["fran"]).days + 1))
        if r["aktiv_fran"] is not None:
            end = r["aktiv_till"] if r["aktiv_till"] > r["aktiv_fran"] else r["aktiv_till"] + 1440
            span = instant(r["fran"], r["aktiv_fran"]), instant(r["fran"], end)
            if None in span:
                held.append(Held(anstid, r["fran"], "jour: clock time in the hour of a DST night"))
            else:
                active[r["fran"]].append(span)
    taken = list(meeting_time)
    for day in sorted(days):
        yield Line(anstid, f"jour {day}", "installelse", day, F(1), F(INSTALLELSE_ORE, 100), INSTALLELSE_ORE)
        duty = minus(active[day], taken)
        taken += duty
        units = -(-size(duty) // UNIT_MINUTES)
        if units:
            yield Line(anstid, f"jour {day}", "timarvode", day, F(units, 2), F(timarvode_ore(day), 100),
                       units * half_hour_ore(day))


def absent_days(world, payout, first_month):
    """§ 7 a: a kommunalråd's absence is no reduction here but goes to payroll, day by day: {(anstid, day): percent}, for the
    days up to the end of the month before the payout month on which the person holds an uppdrag as kommunalråd. Two
    absences on a day are at most the whole of it together."""
    facts, found = Facts(world), {}
    for a in facts.absences:
        day = max(a["fran"], dt.date(*first_month, 1))
        while day <= min(a["till"], dt.date(*payout, 1) - dt.timedelta(1)):
            if any(NYCKLAR[u["nyckel"]].kommunalrad for u in facts.held_uppdrag(a["pnr"], day, "ars")):
                key = facts.anstid(a["pnr"]), day
                found[key] = min(found.get(key, 0) + a["omfattning"], 100)
            day += dt.timedelta(1)
    return found


# ---------------------------------------------------------------------------------------------------------- all of it

def entitled(world, payout, first_month):
    """The lines entitled and payable up to a payout month, and what is held. § 18: årsarvode and fast arvode are paid in
    their own month, lost pension benefit in January of the year after, all else the month after. Nothing before the first
    accrual month is owed but claims."""
    facts, lines, held = Facts(world), [], []
    month = first_month
    while month <= payout:
        lines += fees(facts, month, held)
        month = next_month(month)
    present = presences(facts)
    for pnr in sorted({k[1] for k in facts.claims} | set(present) | {r["pnr"] for r in facts.jour}):
        rows = present.get(pnr, [])
        held += [Held(facts.anstid(pnr), p.datum, p.held) for p in rows if p.held]
        of_meetings, meeting_time = meeting_fees(facts, pnr, rows)
        of_jour = list(jour(facts, pnr, meeting_time, held))
        lines += (x for x in of_meetings + of_jour if month_of(x.datum) >= first_month)
        lines += travel(facts, pnr, rows, held, first_month)
        lines += traktamente(facts, pnr, rows, held)
        lost = LostIncome(facts, pnr, rows, held)
        lines += lost.lines
        lines += benefits(facts, pnr, rows, held, lost.lines)
        lines += costs(facts, pnr, rows, held, lost.paid_spans)
    return [x for x in lines if payable_from(x) <= payout], held


def payable_from(line):
    if line.kind in ("arsarvode", "fast"):
        return month_of(line.datum)
    if line.kind == "pension":
        return line.datum.year + 1, PENSION_PAYOUT_MONTH
    return next_month(month_of(line.datum))
