"""The reports: each against a plain recomputation in Python, and each figure against its own rows."""

import random
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from statistics import mean, median
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db.models import Sum
from django.utils import translation
from openpyxl import load_workbook

from accounts.roles import Role
from claims.models import Claim, Ground, Pipeline
from claims_crm import days
from claims_crm.models import Company
from jobs.engine import run_waiting
from jobs.models import Job
from payments.models import Payment
from reports.catalogue import REPORTS, Scope
from reports.chart import Group, Segment, axis, build_chart
from reports.closing import median as median_of
from reports.report import format_sums

from ..factories import ClientFactory, UserFactory, accountant, claim_with_payments, specialist

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 18)
# 23:30 in Moscow on the last day of October is still October, though in UTC it is 20:30; an hour on it is November.
LATE_IN_OCTOBER = datetime(2026, 10, 31, 20, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _on_one_day(monkeypatch):
    monkeypatch.setattr(days, "today", lambda: TODAY)
    with translation.override("ru"):
        yield


@pytest.fixture
def reader():
    return accountant(first_name="Марина", last_name="Белова")


@pytest.fixture
def scope(reader):
    return Scope(user=reader, today=TODAY)


@pytest.fixture
def life():
    """Claims of two people, two funnels and two currencies, with payments in every state, from a fixed seed."""
    dice = random.Random(20261118)
    guarantee = Pipeline.objects.create(name_ru="Гарантия", number_prefix="Г", currency="EUR", position=1)
    guarantee.stages.create(name_ru="Новая", kind="open")
    guarantee.stages.create(name_ru="Закрыта", kind="closed", position=1)
    funnels = [Pipeline.objects.get(number_prefix="П"), guarantee]
    specialists, accountants = [specialist(), specialist()], [accountant(), None]
    grounds, client = list(Ground.objects.all()), ClientFactory()
    claims = []
    for number in range(80):
        pipeline, received = dice.choice(funnels), TODAY - timedelta(days=dice.randrange(600))
        is_closed = dice.random() < 0.5
        closed_at = datetime.combine(received, time(), UTC) + timedelta(hours=dice.randrange(24 * 300))
        closed_at = min(closed_at, datetime.combine(TODAY, time(), UTC))
        claims.append(
            Claim(
                number=f"{number}",
                pipeline=pipeline,
                stage=pipeline.stages.get(kind="closed") if is_closed else pipeline.first_stage(),
                closed_at=(LATE_IN_OCTOBER if dice.random() < 0.2 else closed_at) if is_closed else None,
                client=client,
                ground=dice.choice(grounds),
                received_on=received,
                specialist=dice.choice(specialists),
                accountant=dice.choice(accountants),
                currency=pipeline.currency,
            )
        )
    Claim.objects.bulk_create(claims)
    Payment.objects.bulk_create(payment for claim in claims for payment in payments_of(claim, dice))


def payments_of(claim, dice):
    for number in range(dice.randrange(6)):
        due = claim.received_on + timedelta(days=30 * (number + 1) + dice.randrange(-20, 20))
        paid_on = due + timedelta(days=dice.randrange(-20, 30))
        is_paid, is_cancelled = paid_on <= TODAY and dice.random() < 0.8, dice.random() < 0.1
        status = "cancelled" if is_cancelled else "paid" if is_paid else "planned"
        yield Payment(
            claim=claim,
            due_on=due,
            amount=Decimal(dice.randrange(1, 10_000_000)) / 100,
            status=status,
            paid_on=paid_on if status == "paid" else None,
        )


def figures(report):
    """Return {(currency, line, column): value} of all that a report tells, the total as line ""."""
    return {
        (table.currency, line.key, cell.column.key): cell.value
        for table in report.tables
        for line in (*table.lines, *([table.total] if table.total else []))
        for cell in line.cells
        if cell.value
    }


def summed(parts):
    """Return the same of (currency, line, column, value), with the totals over the lines; nothing where it is zero."""
    found = defaultdict(int)
    for currency, line, column, value in parts:
        found[currency, line, column] += value
        found[currency, "", column] += value
    return {key: value for key, value in found.items() if value}


def payments():
    return Payment.objects.exclude(status="cancelled").select_related("claim")


def test_plan_is_by_due_date_and_paid_by_payment_date(life, scope):
    def parts():
        for payment in payments():
            due, currency = f"{payment.due_on:%Y-%m}", payment.claim.currency
            if "2025-12" <= due <= "2027-11":
                yield currency, due, "plan", payment.amount
                if payment.status == "planned":
                    yield currency, due, "overdue" if payment.due_on < TODAY else "ahead", payment.amount
            if payment.paid_on and f"{payment.paid_on:%Y-%m}" >= "2025-12":
                yield currency, f"{payment.paid_on:%Y-%m}", "paid", payment.amount

    assert figures(REPORTS["months"](scope)) == summed(parts())


def test_overdue_payments_are_grouped_by_age(life, scope):
    def age_of(days_late):
        return "1-7" if days_late <= 7 else "8-30" if days_late <= 30 else "31-60" if days_late <= 60 else "61"

    def parts():
        for payment in payments().filter(status="planned", due_on__lt=TODAY):
            age = age_of((TODAY - payment.due_on).days)
            yield payment.claim.currency, age, "count", 1
            yield payment.claim.currency, age, "amount", payment.amount

    assert figures(REPORTS["overdue"](scope)) == summed(parts())


def test_the_schedule_is_kept_where_it_is_paid_by_the_deadline(life, scope):
    def parts():
        for payment in payments().filter(due_on__gte=date(2025, 12, 1), due_on__lt=TODAY):
            month = f"{payment.due_on:%Y-%m}"
            yield "", month, "all", 1
            if payment.status == "planned":
                yield "", month, "unpaid", 1
            else:
                yield "", month, "in_time" if payment.paid_on <= payment.due_on else "late", 1

    expected = summed(parts())
    for (_currency, line, column), count in list(expected.items()):
        if column == "all" and (in_time := expected.get(("", line, "in_time"))):
            expected["", line, "share"] = (Decimal(100 * in_time) / count).quantize(Decimal("0.1"))
    assert figures(REPORTS["punctuality"](scope)) == expected


def test_a_claim_takes_from_the_day_of_receipt_to_the_day_of_closing_in_the_companys_zone(life, scope):
    closed = [
        (days.local(claim.closed_at).date() - claim.received_on).days
        for claim in Claim.objects.filter(stage__kind="closed")
        if days.local(claim.closed_at).date() >= date(2025, 12, 1)
    ]
    bounds = {"30": 30, "31-60": 60, "61-90": 90, "91-180": 180, "181": 10_000}
    counted = Counter(next(key for key, bound in bounds.items() if took <= bound) for took in closed)

    report = REPORTS["closing"](scope)
    found = figures(report)
    assert {line: count for (_currency, line, column), count in found.items() if column == "count" and line} == counted
    headline = report.tables[0].headline
    assert headline.text == f"{median(closed):g}".replace(".", ",")
    assert f"{mean(closed):.1f}".replace(".", ",").removesuffix(",0") in headline.note


def test_grounds_are_of_what_was_received_in_the_period(life, scope):
    def parts():
        for claim in Claim.objects.filter(received_on__gte=date(2025, 12, 1)):
            key = (claim.currency, str(claim.ground_id))
            yield *key, "count", 1
            yield *key, "total", claim.scheduled_amount
            yield *key, "paid", claim.paid_amount
            yield *key, "remaining", claim.remaining_amount

    assert figures(REPORTS["grounds"](scope)) == summed(parts())


def test_the_largest_ten_of_each_currency_come_first(life, scope):
    tables = REPORTS["largest"](scope).tables
    for table in tables:
        owing = Claim.objects.filter(currency=table.currency, remaining_amount__gt=0)
        assert [int(line.key) for line in table.lines] == list(
            owing.order_by("-remaining_amount", "pk").values_list("pk", flat=True)[:10]
        )
    assert [table.currency for table in tables] == ["RUB", "EUR"]


def test_the_load_counts_overdue_payments_and_those_due_in_thirty_days(life, scope):
    def parts():
        for payment in payments().filter(status="planned", due_on__lte=TODAY + timedelta(days=30)):
            key = (payment.claim.currency, str(payment.claim.accountant_id or "unassigned"))
            yield *key, "count", 1
            if payment.due_on < TODAY:
                yield *key, "overdue", payment.amount
            else:
                yield *key, "month", payment.amount
                if payment.due_on <= TODAY + timedelta(days=7):
                    yield *key, "week", payment.amount

    assert figures(REPORTS["load"](scope)) == summed(parts())


@pytest.mark.parametrize("period", ["year", "month"])
def test_every_figure_equals_the_sum_of_its_rows(period, life, scope):
    looked = 0
    for key in REPORTS.keys() - {"largest"}:
        report = REPORTS[key](replace(scope, period=period))
        for table in report.tables:
            for line in (*table.lines, table.total):
                for cell in line.cells:
                    if cell.value and cell.column.kind != "share":
                        figure = opened(report, cell.url)
                        total = figure.rows.count() if cell.column.kind == "count" else sum_of(figure)
                        assert total == cell.value, cell.url
                        looked += 1
    assert looked > 60


def opened(report, url):
    """Return the figure that an address names, as the page of its rows does."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    return report.figure(**{name: asked.get(name, "") for name in ("column", "line", "currency")})


def sum_of(figure):
    return figure.rows.aggregate(total=Sum(figure.column.sums))["total"]


def test_what_is_left_of_a_large_claim_is_the_sum_of_its_payments(life, scope):
    for table in REPORTS["largest"](scope).tables:
        for line in table.lines:
            planned = Payment.objects.planned().filter(claim=line.key)
            assert line.cells[-1].value == planned.aggregate(total=Sum("amount"))["total"]
            assert line.cells[-1].url == f"/claims/{line.key}/payments/"


def test_the_page_of_rows_shows_their_number_and_their_sum(life, scope, reader, client):
    client.force_login(reader)
    report = REPORTS["overdue"](scope)
    for table in report.tables:
        page = client.get(table.total.cells[-1].url)
        assert page.context["count"] == table.total.cells[0].value
        assert page.context["sums"] == format_sums({table.currency: table.total.cells[-1].value})


def test_pages_of_rows_follow_one_another_and_miss_none(reader, client):
    claim = claim_with_payments(*["1000"] * 60, first_due_on=date(2025, 12, 31))
    for payment in claim.payments.all()[:51]:
        payment.due_on = date(2026, 12, 1)
        payment.save()
    client.force_login(reader)
    seen = []
    url = "/reports/months/rows/?column=plan&line=2026-12"
    while url:
        page = client.get(url, headers={"HX-Request": "true"})
        seen += [payment.pk for payment in page.context["payments"]]
        url = page.context["next_url"]
    assert sorted(seen) == sorted(
        Payment.objects.filter(due_on__month=12, due_on__year=2026).values_list("pk", flat=True)
    )


def test_filters_of_people_and_funnel_narrow_every_report(life, reader):
    funnel, owner = Pipeline.objects.get(number_prefix="Г"), Claim.objects.first().specialist
    scope = Scope(user=reader, today=TODAY, pipeline=funnel, specialist=owner)
    total = Payment.objects.planned().filter(claim__pipeline=funnel, claim__specialist=owner, due_on__lt=TODAY).total()
    assert figures(REPORTS["overdue"](scope)).get(("EUR", "", "amount"), 0) == total
    for report in REPORTS.values():
        assert {table.currency for table in report(scope).tables} <= {"", "EUR"}


def test_a_specialist_who_sees_only_their_own_claims_sees_only_their_figures(life, client):
    Company.objects.update_or_create(pk=1, defaults={"specialists_see": Company.Sees.OWN})
    Company.invalidate()
    stranger = specialist()
    for report in REPORTS.values():
        assert report(Scope(user=stranger, today=TODAY)).tables == []
    client.force_login(stranger)
    assert client.get("/reports/months/rows/").context["count"] == 0


def test_who_may_see_no_claims_sees_no_reports(client):
    client.force_login(UserFactory())
    for path in ("", "excel/", "months/", "months/excel/", "months/rows/"):
        assert client.get(f"/reports/{path}").status_code == 403


@pytest.mark.parametrize(
    "address",
    [
        "/reports/?period=x&pipeline=x&specialist=999999999999999999999&accountant=-1",
        "/reports/months/?period=century",
        "/reports/overdue/rows/?after=2026-99-99.x",
        "/reports/closing/rows/?after=x",
        "/reports/closing/rows/?after=99999999999999999999999",
    ],
)
def test_invalid_filters_are_ignored(address, life, reader, client):
    client.force_login(reader)
    assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/reports/nothing/",
        "/reports/months/rows/?column=nothing",
        "/reports/months/rows/?line=2026-13",
        "/reports/months/rows/?currency=x",
        "/reports/grounds/rows/?line=x",
        "/reports/grounds/rows/?line=99999999999999999999999999",
        "/reports/load/rows/?line=0",
        "/reports/closing/rows/?line=x",
        "/reports/largest/rows/?line=0",
    ],
)
def test_a_figure_that_does_not_exist_is_not_found(address, reader, client):
    client.force_login(reader)
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("key", REPORTS)
def test_an_empty_report_says_what_it_will_show(key, reader, client):
    client.force_login(reader)
    assert str(REPORTS[key].empty) in client.get(f"/reports/{key}/").content.decode()


def test_slow_reports_come_after_the_page_and_can_be_opened_without_scripts(life, reader, client):
    client.force_login(reader)
    page = client.get("/reports/?period=quarter").content.decode()
    for key, report in REPORTS.items():
        assert (f'hx-get="/reports/{key}/?period=quarter"' in page) == report.loads_later
        assert f'href="/reports/{key}/?period=quarter"' in page


def test_the_number_of_queries_does_not_grow(reader, client, django_assert_max_num_queries):
    client.force_login(reader)
    paths = ["", *(f"{key}/" for key in REPORTS), "months/rows/", "closing/rows/"]
    for _size in range(2):
        for number in range(5):
            claim = claim_with_payments("1000", "1000", first_due_on=date(2026, 10, 31), accountant=accountant())
            if number % 2:
                closed = claim.pipeline.stages.get(kind="closed")
                Claim.objects.filter(pk=claim.pk).update(closed_at=LATE_IN_OCTOBER, stage=closed)
        for path in paths:
            with django_assert_max_num_queries(19 if path == "" else 14):
                client.get(f"/reports/{path}")


def test_each_role_finds_the_reports_in_the_menu(client):
    for role in Role:
        client.force_login(UserFactory(role=role))
        assert 'href="/reports/"' in client.get("/claims/").content.decode()


# Excel


def test_a_report_in_excel_has_its_lines_and_its_total_in_each_currency(life, scope, reader, client):
    client.force_login(reader)
    sheet = load_workbook(BytesIO(client.get("/reports/overdue/excel/").content)).active
    lines = [row for row in sheet.values if row[0] == "Всего"]
    totals = [table.total.cells for table in REPORTS["overdue"](scope).tables]
    assert [(row[1], Decimal(str(row[2])), row[3]) for row in lines] == [
        (count.value, amount.value, amount.currency) for count, amount in totals
    ]


def test_all_reports_are_sheets_of_one_workbook(life, reader, client):
    client.force_login(reader)
    book = load_workbook(BytesIO(client.get("/reports/excel/?period=quarter").content))
    assert book.sheetnames == [str(report.name) for report in REPORTS.values()]


@pytest.mark.parametrize(
    ("address", "column"),
    [("/reports/overdue/rows/?currency=RUB", "Сумма"), ("/reports/grounds/rows/?column=paid&currency=RUB", "Оплачено")],
)
def test_the_rows_in_excel_add_up_to_their_figure(address, column, life, reader, client):
    client.force_login(reader)
    sums = client.get(address).context["sums"]
    client.post(address.replace("rows/", "rows/excel/"))
    run_waiting()
    heading, *rows = load_workbook(BytesIO(Job.objects.get().file.read())).active.values
    place = heading.index(column)
    total = sum((Decimal(str(row[place])) for row in rows), Decimal(0))
    assert total
    assert format_sums({"RUB": total.quantize(Decimal("0.01"))}) == sums


# what is drawn


def test_an_axis_has_round_steps_and_reaches_above_the_highest():
    assert [int(value) for value in axis(Decimal("876966.83"))] == [0, 250_000, 500_000, 750_000, 1_000_000]
    assert axis(Decimal("0.03"))[-1] >= Decimal("0.03")
    assert axis(Decimal(0)) == [0, 1]


def test_a_column_is_as_high_as_its_sum():
    groups = [
        Group("ноя", [[Segment("plan", Decimal(75)), Segment("late", Decimal(25))], [Segment("fact", Decimal(50))]])
    ]
    ticks = [(Decimal(0), "0"), (Decimal(100), "100")]
    plan, late, fact = build_chart(groups, ticks=ticks, width=1000, height=162, legend=[]).bars
    assert (plan.height, late.height, fact.height) == ("75.0", "25.0", "50.0")
    assert (plan.y, late.y) == ("49.0", "24.0")
    assert plan.x == late.x != fact.x


def test_the_median_of_an_even_number_is_between_the_middle_two():
    assert median_of([(10, 1), (20, 2), (31, 1)]) == 20
    assert median_of([(10, 1), (21, 1)]) == Decimal("15.5")
