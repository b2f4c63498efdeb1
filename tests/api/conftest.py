from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import ApiToken, User
from accounts.tokens import create_token
from claims_crm.api.throttling import RequestThrottle

from ..factories import accountant as an_accountant
from ..factories import claim_with_payments
from ..factories import specialist as a_specialist


class Api:
    """A program with a token of the user; addresses are below /api/v1/."""

    def __init__(self, user: User, *scopes: str) -> None:
        self.token, text = create_token(user, name="tests", scopes=scopes or ApiToken.Scope.values)
        self.client = Client(headers={"authorization": f"Bearer {text}"}, raise_request_exception=False)

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(f"/api/v1/{path}", headers=headers)

    def post(self, path: str, data: Any = None, **headers: str) -> Any:
        return self._send("post", path, data, headers)

    def patch(self, path: str, data: Any = None, **headers: str) -> Any:
        return self._send("patch", path, data, headers)

    def delete(self, path: str, **headers: str) -> Any:
        return self._send("delete", path, None, headers)

    def _send(self, method: str, path: str, data: Any, headers: dict[str, str]) -> Any:
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return getattr(self.client, method)(
            f"/api/v1/{path}", "" if data is None else data, "application/json", headers=headers
        )


@pytest.fixture
def may():
    """Friday, 15 May 2026."""
    with time_machine.travel("2026-05-15 12:00+03:00", tick=False) as clock:
        yield clock


@pytest.fixture
def accountant():
    return an_accountant()


@pytest.fixture
def specialist():
    return a_specialist()


@pytest.fixture
def accountant_api(accountant):
    """The accounting system: a token of an accountant."""
    return Api(accountant)


@pytest.fixture
def specialist_api(specialist):
    """The website's form: a token of a specialist."""
    return Api(specialist)


@pytest.fixture
def claim(may, specialist, accountant):
    """The worked example: 3 500 ₽ as 1 000 + 1 000 + 1 000 + 500, due on the last days of May to August."""
    return claim_with_payments(
        "1000", "1000", "1000", "500", first_due_on=date(2026, 5, 31), specialist=specialist, accountant=accountant
    )


@pytest.fixture
def payments(claim):
    return list(claim.payments.in_order())


@pytest.fixture(autouse=True)
def _fresh_throttle() -> None:
    """Let no test pay for what another one's user of the same number has asked."""
    RequestThrottle._used_until.clear()
