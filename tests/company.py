"""A company at work, for whoever looks at every page: the demo's claims, and what the demo has none of."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.test import Client, override_settings
from django.test.testcases import LiveServerThread

from accounts.models import SavedView, User
from banking.models import BankAccount, OrderFile, Statement
from banking.orders.services import make_order_file
from banking.statements.services import upload as send_statement
from claims.models import Claim
from claims.services import attach, edit_client
from claims_crm import days
from dashboard import demo
from jobs import engine as jobs
from payments.models import Payment
from register.services import carry_on, upload

from .banking.formats.files import document
from .banking.formats.files import statement as bank_file
from .browser import new_context

REGISTER = Path(settings.BASE_DIR) / "docs" / "samples" / "register.xlsx"


def set_up() -> dict[str, int | str]:
    """Let the company work up to today; return the rows that addresses of pages name."""
    demo.make_demo()
    specialist = User.objects.get(username="specialist")
    claim = Claim.objects.get(contract_number="24-117")
    attach(claim, by=specialist, file=ContentFile(b"act" * 4000, name="Акт осмотра, подписанный обеими сторонами.pdf"))
    SavedView.objects.create(
        owner=specialist, page="claims:list", name="Просроченные", query="show=overdue", is_shared=True
    )
    with REGISTER.open("rb") as register:
        read = upload(File(register, name=REGISTER.name), by=specialist)
    carry_on(read.pk)
    export = jobs.start("claims.export", by=specialist, query="", address="")
    jobs.run(export.pk)
    payments = claim.payments.in_order()
    statement = bank_statement(claim)
    orders = payment_orders(payments.planned().last())
    return {
        "claim": claim.pk,
        "unscheduled": Claim.objects.get(contract_number="24-144").pk,
        "paid": payments.paid().first().pk,
        "planned": payments.planned().first().pk,
        "pipeline": claim.pipeline_id,
        "settled": Claim.objects.get(contract_number="24-047").pk,
        "import": read.pk,
        "job": export.pk,
        "statement": statement.pk,
        "orders": orders.pk,
        "line": statement.lines.outgoing().first().pk,
        "week": f"{days.today():%G-W%V}",
    }


def bank_statement(claim: Claim) -> Statement:
    """Send and read a statement of today with a payment of the claim, a part of one, and others."""
    today, name = f"{days.today():%d.%m.%Y}", claim.client.name
    planned = claim.payments.planned().in_order().first()
    content = bank_file(
        document("458", str(planned.amount), today, Получатель1=name, НазначениеПлатежа=f"По претензии {claim.number}"),
        document("459", "10.50", today, Получатель1=name, НазначениеПлатежа=f"Часть по претензии {claim.number}"),
        document("460", "146300.00", today, Получатель1="ООО «Лесная база»", НазначениеПлатежа="Счёт 812 за брус"),
        document("461", "12 рублей", today),
    )
    accountant = User.objects.get(username="accountant")
    statement = send_statement(ContentFile(content, name="kl_to_1c.txt"), by=accountant)
    jobs.run(statement.job_id)
    return statement


def payment_orders(payment: Payment) -> OrderFile:
    """Send a payment order to an account of the client's."""
    client, accountant = payment.claim.client, User.objects.get(username="accountant")
    edit_client(
        client, by=accountant, bank_account="40817810600000000017", bank_bic="044525225", bank_name="ПАО «Банк»"
    )
    account = BankAccount.objects.create(
        holder="ООО «ФахверкДом»", number="40702810300000004583", bic="044525225", is_default=True
    )
    return make_order_file([payment], account=account, first_number=470, by=accountant)


def sign_in(username: str) -> str:
    """Return the session of someone who has signed in."""
    client = Client()
    client.force_login(User.objects.get(username=username))
    return client.cookies[settings.SESSION_COOKIE_NAME].value


class Office:
    """The company behind a server, and a browser for each of its people in each language."""

    def __init__(self, browser, url: str, rows: dict[str, int | str]) -> None:
        self.browser, self.url, self.rows = browser, url, rows
        self.contexts = {}
        self.sessions = {}

    def context(self, user: str, language: str):
        if (user, language) not in self.contexts:
            self.contexts[user, language] = self._new_context(user, language)
        return self.contexts[user, language]

    def _new_context(self, user: str, language: str):
        context = new_context(self.browser, self.url, locale=language, reduced_motion="reduce")
        if user:
            if user not in self.sessions:
                self.sessions[user] = sign_in(user)
            context.add_cookies([{"name": "sessionid", "value": self.sessions[user], "url": self.url}])
        return context

    def close(self) -> None:
        for context in self.contexts.values():
            context.close()


@contextmanager
def open_office(browser, static_files: Callable) -> Iterator[Office]:
    """Set the company up and serve its pages; `static_files` wraps the application, as Django's own handler does."""
    rows = set_up()
    server = LiveServerThread("localhost", static_handler=static_files)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    office = Office(browser, f"http://localhost:{server.port}", rows)
    try:
        with override_settings(ROOT_URLCONF="tests.failing_urls"):
            yield office
    finally:
        office.close()
        server.terminate()


def resize(tab, size: tuple[int, int]) -> None:
    tab.set_viewport_size({"width": size[0], "height": size[1]})
    tab.evaluate("() => new Promise(requestAnimationFrame)")


def wait_for_the_rest(tab) -> None:
    """Wait for what comes after the page itself, and is dimmed until then."""
    tab.locator(".htmx-request").first.wait_for(state="detached")
