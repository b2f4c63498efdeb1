"""Pages by keyset: cursors are read as they were written, pages add up to the whole, bad cursors are no cursors."""

from datetime import date
from decimal import Decimal

import pytest

from claims.models import Claim
from claims_crm.web.pagination import NEWEST_FIRST, Cursor, Ordering

from ..factories import ClaimFactory

ORDERINGS = [
    Ordering("respond_by"),
    Ordering("respond_by", is_descending=True),
    Ordering("respond_by", ids_descending=True),
    Ordering("agreed_amount", is_descending=True, ids_descending=False),
    Ordering("number"),
    Ordering("client__name"),
    NEWEST_FIRST,
]


@pytest.fixture
def claims(db):
    """Nine claims: three share a date and a sum, three have neither."""
    for number in range(9):
        day = [None, date(2026, 12, 31), date(2026, 11, 30 - number)][number % 3]
        claim = ClaimFactory(agreed_amount=[None, Decimal("100.50"), Decimal(number)][number % 3])
        Claim.objects.filter(pk=claim.pk).update(respond_by=day)


@pytest.mark.parametrize("ordering", ORDERINGS, ids=str)
@pytest.mark.parametrize("size", [1, 4])
def test_the_pages_add_up_to_the_whole_in_its_order(claims, ordering, size):
    whole = list(ordering.sort(Claim.objects.all()))
    seen, cursor = ordering.page(Claim.objects.all(), None, size=size)
    while cursor:
        page, cursor = ordering.page(Claim.objects.all(), str(cursor), size=size)
        assert 0 < len(page) <= size
        seen += page
    assert seen == whole


@pytest.mark.parametrize("ordering", ORDERINGS, ids=str)
def test_what_is_before_a_row_and_what_is_after_it_are_the_others(claims, ordering):
    whole = list(ordering.sort(Claim.objects.all()))
    for index, row in enumerate(whole):
        cursor = ordering.cursor_after(row)
        assert list(ordering.sort(ordering.after(Claim.objects.all(), cursor))) == whole[index + 1 :]
        before = ordering.after(Claim.objects.all(), cursor, backwards=True)
        assert list(ordering.sort(before, backwards=True)) == whole[:index][::-1]


def test_rows_without_a_value_come_last_in_both_directions(claims):
    for ordering in (Ordering("respond_by"), Ordering("respond_by", is_descending=True)):
        days = [claim.respond_by for claim in ordering.page(Claim.objects.all(), None, size=9)[0]]
        assert days[6:] == [None] * 3
        assert None not in days[:6]


@pytest.mark.parametrize(
    ("field", "value"),
    [("respond_by", date(2026, 5, 31)), ("respond_by", None), ("agreed_amount", Decimal("12.50")), ("number", "A.7")],
)
def test_a_cursor_is_read_as_it_was_written(field, value):
    cursor = Cursor(value, 7)
    assert Ordering(field).parse(str(cursor), Claim) == cursor


@pytest.mark.parametrize("field", ["respond_by", "agreed_amount", "id"])
@pytest.mark.parametrize("text", ["", ".", "x.1", "2026-13-01.5", "1.", ".²", "1.-1", f".{'9' * 30}", f"{'9' * 40}.1"])
def test_what_is_no_cursor_gives_the_first_page(field, text, db):
    assert Ordering(field).parse(text, Claim) is None
    assert Ordering(field).page(Claim.objects.all(), text, size=1) == ([], None)


def test_a_row_that_changes_after_its_page_moves_no_other_row(claims):
    """The cursor has the values that the last row was shown with, and does not look them up again."""
    ordering = Ordering("agreed_amount", is_descending=True)
    first, cursor = ordering.page(Claim.objects.all(), None, size=3)
    rest = list(ordering.sort(Claim.objects.all()))[3:]
    Claim.objects.filter(pk=first[-1].pk).update(agreed_amount=None)
    second, _ = ordering.page(Claim.objects.all(), str(cursor), size=9)
    assert [claim for claim in second if claim != first[-1]] == rest
