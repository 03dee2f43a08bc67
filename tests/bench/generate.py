"""Writes a kommun of a chosen size for measuring: register.xlsx, narvaro.xlsx and organ.toml in a folder.

    python3 generate.py --rows 100000 --out FOLDER

Deterministic. Persons are fictional: their birth numbers (980-999, 238, 239) are the tax agency's for tests.
"""

import argparse
import datetime
import os
import random

from openpyxl import Workbook

BIRTH_NUMBERS = [238, 239, *range(980, 1000)]
FIRST_MONTH = datetime.date(2026, 10, 1)


def check_digit(nine):
    digits = [int(digit) * (2 - place % 2) for place, digit in enumerate(nine)]
    return -sum(value // 10 + value % 10 for value in digits) % 10


def personnummer(number):
    day = datetime.date(1950, 1, 1) + datetime.timedelta(days=number // len(BIRTH_NUMBERS) * 7919 % 20000)
    nine = f"{day:%y%m%d}{BIRTH_NUMBERS[number % len(BIRTH_NUMBERS)]:03d}"
    return f"{day:%Y%m%d}-{nine[6:]}{check_digit(nine)}"


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, required=True)
    arguments.add_argument("--out", required=True)
    chosen = arguments.parse_args()
    os.makedirs(chosen.out, exist_ok=True)
    persons = max(60, chosen.rows // 25)
    organs = max(4, chosen.rows // 400)
    rng = random.Random(20261031)

    with open(os.path.join(chosen.out, "organ.toml"), "w", encoding="utf-8") as file:
        for organ in range(organs):
            file.write(f'[[organ]]\nkod = "N{organ:04d}"\nnamn = "Nämnd {organ:04d}"\nansvar = "{2000 + organ}"\nverksamhet = "100"\n\n')

    register = Workbook(write_only=True)
    sheet = register.create_sheet("Personer")
    sheet.append(["Personnummer", "Efternamn", "Förnamn", "Anställningsnummer", "Avstånd km", "Tjänsteställe i hemmet"])
    for number in range(persons):
        sheet.append([personnummer(number), f"Efternamn{number}", f"Förnamn{number % 97}", str(100001 + number), rng.randint(2, 40), "ja"])
    sheet = register.create_sheet("Inkomstuppgifter")
    sheet.append(["Personnummer", "Från", "Till", "Timlön", "Intyg (diarienummer)"])
    for number in range(0, persons, 4):
        sheet.append([personnummer(number), datetime.date(2026, 1, 1), None, rng.randint(180, 480), f"KS 2026/{number}"])
    register.save(os.path.join(chosen.out, "register.xlsx"))

    attendance = Workbook(write_only=True)
    sheet = attendance.create_sheet("Närvaro")
    sheet.append(["Datum", "Organ", "Personnummer", "Namn", "Roll", "Start", "Slut", "Tjänstgörande", "Förlorad arbetsinkomst (kr)", "Körda km", "Kommentar"])
    members = [rng.sample(range(persons), min(persons, rng.randint(9, 25))) for _ in range(organs)]
    written = meeting = 0
    while written < chosen.rows:
        organ = meeting % organs
        day = FIRST_MONTH + datetime.timedelta(days=(meeting // organs + organ) % 31)
        start = rng.choice([510, 780, 840, 1080])
        end = start + 30 + rng.randrange(240)
        meeting += 1
        for place, person in enumerate(members[organ]):
            leaves = end if rng.random() > 0.08 else start + 20 + rng.randrange(end - start - 20)
            claims = rng.random()
            sheet.append([
                day, f"Nämnd {organ:04d}", personnummer(person), f"Förnamn{person % 97} Efternamn{person}",
                "Ordförande" if place == 0 else "Ledamot" if place < 8 else "Ersättare",
                datetime.time(start // 60, start % 60), datetime.time(leaves // 60, leaves % 60),
                "ja" if place < 8 or claims < 0.4 else "nej",
                rng.randint(100, 4000) if claims > 0.85 else None, rng.randint(12, 80) if 0.3 < claims < 0.5 else None, None,
            ])
            written += 1
            if written == chosen.rows:
                break
    attendance.save(os.path.join(chosen.out, "narvaro.xlsx"))


if __name__ == "__main__":
    main()
