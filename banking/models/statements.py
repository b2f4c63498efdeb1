from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from claims.models import Client
from claims_crm.money import MoneyField
from jobs.models import Job
from payments.models.payments import Payment

from ..querysets import MatchQuerySet, StatementLineQuerySet, StatementQuerySet


def statement_path(statement: Statement, filename: str) -> str:
    """Keep files under names of our own: what the person called it is only data."""
    return f"statements/{uuid.uuid4().hex}"


class Statement(models.Model):
    """A bank's file: what moved on our accounts. Nothing of it is posted before a person's word.

    Reading, posting and undoing are a worker's, in `job`; how far it has come stands in the lines and matches.
    """

    class State(models.TextChoices):
        """How it stands with the file: told by its rows, stored nowhere."""

        WORKING = "working", _("In work")
        FAILED = "failed", _("Cannot be read")
        READY = "ready", _("Waits for your word")
        DONE = "done", _("Posted")
        UNDONE = "undone", _("Undone")
        SEEN = "seen", _("Looked through")

    file = models.FileField(_("file"), upload_to=statement_path)
    name = models.CharField(_("name"), max_length=255)
    # Of the file's content: the same file is one statement, however often it is sent.
    digest = models.CharField(max_length=64, unique=True)
    file_format = models.CharField(max_length=4, blank=True)
    accounts = models.JSONField(default=list)
    first_day = models.DateField(_("from"), null=True)
    last_day = models.DateField(_("to"), null=True)
    # [{"row", "column", "facts"}, …] and {"reason", "facts"}, see formats/fault_text.py.
    faults = models.JSONField(default=list)
    failure = models.JSONField(default=dict)
    # [{"account", "code", "stated", "found"}, …]: totals the file states beside what its lines come to.
    balances = models.JSONField(default=list)
    # Lines that another statement had brought before.
    known_count = models.PositiveIntegerField(default=0)

    job = models.ForeignKey(Job, on_delete=models.SET_NULL, related_name="+", null=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    uploaded_at = models.DateTimeField(_("sent at"), auto_now_add=True)
    read_at = models.DateTimeField(null=True)
    posted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    posted_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    undone_at = models.DateTimeField(null=True)

    objects = StatementQuerySet.as_manager()

    # Where the query is `counted()`.
    posted_count: int
    undecided_count: int

    class Meta:
        verbose_name = _("bank statement")
        verbose_name_plural = _("bank statements")
        ordering = ["-pk"]
        default_permissions = ()
        permissions = [("post_statement", "Can read and post bank statements")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("statements:detail", args=[self.pk])

    @property
    def is_at_work(self) -> bool:
        return self.job is not None and self.job.is_waiting

    @property
    def state(self) -> State:
        """How it stands, where the query is `counted()`."""
        if self.is_at_work:
            return self.State.WORKING
        if self.failure:
            return self.State.FAILED
        if self.undone_at and not self.posted_count:
            return self.State.UNDONE
        if self.undecided_count:
            return self.State.READY
        return self.State.DONE if self.posted_count else self.State.SEEN


class StatementLine(models.Model):
    """A movement of money on an account of ours. The same one in two files is one line: `statement` is the file it is
    looked through in, `also_in` are the others that hold it.
    """

    class Verdict(models.TextChoices):
        CERTAIN = "certain", _("certain")
        PROBABLE = "probable", _("probable")
        AMBIGUOUS = "several", _("several possible")
        NONE = "none", _("not found")
        PAID = "paid", _("already paid: seen in the bank")
        RETURNED = "returned", _("returned payment")
        UNEXECUTED = "unexecuted", _("not executed yet")

    class Direction(models.TextChoices):
        OUT = "out", _("paid")
        IN = "in", _("received")
        OWN = "own", _("between own accounts")

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="lines")
    # Of what makes the movement itself, and which of truly equal ones it is: see statements/fingerprint.py.
    fingerprint = models.CharField(max_length=64, unique=True)
    # What the document itself is, however its line is written: see statements/fingerprint.py.
    document_key = models.CharField(max_length=64, db_index=True)
    also_in = models.ManyToManyField(Statement, related_name="shared_lines")
    # A known line that this one looks like: only a person can say whether it is the same document.
    looks_like = models.ForeignKey("self", on_delete=models.SET_NULL, related_name="+", null=True)
    row = models.PositiveIntegerField(_("line"))
    direction = models.CharField(max_length=3, choices=Direction)
    account = models.CharField(max_length=34)
    number = models.CharField(_("number"), max_length=40, blank=True)
    dated = models.DateField(_("date"))
    posted_on = models.DateField(_("posted on"))
    amount = MoneyField(_("amount"))
    currency = models.CharField(max_length=3)
    # The other side: who is paid, or who has paid us.
    party_name = models.CharField(max_length=250, blank=True)
    party_account = models.CharField(max_length=34, blank=True)
    party_tax_number = models.CharField(max_length=12, blank=True)
    party_bic = models.CharField(max_length=11, blank=True)
    purpose = models.TextField(_("purpose"), blank=True)

    # Why the line must never be certain, and the bank's reason of a return: codes, see formats/statement.py.
    doubt = models.CharField(max_length=16, blank=True)
    return_code = models.CharField(max_length=4, blank=True)

    verdict = models.CharField(max_length=10, choices=Verdict, default=Verdict.NONE)
    # A sign speaks against what was found: it is not agreed with in bulk.
    is_contradicted = models.BooleanField(default=False)
    # [{"code", …facts}, …]: why it is so, see statements/reason_text.py.
    reasons = models.JSONField(default=list)
    # Received, or nothing to do with claims: shown apart, without noise.
    is_ignored = models.BooleanField(default=False)
    # A person has decided on it.
    is_decided = models.BooleanField(default=False)
    # Why the last posting passed it over: {"code", …facts}.
    refusal = models.JSONField(default=dict)

    objects = StatementLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("line of a statement")
        verbose_name_plural = _("lines of a statement")
        ordering = ["row", "pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="statement_line_amount_positive"),
        ]
        indexes = [
            models.Index(fields=["statement", "is_ignored", "verdict", "row", "id"], name="statement_line_by_verdict"),
        ]

    def __str__(self) -> str:
        return f"{self.number}, {self.dated:%d.%m.%Y}"


class Match(models.Model):
    """What of a line is for which payment: offered, chosen to be posted, posted, seen in the bank, or returned."""

    line = models.ForeignKey(StatementLine, on_delete=models.CASCADE, related_name="matches")
    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, related_name="matches")
    amount = MoneyField()
    # The payment's amount when it was matched: of another one it is not posted without a new look.
    payment_amount = MoneyField()
    is_chosen = models.BooleanField(default=False)
    posted_at = models.DateTimeField(null=True)
    # The payment was marked paid before, and this line is that paying.
    seen_in_bank_on = models.DateField(null=True)
    # An incoming line took the payment back, and it was reopened.
    returned_on = models.DateField(null=True)

    objects = MatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("match")
        verbose_name_plural = _("matches")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["line", "payment"], name="match_once"),
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte=models.F("payment_amount")), name="match_amount_in_payment"
            ),
            models.CheckConstraint(condition=Q(posted_at=None) | Q(is_chosen=True), name="match_posted_is_chosen"),
        ]
        indexes = [
            models.Index(fields=["payment"], name="match_to_post", condition=Q(is_chosen=True, posted_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.line_id} → {self.payment_id}"

    @property
    def is_posting(self) -> bool:
        """Whether it has paid its payment and that still stands: see `MatchQuerySet.posted`."""
        payment, line = self.payment, self.line
        is_same = payment.paid_on == line.posted_on and payment.document_number == line.number
        return self.posted_at is not None and payment.is_paid and is_same

    @property
    def is_partial(self) -> bool:
        return self.amount < self.payment_amount


class PayeeRule(models.Model):
    """What a person has said of a payee: whose account it is, or that it has nothing to do with claims."""

    # The account, or the name where there is none: see statements/learning.py.
    key = models.CharField(max_length=260, unique=True)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+", null=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    made_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("learnt payee")
        verbose_name_plural = _("learnt payees")
        default_permissions = ()

    def __str__(self) -> str:
        return self.key

    @property
    def is_other(self) -> bool:
        return self.client_id is None
