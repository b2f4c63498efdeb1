"""Finding claims and clients by words, however they are typed."""

import pytest

from claims import querysets
from claims.models import Claim, Client, ClientWords
from claims.search import index_words
from claims.services import edit_claim, edit_client

from ..factories import ClaimFactory, ClientFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["by the index", "by reading"])
def way(request, monkeypatch):
    """Rare words are found by the index, common ones by reading: the same claims either way."""
    if request.param == "by reading":
        monkeypatch.setattr(querysets, "MAX_BY_INDEX", 0)


@pytest.fixture
def claim(way):
    client = ClientFactory(name="ООО «Альфа-Строй» Семёнов Пётр", phone="+7 (912) 345-67-89", tax_number="7701234567")
    ClaimFactory(number="К-1", client__name="Иванов Иван", client__phone="")
    return ClaimFactory(
        number="П-2026-0117", client=client, contract_number="24/117-Ф", site="пос. Рейнский, ул. Лесная, 5"
    )


@pytest.mark.parametrize(
    "text",
    [
        *("П-2026-0117", "п-2026-0117", "2026-0117", "0117", "№ П-2026-0117", "п20260117"),
        *("семенов", "СЕМЁНОВ", "пётр семён", "петр  Семе", "альфа", "альфа строй", "«Альфа-Строй»", "строй ооо"),
        *("+7 912 345-67-89", "8 (912) 345 67 89", "9123456789", "89123456789", "912 345", "345-67-89", "6789"),
        *("24/117-Ф", "24-117", "24117", "117-ф", "рейн лесн", "7701234567", "семенов 0117 лесная"),
    ],
)
def test_a_claim_is_found_by_what_is_known_of_it_in_any_writing(claim, text):
    assert list(Claim.objects.search(text)) == [claim]


@pytest.mark.parametrize("text", ["семенов иван", "еменов", "0118", "912 999", "100%", "' OR 1=1", "a* b:c"])
def test_what_does_not_match_in_every_word_is_not_found(claim, text):
    assert claim not in Claim.objects.search(text)


def test_signs_alone_ask_for_nothing(claim):
    assert Claim.objects.search(" № — ").count() == 2


def test_it_is_found_by_what_it_is_now(claim, specialist):
    edit_claim(claim, by=specialist, contract_number="77-1")
    edit_client(claim.client, by=specialist, name="Орлова Дарья", phone="8 495 111-22-33")
    assert list(Claim.objects.search("77-1 орлова")) == [claim]
    assert list(Claim.objects.search("495 111-22-33")) == [claim]
    assert not Claim.objects.search("24-117").exists()
    assert not Client.objects.search("семенов").exists()


def test_a_client_is_found_with_no_claim_yet(way):
    client = ClientFactory(name="Белых Нина", email="nina@dom.example")
    for text in ("нина бел", "nina@dom.example"):
        assert list(Client.objects.search(text)) == [client]


def test_what_is_deleted_leaves_no_words(db):
    ClientFactory().delete()
    assert not ClientWords.objects.exists()


def test_words_are_kept_whole_and_by_their_ends():
    assert index_words("П-2026-0117 Ёлкин") == "п20260117 20260117 0117 елкин"
