import pytest

from ..factories import ClientFactory

pytestmark = pytest.mark.django_db

FACTS = {
    "name": "ООО «Лес и дом»",
    "kind": "company",
    "phone": "+7 900 000-14-18",
    "email": "les@rigel.example",
    "tax_number": "7707083893",
    "bank_account": "40702810900000005555",
    "bank_bic": "044525225",
    "bank_name": "Сбербанк",
}


def test_a_client_is_written_down_and_told(specialist_api):
    answer = specialist_api.post("clients/", FACTS)

    assert answer.status_code == 201
    assert specialist_api.get(f"clients/{answer.json()['id']}/").json() == {"id": answer.json()["id"], **FACTS}


@pytest.mark.parametrize(
    "sent, field",
    [
        ({"tax_number": "12345"}, "tax_number"),
        ({"tax_number": "12345678901"}, "tax_number"),
        ({"tax_number": "7707083894"}, "tax_number"),
        ({"bank_account": "1" * 19}, "bank_account"),
        ({"bank_account": "40702810900000005556", "bank_bic": "044525225"}, "bank_account"),
        ({"bank_account": "DE03120300000000202051", "bank_bic": "BYLADEM1001"}, "bank_account"),
        ({"bank_bic": "04452522A"}, "bank_bic"),
        ({"phone": "9" * 51}, "phone"),
        ({"email": "les"}, "email"),
        ({"name": " "}, "name"),
        ({"kind": "firm"}, "kind"),
    ],
)
@pytest.mark.parametrize("method", ["post", "patch"])
def test_what_no_form_takes_no_program_sends(specialist_api, method, sent, field):
    path = "clients/" if method == "post" else f"clients/{ClientFactory().pk}/"
    answer = getattr(specialist_api, method)(path, {**FACTS, **sent} if method == "post" else sent)

    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_clients_are_found_by_name_and_by_numbers(specialist_api):
    person = ClientFactory(name="Орлов Дмитрий", phone="+7 900 123-45-67")
    company = ClientFactory(name="ООО «Лес»", tax_number="7707083893", phone="")

    for text, found in (
        ("орлов", person),
        ("дмит орл", person),
        ("7707083893", company),
        ("1234567", person),
        ("7707", company),
        ("петров", None),
    ):
        rows = specialist_api.get(f"clients/?search={text}").json()["results"]
        assert [row["id"] for row in rows] == ([found.pk] if found else []), text


def test_an_accountant_does_not_change_clients(accountant_api):
    assert accountant_api.post("clients/", FACTS).status_code == 403
    assert accountant_api.patch(f"clients/{ClientFactory().pk}/", {"phone": ""}).status_code == 403
