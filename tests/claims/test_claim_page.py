"""The page of a claim: timeline, comments, stages, facts, history."""

import json
import re
from decimal import Decimal

import pytest

from accounts.models import User
from claims.errors import FileRefused
from claims.feed import PAGE
from claims.models import Claim, Client, Ground, Stage, TimelineEntry
from claims.services import attach, comment, edit_claim, edit_client, remove_attachment
from claims_crm.models import Company
from notifications.models import Notice
from payments.services import add, settle

from ..factories import ClaimFactory, UserFactory, claim_with_payments
from ..factories import specialist as a_specialist
from .files import a_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(claim):
    return f"/claims/{claim.pk}/"


@pytest.fixture
def own_only():
    """Specialists see only their own claims."""
    Company.objects.update_or_create(pk=1, defaults={"specialists_see": Company.Sees.OWN})
    Company.invalidate()


def text_of(response):
    return response.content.decode().replace("\u00a0", " ")


def stage(claim, kind):
    return claim.pipeline.first_stage(kind)


def events(response):
    return [event.entry for event in response.context["events"]]


def toast(response):
    return json.loads(response["HX-Trigger"])["toast"]["text"]


# what is shown


@pytest.mark.parametrize("tab", ["", "files/", "history/"])
def test_every_tab_shows_who_where_and_what_about(as_accountant, claim, url, tab):
    page = text_of(as_accountant.get(url + tab))
    for told in (claim.number, claim.client.name, "Дом сдан позже срока", "0 из 4", "Согласованная сумма"):
        assert told in page
    assert 'aria-current="step"' in page


def test_the_summary_is_pinned_and_follows(as_accountant, accountant, claim, url):
    first, second, *_ = claim.payments.in_order()
    settle(first, by=accountant)
    settle(second, by=accountant)
    page = text_of(as_accountant.get(url))
    figures = re.findall(r'<dd class="money">([^<]+)</dd>', page)
    assert figures[:3] == ["3 500 ₽", "2 000 ₽", "1 500 ₽"]
    assert "Оплачено 2 из 4" in page


def test_the_summary_is_no_event(as_specialist, claim, url):
    assert TimelineEntry.Kind.SUMMARY not in {entry.kind for entry in events(as_specialist.get(url))}


def test_a_schedule_short_of_the_agreed_sum_is_told_with_its_remedy(as_specialist):
    claim = claim_with_payments("1000", agreed_amount=Decimal(5000))
    page = text_of(as_specialist.get(f"/claims/{claim.pk}/"))
    assert "<b>4 000 ₽</b>" in page
    assert f'href="/claims/{claim.pk}/payments/"' in page


def test_the_next_payment_stands_beside_with_its_button(as_accountant, url):
    page = as_accountant.get(url).content.decode()
    assert 'id="next-payment"' in page
    assert "/settle/" in page


def test_a_specialist_is_not_offered_to_pay(as_specialist, url):
    assert "/settle/" not in as_specialist.get(url).content.decode()


def test_what_happened_comes_newest_first_by_days(as_specialist, claim, url):
    response = as_specialist.get(url)
    shown = [entry.pk for entry in events(response)]
    assert shown == sorted(shown, reverse=True)
    assert response.content.decode().count('class="day"') == 1


def test_a_long_timeline_comes_in_parts_and_a_day_is_named_once(as_specialist, specialist, claim, url, htmx):
    for number in range(PAGE + 10):
        comment(claim, by=specialist, text=f"№ {number}")
    first = as_specialist.get(url)
    rest = as_specialist.get(f"{url}?before={first.context['next_before']}", headers=htmx)
    assert rest.templates[0].name == "claims/_events.html"
    seen = [entry.pk for entry in (*events(first), *events(rest))]
    assert len(events(first)) == PAGE
    assert seen == list(claim.timeline.unpinned().order_by("-pk").values_list("pk", flat=True))
    assert 'class="day"' not in rest.content.decode()
    assert rest.context["next_before"] is None


@pytest.mark.parametrize("before", ["x", "-1", "²", "99999999999999999999", "0"])
def test_a_part_asked_wrongly_does_not_fail(as_specialist, url, htmx, before):
    assert as_specialist.get(f"{url}?before={before}", headers=htmx).status_code == 200


@pytest.mark.parametrize("tab", ["", "files/", "history/"])
def test_the_number_of_queries_does_not_follow_payments_or_entries(as_specialist, specialist, claim, url, tab, queries):
    comment(claim, by=specialist, text="№ 0", files=[a_file("0.pdf")])
    few = queries(lambda: as_specialist.get(url + tab))
    for number in range(20):
        add(claim, by=specialist, due_on=claim.received_on, amount=Decimal(1))
        comment(claim, by=specialist, text=f"№ {number}", files=[a_file(f"{number}.pdf")])
    assert queries(lambda: as_specialist.get(url + tab)) == few
    assert few <= 22


def test_text_of_people_is_never_markup(as_specialist, specialist, claim, url):
    comment(claim, by=specialist, text="<script>alert(1)</script> https://rigel.example/?a=1&b=2")
    edit_claim(claim, by=specialist, subject="<b>жирно</b>", description="<i>x</i>")
    page = as_specialist.get(url).content.decode()
    assert "<script>alert" not in page
    assert "<b>жирно" not in page
    assert 'href="https://rigel.example/?a=1&amp;b=2"' in page


# who sees it


def test_a_strange_claim_does_not_exist(as_specialist, own_only, htmx):
    claim = ClaimFactory(specialist=a_specialist())
    for path in ("", "history/", "files/", "edit/", "client/", "payments/"):
        assert as_specialist.get(f"/claims/{claim.pk}/{path}", headers=htmx).status_code == 404
    for path in ("comments/", "move/", "files/", "edit/", "client/"):
        assert as_specialist.post(f"/claims/{claim.pk}/{path}", headers=htmx).status_code == 404


def test_an_accountant_reads_and_comments_and_changes_nothing(as_accountant, claim, url, htmx):
    page = as_accountant.get(url).content.decode()
    assert 'id="composer"' in page
    assert f"{url}edit/" not in page
    assert f"{url}client/" not in page
    assert 'name="stage"' not in page
    for path in ("edit/", "client/"):
        assert as_accountant.post(url + path, headers=htmx).status_code == 403
    assert as_accountant.post(f"{url}move/", {"stage": stage(claim, "open").pk}, headers=htmx).status_code == 403


def test_whoever_may_not_comment_has_no_composer(client, claim, url):
    from accounts.querysets import permissions_named

    reader = UserFactory()
    reader.user_permissions.set(permissions_named("claims.view_claim"))
    client.force_login(reader)
    assert 'id="composer"' not in client.get(url).content.decode()
    assert client.post(f"{url}comments/", {"text": "?"}).status_code == 403


# comments


def test_a_comment_appears_and_the_composer_is_empty_again(as_specialist, claim, url, htmx):
    response = as_specialist.post(f"{url}comments/", {"text": "Клиент звонил."}, headers=htmx)
    page = text_of(response)
    assert "Клиент звонил." in page
    assert 'hx-swap-oob="true"' in page
    assert re.search(r"<textarea[^>]*></textarea>", page)
    assert claim.timeline.comments().get().text == "Клиент звонил."


def test_without_scripts_it_leads_back_to_the_claim(as_specialist, url):
    assert as_specialist.post(f"{url}comments/", {"text": "Клиент звонил."}).url == url


@pytest.mark.parametrize(
    ("text", "why"), [("  ", "Комментарий пуст."), ("я" * 10_001, "В комментарии до 10 000 знаков.")]
)
def test_what_is_typed_stays_when_it_is_refused(as_specialist, claim, url, htmx, text, why):
    response = as_specialist.post(f"{url}comments/", {"text": text}, headers=htmx)
    assert response.status_code == 422
    assert why in text_of(response)
    assert text in text_of(response)
    assert not claim.timeline.comments().exists()


@pytest.mark.parametrize("username", ["belova", "belova@rigel.example", "m.belova+1"])
def test_a_mention_is_shown_by_name_and_told_to_the_person(as_specialist, accountant, claim, url, htmx, username):
    User.objects.filter(pk=accountant.pk).update(username=username)
    response = as_specialist.post(f"{url}comments/", {"text": f"@{username}, взгляните"}, headers=htmx)
    assert '<span class="mention">@Марина Белова</span>' in text_of(response)
    assert Notice.objects.filter(user=accountant, kind=Notice.Kind.MENTION).count() == 1


def test_many_mentions_cost_no_more_than_one(claim, specialist, django_assert_max_num_queries):
    names = [a_specialist().username for _ in range(30)]
    for named in (names[:1], names):
        with django_assert_max_num_queries(12):
            comment(claim, by=specialist, text=" ".join(f"@{name}" for name in named))
    assert Notice.objects.filter(kind=Notice.Kind.MENTION).count() == 31


def test_a_comment_refused_for_one_file_leaves_none_behind(claim, specialist, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with pytest.raises(FileRefused):
        comment(claim, by=specialist, text="Акт", files=[a_file("акт.pdf"), a_file("пусто.pdf", b"")])
    assert not any(tmp_path.iterdir())


def test_only_those_who_see_the_claim_are_offered_to_mention(as_specialist, own_only, specialist, accountant, url):
    a_specialist(username="stranger")
    UserFactory(username="without-role")
    people = json.loads(as_specialist.get(url).context["mentionable"])
    assert {person["username"] for person in people} == {"demidova", "belova"}
    assert {person["role"] for person in people} == {"Специалист по претензиям", "Бухгалтер"}


def test_a_file_of_a_comment_is_a_link_until_it_is_removed(as_specialist, specialist, claim, url):
    comment(claim, by=specialist, text="Акт", files=[a_file("Акт.pdf")])
    attachment = claim.attachments.get()
    link = f'href="{url}files/{attachment.pk}/"'
    assert link in as_specialist.get(url).content.decode()
    remove_attachment(attachment, by=specialist)
    page = as_specialist.get(url).content.decode()
    assert link not in page
    assert "Акт.pdf" in page


# stages


def test_a_claim_is_moved_by_hand_and_its_page_reads_itself_anew(as_specialist, htmx):
    claim = ClaimFactory()
    review = claim.pipeline.stages.get(name_en="Review")
    response = as_specialist.post(f"/claims/{claim.pk}/move/", {"stage": review.pk}, headers=htmx)
    assert response.status_code == 204
    assert "claimChanged" in response["HX-Trigger"]
    claim.refresh_from_db()
    assert claim.stage == review


def test_a_refused_move_says_why_in_a_toast(as_specialist, claim, url, htmx):
    response = as_specialist.post(f"{url}move/", {"stage": stage(claim, "completing").pk}, headers=htmx)
    assert response.status_code == 409
    assert toast(response).replace("\u00a0", " ") == "Выплачено ещё не всё: осталось 3 500,00 ₽."


def test_a_move_that_needs_a_reason_asks_for_it_first(as_specialist, claim, url, htmx):
    closed = stage(claim, "closed")
    assert f'hx-get="{url}move/{closed.pk}/"' in as_specialist.get(url).content.decode()
    assert 'name="reason"' in as_specialist.get(f"{url}move/{closed.pk}/", headers=htmx).content.decode()
    assert as_specialist.post(f"{url}move/", {"stage": closed.pk}, headers=htmx).status_code == 409
    as_specialist.post(f"{url}move/", {"stage": closed.pk, "reason": "суд"}, headers=htmx)
    claim.refresh_from_db()
    assert claim.stage.kind == Stage.Kind.CLOSED
    assert "суд" in as_specialist.get(url).content.decode()


def test_rejection_stands_in_the_menu_and_in_the_bar_only_once_it_is_so(as_specialist, htmx):
    claim = ClaimFactory()
    page = as_specialist.get(f"/claims/{claim.pk}/")
    assert "rejected" not in [step.stage.kind for step in page.context["steps"]]
    rejected = stage(claim, "rejected")
    assert f"/move/{rejected.pk}/" in page.content.decode()
    as_specialist.post(f"/claims/{claim.pk}/move/", {"stage": rejected.pk, "reason": "не наш"}, headers=htmx)
    steps = as_specialist.get(f"/claims/{claim.pk}/").context["steps"]
    assert [step.stage.kind for step in steps if step.is_current] == ["rejected"]


@pytest.mark.parametrize("pk", ["", "x", "²", "999999", "99999999999999999999"])
def test_a_stage_that_is_none_does_not_exist(as_specialist, url, pk):
    assert as_specialist.post(f"{url}move/", {"stage": pk}).status_code == 404


# facts


def filled(response):
    """Return what the form in the response would send as it is."""
    form = response.context["form"]
    data = {}
    for field in form:
        value = field.field.prepare_value(field.initial)
        data[field.html_name] = data[field.html_initial_name] = "" if value is None else str(value)
    return data


def test_only_what_was_changed_is_written_with_before_and_after(as_specialist, claim, url, htmx):
    data = filled(as_specialist.get(f"{url}edit/", headers=htmx)) | {"site": "«Рейн 180»"}
    response = as_specialist.post(f"{url}edit/", data, headers=htmx)
    assert response.status_code == 204
    assert "closeDialog" in response["HX-Trigger"]
    assert claim.timeline.get(kind="claim_edited").data["changes"] == {"site": ["", "«Рейн 180»"]}
    page = as_specialist.get(f"{url}history/").content.decode()
    assert "Изменены сведения о претензии" in page
    assert "«Рейн 180»" in page


def test_a_ground_is_told_in_the_readers_language(as_specialist, specialist, claim, url):
    edit_claim(claim, by=specialist, ground=Ground.objects.get(code="quality"))
    specialist.language = "en"
    specialist.save()
    assert "Ground: Late → Quality" in as_specialist.get(url).content.decode()


def test_nothing_changed_writes_nothing(as_specialist, claim, url, htmx):
    data = filled(as_specialist.get(f"{url}edit/", headers=htmx))
    assert as_specialist.post(f"{url}edit/", data, headers=htmx).status_code == 204
    assert not claim.timeline.filter(kind="claim_edited").exists()


def test_a_stale_edit_shows_both_values_and_the_second_try_keeps_ours(as_specialist, claim, url, htmx, administrator):
    data = filled(as_specialist.get(f"{url}edit/", headers=htmx)) | {"site": "моё"}
    edit_claim(claim, by=administrator, site="их", contract_number="Ф-1")
    response = as_specialist.post(f"{url}edit/", data, headers=htmx)
    assert response.status_code == 422
    page = response.content.decode()
    assert "«их»" in page
    assert 'value="моё"' in page
    form = response.context["form"]
    again = data | {"initial-site": form.data["initial-site"]}
    assert as_specialist.post(f"{url}edit/", again, headers=htmx).status_code == 204
    claim.refresh_from_db()
    # What they changed and we did not stays theirs.
    assert (claim.site, claim.contract_number) == ("моё", "Ф-1")


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"agreed_amount": "много"}, "Введите сумму"),
        ({"received_on": "2999-01-01"}, "С 2000 по 2100 год."),
        ({"received_on": "2026-02-30"}, "правильную дату"),
        ({"respond_by": "2001-01-01"}, "Раньше, чем получена претензия."),
        ({"ground": "999999"}, "корректный вариант"),
    ],
)
def test_what_is_wrong_stands_at_its_field(as_specialist, claim, url, htmx, wrong, why):
    data = filled(as_specialist.get(f"{url}edit/", headers=htmx)) | wrong
    response = as_specialist.post(f"{url}edit/", data, headers=htmx)
    assert response.status_code == 422
    (field,) = wrong
    assert why in " ".join(response.context["form"].errors[field])


def test_the_agreed_sum_does_not_fall_below_what_is_paid(as_specialist, accountant, claim, url, htmx):
    settle(claim.payments.in_order().first(), by=accountant)
    data = filled(as_specialist.get(f"{url}edit/", headers=htmx)) | {"agreed_amount": "500"}
    response = as_specialist.post(f"{url}edit/", data, headers=htmx)
    assert response.context["form"].errors["agreed_amount"] == ["Выплачено уже больше этой суммы."]


def test_the_agreed_sum_is_changed_only_by_right(client, claim, url, htmx):
    from accounts.querysets import permissions_named

    editor = UserFactory()
    editor.user_permissions.set(permissions_named("claims.view_claim", "claims.change_claim"))
    client.force_login(editor)
    data = filled(client.get(f"{url}edit/", headers=htmx))
    assert "agreed_amount" not in data
    client.post(f"{url}edit/", data | {"agreed_amount": "1", "initial-agreed_amount": "3 500,00"}, headers=htmx)
    assert Claim.objects.get(pk=claim.pk).agreed_amount == Decimal("3500.00")


def test_a_client_of_many_claims_is_changed_at_the_cost_of_one(claim, django_assert_max_num_queries):
    for name, more in (("Орлова", 0), ("Орлова-Белых", 30)):
        ClaimFactory.create_batch(more, client=claim.client)
        with django_assert_max_num_queries(13):
            edit_client(claim.client, by=None, name=name)
        claims = Claim.objects.search(name)
        assert claims.count() == more + 1
        assert TimelineEntry.objects.filter(claim__in=claims, data__changes__name__1=name).count() == more + 1


def test_the_clients_details_change_in_all_their_claims(as_specialist, claim, url, htmx):
    other = ClaimFactory(client=claim.client)
    data = filled(as_specialist.get(f"{url}client/", headers=htmx)) | {"name": "Орлова Дарья", "tax_number": "123"}
    refused = as_specialist.post(f"{url}client/", data, headers=htmx)
    assert refused.context["form"].errors["tax_number"] == ["В ИНН 10 цифр, у человека 12."]
    assert as_specialist.post(f"{url}client/", data | {"tax_number": ""}, headers=htmx).status_code == 204
    assert {found.pk for found in Claim.objects.search("орлова дарья")} == {claim.pk, other.pk}
    assert "Изменены данные клиента" in as_specialist.get(f"/claims/{other.pk}/history/").content.decode()


# history


def test_the_history_holds_changes_and_no_talk(as_specialist, specialist, claim, url):
    comment(claim, by=specialist, text="Просто разговор")
    attach(claim, by=specialist, file=a_file("Акт.pdf"))
    page = as_specialist.get(f"{url}history/").content.decode()
    assert "Просто разговор" not in page
    assert "Добавлен файл: Акт.pdf" in page
    assert "Ольга Демидова" in page


def test_a_long_history_comes_in_parts(as_specialist, specialist, claim, url, htmx):
    for number in range(PAGE + 3):
        edit_claim(claim, by=specialist, subject=f"№ {number}")
    first = as_specialist.get(f"{url}history/")
    rest = as_specialist.get(f"{url}history/?before={first.context['next_before']}", headers=htmx)
    assert rest.templates[0].name == "claims/_history_rows.html"
    assert len(events(first)) + len(events(rest)) == claim.timeline.history().count()


@pytest.mark.parametrize(
    ("details", "refused"),
    [
        ({"tax_number": "7707083894"}, ["tax_number"]),
        ({"bank_account": "40702810900000005556", "bank_bic": "044525225"}, ["bank_account"]),
        ({"bank_account": "DE03120300000000202051", "bank_bic": "BYLADEM1001"}, ["bank_account"]),
        ({"bank_account": "40702810900000005555", "bank_bic": "044525225", "tax_number": "7707083893"}, []),
        ({"bank_account": "DE02120300000000202051", "bank_bic": "BYLADEM1001"}, []),
        ({"bank_account": "40702810900000005556"}, []),  # its bank is not known yet
    ],
)
def test_details_with_wrong_control_digits_are_refused_at_their_fields(as_specialist, url, htmx, details, refused):
    data = filled(as_specialist.get(f"{url}client/", headers=htmx)) | details
    answer = as_specialist.post(f"{url}client/", data, headers=htmx)
    assert list(answer.context["form"].errors if answer.context else []) == refused


def test_wrong_details_of_old_do_not_hold_up_another_change(as_specialist, claim, url, htmx):
    Client.objects.update(tax_number="7707083894", bank_account="40702810900000005556", bank_bic="044525225")
    data = filled(as_specialist.get(f"{url}client/", headers=htmx)) | {"phone": "+7 900 000-00-01"}
    assert as_specialist.post(f"{url}client/", data, headers=htmx).status_code == 204
