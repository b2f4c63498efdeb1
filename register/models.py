from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from claims.models.claims import Claim
from claims.models.pipelines import Pipeline
from jobs.lease import Lease

from .querysets import ImportRowQuerySet, RegisterImportQuerySet


def register_path(register: RegisterImport, filename: str) -> str:
    """Keep files under names of our own: what the person called it is only data."""
    return f"registers/{uuid.uuid4().hex}.xlsx"


class RegisterImport(models.Model):
    """A company's register of claims, sent as an Excel file: read, looked through, then written.

    The work is done by a worker. What is to be done is in `status`, how far it has come is in the rows: any
    worker that finds it goes on from there.
    """

    class Status(models.TextChoices):
        READING = "reading", _("is being read")
        FAILED = "failed", _("cannot be read")
        READY = "ready", _("waiting for your decision")
        IMPORTING = "importing", _("is being written")
        DONE = "done", _("written")
        UNDOING = "undoing", _("is being undone")
        UNDONE = "undone", _("undone")

    AT_WORK = (Status.READING, Status.IMPORTING, Status.UNDOING)

    file = models.FileField(_("file"), upload_to=register_path)
    name = models.CharField(_("name"), max_length=255)
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.READING)
    # What is wrong with the file, or why the last action was refused: {"reason", "facts"}, see register/issue_text.py.
    failure = models.JSONField(default=dict, blank=True)

    # How the file is read: the sheet ("": the best one) and {field: column} (none: by the names of columns).
    sheet = models.CharField(max_length=255, blank=True)
    mapping = models.JSONField(default=dict, blank=True)
    header_row = models.PositiveIntegerField(default=0)
    chosen_sheets = models.JSONField(default=list, blank=True)
    # Columns that hold sums or dates and are left out by hand, and what was answered for the whole file.
    left_out = models.JSONField(default=list, blank=True)
    answers = models.JSONField(default=dict, blank=True)
    # What was found in it; the columns are those of the first sheet chosen.
    questions = models.JSONField(default=list, blank=True)
    totals = models.JSONField(default=list, blank=True)
    unused = models.JSONField(default=list, blank=True)
    sheets = models.JSONField(default=list, blank=True)
    labels = models.JSONField(default=list, blank=True)
    examples = models.JSONField(default=list, blank=True)
    skipped = models.JSONField(default=dict, blank=True)

    # How the claims are written: {name in the register: id of the user, or None}, and what all of them get.
    people = models.JSONField(default=dict, blank=True)
    pipeline = models.ForeignKey(
        Pipeline, verbose_name=_("funnel"), on_delete=models.PROTECT, related_name="+", null=True
    )
    specialist = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("specialist"), on_delete=models.PROTECT, related_name="+", null=True
    )
    accountant = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("accountant"), on_delete=models.PROTECT, related_name="+", null=True
    )

    # Claims that the register says are paid in full go to the final stage at once.
    closes_paid = models.BooleanField(default=False)

    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    uploaded_at = models.DateTimeField(_("sent at"), auto_now_add=True)
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    imported_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    undone_at = models.DateTimeField(null=True)

    attempts = models.PositiveSmallIntegerField(default=0)
    # Until when a worker has it: see `jobs/lease.py`.
    not_before = models.DateTimeField(default=timezone.now)
    lease: Lease[RegisterImport] | None = None

    # How many rows there are of each verdict, where the query is `counted()`.
    new_count: int
    new_paid_count: int
    exists_count: int
    near_count: int
    error_count: int
    imported_count: int
    undone_count: int

    objects = RegisterImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("register import")
        verbose_name_plural = _("register imports")
        ordering = ["-pk"]
        default_permissions = ()
        permissions = [("import_register", "Can import a register")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("register:detail", args=[self.pk])

    @property
    def is_at_work(self) -> bool:
        return self.status in self.AT_WORK

    # Of rows counted by `counted()`.

    @property
    def to_write(self) -> int:
        return self.new_count + self.imported_count

    @property
    def to_undo(self) -> int:
        return self.imported_count + self.undone_count

    @property
    def new_total(self) -> int:
        """All that are or were new."""
        return self.new_count + self.imported_count + self.undone_count

    @property
    def all_count(self) -> int:
        return self.new_total + self.exists_count + self.near_count + self.error_count


class ImportRow(models.Model):
    """A claim of the register: the cells of its rows, and what was made of them."""

    class Verdict(models.TextChoices):
        NEW = "new", _("new")
        EXISTS = "exists", _("already there")
        NEAR = "near", _("looks like another")
        ERROR = "error", _("error")
        IMPORTED = "imported", _("written")
        UNDONE = "undone", _("undone")

    register = models.ForeignKey(RegisterImport, on_delete=models.CASCADE, related_name="rows")
    # Its place among the claims of all sheets, and the number of its first row in its own.
    position = models.PositiveIntegerField()
    sheet = models.CharField(max_length=255, blank=True)
    number = models.PositiveIntegerField(_("row"))
    verdict = models.CharField(max_length=8, choices=Verdict)
    claim_number = models.CharField(max_length=40, blank=True)
    # [[number of the row, [its cells]], …], see register/cell_json.py.
    cells = models.JSONField()
    facts = models.JSONField(null=True)
    is_paid_in_full = models.BooleanField(default=False)
    # [{"row", "column", "code", "value", "hint"}, …]
    errors = models.JSONField(default=list)
    notices = models.JSONField(default=list)
    # The claim it looks like, as register/near_duplicates.py tells it.
    near = models.JSONField(default=dict)
    claim = models.ForeignKey(Claim, on_delete=models.SET_NULL, related_name="+", null=True)
    # The client was not known before this row.
    new_client = models.BooleanField(default=False)

    objects = ImportRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("row of a register")
        verbose_name_plural = _("rows of a register")
        ordering = ["position"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["register", "position"], name="import_row_once")]
        indexes = [models.Index(fields=["register", "verdict", "position"], name="import_row_by_verdict")]

    def __str__(self) -> str:
        return f"{self.register_id}: {self.number}"
