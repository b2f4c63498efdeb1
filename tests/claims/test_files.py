"""Files of a claim: who adds, opens and removes them, and how they are handed out."""

from urllib.parse import unquote

import pytest
from django.core.files.storage import default_storage

from claims.models import Attachment
from claims.services import attach
from claims_crm.models import Company

from ..factories import ClaimFactory, administrator
from ..factories import specialist as a_specialist
from .files import a_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(claim):
    return f"/claims/{claim.pk}/files/"


@pytest.fixture
def attachment(claim, specialist):
    return attach(claim, by=specialist, file=a_file("Акт «о выплате» №1.pdf"))


def test_several_files_are_added_at_once(as_accountant, claim, url, htmx):
    response = as_accountant.post(url, {"files": [a_file("1.pdf"), a_file("2.pdf")]}, headers=htmx)
    assert response.status_code == 204
    assert "claimChanged" in response["HX-Trigger"]
    page = as_accountant.get(url).content.decode()
    assert ">1.pdf</a>" in page
    assert ">2.pdf</a>" in page


def test_without_scripts_one_comes_back_to_the_list(as_accountant, url):
    origin = f"http://testserver{url}"
    assert as_accountant.post(url, {"files": [a_file()]}, headers={"Referer": origin}).url == url


def test_one_refused_does_not_keep_out_the_rest_and_is_named(as_accountant, claim, url, htmx, monkeypatch):
    monkeypatch.setattr(Attachment, "MAX_SIZE", 10)
    files = [a_file("мало.pdf"), a_file("много.pdf", b"x" * 11), a_file("пусто.pdf", b"")]
    response = as_accountant.post(url, {"files": files}, headers=htmx)
    assert response.status_code == 422
    assert [file.name for file in claim.attachments.all()] == ["мало.pdf"]
    page = response.content.decode()
    assert "Файл «много.pdf» больше 25 МБ." in page
    assert "Файл «пусто.pdf» пуст." in page


def test_the_limit_is_told_at_the_field(as_accountant, url):
    page = as_accountant.get(url).content.decode()
    assert 'aria-describedby="file-limit"' in page
    assert "До 25 МБ каждый" in page


def test_no_file_chosen_is_told(as_accountant, url, htmx):
    assert "Выберите файл." in as_accountant.post(url, headers=htmx).content.decode()


def test_a_file_is_handed_out_as_an_attachment_by_its_own_name(as_accountant, attachment, url):
    response = as_accountant.get(f"{url}{attachment.pk}/")
    assert b"".join(response.streaming_content) == b"%PDF-1.7"
    disposition = response["Content-Disposition"]
    assert disposition.startswith("attachment;")
    assert unquote(disposition.split("utf-8''")[1]) == "Акт «о выплате» №1.pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Type"] == "application/pdf"


@pytest.mark.parametrize("name", ["страница.html", "картинка.svg", 'кавычка".pdf', "без-расширения"])
def test_no_file_is_shown_as_a_page_of_ours(as_accountant, claim, specialist, url, name):
    attachment = attach(claim, by=specialist, file=a_file(name, b"<script>alert(1)</script>", "text/html"))
    response = as_accountant.get(f"{url}{attachment.pk}/")
    assert response["Content-Disposition"].startswith("attachment")
    response.close()


def test_nothing_handed_out_may_load_or_run_anything(as_accountant, attachment, url):
    assert as_accountant.get(f"{url}{attachment.pk}/")["Content-Security-Policy"] == "default-src 'none'; sandbox"


# looked at without being downloaded


def of_name(claim, specialist, name, content=b"x"):
    return attach(claim, by=specialist, file=a_file(name, content))


@pytest.mark.parametrize(("name", "kind"), [("фото.jpg", "image/jpeg"), ("акт.pdf", "application/pdf")])
def test_pictures_and_pdf_are_shown_within_our_own_pages_alone(as_accountant, claim, specialist, url, name, kind):
    response = as_accountant.get(f"{url}{of_name(claim, specialist, name).pk}/show/")
    assert response["Content-Disposition"].startswith("inline")
    assert response["Content-Type"] == kind
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    policy = response["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "script" not in policy
    response.close()


@pytest.mark.parametrize("name", ["страница.html", "картинка.svg", "записка.txt", "макрос.docm", "без-расширения"])
def test_nothing_else_is_shown_as_it_is(as_accountant, claim, specialist, url, name):
    assert as_accountant.get(f"{url}{of_name(claim, specialist, name).pk}/show/").status_code == 404


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
def test_a_text_is_read_and_never_markup(as_accountant, claim, specialist, url, htmx, encoding):
    note = of_name(claim, specialist, "записка.txt", "Ёж <script>alert(1)</script>".encode(encoding))
    page = as_accountant.get(f"{url}{note.pk}/preview/", headers=htmx).content.decode()
    assert "Ёж &lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_of_a_long_text_the_beginning_is_shown_and_it_is_said(as_accountant, claim, specialist, url, htmx):
    note = of_name(claim, specialist, "журнал.txt", ("ж" * 150_000).encode())
    response = as_accountant.get(f"{url}{note.pk}/preview/", headers=htmx)
    assert response.context["text"] == "ж" * 100_000
    assert "Это только начало" in response.content.decode()


def test_one_goes_from_file_to_file(as_accountant, claim, specialist, url, htmx):
    first, second, third = (of_name(claim, specialist, name) for name in ("1.pdf", "2.xlsx", "3.png"))
    page = as_accountant.get(f"{url}{second.pk}/preview/", headers=htmx)
    assert (page.context["previous"], page.context["next"]) == (third, first)
    assert "Этот файл здесь не показать" in page.content.decode()


def test_a_preview_without_scripts_is_the_list_of_files(as_accountant, attachment, url):
    assert as_accountant.get(f"{url}{attachment.pk}/preview/").url == url


def test_a_file_goes_by_its_own_claim_only(as_accountant, attachment):
    other = ClaimFactory()
    assert as_accountant.get(f"/claims/{other.pk}/files/{attachment.pk}/").status_code == 404


def test_a_file_of_a_strange_claim_does_not_exist(client, attachment, url):
    Company.objects.update_or_create(pk=1, defaults={"specialists_see": Company.Sees.OWN})
    Company.invalidate()
    client.force_login(a_specialist())
    assert client.get(f"{url}{attachment.pk}/").status_code == 404
    assert client.get(f"{url}{attachment.pk}/show/").status_code == 404
    assert client.get(f"{url}{attachment.pk}/preview/", headers={"HX-Request": "true"}).status_code == 404
    assert client.post(f"{url}{attachment.pk}/remove/").status_code == 404


def test_nobody_opens_a_file_without_signing_in(client, attachment, url):
    assert client.get(f"{url}{attachment.pk}/").url.startswith("/login/")


def test_bytes_that_are_gone_are_not_found(as_accountant, attachment, url):
    default_storage.delete(attachment.file.name)
    assert as_accountant.get(f"{url}{attachment.pk}/").status_code == 404


def test_ones_own_file_is_removed_and_the_timeline_keeps_its_name(
    as_specialist, attachment, claim, url, htmx, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        assert as_specialist.post(f"{url}{attachment.pk}/remove/", headers=htmx).status_code == 204
    assert not claim.attachments.exists()
    assert not default_storage.exists(attachment.file.name)
    assert claim.timeline.get(kind="file_removed").data["name"] == "Акт «о выплате» №1.pdf"


def test_a_strange_file_is_not_removed(as_accountant, attachment, claim, url, htmx):
    assert "/remove/" not in as_accountant.get(url).content.decode()
    assert as_accountant.post(f"{url}{attachment.pk}/remove/", headers=htmx).status_code == 403
    assert claim.attachments.exists()


def test_an_administrator_removes_any(client, attachment, claim, url, htmx):
    client.force_login(administrator())
    assert client.post(f"{url}{attachment.pk}/remove/", headers=htmx).status_code == 204
    assert not claim.attachments.exists()
