"""A comment edited by its author is marked as edited and keeps its old text in the history."""

import pytest

from claims.services import comment, edit_comment
from notifications.models import Notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry(claim, specialist):
    return comment(claim, by=specialist, text="Клиент звонил в 10")


@pytest.fixture
def url(claim, entry):
    return f"/claims/{claim.pk}/comments/{entry.pk}/"


def test_the_comment_says_that_it_was_edited_and_the_history_what_it_said(as_specialist, claim, entry, url, htmx):
    response = as_specialist.post(url, {"text": "Клиент звонил в 11", "seen": "0"}, headers=htmx)
    assert response.status_code == 204
    feed = as_specialist.get(f"/claims/{claim.pk}/").content.decode()
    assert "Клиент звонил в 11" in feed
    assert ">изменён</a>" in feed
    assert "Клиент звонил в 10" not in feed
    assert "Клиент звонил в 10" in as_specialist.get(f"/claims/{claim.pk}/history/").content.decode()


def test_a_comment_left_as_it_was_is_not_edited(as_specialist, claim, entry, url, htmx):
    as_specialist.post(url, {"text": entry.text, "seen": "0"}, headers=htmx)
    assert not claim.timeline.filter(kind="comment_edited").exists()


def test_nobody_edits_what_another_wrote(as_administrator, claim, url, htmx):
    assert url not in as_administrator.get(f"/claims/{claim.pk}/").content.decode()
    assert as_administrator.post(url, {"text": "Не звонил"}, headers=htmx).status_code == 403


def test_only_those_mentioned_anew_are_told(claim, specialist, accountant):
    entry = comment(claim, by=specialist, text="@belova позвоните")
    edit_comment(entry, by=specialist, text="@belova позвоните сегодня")
    assert Notice.objects.filter(kind=Notice.Kind.MENTION).count() == 1


@pytest.mark.parametrize(("text", "said"), [(" ", "Комментарий пуст."), ("ж" * 10_001, "до 10")])
def test_an_empty_or_too_long_one_is_refused(as_specialist, url, htmx, text, said):
    response = as_specialist.post(url, {"text": text, "seen": "0"}, headers=htmx)
    assert response.status_code == 422
    assert said in response.content.decode()


def test_edited_meanwhile_in_another_window_it_is_refused_with_both_texts(as_specialist, specialist, entry, url, htmx):
    edit_comment(entry, by=specialist, text="Звонил в 12")
    mine = {"text": "Звонил в 11", "seen": "0"}
    refused = as_specialist.post(url, mine, headers=htmx)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "Звонил в 12" in page
    assert "Звонил в 11</textarea>" in page

    taken = as_specialist.post(url, {**mine, "theirs": "text"}, headers=htmx)
    entry.refresh_from_db()
    assert (taken.status_code, entry.text) == (204, "Звонил в 12")

    as_specialist.post(url, {**mine, "seen": refused.context["form"].data["seen"]}, headers=htmx)
    entry.refresh_from_db()
    assert entry.text == "Звонил в 11"
