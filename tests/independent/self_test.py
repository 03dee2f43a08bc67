"""Hand-worked examples for the oracle: every expected öre below was derived on paper from the texts.

    /usr/bin/python3 self_test.py
"""
import datetime as dt
import sys
import unittest
from fractions import Fraction as F

sys.dont_write_bytecode = True                             # leave no __pycache__ in the source tree

import oracle
from ledger import Decision, Ledger

D = dt.date
KS = "Kommunstyrelsen"


def world(**lists):
    return {k: lists.get(k, []) for k in ("persons", "uppdrag", "incomes", "absences", "attendance", "claims", "jour", "beslut")}


def person(pnr, **more):
    return {"pnr": pnr, "anstid": "A" + pnr, "fornamn": "Prov", "efternamn": pnr, "avstand": F(12), "plats": None,
            "tjanstestalle": None, "kl413": False, **more}


def uppdrag(pnr, nyckel, fran=D(2023, 1, 1), till=None, platser=1):
    return {"pnr": pnr, "organ": oracle.NYCKLAR[nyckel].organ or KS, "nyckel": nyckel, "fran": fran, "till": till,
            "platser": platser}


def present(pnr, mote, datum, start, slut, **more):
    return {"mote": mote, "datum": datum, "organ": KS, "slag": "a", "plats": None, "utom": False, "kallat": None,
            "beslut": None, "start": clock(start), "slut": clock(slut), "ajournering": [], "pnr": pnr, "roll": "Ledamot",
            "tjg": True, "nfran": None, "ntill": None, "paragrafer": None, "distans": False, "narvaroratt": None,
            "lost": 0, "km": None, "loneavdrag": False, **more}


def income_of(pnr, **more):
    return {"pnr": pnr, "fran": D(2024, 1, 1), "till": None, "slag": "anställd", "timlon": 0, "sgi": 0, "semester_procent": None,
            "pension_procent": None, "intyg": None, **more}


def claim(pnr, mote, datum, kronor, **more):
    return {"mote": mote, "datum": datum, "pnr": pnr, "slag": "lost", "inkom": datum + dt.timedelta(3), "fran": None,
            "till": None, "timmar": None, "restid": 0, "forb": 0, "sarskild": 0, "belopp": kronor * 100, "km": None,
            "styrkt": True, "atertagen": False, "avresa": None, "hemkomst": None, "maltider": [], "barn": None,
            "narstaende": None, "barnomsorg": [], "pensionstillfalle": None, **more}


def decision(galler, innebord, dnr="AU 2026/1"):
    return {"dnr": dnr, "datum": D(2026, 11, 5), "organ": "Allmänna utskottet", "galler": galler, "innebord": innebord,
            "fran": None, "till": None}


def jour_row(fran, till=None, active=(None, None)):
    start, end = (t and clock(t) for t in active)
    return {"pnr": "1", "fran": fran, "till": till or fran, "aktiv_fran": start, "aktiv_till": end}


def clock(text):
    hour, minute = text.split(".")
    return int(hour) * 60 + int(minute)


def paid(facts, payout=(2026, 11), first=(2026, 9)):
    lines, _ = oracle.entitled(facts, payout, first)
    return sorted((x.anstid, oracle.LONART[x.kind], x.antal, x.belopp) for x in lines)


OCT14 = D(2026, 10, 14)


class Rates(unittest.TestCase):
    def test_chain_of_2026(self):
        day = D(2026, 6, 1)
        self.assertEqual(oracle.ks_ordforande_ore(day), 6105000)
        self.assertEqual(oracle.grund_ore(day), 5494500)
        self.assertEqual(oracle.month_fee_ore("bsu-ordforande", day), 4945050)
        self.assertEqual(oracle.month_fee_ore("gruppledare", day), 274725)
        self.assertEqual(oracle.month_fee_ore("revisor", day), 137363)           # 2.5 % = 1 373.625
        self.assertEqual(oracle.grundarvode_ore(day), 41200)                     # 412.0875
        self.assertEqual(oracle.timarvode_ore(day), 20600)                       # 206.04375

    def test_chain_at_adoption(self):
        day = D(2014, 12, 11)
        self.assertEqual((oracle.ks_ordforande_ore(day), oracle.grund_ore(day)), (4575000, 4117500))
        self.assertEqual(oracle.month_fee_ore("bsu-ordforande", day), 3705750)
        self.assertEqual(oracle.month_fee_ore("gruppledare", day), 205875)

    def test_2025(self):
        self.assertEqual(oracle.grundarvode_ore(D(2025, 12, 31)), 39700)         # 52 987.50 x 0.75 % = 397.41
        self.assertEqual(oracle.timarvode_ore(D(2025, 12, 31)), 19900)           # 198.70


class Deadlines(unittest.TestCase):
    def test_last_day_of_a_leap_day_is_the_28th(self):
        self.assertEqual(oracle.last_claim_day(D(2024, 2, 29)), D(2025, 2, 28))

    def test_saturday_moves_to_monday(self):
        self.assertEqual(oracle.last_claim_day(D(2025, 11, 14)), D(2026, 11, 16))

    def test_midsommarafton_moves_over_the_weekend(self):
        self.assertEqual(oracle.last_claim_day(D(2025, 6, 19)), D(2026, 6, 22))

    def test_julafton_moves_past_christmas_and_the_weekend(self):
        self.assertEqual(oracle.last_claim_day(D(2024, 12, 24)), D(2025, 12, 29))

    def test_good_friday_to_easter_monday(self):
        self.assertEqual(oracle.last_claim_day(D(2025, 4, 3)), D(2026, 4, 7))    # 3 April 2026 is långfredag


class Meetings(unittest.TestCase):
    def fees(self, *rows, extra=()):
        return paid(world(persons=[person("1")], uppdrag=[uppdrag("1", "ledamot"), *extra], attendance=list(rows)))

    def test_13_00_to_15_20_is_grundarvode_and_three_started_half_hours(self):
        self.assertEqual(self.fees(present("1", "m", OCT14, "13.00", "15.20")),
                         [("A1", "1647", 1, 41200), ("A1", "1648", F(3, 2), 30900)])

    def test_sixty_minutes_is_grundarvode_alone_and_sixty_one_is_not(self):
        self.assertEqual(len(self.fees(present("1", "m", OCT14, "13.00", "14.00"))), 1)
        self.assertEqual(self.fees(present("1", "m", OCT14, "13.00", "14.01"))[1], ("A1", "1648", F(1, 2), 10300))

    def test_an_ajournering_is_subtracted(self):
        row = present("1", "m", OCT14, "9.00", "15.00", ajournering=[(clock("12.00"), clock("13.00"))])
        self.assertEqual(self.fees(row)[1], ("A1", "1648", 4, 82400))

    def test_the_meeting_that_starts_later_loses_the_common_hour(self):
        rows = [present("1", "m", OCT14, "13.00", "15.00"), present("1", "n", OCT14, "14.00", "16.00")]
        self.assertEqual(self.fees(*rows), [("A1", "1647", 1, 41200)] * 2 + [("A1", "1648", 1, 20600)])

    def test_the_night_in_which_clocks_are_turned_back_is_an_hour_longer(self):
        row = present("1", "m", D(2026, 10, 24), "23.00", "4.00")
        self.assertEqual(self.fees(row)[1], ("A1", "1648", 5, 103000))

    def test_a_course_counts_for_eight_hours_and_only_with_a_decision(self):
        row = present("1", "m", OCT14, "8.00", "18.00", slag="c", beslut="AU 2026/1")
        self.assertEqual(self.fees(row)[1], ("A1", "1648", 7, 144200))
        self.assertEqual(self.fees({**row, "beslut": None}), [])

    def test_fast_arvode_shuts_out_paragraph_9_but_not_external_timarvode(self):
        gruppledare = uppdrag("1", "gruppledare", till=D(2026, 8, 31), platser=4)
        still = {**gruppledare, "till": None}
        self.assertEqual(len(self.fees(present("1", "m", OCT14, "13.00", "15.20"), extra=[gruppledare])), 2)
        self.assertEqual([x[1] for x in self.fees(present("1", "m", OCT14, "13.00", "15.20"), extra=[still])],
                         ["1652"] * 3)
        row = present("1", "m", OCT14, "13.00", "14.35", slag="extern förrättning", utom=True)
        self.assertIn(("A1", "1655", 2, 41200), self.fees(row, extra=[still]))


class MonthFees(unittest.TestCase):
    def fees(self, *rows, month=(2026, 10), absences=()):
        return paid(world(persons=[person("1"), person("2")], uppdrag=list(rows), absences=list(absences)), month, month)

    def test_a_handover_shares_by_days_and_adds_up(self):
        rows = [uppdrag("1", "bsu-vice", till=D(2026, 10, 14)), uppdrag("2", "bsu-vice", D(2026, 10, 15))]
        self.assertEqual(self.fees(*rows), [("A1", "1652", 1, 248139), ("A2", "1652", 1, 301311)])

    def test_a_vacancy_takes_part_as_a_holder(self):
        rows = [uppdrag("1", "valnamnd-ordforande", till=D(2026, 10, 10)),
                uppdrag("2", "valnamnd-ordforande", D(2026, 10, 16))]
        self.assertEqual(self.fees(*rows), [("A1", "1652", 1, 35448), ("A2", "1652", 1, 56718)])

    def test_two_holders_of_one_seat_are_held_from_the_first_common_day(self):
        rows = [uppdrag("1", "bsu-vice"), uppdrag("2", "bsu-vice", D(2026, 10, 15))]
        self.assertEqual(self.fees(*rows), [("A1", "1652", 1, 248139)])

    def test_sick_from_10_july_is_cut_from_10_september(self):
        sick = {"pnr": "1", "fran": D(2026, 7, 10), "till": D(2026, 10, 31), "slag": "hindrad", "omfattning": 100}
        fee = lambda month: self.fees(uppdrag("1", "overformyndare"), month=month, absences=[sick])
        self.assertEqual(fee((2026, 8)), [("A1", "1651", 1, 2472525)])
        self.assertEqual(fee((2026, 9)), [("A1", "1651", 1, 741758)])            # 9/30 = 7 417.575
        self.assertEqual(fee((2026, 10)), [])

    def test_a_kommunalrad_is_not_cut_by_sickness(self):
        sick = {"pnr": "1", "fran": D(2026, 6, 1), "till": D(2026, 10, 31), "slag": "hindrad", "omfattning": 100}
        self.assertEqual(self.fees(uppdrag("1", "oppositionsrad"), absences=[sick]), [("A1", "1651", 1, 2197800)])

    def test_grades_add_up_to_full_time_and_the_later_one_is_cut(self):
        rows = [uppdrag("1", "bsu-ordforande"), uppdrag("1", "overformyndare", D(2024, 1, 1))]
        self.assertEqual(self.fees(*rows), [("A1", "1651", 1, 549450), ("A1", "1651", 1, 4945050)])   # 24 725.25 x 10/45

    def test_a_full_time_kommunalrad_has_no_other_arsarvode_and_the_class_no_fast_arvode(self):
        rows = [uppdrag("1", "overformyndare"), uppdrag("1", "ks-ordforande", D(2024, 1, 1)),
                uppdrag("1", "gruppledare", platser=4)]
        self.assertEqual(self.fees(*rows), [("A1", "1651", 1, 6105000)])


class LostIncome(unittest.TestCase):
    def lost(self, rows, claims, **more):
        lists = {"persons": [person("1")], "uppdrag": [uppdrag("1", "ledamot")], "attendance": rows, "claims": claims}
        return [x[2:] for x in paid(world(**{**lists, **more})) if x[1] == "1675"]

    def test_100_minutes_at_the_hour_cap(self):
        row = present("1", "m", OCT14, "13.00", "14.40")
        self.assertEqual(self.lost([row], [claim("1", "m", OCT14, 1000)]), [(F(167, 100), 76000)])
        self.assertEqual(oracle.hours_and_price(100, 76000), (F(167, 100), F(4550898, 10000)))

    def test_a_course_day_with_travel_meets_the_day_cap(self):
        row = present("1", "m", OCT14, "8.00", "18.00", slag="c", beslut="AU 2026/1")
        asked = claim("1", "m", OCT14, 5000, fran=clock("7.30"), till=clock("16.30"), restid=60)
        self.assertEqual(self.lost([row], [asked]), [(F(9), 365000)])

    def test_the_same_hour_is_compensated_once(self):
        rows = [present("1", "m", OCT14, "13.00", "15.00"), present("1", "n", OCT14, "14.00", "16.00")]
        asked = [claim("1", "m", OCT14, 600, fran=clock("13.00"), till=clock("15.00")),
                 claim("1", "n", OCT14, 600, fran=clock("14.00"), till=clock("16.00"))]
        self.assertEqual(self.lost(rows, asked), [(F(1), 30000), (F(2), 60000)])

    def test_time_outside_presence_is_cut(self):
        row = present("1", "m", OCT14, "13.00", "15.00")
        asked = claim("1", "m", OCT14, 900, fran=clock("12.00"), till=clock("16.00"), restid=30)
        self.assertEqual(self.lost([row], [asked]), [(F(5, 2), 56250)])          # 900 x 150/240

    def test_late_by_a_day_is_held(self):
        row = present("1", "m", D(2025, 10, 14), "13.00", "15.00")
        asked = claim("1", "m", D(2025, 10, 14), 400)
        self.assertEqual(len(self.lost([row], [{**asked, "inkom": D(2026, 10, 14)}])), 1)
        self.assertEqual(len(self.lost([row], [{**asked, "inkom": D(2026, 10, 15)}])), 0)

    def test_an_intyg_below_the_claim_pays_up_to_its_timlon(self):
        income = income_of("1", timlon=20000, intyg="KS 2026/9")
        row = present("1", "m", OCT14, "13.00", "15.00")
        self.assertEqual(self.lost([row], [claim("1", "m", OCT14, 500, styrkt=None)], incomes=[income]), [(F(2), 40000)])

    def test_the_class_has_no_lost_income(self):
        row, asked = present("1", "m", OCT14, "13.00", "15.00"), claim("1", "m", OCT14, 500)
        self.assertEqual(self.lost([row], [asked], uppdrag=[uppdrag("1", "oppositionsrad")]), [])


class Schablon(unittest.TestCase):
    def lost(self, *claims, rows=None, incomes=(), more_uppdrag=()):
        rows = rows or [present("1", "m", OCT14, "13.00", "17.00")]
        facts = world(persons=[person("1")], uppdrag=[uppdrag("1", "ledamot"), *more_uppdrag], attendance=rows,
                      claims=list(claims), incomes=list(incomes))
        return [x[1:] for x in paid(facts) if x[1] in ("1675", "1676")]

    def test_sjukpenning_per_day_at_the_cap_of_each_year(self):
        day = lambda *d: oracle.sjukpenning_day_ore(90000000, D(*d)) // 100
        self.assertEqual([day(y, 1, 1) for y in range(2014, 2019)], [708, 709, 706, 714, 725])
        self.assertEqual([day(2018, 6, 30), day(2018, 7, 1)], [725, 774])
        self.assertEqual([day(y, 5, 1) for y in range(2019, 2027)], [791, 804, 810, 1027, 1116, 1218, 1250, 1259])

    def test_an_sgi_below_the_cap_goes_down_to_whole_hundreds(self):
        self.assertEqual(oracle.sjukpenning_day_ore(32195000, OCT14), 68400)     # 321 900 x 0.776 / 365 = 684.37
        self.assertEqual(oracle.schablon_hour_ore(125900), 15738)                # 157.375

    def test_four_hours_on_the_highest_sgi(self):
        self.assertEqual(self.lost(claim("1", "m", OCT14, 0), incomes=[income_of("1", sgi=70000000)]), [("1676", 4, 62952)])

    def test_eight_hours_never_give_more_than_the_day(self):
        rows = [present("1", "m", OCT14, "8.00", "16.00")]
        self.assertEqual(self.lost(claim("1", "m", OCT14, 0), rows=rows, incomes=[income_of("1", sgi=70000000)])[0][2], 125900)

    def test_two_meetings_of_a_day_share_the_day_amount(self):
        rows = [present("1", "m", OCT14, "8.00", "14.00"), present("1", "n", OCT14, "15.00", "19.00")]
        asked = [claim("1", "m", OCT14, 0), claim("1", "n", OCT14, 0)]
        self.assertEqual([x[2] for x in self.lost(*asked, rows=rows, incomes=[income_of("1", sgi=70000000)])], [31472, 94428])

    def test_travel_time_widens_it(self):
        got = self.lost(claim("1", "m", OCT14, 0, restid=60, forb=30), incomes=[income_of("1", sgi=32195000)])
        self.assertEqual(got, [("1676", F(11, 2), 47025)])                       # 85.50 x 5.5

    def test_self_employed_without_proof_whatever_the_sgi(self):
        own = income_of("1", slag="egen företagare", sgi=70000000)
        self.assertEqual(oracle.self_employed_hour_ore(), 9615)
        self.assertEqual(self.lost(claim("1", "m", OCT14, 0), incomes=[own]), [("1676", 4, 38460)])
        self.assertEqual(self.lost(claim("1", "m", OCT14, 2000, styrkt=False), incomes=[own]), [("1676", 4, 38460)])
        self.assertEqual(self.lost(claim("1", "m", OCT14, 200, styrkt=None), incomes=[own]), [("1676", 4, 20000)])
        self.assertEqual(self.lost(claim("1", "m", OCT14, 800), incomes=[own]), [("1675", 4, 80000)])

    def test_without_sgi_or_shown_loss_it_waits(self):
        self.assertEqual(self.lost(claim("1", "m", OCT14, 0)), [])
        self.assertEqual(self.lost(claim("1", "m", OCT14, 0, styrkt=None), incomes=[income_of("1", sgi=70000000)]), [])

    def test_loneavdrag_opens_for_the_two_chairs_of_the_annex(self):
        rows = [present("1", "m", OCT14, "13.00", "15.00", loneavdrag=True)]
        got = lambda nyckel: self.lost(claim("1", "m", OCT14, 500), rows=rows, more_uppdrag=[uppdrag("1", nyckel)])
        self.assertEqual(got("oppositionsrad"), [("1675", 2, 50000)])
        self.assertEqual(got("bsu-ordforande"), [("1675", 2, 50000)])
        self.assertEqual(got("ks-ordforande"), [])


class Benefits(unittest.TestCase):
    def benefits(self, *claims, payout=(2027, 1), rows=None, incomes=(), beslut=()):
        rows = rows or [present("1", "m", OCT14, "13.00", "15.00"), present("1", "n", D(2026, 10, 20), "13.00", "15.00")]
        facts = world(persons=[person("1")], uppdrag=[uppdrag("1", "ledamot")], attendance=rows, claims=list(claims),
                      incomes=list(incomes), beslut=list(beslut))
        return [x[1:] for x in paid(facts, payout, (2026, 9)) if x[1] in ("1677", "1678")]

    def test_a_schablon_is_a_percentage_of_what_paragraph_3_gives(self):
        lost = claim("1", "m", OCT14, 777)
        asked = [claim("1", "m", OCT14, 0, slag="pension"), claim("1", "m", OCT14, 0, slag="semester")]
        self.assertEqual(self.benefits(lost, *asked), [("1677", 1, 3497), ("1678", 1, 9324)])    # 34.965, 93.24
        self.assertEqual(self.benefits(*asked), [])
        own = income_of("1", semester_procent=F(13), pension_procent=F(6))
        self.assertEqual(self.benefits(lost, *asked, incomes=[own]), [("1677", 1, 4662), ("1678", 1, 10101)])

    def test_an_amount_in_an_attendance_list_carries_a_schablon_too(self):
        rows = [present("1", "m", OCT14, "13.00", "15.00", lost=60000)]
        intyg = income_of("1", timlon=40000, intyg="KS 2026/9")
        got = self.benefits(claim("1", "m", OCT14, 0, slag="semester"), rows=rows, incomes=[intyg])
        self.assertEqual(got, [("1678", 1, 7200)])

    def test_pension_is_paid_in_january_and_at_most_so_much_a_month(self):
        asked = [claim("1", "m", OCT14, 900, slag="pension"), claim("1", "n", D(2026, 10, 20), 900, slag="pension")]
        self.assertEqual(self.benefits(*asked, payout=(2026, 12)), [])
        self.assertEqual(self.benefits(*asked), [("1677", 1, 60000), ("1677", 1, 90000)])
        apart = {**asked[1], "pensionstillfalle": D(2026, 9, 30)}
        self.assertEqual(self.benefits(asked[0], apart), [("1677", 1, 90000)] * 2)

    def test_the_first_to_arrive_uses_the_cap_first(self):
        asked = [claim("1", "m", OCT14, 1000, slag="pension", inkom=D(2026, 11, 3)),
                 claim("1", "n", D(2026, 10, 20), 900, slag="pension", inkom=D(2026, 11, 2))]
        self.assertEqual(self.benefits(*asked), [("1677", 1, 60000), ("1677", 1, 90000)])

    def test_holiday_is_capped_by_the_day(self):
        self.assertEqual(self.benefits(claim("1", "m", OCT14, 4000, slag="semester")), [("1678", 1, 365000)])
        self.assertEqual(self.benefits(claim("1", "m", OCT14, 4000, slag="semester", styrkt=False)), [])

    def test_two_years_from_the_meeting_or_the_pensionstillfalle(self):
        day = D(2024, 10, 16)
        rows = [present("1", "m", day, "13.00", "15.00")]
        got = lambda kind, inkom, **more: len(self.benefits(claim("1", "m", day, 300, slag=kind, inkom=inkom, **more), rows=rows))
        self.assertEqual([got("semester", D(2026, 10, 16)), got("semester", D(2026, 10, 19))], [1, 0])
        self.assertEqual([got("pension", D(2026, 10, 16)), got("pension", D(2026, 10, 19))], [1, 0])
        self.assertEqual(got("pension", D(2026, 10, 19), pensionstillfalle=D(2024, 10, 31)), 1)


class Costs(unittest.TestCase):
    def costs(self, *claims, beslut=(), rows=None, more_uppdrag=()):
        rows = rows or [present("1", "m", OCT14, "13.00", "17.00"), present("1", "n", D(2026, 9, 9), "13.00", "15.00")]
        facts = world(persons=[person("1")], uppdrag=[uppdrag("1", "ledamot"), *more_uppdrag], attendance=rows,
                      claims=list(claims), beslut=list(beslut))
        return [x[1:] for x in paid(facts) if x[1] in ("1681", "1682", "1683", "1684")]

    def child(self, kronor, **more):
        times = {"fran": clock("12.00"), "till": clock("18.00")}
        return claim("1", "m", OCT14, kronor, slag="barntillsyn", **{"barn": 2016, **times, **more})

    def test_child_care_is_capped_by_the_hour(self):
        self.assertEqual(self.costs(self.child(800)), [("1681", 1, 80000)])
        self.assertEqual(self.costs(self.child(1000)), [("1681", 1, 90000)])

    def test_not_while_paragraph_3_pays_nor_in_municipal_care(self):
        lost = claim("1", "m", OCT14, 600, fran=clock("13.00"), till=clock("15.00"))
        self.assertEqual(self.costs(self.child(600), lost), [("1681", 1, 40000)])
        care = [(clock("12.00"), clock("13.30"))]
        self.assertEqual(self.costs(self.child(600, barnomsorg=care), lost), [("1681", 1, 30000)])   # 3 of 6 hours
        self.assertEqual(self.costs(self.child(600), {**lost, "styrkt": False}), [("1681", 1, 60000)])

    def test_hours_without_a_clock_lie_in_the_presence_first(self):
        lost = claim("1", "m", OCT14, 600, timmar=F(3))
        self.assertEqual(self.costs(self.child(600, fran=None, till=None, timmar=F(5)), lost), [("1681", 1, 24000)])

    def test_the_twelfth_year_and_older_need_particular_reasons(self):
        self.assertEqual(len(self.costs(self.child(300, barn=2015))), 1)
        reasons = decision("§ 12, 1-, särskilda skäl", "bifall")
        for born in (2014, 2011):
            self.assertEqual(self.costs(self.child(300, barn=born)), [])
            self.assertEqual(len(self.costs(self.child(300, barn=born), beslut=[reasons])), 1)
        late = {**reasons, "fran": D(2026, 11, 1)}
        self.assertEqual(self.costs(self.child(300, barn=2014), beslut=[late]), [])
        self.assertEqual(self.costs(self.child(300, barn=None)), [])
        self.assertEqual(self.costs(self.child(300, narstaende=True)), [])

    def test_care_for_the_ill_is_capped_by_the_day(self):
        asked = claim("1", "m", OCT14, 1700, slag="vard")
        self.assertEqual(self.costs(asked), [("1682", 1, 150000)])
        self.assertEqual(self.costs({**asked, "narstaende": True}), [])

    def test_a_years_cap_goes_to_who_came_first(self):
        asked = [claim("1", "m", OCT14, 8000, slag="funktion"), claim("1", "n", D(2026, 9, 9), 7000, slag="funktion",
                                                                       inkom=D(2026, 11, 2))]
        self.assertEqual(self.costs(*asked), [("1683", 1, 400000), ("1683", 1, 800000)])

    def test_other_costs_need_a_decision_that_names_the_claim(self):
        asked = claim("1", "m", OCT14, 345, slag="ovrigt")
        self.assertEqual(self.costs(asked), [])
        named = decision("§ 15, 1-, KS 2026-10-14, övrigt", "bifall, särskilda skäl")
        self.assertEqual(self.costs(asked, beslut=[named]), [("1684", 1, 34500)])
        for galler in ("§ 15, 1-", "§ 15, 2-, KS 2026-10-14", "§ 15, 1-, KS 2026-10-15", "§ 15, 1-, AU 2026-10-14",
                       "§ 15, 1-, KS 2026-10-14, vård", "§ 16, 1-, KS 2026-10-14"):
            self.assertEqual(self.costs(asked, beslut=[decision(galler, "bifall")]), [], galler)

    def test_a_decision_allows_what_came_late_and_another_refuses(self):
        day = D(2025, 10, 14)
        rows = [present("1", "m", day, "13.00", "15.00")]
        asked = claim("1", "m", day, 345, slag="vard", inkom=D(2026, 11, 2))
        allowed = decision("§ 16, 1-, KS 2025-10-14", "bifall")
        self.assertEqual(self.costs(asked, rows=rows), [])
        self.assertEqual(self.costs(asked, rows=rows, beslut=[allowed]), [("1682", 1, 34500)])
        refusal = decision("§ 13, 1-, KS 2025-10-14, vård", "avslag", "AU 2026/2")
        self.assertEqual(self.costs(asked, rows=rows, beslut=[allowed, refusal]), [])

    def test_a_refused_claim_is_no_longer_held(self):
        asked = claim("1", "m", OCT14, 345, slag="vard", styrkt=False)
        facts = world(persons=[person("1")], uppdrag=[uppdrag("1", "ledamot")], claims=[asked],
                      attendance=[present("1", "m", OCT14, "13.00", "17.00")])
        self.assertEqual(len(oracle.entitled(facts, (2026, 11), (2026, 9))[1]), 1)
        facts["beslut"] = [decision("§ 13, 1-, KS 2026-10-14", "avslag")]
        self.assertEqual(oracle.entitled(facts, (2026, 11), (2026, 9))[1], [])

    def test_the_class_has_costs(self):
        self.assertEqual(self.costs(claim("1", "m", OCT14, 100, slag="vard"), more_uppdrag=[uppdrag("1", "oppositionsrad")]),
                         [("1682", 1, 10000)])


class Jour(unittest.TestCase):
    def jour(self, *rows, attendance=()):
        facts = world(persons=[person("1")], uppdrag=[uppdrag("1", "ledamot")], attendance=list(attendance), jour=list(rows))
        return [x[1:] for x in paid(facts) if x[1] in ("1648", "1654")]

    def test_a_line_a_day_and_active_half_hours_from_the_first_minute(self):
        rows = [jour_row(D(2026, 10, 5), D(2026, 10, 7)), jour_row(OCT14, active=("20.10", "20.41"))]
        self.assertEqual(self.jour(*rows), [("1648", 1, 20600)] + [("1654", 1, 40000)] * 4)

    def test_active_minutes_of_one_day_are_counted_together(self):
        rows = [jour_row(OCT14, active=("8.00", "8.10")), jour_row(OCT14, active=("9.00", "9.20"))]
        self.assertEqual(self.jour(*rows), [("1648", F(1, 2), 10300), ("1654", 1, 40000)])

    def test_minutes_that_a_meeting_pays_are_not_paid_again(self):
        row = jour_row(OCT14, active=("13.20", "15.10"))
        got = self.jour(row, attendance=[present("1", "m", OCT14, "13.00", "14.00")])    # grundarvode covers the meeting
        self.assertEqual(got, [("1648", F(3, 2), 30900), ("1654", 1, 40000)])            # 14.00-15.10


class Traktamente(unittest.TestCase):
    def days(self, avresa, hemkomst, *meals, datum=OCT14):
        asked = claim("1", "m", datum, 0, slag="traktamente", avresa=clock(avresa), hemkomst=clock(hemkomst), maltider=list(meals))
        row = present("1", "m", datum, "13.00", "15.00", utom=True)
        facts = world(persons=[person("1")], uppdrag=[uppdrag("1", "ledamot")], attendance=[row], claims=[asked])
        return [x[1:] for x in paid(facts) if x[1].startswith("INR")]

    def test_departure_before_noon_and_return_by_seven(self):
        self.assertEqual(self.days("11.59", "11.30"), [("INRHEL_FRI", 1, 30000), ("INRHLV_FRI", 1, 15000)])
        self.assertEqual(self.days("20.00", "19.00"), [("INRHLV_FRI", 1, 15000)] * 2)
        self.assertEqual(self.days("20.00", "19.01"), [("INRHEL_FRI", 1, 30000), ("INRHLV_FRI", 1, 15000)])

    def test_a_journey_within_one_day_has_none(self):
        self.assertEqual(self.days("7.00", "22.00"), [])

    def test_meals_reduce(self):
        self.assertEqual(self.days("7.00", "6.00", "frukost", "middag"), [("INRHEL_FRI", 1, 19500), ("INRHLV_FRI", 1, 12000)])
        self.assertEqual(self.days("13.00", "12.30", "lunch"), [("INRHLV_FRI", 1, 9700), ("INRHLV_FRI", 1, 15000)])


class Absence(unittest.TestCase):
    def test_a_kommunalrads_days_of_absence_go_to_payroll(self):
        rows = [{"pnr": p, "fran": D(2026, 9, 29), "till": D(2026, 10, 2), "slag": "hindrad", "omfattning": 50} for p in "12"]
        facts = world(persons=[person("1"), person("2")], absences=rows,
                      uppdrag=[uppdrag("1", "oppositionsrad", till=D(2026, 10, 1)), uppdrag("2", "overformyndare")])
        self.assertEqual(oracle.absent_days(facts, (2026, 10), (2026, 9)), {("A1", D(2026, 9, 29)): 50, ("A1", D(2026, 9, 30)): 50})
        self.assertEqual(len(oracle.absent_days(facts, (2026, 11), (2026, 9))), 3)


class Travel(unittest.TestCase):
    def km(self, km, *more_rows, **more):
        rows = [present("1", "m", OCT14, "13.00", "13.40", km=F(km)), *more_rows]
        lines = paid(world(persons=[person("1", **more)], uppdrag=[uppdrag("1", "ledamot")], attendance=rows))
        return [x[1:] for x in lines if x[1] in ("5001", "5002")]

    def test_home_not_tjanstestalle_is_wholly_taxable(self):
        self.assertEqual(self.km(23), [("5002", F(23, 10), 6670)])

    def test_home_as_tjanstestalle_splits_the_price(self):
        self.assertEqual(self.km(23, tjanstestalle=True), [("5001", F(23, 10), 5750), ("5002", F(23, 10), 920)])

    def test_at_most_twice_the_distance_and_from_six_kilometres(self):
        self.assertEqual(self.km(40), [("5002", F(24, 10), 6960)])
        self.assertEqual(self.km(12, avstand=F(59, 10)), [])
        self.assertEqual(self.km(10, avstand=F(59, 10), kl413=True), [("5002", F(1), 2900)])

    def test_one_trip_a_day_the_largest(self):
        later = present("1", "n", OCT14, "15.00", "15.30", km=F(24))
        self.assertEqual(self.km(20, later), [("5002", F(24, 10), 6960)])


class LedgerRules(unittest.TestCase):
    def test_a_changed_time_is_reversed_in_full_and_booked_anew(self):
        facts = world(persons=[person("1")], uppdrag=[uppdrag("1", "ledamot")],
                      attendance=[present("1", "m", D(2026, 9, 16), "13.00", "15.20")])
        ledger = Ledger((2026, 9))
        self.assertEqual(ledger.batch(facts, (2026, 9))[0], [])
        self.assertEqual(sum(r.belopp for r in ledger.batch(facts, (2026, 10))[0]), 72100)
        self.assertEqual(ledger.batch(facts, (2026, 10))[0], [])
        facts["attendance"].append(present("1", "m", D(2026, 9, 16), "13.00", "16.00"))
        rows = ledger.batch(facts, (2026, 11))[0]
        self.assertEqual(sorted((r.lonart, r.antal, r.belopp) for r in rows),
                         [("1648", F(-3, 2), -30900), ("1648", 2, 41200)])

    def test_a_person_who_would_be_net_negative_waits(self):
        facts = world(persons=[person("1")], uppdrag=[uppdrag("1", "ledamot")],
                      attendance=[present("1", "m", D(2026, 9, 16), "13.00", "15.20")])
        ledger = Ledger((2026, 9))
        ledger.batch(facts, (2026, 10))
        facts["attendance"].append(present("1", "m", D(2026, 9, 16), "13.00", "15.20", tjg=False))
        rows, waiting, _ = ledger.batch(facts, (2026, 11))
        self.assertEqual((rows, sum(r.belopp for r in waiting)), ([], -72100))


class RealLife(unittest.TestCase):
    """One meeting of 13.00-15.20 on 16 September 2026: 412 kr of grundarvode and 1.5 h at 206 kr, 72 100 öre."""

    def setUp(self):
        self.facts = world(persons=[person("1"), person("2")], uppdrag=[uppdrag(p, "ledamot", platser=30) for p in "12"],
                           attendance=[present("1", "m", D(2026, 9, 16), "13.00", "15.20")])
        self.ledger = Ledger((2026, 9))

    def paid(self, payout):
        rows = sorted(self.ledger.batch(self.facts, payout)[0], key=lambda r: (r.lonart, r.belopp))
        return [(r.lonart, r.belopp) for r in rows]

    def tell(self, *rows):
        self.facts["attendance"] += rows

    def longer(self):
        self.tell(present("1", "m", D(2026, 9, 16), "13.00", "16.00"))

    def gone(self):
        self.tell({"clear": "m"})

    def test_a_refused_row_is_owed_again(self):
        row = self.ledger.batch(self.facts, (2026, 10))[0][0]
        self.ledger.refuse(row)
        self.assertEqual(self.paid((2026, 11)), [(row.lonart, row.belopp)])
        self.assertEqual(self.paid((2026, 12)), [])

    def test_a_refused_reversal_is_made_again(self):
        self.ledger.batch(self.facts, (2026, 10))
        self.longer()
        rows = self.ledger.batch(self.facts, (2026, 11))[0]
        self.ledger.refuse(next(r for r in rows if r.belopp < 0))
        self.tell(present("1", "n", D(2026, 11, 4), "13.00", "14.00"))
        self.assertEqual(self.paid((2026, 12)), [("1647", 41200), ("1648", -30900)])

    def test_a_payment_elsewhere_settles_and_another_amount_is_taken_back(self):
        self.ledger.pay_elsewhere("A1", "1647", D(2026, 9, 16), F(1), F(412), 41200, None)
        self.ledger.pay_elsewhere("A1", "1648", D(2026, 9, 16), None, None, 20600, None)
        self.assertEqual(self.paid((2026, 10)), [("1648", -20600), ("1648", 30900)])
        self.assertEqual(self.paid((2026, 11)), [])

    def test_of_two_payments_the_line_takes_the_one_of_its_amount(self):
        for belopp in (30000, 41200):
            self.ledger.pay_elsewhere("A1", "1647", D(2026, 9, 16), None, None, belopp, None)
        self.assertEqual(self.paid((2026, 10)), [("1647", -30000), ("1648", 30900)])

    def test_what_is_waived_is_owed_nothing_and_taken_back(self):
        self.tell(present("1", "n", D(2026, 10, 7), "13.00", "18.00"))
        self.ledger.batch(self.facts, (2026, 10))
        self.ledger.waived.append(("A1", "sammanträdesarvode", D(2026, 9, 1), D(2026, 9, 30)))
        self.assertEqual(self.paid((2026, 11)), [("1647", -41200), ("1647", 41200), ("1648", -30900), ("1648", 82400)])

    def owing(self):
        self.ledger.batch(self.facts, (2026, 10))
        self.gone()
        self.assertEqual(self.paid((2026, 11)), [])
        self.tell(present("1", "n", D(2026, 11, 4), "13.00", "14.00"))

    def test_what_waits_goes_on_waiting_beside_new_pay_until_it_is_decided(self):
        self.owing()
        self.assertEqual(self.paid((2026, 12)), [("1647", 41200)])
        self.assertEqual(len(self.ledger.waiting["A1"]), 2)

    def test_aterkrav_is_booked_outside_the_file(self):
        self.owing()
        self.ledger.decisions.append(Decision("A1", "återkrav"))
        self.assertEqual(self.paid((2026, 12)), [("1647", 41200)])
        self.assertEqual((sum(s.row.belopp for s in self.ledger.settled), self.ledger.waiting), (-72100, {}))
        self.tell(present("1", "m", D(2026, 9, 16), "13.00", "15.20"))
        self.assertEqual(self.paid((2027, 1)), [("1647", 41200), ("1648", 30900)])

    def test_kvittning_takes_at_most_its_month_and_at_most_the_pay(self):
        self.owing()
        self.ledger.decisions.append(Decision("A1", "kvittning", 30000))
        self.assertEqual(self.paid((2026, 12)), [("1647", 41200), ("1690", -30000)])
        self.assertEqual(self.paid((2027, 1)), [])
        self.tell(present("1", "o", D(2027, 1, 13), "13.00", "16.00"))
        self.assertEqual(self.paid((2027, 2))[-1], ("1690", -30000))
        self.assertEqual(self.ledger.left_of_debts("A1"), 12100)

    def test_eftergift_takes_nothing_back_and_pays_nothing_twice(self):
        self.owing()
        self.ledger.decisions.append(Decision("A1", "eftergift"))
        self.assertEqual(self.paid((2026, 12)), [("1647", 41200)])
        self.tell(present("1", "m", D(2026, 9, 16), "13.00", "15.20"))
        self.assertEqual(self.paid((2027, 1)), [])
        self.longer()
        self.assertEqual(self.paid((2027, 2)), [("1648", -30900), ("1648", 41200)])

    def test_eftergift_lets_go_only_what_new_pay_does_not_cover(self):
        self.ledger.batch(self.facts, (2026, 10))
        self.gone()
        self.tell(present("1", "n", D(2026, 10, 7), "13.00", "14.00"))
        self.assertEqual(self.paid((2026, 11)), [])
        self.ledger.decisions.append(Decision("A1", "eftergift"))
        self.assertEqual(sum(belopp for _, belopp in self.paid((2026, 12))), 0)
        self.tell(present("1", "m", D(2026, 9, 16), "13.00", "15.20"))
        self.assertEqual(sum(belopp for _, belopp in self.paid((2027, 1))), 41200)

    def test_two_registrations_of_a_person_paid_twice_are_reversed_once(self):
        self.tell(present("2", "m", D(2026, 9, 16), "13.00", "15.20"), present("1", "n", D(2026, 10, 7), "13.00", "18.00"))
        self.ledger.batch(self.facts, (2026, 10))
        self.ledger.merge_persons("A1", "A2")
        self.facts["merged"] = {"2": "1"}
        rows = self.ledger.batch(self.facts, (2026, 11))[0]
        self.assertEqual(sorted(r.belopp for r in rows), [-41200, -30900, 41200, 82400])
        self.assertEqual(len({r.anstid for r in rows if r.belopp < 0}), 1)

    def test_two_registrations_of_a_meeting_are_one_on_the_later_ones_day(self):
        self.tell(present("1", "n", D(2026, 9, 18), "13.00", "15.20"), present("1", "o", D(2026, 10, 7), "13.00", "18.00"))
        self.ledger.batch(self.facts, (2026, 10))
        self.ledger.link_meetings("m", "n")
        self.facts["linked"] = {"n": "m"}
        rows = self.ledger.batch(self.facts, (2026, 11))[0]
        self.assertEqual([(r.datum.day, r.belopp) for r in rows if r.belopp < 0], [(16, -41200), (16, -30900)])

    def test_what_was_paid_and_settled_is_what_was_earned(self):
        rows = self.ledger.batch(self.facts, (2026, 10))[0]
        self.owing()
        told = [("A1", 2026, r.belopp) for r in rows]
        self.assertEqual(self.ledger.imbalance(self.facts, (2026, 12), told), [])
        self.assertEqual(self.ledger.imbalance(self.facts, (2026, 12), told[1:]), [("A1", 2026, rows[0].belopp)])


if __name__ == "__main__":
    unittest.main()
