"""Lines as hurried people write them: however noisy, nothing is certain or agreed with in bulk for a wrong claim."""

import os
import random
from datetime import date

import pytest
import time_machine

from banking.models import Match
from banking.statements import services
from claims.models import Claim
from tests.factories import ClientFactory, claim_with_payments

from .formats.files import document
from .lines import send

pytestmark = pytest.mark.django_db
CLAIMS = int(os.environ.get("NOISY_CLAIMS", "60"))
LINES = int(os.environ.get("NOISY_LINES", "240"))
SURNAMES = ("Орлов", "Зайцев", "Ким", "Дроздов", "Назаров", "Фокин")
NAMES = ("Дмитрий Ильич", "Пётр Олегович", "Иван Фокич", "Селиверст Димитриевич")


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel("2026-11-30 12:00+03:00", tick=False):
        yield


def noisy(number: str, luck: random.Random) -> str:
    """Return the number of a claim as it may come out of a hurried hand."""
    places = [place for place, sign in enumerate(number) if sign.isdigit()]
    place = luck.choice(places)
    match luck.randrange(7):
        case 0:
            return number[:place] + luck.choice("0123456789") + number[place + 1 :]
        case 1:
            one, other = sorted(luck.sample(places, 2))
            return number[:one] + number[other] + number[one + 1 : other] + number[one] + number[other + 1 :]
        case 2:
            return f"{number[:place]} {number[place:]}"
        case 3:
            return number.replace("-", "")
        case 4:
            return number.replace("-0", "-").replace("-0", "-")
        case 5:
            return number[:place] + number[place + 1 :]
        case _:
            return number.lower().replace("-", " ")


def test_no_noise_makes_a_wrong_line_certain_or_agreed_with():
    seed = int(os.environ.get("NOISY_SEED", "20261130"))
    luck = random.Random(seed)
    numbers = [f"П-2026-{number:04}" for number in luck.sample(range(1, CLAIMS * 4), CLAIMS)]
    claims: list[Claim] = []
    for number in numbers:
        client = ClientFactory(name=f"{luck.choice(SURNAMES)} {luck.choice(NAMES)}")
        amounts = [str(luck.choice((1000, 1500, 2000))) for _place in range(luck.randint(2, 5))]
        claims.append(claim_with_payments(*amounts, number=number, client=client, first_due_on=date(2026, 11, 30)))
    truth: dict[str, int] = {}
    documents = []
    for place in range(LINES):
        claim = luck.choice(claims)
        amount = luck.choice(list(claim.payments.all())).amount
        written = noisy(claim.number, luck) if luck.random() < 0.34 else claim.number
        if luck.random() < 0.05:
            amount -= 10
        purpose = f"Выплата по претензии {written}. НДС не облагается"
        documents.append(
            document(
                str(place), f"{amount}", Получатель1=claim.client.name, ПолучательСчет=None, НазначениеПлатежа=purpose
            )
        )
        truth[str(place)] = claim.pk
    sent = send(*documents)
    services.agree_all(sent)
    chosen = Match.objects.filter(is_chosen=True).select_related("line", "payment__claim")
    wrong = [
        (match.line.verdict, match.line.purpose, match.line.party_name, match.payment.claim.number)
        for match in chosen
        if truth[match.line.number] != match.payment.claim_id
    ]
    print(f"chosen {len(chosen)} of {LINES}, wrong {len(wrong)}, seed {seed}")
    assert wrong == []
    assert len(chosen) > LINES / 4
