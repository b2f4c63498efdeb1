import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from claims.services import attach

from ..factories import ClaimFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def upload(specialist_api, claim):
    def send(name="Акт.txt", content=b"act"):
        return specialist_api.client.post(
            f"/api/v1/claims/{claim.pk}/files/", {"file": SimpleUploadedFile(name, content)}
        )

    return send


def test_a_file_is_kept_and_handed_out(specialist_api, claim, upload, specialist):
    told = upload().json()

    assert (told["name"], told["size"], told["uploaded_by"]) == ("Акт.txt", 3, specialist.pk)
    assert specialist_api.get(f"claims/{claim.pk}/files/").json()["results"] == [told]
    answer = specialist_api.get(f"claims/{claim.pk}/files/{told['id']}/")
    assert b"".join(answer.streaming_content) == b"act"
    assert answer["Content-Disposition"].startswith("attachment")


def test_an_empty_file_is_refused(claim, upload):
    answer = upload(content=b"")

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["file"])
    assert not claim.attachments.exists()


def test_without_a_file_there_is_nothing_to_keep(specialist_api, claim):
    answer = specialist_api.client.post(f"/api/v1/claims/{claim.pk}/files/", {})

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["file"])


def test_ones_own_file_is_removed_and_no_other(specialist_api, accountant_api, claim, upload, specialist):
    pk = upload().json()["id"]

    assert accountant_api.delete(f"claims/{claim.pk}/files/{pk}/").status_code == 403
    assert specialist_api.delete(f"claims/{claim.pk}/files/{pk}/").status_code == 204
    assert specialist_api.get(f"claims/{claim.pk}/files/{pk}/").status_code == 404


def test_a_file_is_not_to_be_had_by_another_claims_address(specialist_api, claim, specialist):
    file = attach(claim, by=specialist, file=SimpleUploadedFile("act.txt", b"act"))

    assert specialist_api.get(f"claims/{ClaimFactory().pk}/files/{file.pk}/").status_code == 404
