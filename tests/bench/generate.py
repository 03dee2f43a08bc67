#!/usr/bin/env python3
"""Writes a fictional kommun of a chosen size, once for arvode and once for the peers' scripts, so that both owe the same.

    python3 generate.py --rows 100000 --out FOLDER [--months 60]

    narvaro.xlsx      the attendance of October 2026, read by arvode and by the peers (--months: narvaro-2026-10.xlsx and so on)
    register.xlsx     persons, incomes and uppdrag, read by arvode
    regelverk.toml    organ and amounts, a file for config/regelverk/
    register.json     the same persons, organ and amounts as the peers read them
    andrad-1.xlsx     one row of narvaro.xlsx (of the last month) anew: the person stayed an hour longer; 2 and 3 of other rows
    hojning.toml      kommunfullmäktige's hourly price raised in all months, for `arvode recalculate`

The same arguments give the same bytes. Only the standard library is used: a million rows are written as they come.
Persons are fictional: their birth numbers (980-999, 238, 239) are the tax agency's for tests.
What is chosen so that both owe the same, and why, stands in README.md.
"""

import argparse
import calendar
import datetime
import json
import os
import random

import workbook

PERIOD = datetime.date(2026, 10, 1)
SEED = 20261031
BIRTH_NUMBERS = (238, 239, *range(980, 1000))
FIRST_NAMES = "Alva Bo Cilla David Ebba Folke Greta Hugo Iris Jonas Klara Ludvig Moa Nora Otto Pia Rut Sixten Tove Ulf Vera Åke Ängla Örjan".split()
LAST_NAMES = "Alm Björk Ceder Dal Ek Falk Gran Hage Idegran Juth Kvist Lönn Malm Norén Ohlin Palm Quist Rönn Sten Tall Ulvö Vik Åhl Älv Öst".split()

# Name and category of twelve organ; they come again with the next number.
ORGAN = (
    ("Kommunfullmäktige", "fullmaktige"), ("Kommunstyrelsen", "styrelse"), ("Omsorgsnämnden", "namnd"),
    ("Skolnämnden", "namnd"), ("Plan- & byggnämnden", "namnd"), ("Fritidsnämnden", "namnd"), ("Valnämnden", "namnd"),
    ("Miljönämnden", "namnd"), ("Personalutskottet", "utskott"), ("Arbetsutskottet", "utskott"),
    ("Överförmyndarnämnden", "namnd"), ("Samhällsnämnden", "namnd"),
)
# Has no meetings: whoever has a fast arvode has it here, and is still paid for meetings elsewhere (fast_arvode_utesluter).
GROUPS = {"kod": "GRUPP", "namn": "Partigrupperna", "kategori": "namnd", "ansvar": "1999"}

# Category: (from, grundarvode in kr, its hours, timarvode in kr). Whole kronor, so that a half of a half hour has no rounding.
TARIFFS = {
    "fullmaktige": (("2015-01-01", 920, 2, 260), ("2026-01-01", 980, 2, 280), ("2026-07-01", 1010, 2, 290)),
    "styrelse": (("2015-01-01", 1050, 3, 300), ("2026-01-01", 1125, 3, 322), ("2026-07-01", 1160, 3, 332)),
    "namnd": (("2015-01-01", 820, 2, 234), ("2026-01-01", 875, 2, 250), ("2026-07-01", 900, 2, 258)),
    "utskott": (("2015-01-01", 600, 1, 172), ("2026-01-01", 640, 1, 182), ("2026-07-01", 660, 1, 188)),
}
# (from, kr per hour, kr per day); (from, kr per mil, of these tax-free).
LOST_INCOME = (("2015-01-01", 425, 3400), ("2026-01-01", 448, 3584))
OWN_CAR = (("2025-01-01", 25, 18), ("2026-01-01", 29, 25))
# Key of the uppdrag and kr per month.
MONTHLY = (("gruppledare-a", 9600), ("gruppledare-b", 4800), ("gruppledare-c", 1300))
# What every Intyg says: above the hour cap, so that it is the cap that cuts.
TIMLON = 600
# A claim below the hour cap by the minute, in öre: the peers count the cap by started hours, § 3 by the minute.
CLAIM_ORE_PER_MINUTE = 700
HEADERS = ("Datum", "Organ", "Namn", "Personnummer", "Roll", "Start", "Slut", "Tjänstgörande", "Förlorad arbetsinkomst (kr)",
           "Körda km", "Kommentar")
# So many workbooks with one changed row.
CHANGES = 3
# A day's three times for meetings: the longest meeting of one ends before the next begins.
SLOTS = ((480, 510), (780, 810), (1080, 1110))


def check_digit(nine):
    digits = [int(digit) * (2 - place % 2) for place, digit in enumerate(nine)]
    return -sum(value // 10 + value % 10 for value in digits) % 10


def personnummer(number):
    day = datetime.date(1950, 1, 1) + datetime.timedelta(days=number // len(BIRTH_NUMBERS) * 7919 % 20000)
    nine = f"{day:%y%m%d}{BIRTH_NUMBERS[number % len(BIRTH_NUMBERS)]:03d}"
    return f"{day:%Y%m%d}-{nine[6:]}{check_digit(nine)}"


class Kommun:
    """Organ, persons, who sits where, and what they are paid."""

    def __init__(self, rows):
        rng = random.Random(SEED)
        self.organ = [self.make_organ(number) for number in range(max(len(ORGAN), rows // 240))]
        self.persons = [self.make_person(number, rng) for number in range(max(60, min(36_000, rows // 25)))]
        self.crews = [rng.sample(range(len(self.persons)), rng.randint(9, 25)) for _ in self.organ]

    @staticmethod
    def make_organ(number):
        name, category = ORGAN[number % len(ORGAN)]
        # Numbered, since the organ that `arvode init` puts in organ.toml keep their names.
        return {"kod": f"N{number:04d}", "namn": f"{name} {number // len(ORGAN) + 1:03d}", "kategori": category,
                "ansvar": str(2000 + number)}

    @staticmethod
    def make_person(number, rng):
        return {"pnr": personnummer(number), "fornamn": rng.choice(FIRST_NAMES), "efternamn": rng.choice(LAST_NAMES),
                "anstid": str(100001 + number), "km": rng.randint(6, 45), "hemmet": number % 2 == 0,
                "uppdrag": [rng.choice(MONTHLY) for _ in range(rng.choice((1, 1, 1, 2)))] if rng.random() < 0.35 else []}


class Diary:
    """Which times of a month (and of late days before it) persons and organ have left."""

    def __init__(self, days):
        self.free = (1 << days * len(SLOTS)) - 1
        self.taken, self.late = {}, set()

    def slot(self, who, rng):
        """A time of the month when all are free, else any at which the organ itself (the first) is."""
        for asked in (who, who[:1]):
            busy = 0
            for one in asked:
                busy |= self.taken.get(one, 0)
            free = self.free & ~busy
            if free:
                return rng.choice([place for place in range(free.bit_length()) if free >> place & 1])
        raise SystemExit("generate.py: an organ has no time left in the month; ask for fewer rows")

    def book(self, who, place):
        """Who could be there, those at another meeting left out."""
        present = [one for one in who if not self.taken.get(one, 0) >> place & 1]
        for one in present:
            self.taken[one] = self.taken.get(one, 0) | 1 << place
        return present

    def book_late(self, who, day, slot):
        present = [one for one in who if (one, day, slot) not in self.late]
        self.late.update((one, day, slot) for one in present)
        return present


def attendance(kommun, rows, first, late_days, rng):
    """Rows in the order of HEADERS; times in minutes, money in öre, km in tenths."""
    days = calendar.monthrange(first.year, first.month)[1]
    diary, trips, written, meeting = Diary(days), set(), 0, 0
    while written < rows:
        number = meeting % len(kommun.organ)
        meeting += 1
        # The organ comes first: it meets once at a time.
        who = [-1 - number, *kommun.crews[number]]
        if late_days and rng.random() < 0.02:
            day, slot = first - datetime.timedelta(days=rng.randint(1, late_days)), rng.randrange(len(SLOTS))
            present = diary.book_late(who, day, slot)
        else:
            place = diary.slot(who, rng)
            day, slot = first + datetime.timedelta(days=place // len(SLOTS)), place % len(SLOTS)
            present = diary.book(who, place)
        if who[0] not in present:
            continue
        start = rng.choice(SLOTS[slot])
        end = start + 30 + rng.randrange(240)
        for person in present[1:]:
            seat = kommun.crews[number].index(person)
            row = attended(kommun, number, person, seat, (day, start, end), trips, rng)
            # One in a thousand is written twice.
            for _ in range(2 if rng.random() < 0.001 else 1):
                yield row
                written += 1
                if written == rows:
                    return


def attended(kommun, number, person, seat, when, trips, rng):
    """A person's row: 8 % leave early, 15 % claim lost income, 22 % travelled, 0.05 % have a mistyped number."""
    (day, start, end), who = when, kommun.persons[person]
    crew = len(kommun.crews[number])
    role = ("Ordförande", "Vice ordförande")[seat] if seat < 2 else "Ledamot" if seat < 2 + crew * 0.6 else "Ersättare"
    chance = rng.random()
    left = end if chance > 0.08 else start + 20 + rng.randrange(end - start - 20)
    serves = "Ja" if role != "Ersättare" or chance < 0.4 else "Nej"
    lost = claim(left - start, rng) if chance > 0.85 else None
    km = None
    # § 11 pays one trip a day.
    if 0.30 < chance < 0.52 and (person, day) not in trips:
        trips.add((person, day))
        km = rng.randint(10, 20 * who["km"])
    note = f"Gick kl {left // 60:02d}.{left % 60:02d}, § {int(chance * 3000)}" if chance <= 0.03 else None
    number_text = who["pnr"]
    if chance > 0.9995:
        number_text = number_text[:-1] + str((int(number_text[-1]) + 1) % 10)
    return (day, kommun.organ[number]["namn"], f"{who['fornamn']} {who['efternamn']}", number_text, role, start, left, serves,
            lost, km, note)


def claim(minutes, rng):
    """Öre. Of whole hours also above the hour cap, which then cuts alike in both."""
    most = TIMLON * 100 * (minutes // 60) if minutes % 60 == 0 else CLAIM_ORE_PER_MINUTE * minutes
    return 100 + rng.randrange(most - 100)


def cells(row):
    day, organ, name, number, role, start, left, serves, lost, km, note = row
    return (workbook.day(day), workbook.text(organ), workbook.text(name), workbook.text(number), workbook.text(role),
            workbook.clock(start), workbook.clock(left), workbook.text(serves),
            None if lost is None else workbook.money(lost), None if km is None else workbook.number(km / 10),
            None if note is None else workbook.text(note))


def write_attendance(path, rows):
    workbook.write(path, [("Närvaro", HEADERS, (cells(row) for row in rows))])


def write_register(path, kommun, first):
    text, day = workbook.text, workbook.day
    persons = ((text(one["pnr"]), text(one["efternamn"]), text(one["fornamn"]), text(one["anstid"]), workbook.number(one["km"]),
                text("ja" if one["hemmet"] else "nej")) for one in kommun.persons)
    incomes = ((text(one["pnr"]), day(datetime.date(2020, 1, 1)), None, workbook.number(TIMLON), text(f"KS {one['anstid']}"))
               for one in kommun.persons)
    # Fast arvode is paid in its own month (lag 0), the meetings of October in November: from November on there is one of each.
    uppdrag = ((text(one["pnr"]), text(GROUPS["kod"]), text("Gruppledare"), day(first), None, text(key))
               for one in kommun.persons for key, _ in one["uppdrag"][:1])
    workbook.write(path, [
        ("Personer", ("Personnummer", "Efternamn", "Förnamn", "Anställningsnummer", "Avstånd km", "Tjänsteställe i hemmet"), persons),
        ("Inkomstuppgifter", ("Personnummer", "Från", "Till", "Timlön", "Intyg (diarienummer)"), incomes),
        ("Uppdrag", ("Personnummer", "Organ", "Uppdrag", "Från", "Till", "Arvodesnyckel"), uppdrag),
    ])


def regelverk(kommun):
    """Organ and amounts as config/regelverk/ has them."""
    parts = []
    for organ in (*kommun.organ, GROUPS):
        parts.append(f'[[organ]]\nkod = "{organ["kod"]}"\nnamn = "{organ["namn"]}"\nansvar = "{organ["ansvar"]}"\nverksamhet = "100"\n')
    for category, rows in TARIFFS.items():
        parts.extend(tariff(kommun, category, *row) for row in rows)
    parts.append('[[sammantrade]]\ngaller = "ej_tjanstgorande"\nandel_av_ordinarie = 0.5\nfrom = 2015-01-01\nreference = "Bench"\n')
    for start, per_hour, per_day in LOST_INCOME:
        parts.append(f'[[forlorad_arbetsinkomst]]\nhogst_per_timme = {per_hour}\nhogst_per_dag = {per_day}\nfrom = {start}\nreference = "Bench"\n')
    for start, whole, tax_free in OWN_CAR:
        parts.append(f'[[bilersattning]]\nkr_per_mil = {whole}\nskattefri_kr_per_mil = {tax_free}\nminst_km_enkel_vag = 6\nfrom = {start}\nreference = "Bench"\n')
    for key, amount in MONTHLY:
        parts.append(f'[[uppdrag]]\nnyckel = "{key}"\nslag = "fast_arvode"\nbelopp = {amount}\ngrad = 5\nfrom = 2014-12-11\nreference = "Bench"\n')
    for parameter, value in (("betala_ej_tjanstgorande_ersattare", "ja"), ("fast_arvode_utesluter", "samma_organ")):
        parts.append(f'[[tolkning]]\nparameter = "{parameter}"\nvalue = "{value}"\nfrom = 2015-01-01\nreference = "Bench"\n')
    return "\n".join(parts)


def tariff(kommun, category, start, grundarvode, hours, timarvode):
    """An ordinary [[sammantrade]] row: nämnder have the row without organ, the other categories name theirs."""
    codes = ", ".join(f'"{organ["kod"]}"' for organ in kommun.organ if organ["kategori"] == category)
    only = "" if category == "namnd" else f"organ = [{codes}]\n"
    return (f"[[sammantrade]]\n{only}grundarvode = {{ belopp = {grundarvode} }}\nforsta_minuter = {hours * 60}\n"
            f'timarvode = {{ belopp = {timarvode} }}\nenhet_minuter = 30\nraknas = "paborjade"\nfrom = {start}\nreference = "Bench"\n')


def raised(kommun, first):
    """Kommunfullmäktige's hourly price ten kronor higher in every month from the first one."""
    parts = []
    for (start, grundarvode, hours, timarvode), _, last in dated(TARIFFS["fullmaktige"]):
        if last is None or last > first.isoformat():
            # The day after: two rows of one key cannot begin on one day.
            after = datetime.date.fromisoformat(start) + datetime.timedelta(days=1)
            parts.append(tariff(kommun, "fullmaktige", max(after, first).isoformat(), grundarvode, hours, timarvode + 10))
    return "\n".join(parts)


def dated(rows):
    """Rows (from, …) with the last day of each, as the peers want them."""
    for row, after in zip(rows, (*rows[1:], None)):
        last = None if after is None else datetime.date.fromisoformat(after[0]) - datetime.timedelta(days=1)
        yield row, row[0], last and last.isoformat()


def register_for_peers(kommun):
    """The same persons, organ and amounts in öre, in the form that the peers' scripts read."""
    fees = [{"kategori": category, "from": start, "to": stop, "grund_ore": row[1] * 100, "grund_timmar": row[2],
             "halvtimme_ore": row[3] * 50} for category, rows in TARIFFS.items() for row, start, stop in dated(rows)]
    ore = lambda rows, value: [{"from": start, "to": stop, "ore": value(row)} for row, start, stop in dated(rows)]
    persons = [{"anstid": one["anstid"], "personnummer": one["pnr"], "namn": f"{one['fornamn']} {one['efternamn']}",
                "arsarvoden": [{"lonart": "3001", "kst": GROUPS["ansvar"], "arvode": key, "grad_bp": 10000, "from": "2015-01-01",
                                "to": None} for key, _ in one["uppdrag"][:1]]} for one in kommun.persons]
    return {
        "organ": [{"organ": one["namn"], "kategori": one["kategori"], "kst": one["ansvar"]} for one in kommun.organ],
        "personer": persons, "arvoden": fees, "ej_tjanstgorande_pct": 50,
        "rollfaktor_pct": dict.fromkeys(("Ordförande", "Vice ordförande", "Ledamot", "Ersättare"), 100),
        "arsarvode": {key: [{"from": "2015-01-01", "to": None, "ore": amount * 1200}] for key, amount in MONTHLY},
        "forlorad_timme": ore(LOST_INCOME, lambda row: row[1] * 100), "forlorad_dag": ore(LOST_INCOME, lambda row: row[2] * 100),
        "km": ore(OWN_CAR, lambda row: row[1] * 10),
    }


def month_before(months):
    place = PERIOD.year * 12 + PERIOD.month - 1 - months
    return datetime.date(place // 12, place % 12 + 1, 1)


def stayed_longer(rows):
    """Rows with a right number, each as if the person had stayed an hour longer: it pays more, and reaches no other meeting.

    (Who stayed shorter would owe, and wait for a decision.)
    """
    for row in rows:
        number = row[3].replace("-", "")
        if 150 <= row[6] - row[5] <= 200 and row[8] is None and check_digit(number[2:11]) == int(number[11]):
            yield (*row[:6], row[6] + 60, *row[7:])


def write_changes(folder, rows):
    changes = stayed_longer(rows)
    for place in range(1, CHANGES + 1):
        row = next(changes, None)
        if row is None:
            raise SystemExit("generate.py: too few rows are of a meeting of three hours; ask for more rows")
        write_attendance(os.path.join(folder, f"andrad-{place}.xlsx"), [row])


def save(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, required=True, help="attendance rows of a workbook, at most 1048575")
    arguments.add_argument("--out", required=True)
    arguments.add_argument("--months", type=int, default=1, help="as many workbooks, one a month, the last one October 2026's")
    chosen = arguments.parse_args()
    if not 1 <= chosen.rows <= 1_048_575:
        arguments.error("--rows is 1 to 1048575: one sheet with a header row")
    os.makedirs(chosen.out, exist_ok=True)
    kommun = Kommun(chosen.rows)
    first = month_before(chosen.months - 1)
    for back in range(chosen.months):
        month = month_before(back)
        # Late meetings only where no earlier month has been paid: as far back as the peers accept.
        late_days = (month - datetime.date(2025, 11, 1)).days if chosen.months == 1 else 0
        name = "narvaro.xlsx" if chosen.months == 1 else f"narvaro-{month:%Y-%m}.xlsx"
        rows = lambda: attendance(kommun, chosen.rows, month, late_days, random.Random(SEED + back))
        write_attendance(os.path.join(chosen.out, name), rows())
        if back == 0:
            write_changes(chosen.out, rows())
    write_register(os.path.join(chosen.out, "register.xlsx"), kommun, datetime.date(2026, 11, 1))
    save(chosen.out, "regelverk.toml", regelverk(kommun))
    save(chosen.out, "register.json", json.dumps(register_for_peers(kommun), ensure_ascii=False, separators=(",", ":")))
    save(chosen.out, "hojning.toml", raised(kommun, first))


if __name__ == "__main__":
    main()
