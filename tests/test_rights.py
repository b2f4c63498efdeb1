"""Who may open and do what: every address of the product, for every role. An address without a row here fails.

Requests are sent empty: what counts is that they get past the permissions (anything but 403 and 404).
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import SavedView, Session, User
from accounts.roles import Role
from accounts.tokens import create_token
from banking.models import BankAccount, OrderFile, Statement
from bitrix24.models import Mirrored
from claims.services import attach, comment
from claims_crm.models import Company
from jobs.models import Job
from notifications.models import Notice
from notifications.services import add_task, sweep
from payments.services import settle
from register.models import RegisterImport

from .factories import UserFactory, accountant, administrator, claim_with_payments, specialist
from .pages import PAGES, PARTS

pytestmark = pytest.mark.django_db

EVERYONE = {Role.SPECIALIST, Role.ACCOUNTANT, Role.ADMINISTRATOR}
SPECIALISTS = {Role.SPECIALIST, Role.ADMINISTRATOR}
ACCOUNTANTS = {Role.ACCOUNTANT, Role.ADMINISTRATOR}


@dataclass(frozen=True)
class Door:
    """Who gets past it. `of` names the row in the address, if it belongs to a claim (then a stranger's is 404)."""

    method: str
    roles: set[Role]
    of: str = ""
    public: bool = False
    sends: tuple[str, ...] = ()

    def data(self, world: "World") -> dict[str, int]:
        return {name: world.ids[self.of][name] for name in self.sends}


DOORS = {
    "login": Door("get", EVERYONE, public=True),
    "sign_in_code": Door("get", EVERYONE, public=True),
    "password_forgotten": Door("get", EVERYONE, public=True),
    "password_sent": Door("get", EVERYONE, public=True),
    "password_new": Door("get", EVERYONE, public=True),
    "password_done": Door("get", EVERYONE, public=True),
    "logout": Door("post", EVERYONE, public=True),
    "accounts:profile": Door("get", EVERYONE),
    "accounts:password": Door("get", EVERYONE),
    "accounts:two_factor_on": Door("get", EVERYONE),
    "accounts:two_factor_off": Door("get", EVERYONE),
    "accounts:recovery_codes": Door("get", EVERYONE),
    "accounts:language": Door("post", EVERYONE),
    "accounts:theme": Door("post", EVERYONE),
    "accounts:mail": Door("post", EVERYONE),
    "accounts:new_token": Door("get", EVERYONE),
    "accounts:revoke_token": Door("post", set(), "token"),
    "accounts:sign_out_others": Door("post", EVERYONE),
    "accounts:sign_out": Door("post", set(), "device"),
    "invite": Door("get", {Role.ADMINISTRATOR}),
    "invite_again": Door("post", {Role.ADMINISTRATOR}, "person"),
    "jobs:detail": Door("get", set(), "job"),
    "jobs:result": Door("get", set(), "job"),
    "jobs:stop": Door("post", set(), "job"),
    "views:save": Door("post", EVERYONE),
    "views:remove": Door("post", set(), "view"),
    "claims:list": Door("get", EVERYONE),
    "claims:board": Door("get", EVERYONE),
    "claims:move_on_board": Door("post", SPECIALISTS, "claim"),
    "claims:columns": Door("post", EVERYONE),
    "claims:export": Door("post", EVERYONE),
    "claims:reassign": Door("get", SPECIALISTS),
    "claims:create": Door("get", SPECIALISTS),
    "claims:answer_by": Door("get", SPECIALISTS),
    "claims:clients": Door("get", SPECIALISTS),
    "claims:client_fields": Door("get", SPECIALISTS),
    "claims:detail": Door("get", EVERYONE, "claim"),
    "claims:changes": Door("get", EVERYONE, "claim"),
    "claims:history": Door("get", EVERYONE, "claim"),
    "claims:comment": Door("post", EVERYONE, "claim"),
    "claims:edit_comment": Door("get", set(), "claim"),
    "claims:move": Door("post", SPECIALISTS, "claim", sends=("stage",)),
    "claims:reason": Door("get", SPECIALISTS, "claim"),
    "claims:edit": Door("get", SPECIALISTS, "claim"),
    "claims:edit_client": Door("get", SPECIALISTS, "claim"),
    "claims:files": Door("get", EVERYONE, "claim"),
    "claims:download": Door("get", EVERYONE, "claim"),
    "claims:preview": Door("get", EVERYONE, "claim"),
    "claims:show_file": Door("get", EVERYONE, "claim"),
    "claims:remove_file": Door("post", {Role.ADMINISTRATOR}, "claim"),
    "payments:search": Door("get", EVERYONE),
    "payments:worklist": Door("get", EVERYONE),
    "payments:changes": Door("get", EVERYONE),
    "payments:calendar": Door("get", EVERYONE),
    "payments:settle_many": Door("post", ACCOUNTANTS, "payment"),
    "payments:settle_all": Door("get", ACCOUNTANTS),
    "payments:export": Door("post", EVERYONE),
    "payments:reschedule_all": Door("get", EVERYONE),
    "payments:undo": Door("post", ACCOUNTANTS, "payment"),
    "payments:reschedule": Door("get", EVERYONE, "payment"),
    "payments:settle": Door("post", ACCOUNTANTS, "payment"),
    "payments:pay": Door("get", ACCOUNTANTS, "payment"),
    "payments:reopen": Door("get", ACCOUNTANTS, "payment"),
    "payments:edit": Door("post", EVERYONE, "payment"),
    "payments:move": Door("post", EVERYONE, "payment"),
    "payments:split": Door("get", SPECIALISTS, "payment"),
    "payments:cancel": Door("get", SPECIALISTS, "payment"),
    "payments:claim": Door("get", EVERYONE, "claim"),
    "payments:add": Door("get", SPECIALISTS, "claim"),
    "payments:mend": Door("post", SPECIALISTS, "claim"),
    "payments:first_schedule": Door("get", SPECIALISTS),
    "payments:builder": Door("get", SPECIALISTS, "claim"),
    "payments:preview": Door("get", SPECIALISTS, "claim"),
    "reports:page": Door("get", EVERYONE),
    "reports:excel_of_all": Door("get", EVERYONE),
    "reports:report": Door("get", EVERYONE),
    "reports:excel": Door("get", EVERYONE),
    "reports:rows": Door("get", EVERYONE),
    "reports:excel_of_rows": Door("post", EVERYONE),
    "home": Door("get", EVERYONE),
    "dashboard:answered": Door("post", SPECIALISTS, "claim"),
    "dashboard:hide_first_steps": Door("post", EVERYONE),
    "dashboard:remind": Door("post", EVERYONE, "payment"),
    "notifications:tasks": Door("get", EVERYONE),
    "notifications:add": Door("get", EVERYONE),
    "notifications:suggest": Door("get", EVERYONE),
    "notifications:task": Door("get", EVERYONE, "task"),
    "notifications:complete": Door("post", SPECIALISTS, "task"),
    "notifications:tick": Door("post", SPECIALISTS, "task"),
    "notifications:undo": Door("post", EVERYONE, "task"),
    "notifications:claim_tasks": Door("get", EVERYONE, "claim"),
    "notifications:claim_add": Door("get", EVERYONE, "claim"),
    "notifications:notices": Door("get", EVERYONE),
    "notifications:bell": Door("get", EVERYONE),
    "notifications:count": Door("get", EVERYONE, public=True),
    "notifications:read_all": Door("post", EVERYONE),
    "notifications:follow": Door("get", set(), "notice"),
    "orders:list": Door("get", ACCOUNTANTS),
    "orders:send": Door("get", ACCOUNTANTS, "payment"),
    "orders:detail": Door("get", ACCOUNTANTS, "orders"),
    "orders:download": Door("get", ACCOUNTANTS, "orders"),
    "orders:approve": Door("post", ACCOUNTANTS, "orders"),
    "orders:withdraw": Door("post", ACCOUNTANTS, "orders"),
    "statements:list": Door("get", ACCOUNTANTS),
    "statements:detail": Door("get", ACCOUNTANTS, "statement"),
    "statements:lines": Door("get", ACCOUNTANTS, "statement"),
    "statements:read": Door("post", ACCOUNTANTS, "statement"),
    "statements:rematch": Door("post", ACCOUNTANTS, "statement"),
    "statements:agree_all": Door("post", ACCOUNTANTS, "statement"),
    "statements:post": Door("post", ACCOUNTANTS, "statement"),
    "statements:undo": Door("get", ACCOUNTANTS, "statement"),
    "statements:discard": Door("post", ACCOUNTANTS, "statement"),
    "statements:agree": Door("post", ACCOUNTANTS, "line"),
    "statements:drop": Door("post", ACCOUNTANTS, "line"),
    "statements:choose": Door("get", ACCOUNTANTS, "line"),
    "statements:ignore": Door("post", ACCOUNTANTS, "line"),
    "statements:confirm_same": Door("post", ACCOUNTANTS, "line"),
    "statements:accept_return": Door("post", ACCOUNTANTS, "line"),
    "statements:undo_line": Door("get", ACCOUNTANTS, "line"),
    "register:list": Door("get", SPECIALISTS),
    "register:template": Door("get", SPECIALISTS),
    "register:detail": Door("get", SPECIALISTS, "import"),
    "register:rows": Door("get", SPECIALISTS, "import"),
    "register:columns": Door("post", SPECIALISTS, "import"),
    "register:answer": Door("post", SPECIALISTS, "import"),
    "register:decide": Door("post", SPECIALISTS, "import"),
    "register:start": Door("post", SPECIALISTS, "import"),
    "register:undo": Door("post", SPECIALISTS, "import"),
    "register:discard": Door("post", SPECIALISTS, "import"),
    "bitrix24:status": Door("get", {Role.ADMINISTRATOR}),
    "bitrix24:again": Door("post", {Role.ADMINISTRATOR}, "mirrored"),
    "bitrix24:events": Door("post", set(), public=True),
    "register:refused": Door("get", SPECIALISTS, "import"),
}


@dataclass
class World:
    """A claim of one specialist with everything an address may name."""

    owner: User
    ids: dict[str, dict[str, int | str | uuid.UUID]]


@pytest.fixture
def world() -> World:
    owner, payer = specialist(username="owner"), accountant(username="payer")
    claim = claim_with_payments(
        "1000", "1000", first_due_on=date(2020, 1, 31), specialist=owner, accountant=payer, agreed_amount=Decimal(2000)
    )
    planned, paid = claim.payments.in_order()
    settle(paid, by=payer)
    sweep()
    attachment = attach(claim, by=owner, file=SimpleUploadedFile("act.pdf", b"act"))
    entry = comment(claim, by=payer, text="@owner look")
    task = add_task(claim, by=owner, title="Call")
    task.checklist = [{"ru": "Раз", "en": "One", "done": False}]
    task.save()
    stage = claim.pipeline.stages.get(kind="closed")
    of_claim = {"pk": claim.pk, "stage": stage.pk, "file": attachment.pk, "entry": entry.pk}
    statement = Statement.objects.create(name="kl_to_1c.txt", digest="0")
    line = statement.lines.create(
        fingerprint="0", row=1, direction="out", dated=date(2020, 1, 31), posted_on=date(2020, 1, 31), amount=1000
    )
    bank_account = BankAccount.objects.create(holder="Rigel", number="40702810400000004583", bic="044525225")
    orders = OrderFile.objects.create(number=1, account=bank_account, made_by=payer)
    orders.orders.create(number=1, dated=date(2020, 1, 31), amount=1000, payment=planned)
    return World(
        owner,
        {
            "": {"key": "months", "uidb64": "MQ", "token": "none"},
            "claim": of_claim,
            "payment": {"pk": planned.pk},
            "task": {"pk": task.pk, "position": 0},
            "import": {"pk": RegisterImport.objects.create(name="register.xlsx", uploaded_by=owner).pk, "row": 1},
            "orders": {"pk": orders.pk},
            "statement": {"pk": statement.pk},
            "line": {"pk": line.pk},
            "job": {"pk": Job.objects.create(kind="none", owner=owner, language="ru").pk},
            "view": {"pk": SavedView.objects.create(owner=owner, page="claims:list", name="Late", is_shared=True).pk},
            "person": {"pk": payer.pk},
            "mirrored": {"pk": Mirrored.objects.create(kind="claim", local_id=claim.pk, claim_id=claim.pk).pk},
            "token": {"pk": create_token(owner, name="site")[0].pk},
            "device": {"device": device_of(owner)},
            "notice": {"pk": Notice.objects.filter(user=owner).latest("pk").pk},
        },
    )


def device_of(user: User) -> uuid.UUID:
    Client().force_login(user)
    return Session.objects.get(user=user).device


def names(patterns: list, namespace: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            # The admin asks by itself; the API has a table of its own, tests/api/test_rights.py.
            if pattern.namespace not in ("admin", "api"):
                yield from names(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else namespace)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield f"{namespace}{pattern.name}"


def knock_at_all(world: World, user: User | None, doors: dict[str, Door] = DOORS) -> dict[str, int]:
    """Return the status of each address; what a request changed is rolled back before the next."""
    statuses = {}
    signed_in = Client()
    if user is not None:
        signed_in.force_login(user)
    for name, door in doors.items():
        with transaction.atomic():
            client = Client(raise_request_exception=False)
            client.cookies = signed_in.cookies.copy()
            statuses[name] = getattr(client, door.method)(address(name, door, world), door.data(world)).status_code
            transaction.set_rollback(True)
    return statuses


def address(name: str, door: Door, world: World) -> str:
    ids = world.ids[door.of]
    wanted = next(kwargs for kwargs in parameters(name) if set(kwargs) <= set(ids))
    path = reverse(name, kwargs={key: ids[key] for key in wanted})
    many = door.of == "payment" and not wanted
    return f"{path}?payment={ids['pk']}" if many else path


def parameters(name: str) -> list[list[str]]:
    resolver = get_resolver()
    namespace, _, bare = name.rpartition(":")
    for part in filter(None, namespace.split(":")):
        resolver = resolver.namespace_dict[part][1]
    return [found[0][0][1] for found in resolver.reverse_dict.getlist(bare)]


def someone(role: Role) -> User:
    return administrator() if role is Role.ADMINISTRATOR else UserFactory(role=role)


def test_every_address_has_a_rule():
    assert set(names(get_resolver().url_patterns)) == set(DOORS)


def test_nobody_gets_in_without_signing_in(world):
    statuses = knock_at_all(world, None)
    assert not {
        name: status
        for name, status in statuses.items()
        if status not in ({200, 204, 302, 401, 403} if DOORS[name].public else {302})
    }


def test_every_page_is_walked_in_a_browser():
    """What answers to GET stands in tests/pages.py: as a page, or as what is none."""
    readable = {name for name, door in DOORS.items() if door.method == "get"}
    assert readable == {page.name for page in PAGES if page.name in DOORS} | PARTS


@pytest.mark.parametrize("role", list(Role))
def test_a_role_gets_past_its_own_doors_only(role, world):
    user = someone(role)
    statuses = knock_at_all(world, user)
    assert not {
        name: status
        for name, status in statuses.items()
        if (status in {403, 404} or status >= 500) == (role in DOORS[name].roles)
    }


def test_what_one_may_not_see_is_not_there(world):
    Company.objects.update_or_create(pk=1, defaults={"specialists_see": Company.Sees.OWN})
    Company.invalidate()
    stranger = specialist(username="stranger")
    statuses = knock_at_all(world, stranger, {name: door for name, door in DOORS.items() if door.of})
    assert not {
        name: status
        for name, status in statuses.items()
        if status != 404 and (status != 403 or Role.SPECIALIST in DOORS[name].roles)
    }
