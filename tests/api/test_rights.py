"""Who may do what by the API: every route, for every role, row and scope. A route without a rule here fails.

Requests are sent almost empty: what counts is that they get past the permissions (anything but 401, 403 and 404).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import ApiToken, User
from accounts.roles import Role
from accounts.tokens import create_token
from banking.models import Statement
from claims.models import Claim, Pipeline
from claims.services import attach
from claims_crm.models import Company
from notifications.models import Task
from notifications.services import sweep
from register.models import RegisterImport
from webhooks.events import Event
from webhooks.models import Delivery, Subscription

from ..factories import UserFactory, accountant, administrator, claim_with_payments, specialist

pytestmark = pytest.mark.django_db

NOBODY: set[Role] = set()
EVERYONE = set(Role)
SPECIALISTS = {Role.SPECIALIST, Role.ADMINISTRATOR}
ACCOUNTANTS = {Role.ACCOUNTANT, Role.ADMINISTRATOR}
ADMINISTRATORS = {Role.ADMINISTRATOR}

READ, WRITE, SETTLE = ApiToken.Scope.values


@dataclass(frozen=True)
class Rule:
    """Who gets past it, with a token of which scope.

    `of` names the row in the address; all rows but those of `FOR_ALL` belong to a claim, and a stranger's is 404.
    """

    roles: set[Role]
    scope: str = READ
    of: str = ""
    sends: tuple[str, ...] = ()
    # A token of this scope gets as far as to look what row it is.
    looks: str = ""
    # Nobody else gets as far as to ask for a row.
    closed: bool = False


FOR_ALL = {"", "user", "pipeline", "stage", "webhook", "message", "statement"}

RULES = {
    "GET root": Rule(EVERYONE),
    "GET user-list": Rule(EVERYONE),
    "GET user-detail": Rule(EVERYONE, of="user"),
    "GET client-list": Rule(EVERYONE),
    "POST client-list": Rule(SPECIALISTS, WRITE),
    "GET client-detail": Rule(EVERYONE, of="client"),
    "PATCH client-detail": Rule(SPECIALISTS, WRITE, of="client"),
    "GET pipeline-list": Rule(EVERYONE),
    "GET pipeline-detail": Rule(EVERYONE, of="pipeline"),
    "GET stage-list": Rule(EVERYONE),
    "GET stage-detail": Rule(EVERYONE, of="stage"),
    "GET claim-list": Rule(EVERYONE),
    "POST claim-list": Rule(SPECIALISTS, WRITE),
    "GET claim-detail": Rule(EVERYONE, of="claim"),
    "PATCH claim-detail": Rule(SPECIALISTS, WRITE, of="claim"),
    "POST claim-move": Rule(SPECIALISTS, WRITE, of="claim", sends=("stage",)),
    "POST claim-comments": Rule(EVERYONE, WRITE, of="claim"),
    "GET claim-timeline": Rule(EVERYONE, of="claim"),
    "GET claim-files": Rule(EVERYONE, of="claim"),
    "POST claim-files": Rule(EVERYONE, WRITE, of="claim"),
    "GET claim-file": Rule(EVERYONE, of="claim"),
    "DELETE claim-file": Rule(SPECIALISTS, WRITE, of="claim"),
    "POST claim-schedule": Rule(SPECIALISTS, WRITE, of="claim"),
    "GET payment-list": Rule(EVERYONE),
    "POST payment-list": Rule(SPECIALISTS, WRITE),
    "GET payment-detail": Rule(EVERYONE, of="payment"),
    "PATCH payment-detail": Rule(EVERYONE, WRITE, of="payment"),
    "DELETE payment-detail": Rule(SPECIALISTS, WRITE, of="payment"),
    "POST payment-settle": Rule(ACCOUNTANTS, SETTLE, of="payment"),
    "POST payment-settle-many": Rule(ACCOUNTANTS, SETTLE),
    "POST payment-reopen": Rule(ACCOUNTANTS, SETTLE, of="payment"),
    "GET summary": Rule(EVERYONE),
    "POST penalty-calculate": Rule(EVERYONE),
    "GET task-list": Rule(EVERYONE),
    "POST task-list": Rule(EVERYONE, WRITE),
    "GET task-detail": Rule(EVERYONE, of="task"),
    "GET import-list": Rule(SPECIALISTS),
    "POST import-list": Rule(SPECIALISTS, WRITE),
    "GET import-detail": Rule(SPECIALISTS, of="import", closed=True),
    "PATCH import-detail": Rule(SPECIALISTS, WRITE, of="import", closed=True),
    "DELETE import-detail": Rule(SPECIALISTS, WRITE, of="import", closed=True),
    "GET import-preview": Rule(SPECIALISTS, of="import", closed=True),
    "POST import-confirm": Rule(SPECIALISTS, WRITE, of="import", closed=True),
    "POST import-undo": Rule(SPECIALISTS, WRITE, of="import", closed=True),
    "GET statement-list": Rule(ACCOUNTANTS),
    "POST statement-list": Rule(ACCOUNTANTS, SETTLE),
    "GET statement-detail": Rule(ACCOUNTANTS, of="statement", closed=True),
    "GET statement-lines": Rule(ACCOUNTANTS, of="statement", closed=True),
    "POST statement-find": Rule(ACCOUNTANTS, SETTLE, of="statement", closed=True),
    "POST statement-post-all": Rule(ACCOUNTANTS, SETTLE, of="statement", closed=True),
    "POST statement-undo": Rule(ACCOUNTANTS, SETTLE, of="statement", closed=True),
    "GET webhook-list": Rule(ADMINISTRATORS),
    "POST webhook-list": Rule(ADMINISTRATORS, WRITE),
    "GET webhook-detail": Rule(ADMINISTRATORS, of="webhook", closed=True),
    "PATCH webhook-detail": Rule(ADMINISTRATORS, WRITE, of="webhook", closed=True),
    "POST webhook-renew-secret": Rule(ADMINISTRATORS, WRITE, of="webhook", closed=True),
    "GET webhook_message-list": Rule(ADMINISTRATORS),
    "GET webhook_message-detail": Rule(ADMINISTRATORS, of="message", closed=True),
    "POST webhook_message-send-again": Rule(ADMINISTRATORS, WRITE, of="message", closed=True),
    # The task is one to pay.
    "PATCH task-detail": Rule(ACCOUNTANTS, WRITE, of="task"),
    "POST task-complete": Rule(ACCOUNTANTS, SETTLE, of="task", looks=WRITE),
}

METHODS = ("get", "post", "patch", "delete")


def routes(patterns: list, inside: bool = False) -> Iterator[tuple[str, str]]:
    """Give (method, name) of every address of the API."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, inside or pattern.namespace == "api")
        elif inside and isinstance(pattern, URLPattern) and hasattr(pattern.callback, "cls"):
            actions = getattr(pattern.callback, "actions", None)
            for method in actions or [name for name in METHODS if hasattr(pattern.callback.cls, name)]:
                if method != "head":
                    yield method.upper(), pattern.name


@dataclass
class World:
    """What an address may name: of the asking specialist's own claim, of a stranger's, and what is not there."""

    asks: dict[Role | None, User]
    rows: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)


@pytest.fixture
def world() -> World:
    Company.objects.update_or_create(pk=1, defaults={"specialists_see": Company.Sees.OWN})
    Company.invalidate()
    asks = {
        Role.SPECIALIST: specialist(),
        Role.ACCOUNTANT: accountant(),
        Role.ADMINISTRATOR: administrator(),
        None: UserFactory(),
    }
    claims = {
        "own": some_claim(specialist=asks[Role.SPECIALIST], accountant=asks[Role.ACCOUNTANT]),
        "other's": some_claim(specialist=specialist(), accountant=asks[Role.ACCOUNTANT]),
    }
    sweep()
    return World(asks, {whose: ids_of(claim, asks[Role.SPECIALIST]) for whose, claim in claims.items()} | {"none": {}})


def some_claim(**people: User) -> Claim:
    return claim_with_payments("1000", "1000", first_due_on=date(2020, 1, 31), **people)


def ids_of(claim: Claim, uploader: User) -> dict[str, dict[str, int]]:
    file = attach(claim, by=uploader, file=SimpleUploadedFile("act.txt", b"act"))
    payment = claim.payments.in_order().first()
    pipeline = Pipeline.objects.first()
    webhook = Subscription.objects.create(name="1С", url="https://example.org/", events=Event.values)
    message = Delivery.objects.create(subscription=webhook, claim=claim, event=Event.CLAIM_CREATED, facts={})
    return {
        "": {},
        "claim": {"pk": claim.pk, "file": file.pk, "stage": pipeline.stages.all()[1].pk},
        "payment": {"pk": payment.pk},
        "task": {"pk": Task.objects.get(payment=payment).pk},
        "client": {"pk": claim.client_id},
        "user": {"pk": uploader.pk},
        "pipeline": {"pk": pipeline.pk},
        "stage": {"pk": pipeline.first_stage().pk},
        "import": {"pk": RegisterImport.objects.create(name="r.xlsx", uploaded_by=claim.specialist).pk},
        "statement": {"pk": Statement.objects.create(name="kl_to_1c.txt", digest=str(claim.pk)).pk},
        "webhook": {"pk": webhook.pk},
        "message": {"pk": message.pk},
    }


def knock(name: str, world: World, token: str, whose: str) -> int:
    """Return the status of a route; what the request changed is rolled back."""
    rule, (method, route) = RULES[name], name.split()
    ids = world.rows[whose].get(rule.of) or {"pk": 10**9, "file": 10**9, "stage": world.rows["own"]["stage"]["pk"]}
    wanted = {} if not rule.of else {"pk": ids["pk"]} | ({"file": ids["file"]} if route == "claim-file" else {})
    with transaction.atomic():
        client = Client(raise_request_exception=False, headers={"authorization": f"Bearer {token}"})
        sent = {part: ids[part] for part in rule.sends}
        kind = (
            {}
            if method == "GET" or (method, route) == ("POST", "claim-files")
            else {"content_type": "application/json"}
        )
        status = getattr(client, method.lower())(reverse(f"api:{route}", kwargs=wanted), sent, **kind).status_code
        transaction.set_rollback(True)
    return status


def expected(rule: Rule, role: Role | None, whose: str, scopes: tuple[str, ...]) -> set[int]:
    """Return what it may be answered; an empty set is anything that got past the door."""
    is_hidden = whose == "none" or (whose == "other's" and role is Role.SPECIALIST and rule.of not in FOR_ALL)
    if {rule.scope, rule.looks}.isdisjoint(scopes):
        return {403}
    if role is None or (rule.closed and role not in rule.roles):
        return {403}
    if is_hidden:
        return {404}
    if role not in rule.roles or rule.scope not in scopes:
        return {403}
    return set()


def is_as_expected(status: int, wanted: set[int]) -> bool:
    return status in wanted if wanted else status not in {401, 403, 404} and status < 500


def test_every_route_has_a_rule():
    assert {f"{method} {name}" for method, name in routes(get_resolver().url_patterns)} == set(RULES)


def test_nobody_gets_in_without_a_token(world):
    for name, rule in RULES.items():
        method, route = name.split()
        kwargs = {"pk": 1} | ({"file": 1} if route == "claim-file" else {}) if rule.of else {}
        answer = getattr(Client(), method.lower())(reverse(f"api:{route}", kwargs=kwargs))
        assert answer.status_code == 401, name


@pytest.mark.parametrize("role", [*Role, None])
@pytest.mark.parametrize("scopes", [(READ,), (WRITE,), (SETTLE,), (READ, WRITE, SETTLE)])
def test_a_token_gets_past_the_doors_of_its_scope_and_its_users_role(role, scopes, world):
    _token, text = create_token(world.asks[role], name="tests", scopes=scopes)
    wrong = {}
    for name, rule in RULES.items():
        for whose in ("own", "other's", "none") if rule.of else ("own",):
            status = knock(name, world, text, whose)
            if not is_as_expected(status, wanted := expected(rule, role, whose, scopes)):
                wrong[name, whose] = (status, wanted or "past the door")
    assert not wrong
