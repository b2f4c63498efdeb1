"""Task rules are edited in the admin; tasks and notices are read-only there."""

import pytest
from django.urls import reverse

from claims.models import Pipeline
from notifications.models import Notice, Task, TaskRule
from notifications.services import sweep

from ..factories import UserFactory, administrator

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client):
    client.force_login(administrator())
    return client


def rule(**changes):
    pipeline = Pipeline.objects.get(number_prefix="П")
    return {
        "pipeline": pipeline.pk,
        "trigger": "stage_entered",
        "stage": pipeline.stages.get(name_en="Review").pk,
        "role": "specialists",
        "lead_working_days": 0,
        "due_in_working_days": 3,
        "title_ru": "Осмотреть дом по {claim}",
        "title_en": "",
        "checklist_ru": "",
        "checklist_en": "",
        "is_active": "on",
        **changes,
    }


def add(admin, **changes):
    return admin.post(reverse("admin:notifications_taskrule_add"), rule(**changes))


def test_a_rule_is_added(admin):
    assert add(admin).status_code == 302
    assert TaskRule.objects.get(trigger="stage_entered").title_ru == "Осмотреть дом по {claim}"


@pytest.mark.parametrize(
    "changes, why",
    [
        ({"title_ru": "Оплатить {summa}"}, "Неизвестно: {summa}."),
        ({"stage": ""}, "Стадию указывают с условием"),
        ({"trigger": "payment_due"}, "Стадию указывают с условием"),
        ({"trigger": "payment_due", "stage": ""}, "У этой воронки уже есть такое правило"),
        ({"checklist_ru": "Акт\nАрхив", "checklist_en": "Act"}, "Пунктов должно быть столько же"),
        ({"lead_working_days": 61}, "60"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_and_why(admin, changes, why):
    response = add(admin, **changes)
    assert response.status_code == 200
    assert why in response.content.decode()
    assert TaskRule.objects.count() == 3


def test_the_placeholders_are_explained(admin):
    page = admin.get(reverse("admin:notifications_taskrule_add")).content.decode()
    assert "{claim} — номер претензии" in page


@pytest.mark.parametrize("model", [Task, Notice])
def test_tasks_and_notices_are_only_shown(admin, claim, may, model):
    sweep()
    name = model._meta.model_name
    row = model.objects.first()
    assert admin.get(reverse(f"admin:notifications_{name}_changelist")).status_code == 200
    assert admin.get(reverse(f"admin:notifications_{name}_change", args=[row.pk])).status_code == 200
    assert admin.post(reverse(f"admin:notifications_{name}_change", args=[row.pk]), {}).status_code == 403
    assert admin.post(reverse(f"admin:notifications_{name}_delete", args=[row.pk])).status_code == 403
    assert admin.get(reverse(f"admin:notifications_{name}_add")).status_code == 403


def test_failed_letters_are_tried_again(admin, claim, may):
    sweep()
    failed = Notice.objects.order_by("pk").first()
    Notice.objects.filter(pk=failed.pk).update(mail=Notice.Mail.FAILED, mail_attempts=5)
    Notice.objects.exclude(pk=failed.pk).update(mail=Notice.Mail.SENT)
    data = {"action": "mail_again", "_selected_action": list(Notice.objects.values_list("pk", flat=True))}
    admin.post(reverse("admin:notifications_notice_changelist"), data)
    assert [notice.pk for notice in Notice.objects.filter(mail=Notice.Mail.WAITING)] == [failed.pk]


def test_notices_are_not_for_everyone_of_the_staff(client, claim, may):
    client.force_login(UserFactory(is_staff=True))
    assert client.get(reverse("admin:notifications_notice_changelist")).status_code == 403
