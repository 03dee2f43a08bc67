"""The ledger in real life, read from the texts alone: owed = entitled - booked, where booked is what stands of batches that
are not void, of payments outside them and of what payroll did not refuse.

Decisions (where the texts leave something open, and how it is read here)
 L1  An equal line is settled. Payroll's refusal of a row takes the row away: a refused line is owed again, a refused reversal
     leaves the old line standing beside the new one, and the old one is reversed again.
 L2  A payment outside the batches belongs to the entitled line of its lönart, person and day (and meeting, where it names
     one): one of the same amount first. One that belongs to nothing entitled is taken back, unless it was for a claim that
     nobody has refused or taken back, its meeting neither: that is still to be judged, and what was paid for it stays
     meanwhile. Where it states no antal, its amount alone is compared, and it is reversed with antal -1.
 L3  A person whose rows of a batch sum below zero waits with all of them. What has waited goes on waiting while each of its
     occasions and kinds owes just the same and all of it together is negative; what is new goes out beside it, unless it is
     negative too: then it waits as well. Zero or more goes.
 L4  A decision settles all that waits of a person at the next freeze, or nothing. Återkrav and kvittning book it outside
     payroll's file. Eftergift lets go what new pay does not cover: the rows go out, and so much of what they would take back
     stays (of which line, where there are several and not all stay, the texts do not say). What was let go belongs to its
     occasion and kind: later only what is beyond it counts.
 L5  What kvittning has booked goes out from the same batch on: one row of antal -1 in each batch in which the person is paid
     something: of each decision's debt what is left, at most what it says a month, and together at most the pay.
 L6  A voided batch never was: what it booked, settled and set off is as before it, and so are decisions that it carried out.
 L7  What a person waives is computed, so that caps and percentages rest on it, and is owed nothing; by the line's day. The
     word sammanträdesarvode covers all arvode for time: also that of förrättningar and jour, which has no word of its own.
 L8  Of two persons or meetings that became one, each row is the kept one's; the later word about an attendance holds. What
     was booked is reversed under the number it was paid to; of two equal rows the kept person's stays.
"""
import copy
from collections import defaultdict, namedtuple
from fractions import Fraction as F

from basics import LONART, Facts, Line, Row, days_of
from claims import refused
from oracle import entitled

KVITTNING_LONART = "1690"
WAIVED_KINDS = {"årsarvode": ("arsarvode",), "fast arvode": ("fast",), "resa": ("mil_fri", "mil_skt"),
                "sammanträdesarvode": ("grundarvode", "timarvode", "forrattning", "installelse"),
                "förlorad arbetsinkomst": ("lost", "schablon")}

CLAIMED = {"lost": ("1675", "1676"), "pension": ("1677",), "semester": ("1678",), "barntillsyn": ("1681",), "vard": ("1682",),
           "funktion": ("1683",), "ovrigt": ("1684",), "resa": ("5001", "5002"), "traktamente": ("INRHEL_FRI", "INRHLV_FRI")}

Entry = namedtuple("Entry", "anstid lonart datum antal apris belopp payment occasion")     # booked; payment: made elsewhere
Change = namedtuple("Change", "reversed new")
Settled = namedtuple("Settled", "row how")                                                  # outside payroll's file


class Decision:
    """What is decided of a person's debt: återkrav, kvittning (at most `monthly` öre a month, or None) or eftergift."""

    def __init__(self, anstid, how, monthly=None):
        self.anstid, self.how, self.monthly = anstid, how, monthly


def as_entry(line):
    return Entry(line.anstid, LONART[line.kind], line.datum, line.antal, line.apris, line.belopp, None, line.occasion)


def covers(entry, line):
    """Whether what is booked is just what is owed."""
    told = entry.antal is None or (entry.antal, entry.apris) == (line.antal, line.apris)
    return told and (entry.datum, entry.belopp) == (line.datum, line.belopp)


def paid_row(entry, sign):
    antal, apris = (F(1), F(entry.belopp, 100)) if entry.antal is None else (entry.antal, entry.apris)
    return Row(entry.anstid, entry.lonart, entry.datum, sign * antal, apris, sign * entry.belopp, entry.occasion)


def as_one(world):
    """The world with merged persons and linked meetings under the ids that are kept."""
    persons, meetings = world.get("merged", {}), world.get("linked", {})
    if not persons and not meetings:
        return world
    out = dict(world)
    for name in ("uppdrag", "incomes", "absences", "attendance", "claims", "jour"):
        out[name] = [renamed(r, persons, meetings) for r in world[name]]
    out["persons"] = [r for r in world["persons"] if r["pnr"] not in persons]
    return out


def renamed(row, persons, meetings):
    row = dict(row)
    for name, kept in (("pnr", persons), ("mote", meetings), ("clear", meetings)):
        if name in row:
            row[name] = kept.get(row[name], row[name])
    return row


class Ledger:
    def __init__(self, first_month):
        self.first_month = first_month
        self.booked = defaultdict(list)                    # key: entries that stand
        self.payments, self.taken_back = [], set()         # made elsewhere, and those of them that a batch has reversed
        self.waiting, self.let_go = {}, defaultdict(int)   # anstid: {key: Change}; key: öre
        self.decisions, self.debts = [], {}                # for the next freeze; anstid: [[öre left, monthly]]
        self.settled = []                                  # rows that decisions booked outside payroll's file
        self.same_person, self.same_meeting = {}, {}       # merged anstid: the kept one; linked occasion: the kept one
        self.waived = []

    def copy(self):
        return copy.deepcopy(self)

    # ------------------------------------------------------------------------------------------------ what is owed

    def key(self, anstid, occasion, kind):
        return self.same_person.get(anstid, anstid), self.same_meeting.get(occasion, occasion), kind

    def is_waived(self, line):
        """By a row of Avstående: (anstid, word, first day, last day or None)."""
        return any(who == line.anstid and (word == "allt" or line.kind in WAIVED_KINDS[word]) and fran <= line.datum
                   and (till is None or line.datum <= till) for who, word, fran, till in self.waived)

    def standing(self, lines, facts):
        """{key: entries}: what is booked, with the payments elsewhere where they belong."""
        out = defaultdict(list)
        for key, entries in self.booked.items():
            out[self.key(*key)] += entries
        for key, payment in self.placed(lines):
            if key in lines or not self.is_unjudged(payment, facts):
                out[key].insert(0, payment)
        return out

    def is_unjudged(self, payment, facts):
        """For a claim that is held, as the clerk knows it."""
        slag = next((s for s, lonarter in CLAIMED.items() if payment.lonart in lonarter), None)
        who = self.same_person.get(payment.anstid, payment.anstid)
        return any(c["slag"] == slag and c["datum"] == payment.datum and facts.anstid(c["pnr"]) == who
                   and not c["atertagen"] and not refused(facts, c)
                   and ((c["mote"], c["pnr"]) in facts.attendance or c["mote"] not in facts.meetings) for c in facts.claims.values())

    def placed(self, lines):
        left, taken = [p for p in self.payments if p.payment not in self.taken_back], set()
        left.sort(key=lambda p: p.occasion is None)                    # those that name their meeting choose first
        found = {}
        for same_amount in (True, False):
            for p in left:
                if p.payment in found:
                    continue
                fits = [k for k, x in lines.items() if k not in taken and self.belongs(p, x)
                        and (not same_amount or p.belopp == x.belopp)]
                if fits:
                    found[p.payment] = fits[0]
                    taken.add(fits[0])
        for p in left:
            again = next((k for k, x in lines.items() if self.belongs(p, x)), None)
            who = self.same_person.get(p.anstid, p.anstid)
            yield found.get(p.payment) or again or (who, f"utbetalning {p.payment}", p.lonart), p

    def belongs(self, payment, line):
        return (self.same_person.get(payment.anstid, payment.anstid) == line.anstid and payment.lonart == LONART[line.kind]
                and payment.datum == line.datum and payment.occasion in (None, line.occasion))

    def changes(self, world, payout):
        """{anstid: {key: Change}} between what is owed and what stands, and what is held."""
        lines, held = entitled(as_one(world), payout, self.first_month)
        now = {self.key(x.anstid, x.occasion, x.kind): x for x in lines}
        assert len(now) == len(lines), "two lines with one identity"
        stands, out = self.standing(now, Facts(as_one(world))), defaultdict(dict)
        for key in sorted(stands.keys() | now.keys()):
            line = now.get(key)
            if line is not None and self.is_waived(line):
                line = None
            entries = list(stands.get(key, []))
            equal = [e for e in entries if line is not None and covers(e, line)]
            kept = max(equal, key=lambda e: e.anstid == line.anstid, default=None)
            if kept is not None:
                entries.remove(kept)
            change = Change(tuple(entries), line if kept is None else None)
            if key in self.let_go:
                change = self.beyond(key, change, stands.get(key, []), line)
            if change.reversed or change.new:
                out[key[0]][key] = change
        return out, held

    def beyond(self, key, change, entries, line):
        """A change less what was let go of its occasion and kind."""
        paid, due = sum(e.belopp for e in entries), line.belopp if line else 0
        if due <= paid <= due + self.let_go[key]:
            return Change((), None)
        return change if paid < due else kept_of(key, entries, due + self.let_go[key])

    # ------------------------------------------------------------------------------------------------------ a batch

    def batch(self, world, payout):
        """Books the payout month's batch. Returns (rows of payroll's file, rows that wait, held)."""
        changed, held = self.changes(world, payout)
        rows, waits = [], []
        for anstid in sorted(changed.keys() | self.debts.keys()):
            old, fresh = self.apart(anstid, changed.get(anstid, {}))
            if total(fresh) < 0:
                old, fresh = {**old, **fresh}, {}
            decision = next((d for d in reversed(self.decisions) if d.anstid == anstid), None) if old else None
            if decision and decision.how == "eftergift":
                fresh.update(self.forgive(old))
                old = {}
            elif decision:
                self.settle(anstid, old, decision)
                old = {}
            if old:
                waits += rows_of(old)
                self.waiting[anstid] = old
            else:
                self.waiting.pop(anstid, None)
            out = rows_of(fresh)
            self.book(fresh)
            rows += out + self.set_off(anstid, sum(r.belopp for r in out), payout)
        self.waiting = {who: w for who, w in self.waiting.items() if changed.get(who)}
        self.decisions = []
        return rows, waits, held

    def apart(self, anstid, changes):
        before = self.waiting.get(anstid, {})
        old = {k: c for k, c in changes.items() if before.get(k) == c}
        if total(old) >= 0:
            return {}, dict(changes)
        return old, {k: c for k, c in changes.items() if k not in old}

    def book(self, changes):
        for key, change in changes.items():
            for e in change.reversed:
                self.take_away(key, e)
            if change.new:
                self.booked[key].append(as_entry(change.new))

    def take_away(self, key, entry):
        if entry.payment is not None:
            self.taken_back.add(entry.payment)
            return
        home = next(k for k, entries in self.booked.items() if entry in entries and self.key(*k) == key)
        self.booked[home].remove(entry)

    def settle(self, anstid, changes, decision):
        self.settled += [Settled(r, decision.how) for r in rows_of(changes)]
        self.book(changes)
        if decision.how == "kvittning":
            self.debts.setdefault(anstid, []).append([-total(changes), decision.monthly])

    def forgive(self, changes):
        """What goes out when the sum of the changes, below zero, is let go: together nothing."""
        left, out = -total(changes), dict(changes)
        for key in sorted(changes):
            change = changes[key]
            paid, due = sum(e.belopp for e in change.reversed), change.new.belopp if change.new else 0
            stays = min(left, paid - due)
            if stays > 0:
                left -= stays
                self.let_go[key] += stays
                out[key] = Change((), None) if stays == paid - due else kept_of(key, change.reversed, due + stays)
        return out

    def clear_what_stays(self, anstid):
        """Whether the texts alone say which lines stay if the person's debt is let go: all, or those of one occasion."""
        changes = self.waiting[anstid]
        loses = [k for k, c in changes.items() if total({k: c}) < 0]
        return len(loses) == len(changes) or (len(loses) == 1 and changes[loses[0]].new is None)

    def set_off(self, anstid, pay, payout):
        amount = 0
        for debt in self.debts.get(anstid, []):
            part = max(0, min(debt[0], pay - amount, debt[0] if debt[1] is None else debt[1]))
            debt[0] -= part
            amount += part
        if not amount:
            return []
        return [Row(anstid, KVITTNING_LONART, days_of(payout)[0], F(-1), F(amount, 100), -amount, "kvittning")]

    def left_of_debts(self, anstid):
        return sum(left for left, _ in self.debts.get(anstid, []))

    # ------------------------------------------------------------------------------------------- what comes from outside

    def refuse(self, row):
        """Payroll refused a row of a delivered batch."""
        paid = next((p for p in self.payments if p.payment in self.taken_back and row == paid_row(p, -1)), None)
        if row.belopp < 0 and paid:
            self.taken_back.discard(paid.payment)
            return
        entry = Entry(row.anstid, row.lonart, row.datum, abs(row.antal), row.apris, abs(row.belopp), None, row.occasion)
        kind = next(k for k, lonart in LONART.items() if lonart == row.lonart)
        if row.belopp < 0:
            self.booked[row.anstid, row.occasion, kind].append(entry)
        else:
            self.take_away(self.key(row.anstid, row.occasion, kind), entry)

    def pay_elsewhere(self, anstid, lonart, datum, antal, apris, belopp, occasion):
        self.payments.append(Entry(anstid, lonart, datum, antal, apris, belopp, len(self.payments), occasion))

    def merge_persons(self, kept, other):
        self.same_person[other] = kept
        for name in ("waiting", "debts"):
            assert other not in getattr(self, name), "a debt of a merged person is another story"

    def link_meetings(self, kept, other):
        self.same_meeting[f"möte {other}"] = f"möte {kept}"

    # ------------------------------------------------------------------------------------------------ does it add up

    def imbalance(self, world, payout, delivered):
        """Entitled = paid by files + paid elsewhere + settled outside + what waits or is owed, per person and year, to the öre.
        `delivered`: (anstid, year, öre) of all rows that left and stand, kvittning apart. Yields (anstid, year, difference)."""
        lines, _ = entitled(as_one(world), payout, self.first_month)
        sums = defaultdict(int)
        one = lambda anstid: self.same_person.get(anstid, anstid)
        for x in lines:
            sums[x.anstid, x.datum.year] += 0 if self.is_waived(x) else x.belopp
        for anstid, year, ore in delivered:
            sums[one(anstid), year] -= ore
        now, facts = {self.key(x.anstid, x.occasion, x.kind): x for x in lines}, Facts(as_one(world))
        unjudged = {p.payment for key, p in self.placed(now) if key not in now and self.is_unjudged(p, facts)}
        for p in self.payments:
            sums[one(p.anstid), p.datum.year] -= p.belopp if p.payment not in unjudged else 0
        for s in self.settled:
            sums[one(s.row.anstid), s.row.datum.year] -= s.row.belopp
        for r in self.open_rows(world, payout):
            sums[one(r.anstid), r.datum.year] -= r.belopp
        return [(who, year, ore) for (who, year), ore in sorted(sums.items()) if ore]

    def open_rows(self, world, payout):
        """All that is owed or to be taken back, with what decisions let go."""
        bare = self.copy()
        bare.let_go.clear()
        return [r for changes in bare.changes(world, payout)[0].values() for r in rows_of(changes)]


def kept_of(key, entries, amount):
    """Entries that are taken back but for an amount."""
    kind, e = key[2], entries[0]
    return Change(tuple(entries), Line(e.anstid, e.occasion or key[1], kind, e.datum, F(1), F(amount, 100), amount))


def total(changes):
    return sum(r.belopp for r in rows_of(changes))


def rows_of(changes):
    out = []
    for change in changes.values():
        out += [paid_row(e, -1) for e in change.reversed]
        if change.new:
            out.append(paid_row(as_entry(change.new), 1))
    return out
