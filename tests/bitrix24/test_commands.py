"""The commands an administrator runs."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from bitrix24.models import Mirror, Mirrored, Person
from claims.models import Claim, Pipeline
from claims.services import comment
from payments.services import settle

from .portal import faults
from .sides import differences

pytestmark = pytest.mark.django_db


def run_command(name: str, *arguments: str) -> str:
    out = StringIO()
    call_command(name, *arguments, stdout=out)
    return out.getvalue()


def everything(portal) -> list[int]:
    kinds = (portal.items[2], portal.items[3], portal.payments, portal.comments, portal.tasks, portal.checklist)
    return [len(kind) for kind in kinds]


class TestSetup:
    def test_makes_everything_in_an_empty_portal_and_then_nothing_more(self, webhook, portal):
        run_command("bitrix24_setup")
        before = portal.next_id()
        assert "ONTASKUPDATE" in run_command("bitrix24_setup")
        assert portal.next_id() == before + 1
        assert "/bitrix24/events/" in run_command("bitrix24_setup", "--check")

    def test_check_reports_what_is_missing_and_changes_nothing(self, webhook, portal):
        with pytest.raises(CommandError):
            run_command("bitrix24_setup", "--check")
        assert not portal.categories
        assert not portal.types

    def test_check_reports_what_was_changed_in_the_portal(self, mirror, portal):
        stage = next(status for status in portal.statuses.values() if status["NAME"] == "Выплаты")
        stage["NAME"] = "Деньги"
        with pytest.raises(CommandError):
            run_command("bitrix24_setup", "--check")
        run_command("bitrix24_setup")
        assert stage["NAME"] == "Выплаты"

    def test_each_funnel_has_one_there_with_its_stages_in_order(self, webhook, portal):
        Pipeline.objects.create(name_ru="Возвраты", name_en="Refunds", number_prefix="В")
        run_command("bitrix24_setup")
        assert {c["name"] for c in portal.categories.values()} >= {"Претензии (Ригель)", "Возвраты (Ригель)"}
        category = next(c["id"] for c in portal.categories.values() if c["name"] == "Претензии (Ригель)")
        stages = portal.crm_status_list({"ENTITY_ID": f"DEAL_STAGE_{category}"})
        assert [stage["NAME"] for stage in stages] == [
            *("Новая", "Рассмотрение", "Согласование", "Выплаты", "Завершение", "Закрыта", "Отклонена")
        ]

    def test_a_webhook_without_the_scopes_is_reported_before_anything_is_made(self, webhook, portal):
        portal.scopes = {"crm", "user"}
        with pytest.raises(CommandError, match="task"):
            run_command("bitrix24_setup")
        assert not portal.categories

    def test_people_are_found_by_mail_and_a_correction_stays(self, mirror, people):
        assert Person.objects.get(user=people[2]).remote_id == 2
        Person.objects.filter(user=people[2]).update(remote_id=9)
        run_command("bitrix24_setup")
        assert Person.objects.get(user=people[2]).remote_id == 9

    def test_the_secret_is_not_shown_when_it_fails(self, webhook, portal):
        portal.secret = "another"
        with pytest.raises(CommandError) as failure:
            run_command("bitrix24_setup")
        assert "s3cr3tsecret" not in str(failure.value)


class TestSync:
    def test_full_pushes_what_was_never_marked(self, mirror, portal, claim):
        Mirrored.objects.filter(claim_id=claim.pk).delete()
        assert "1 / 1" in run_command("bitrix24_sync", "--full", "--once")
        assert len(portal.items[2]) == 1
        assert len(portal.payments) == 4

    def test_full_again_sends_nothing(self, deal, portal):
        portal.commands.clear()
        run_command("bitrix24_sync", "--full", "--once")
        assert not [method for method in portal.commands if method.endswith((".add", ".update"))]

    def test_full_knows_what_is_there_already_though_we_have_forgotten_it(self, deal, mirrored, portal, claim, people):
        comment(claim, by=people[2], text="Позвонить")
        for payment in claim.payments.all():
            settle(payment, by=people[3])
        mirrored()
        counts = everything(portal)
        Mirrored.objects.exclude(kind__in=("pipeline", "stage", "status")).delete()
        run_command("bitrix24_sync", "--full", "--once")
        assert everything(portal) == counts
        assert differences(portal) == []

    def test_goes_on_where_it_was_stopped(self, mirror, portal, claim):
        portal.faults.next_calls(None, None, faults.NO_CONNECTION, faults.BUSY, faults.NO_ANSWER)
        run_command("bitrix24_sync", "--full", "--once")
        assert len(portal.items[2]) == 1
        assert not Mirrored.objects.dirty().exists()

    def test_reports_what_prevents_the_push(self, mirror, portal, claim, monkeypatch):
        monkeypatch.setattr("bitrix24.drain.MAX_WAIT", 0.0)
        portal.secret = "another"
        with pytest.raises(CommandError, match="NO_AUTH_FOUND"):
            run_command("bitrix24_sync", "--once")
        assert Mirror.current().failures


class TestCheck:
    def test_says_that_both_sides_are_the_same(self, deal):
        assert run_command("bitrix24_check")

    @pytest.mark.parametrize("repair", [False, True])
    def test_finds_what_differs_and_repairs_it(self, deal, portal, claim, people, mirrored, repair):
        comment(claim, by=people[2], text="Позвонить")
        mirrored()
        first, second = portal.payments[:2]
        first["opportunity"] = "1.00"
        [kind] = portal.types
        del portal.items[kind][second["id"]]
        deal["title"] = "Чужое"
        said = next(comment for comment in portal.comments.values() if "Позвонить" in comment["COMMENT"])
        said["COMMENT"] = "x"
        copy = {**first, "id": portal.next_id()}
        portal.items[kind][copy["id"]] = copy
        if not repair:
            with pytest.raises(CommandError, match="5"):
                run_command("bitrix24_check")
            return
        run_command("bitrix24_check", "--repair")
        run_command("bitrix24_check")
        assert (len(portal.payments), portal.payments[0]["opportunity"]) == (4, "1000.00")
        assert deal["title"] == f"{claim.number} {claim.client.name}"

    def test_finds_a_claim_that_never_got_there(self, mirror, claim):
        assert Claim.objects.count() == 1
        with pytest.raises(CommandError):
            run_command("bitrix24_check")
