"""By what numbers and names are compared, however they are written."""

import pytest

from claims.match_keys import name_key, number_key, same_name
from claims.models import Claim
from claims.services import edit_claim, edit_client
from tests.factories import ClaimFactory


@pytest.mark.parametrize(
    "written", ["П-2026-0042", "п-2026-42", "П 2026 0042", "П–2026–0042", "П2026-42", "P-2026-0042", "№ П/2026/42"]
)
def test_a_number_is_one_in_every_way_of_writing(written):
    assert number_key(written) == number_key("П-2026-0042")


@pytest.mark.parametrize("other", ["П-2026-0043", "П-2025-0042", "Ф-2026-0042", "2026-0042", "П-20260042"])
def test_another_number_is_another(other):
    assert number_key(other) != number_key("П-2026-0042")


@pytest.mark.parametrize(
    ("written", "how"),
    [
        ("ОРЛОВ ДМИТРИЙ ИЛЬИЧ", "name"),
        ("Дмитрий Ильич Орлов", "name"),
        ("ИП Орлов Дмитрий Ильич", "name"),
        ("г-н Орлов Дмитрий Ильич", "name"),
        ("Орлов Д. И.", "initials"),
        ("Д.И. Орлов", "initials"),
        ("Орлов Денис Ильич", ""),
        ("Орлова Дмитрий Ильич", ""),
        ("Орлов Дмитрий", ""),
        ("", ""),
    ],
)
def test_a_person_is_known_by_the_whole_name_or_by_initials(written, how):
    assert same_name("Орлов Дмитрий Ильич", written) == how
    assert not how or name_key(written) == name_key("Орлов Дмитрий Ильич")


def test_yo_is_ye_and_a_company_is_known_without_its_form():
    assert same_name("Зайцева Фёкла Степановна", "ЗАЙЦЕВА ФЕКЛА СТЕПАНОВНА") == "name"
    assert same_name("ООО «ЛесТорг»", 'Общество с ограниченной ответственностью "ЛЕСТОРГ"') == "name"


def test_a_surname_that_looks_like_a_patronymic_is_still_one():
    assert name_key("Карпович Иван Петрович") == name_key("Иван Петрович Карпович") == name_key("Карпович И. П.")


@pytest.mark.django_db
def test_keys_follow_what_they_are_made_of():
    claim = ClaimFactory(number="7/26", contract_number="Ф-1/25")
    edit_claim(claim, by=None, contract_number="Ф-2/25")
    edit_client(claim.client, by=None, name="Орлов Дмитрий Ильич")
    claim = Claim.objects.get()
    assert (claim.number_key, claim.contract_key, claim.client.name_key) == ("7-26", "f-2-25", "орлов ди")
