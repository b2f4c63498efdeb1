from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.roles import Role
from claims.models import Claim, Pipeline, Stage, TimelineEntry
from claims_crm import days
from claims_crm.db.bilingual import localized
from claims_crm.db.cached_model import CachedModel, CachedQuerySet
from claims_crm.money import format_money
from jobs.models import Job
from payments.models import Payment

from .querysets import NoticeQuerySet, TaskQuerySet

ROLES = [
    (Role.ACCOUNTANT.value, _("accountant")),
    (Role.SPECIALIST.value, _("specialist")),
]
PLACEHOLDER = re.compile(r"\{(\w+)\}")
PLACEHOLDERS = {"claim", "client", "amount", "due"}


def check_placeholders(text: str) -> None:
    """Raise ValidationError for a placeholder that titles do not have."""
    unknown = set(PLACEHOLDER.findall(text)) - PLACEHOLDERS
    if unknown:
        raise ValidationError(
            _("Unknown: %(unknown)s. Allowed: {claim}, {client}, {amount}, {due}."),
            params={"unknown": ", ".join(f"{{{name}}}" for name in sorted(unknown))},
        )


class TaskRule(CachedModel):
    """A task that a funnel raises automatically: when, for which role and with what text."""

    class Trigger(models.TextChoices):
        PAYMENT_DUE = "payment_due", _("a payment's deadline comes")
        ALL_PAID = "all_paid", _("all of the claim is paid")
        UNDER_SCHEDULED = (
            "under_scheduled",
            _("all that is scheduled is paid, but not all that is agreed"),
        )
        STAGE_ENTERED = "stage_entered", _("a stage is entered")

    pipeline = models.ForeignKey(
        Pipeline,
        verbose_name=_("funnel"),
        on_delete=models.CASCADE,
        related_name="rules",
    )
    trigger = models.CharField(_("when"), max_length=15, choices=Trigger)
    stage = models.ForeignKey(
        Stage,
        verbose_name=_("stage"),
        on_delete=models.CASCADE,
        related_name="rules",
        null=True,
        blank=True,
    )
    role = models.CharField(_("on whom"), max_length=14, choices=ROLES)
    lead_working_days = models.PositiveSmallIntegerField(
        _("working days ahead"),
        default=0,
        validators=[MaxValueValidator(60)],
        help_text=_("For a deadline: how many working days before it the task is raised."),
    )
    due_in_working_days = models.PositiveSmallIntegerField(
        _("working days to do it"),
        default=3,
        validators=[MaxValueValidator(60)],
        help_text=_("For the other triggers: the deadline of the task itself."),
    )
    title_ru = models.CharField(
        _("title in Russian"),
        max_length=200,
        validators=[check_placeholders],
        help_text=_("May contain {claim}, {client}, {amount}, {due}."),
    )
    title_en = models.CharField(
        _("title in English"),
        max_length=200,
        blank=True,
        validators=[check_placeholders],
    )
    checklist_ru = models.TextField(_("checklist in Russian"), blank=True, help_text=_("One item per line."))
    checklist_en = models.TextField(_("checklist in English"), blank=True, help_text=_("The same items, in order."))
    is_active = models.BooleanField(_("active"), default=True)

    objects = CachedQuerySet.as_manager()

    class Meta:
        verbose_name = _("task rule")
        verbose_name_plural = _("task rules")
        ordering = ["pipeline", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["pipeline", "trigger"],
                condition=~Q(trigger="stage_entered"),
                name="task_rule_once",
            ),
            models.CheckConstraint(
                condition=Q(trigger="stage_entered", stage__isnull=False)
                | (~Q(trigger="stage_entered") & Q(stage__isnull=True)),
                name="task_rule_stage_where_entered",
            ),
        ]

    def __str__(self) -> str:
        return localized(ru=self.title_ru, en=self.title_en)

    @classmethod
    def load(cls) -> list[TaskRule]:
        """Return the active rules. Threads share them: read their own fields only."""
        return list(cls.objects.filter(is_active=True).order_by("pk"))

    def clean(self) -> None:
        if (self.trigger == self.Trigger.STAGE_ENTERED) != (self.stage is not None):
            raise ValidationError({"stage": _("A stage goes with “a stage is entered”, and only with it.")})
        if self.stage is not None and self.stage.pipeline_id != self.pipeline_id:
            raise ValidationError({"stage": _("This stage is of another funnel.")})
        if self.checklist_en and len(_lines(self.checklist_ru)) != len(_lines(self.checklist_en)):
            raise ValidationError({"checklist_en": _("Enter as many items as in Russian.")})

    def checklist(self) -> list[dict[str, Any]]:
        """Return the items in the form of `Task.checklist`, all unticked."""
        russian, english = _lines(self.checklist_ru), _lines(self.checklist_en)
        english = english or russian
        return [{"ru": ru, "en": en, "done": False} for ru, en in zip(russian, english, strict=False)]


class Task(models.Model):
    """Something to do for a claim by the end of `due_on` (a company day).

    The title is stored as a template in both languages and filled in when it is shown, from the claim and the payment
    as they are then. At most one open task per (payment, kind), and one open completion and one open scheduling task
    per claim: unique constraints hold this.
    """

    class Kind(models.TextChoices):
        PAY = "pay", _("pay")
        COMPLETE = "complete", _("complete the claim")
        SCHEDULE = "schedule", _("schedule the rest")
        MANUAL = "manual", _("to do")

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        DONE = "done", _("done")
        CANCELLED = "cancelled", _("withdrawn")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.MANUAL)
    claim = models.ForeignKey(
        Claim,
        verbose_name=_("claim"),
        on_delete=models.CASCADE,
        related_name="tasks",
        db_index=False,
    )
    payment = models.ForeignKey(
        Payment,
        verbose_name=_("payment"),
        on_delete=models.CASCADE,
        related_name="tasks",
        null=True,
        blank=True,
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("on whom"),
        on_delete=models.PROTECT,
        related_name="tasks",
        null=True,
        blank=True,
    )
    role = models.CharField(
        max_length=14,
        choices=ROLES,
        blank=True,
        help_text=_("Whose task it is while unassigned."),
    )
    title_ru = models.CharField(_("title"), max_length=200)
    title_en = models.CharField(max_length=200, blank=True)
    checklist = models.JSONField(default=list, blank=True)
    due_on = models.DateField(_("due date"))
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.OPEN)
    completed_at = models.DateTimeField(_("done at"), null=True, blank=True)
    completed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering = ["due_on", "pk"]
        default_permissions = ("view", "add")
        constraints = [
            models.UniqueConstraint(
                fields=["payment", "kind"],
                condition=Q(status="open", payment__isnull=False),
                name="task_one_per_payment",
            ),
            models.UniqueConstraint(
                fields=["claim", "kind"],
                condition=Q(status="open", kind__in=["complete", "schedule"]),
                name="task_one_per_claim",
            ),
            models.CheckConstraint(
                condition=Q(kind="pay", payment__isnull=False) | (~Q(kind="pay") & Q(payment__isnull=True)),
                name="task_pay_has_payment",
            ),
            models.CheckConstraint(
                condition=Q(status="open", completed_at__isnull=True)
                | (~Q(status="open") & Q(completed_at__isnull=False)),
                name="task_ended_has_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["assignee", "due_on", "id"],
                name="task_open_of_user",
                condition=Q(status="open"),
            ),
            models.Index(fields=["claim", "id"], name="task_of_claim"),
            models.Index(
                fields=["-completed_at"],
                name="task_done_lately",
                condition=Q(status="done"),
            ),
            models.Index(
                fields=["completed_by", "-completed_at"],
                name="task_done_lately_by",
                condition=Q(status="done", completed_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The title in the reader's language, with the sums and dates as they are now."""
        facts = {
            "claim": self.claim.number,
            "client": self.claim.client.name,
            "amount": format_money(self.payment.amount, self.claim.currency) if self.payment else "",
            "due": f"{self.due_on:%d.%m.%Y}",
        }
        return PLACEHOLDER.sub(
            lambda match: facts.get(match[1], match[0]),
            localized(ru=self.title_ru, en=self.title_en),
        )

    @property
    def items(self) -> list[dict[str, Any]]:
        """The checklist in the reader's language: [{"text", "done"}]."""
        return [{"text": localized(ru=item["ru"], en=item["en"]), "done": item["done"]} for item in self.checklist]

    @property
    def done_count(self) -> int:
        return sum(item["done"] for item in self.checklist)

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.OPEN

    @property
    def is_overdue(self) -> bool:
        return self.is_open and self.due_on < days.today()


class Notice(models.Model):
    """A message to a user: in the bell, and by mail if they chose so. `key` is unique per user, so it comes once."""

    class Kind(models.TextChoices):
        TASK_RAISED = "task_raised", _("a new task for me")
        PAYMENT_OVERDUE = "payment_overdue", _("a payment is overdue")
        CLAIM_SETTLED = "claim_settled", _("a claim is paid in full")
        MENTION = "mention", _("I am mentioned")
        DIGEST = "digest", _("morning digest")
        JOB_ENDED = "job_ended", _("a background job has finished")
        TROUBLE = "trouble", _("something needs an administrator")

    class Mail(models.TextChoices):
        NONE = "none", _("not by mail")
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="notices",
        db_index=False,
    )
    kind = models.CharField(max_length=15, choices=Kind)
    key = models.CharField(max_length=80)
    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="+", null=True)
    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, related_name="+", null=True)
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="+", null=True)
    entry = models.ForeignKey(TimelineEntry, on_delete=models.CASCADE, related_name="+", null=True)
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="+", null=True)
    data = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)

    mail = models.CharField(max_length=7, choices=Mail, default=Mail.NONE)
    mail_attempts = models.PositiveSmallIntegerField(default=0)
    mail_not_before = models.DateTimeField(default=timezone.now)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-pk"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="notice_once")]
        indexes = [
            models.Index(
                fields=["user", "-id"],
                name="notice_unread",
                condition=Q(read_at__isnull=True),
            ),
            models.Index(
                fields=["mail_not_before"],
                name="notice_to_mail",
                condition=Q(mail="waiting"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.key}"


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
