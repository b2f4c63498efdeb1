from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from claims_crm.db.bilingual import BilingualName
from claims_crm.db.cached_model import CachedModel, CachedQuerySet


class Ground(BilingualName):
    """The ground of a claim: late, quality, other; administrators may add more."""

    code = models.SlugField(
        _("code"),
        max_length=30,
        unique=True,
        help_text=_("For programs; it stays as it is."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("ground")
        verbose_name_plural = _("grounds")
        ordering = ["position", "pk"]


class Pipeline(BilingualName):
    """A funnel: its stages and the settings of its automation."""

    class Shift(models.TextChoices):
        KEEP = "keep", _("keep as agreed")
        PREVIOUS = "previous", _("move to the previous working day")
        NEXT = "next", _("move to the next working day")

    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("takes new claims"), default=True)
    number_prefix = models.CharField(
        _("prefix of claim numbers"),
        max_length=10,
        unique=True,
        help_text=_("П gives П-2026-0001. Each funnel has its own."),
    )
    currency = models.CharField(_("currency"), max_length=3, default="RUB")
    respond_within_days = models.PositiveSmallIntegerField(
        _("days to answer the client"),
        default=10,
        validators=[MaxValueValidator(365)],
        help_text=_("Calendar days from receipt. Consumer law gives 10. This is not legal advice."),
    )
    day_off_shift = models.CharField(_("a deadline on a day off"), max_length=8, choices=Shift, default=Shift.KEEP)
    starts_paying = models.BooleanField(
        _("go to paying by itself"),
        default=True,
        help_text=_("When the first payment is scheduled."),
    )
    starts_completing = models.BooleanField(
        _("go to completing by itself"),
        default=True,
        help_text=_("When all of it is paid."),
    )
    closes_itself = models.BooleanField(
        _("close by itself"),
        default=True,
        help_text=_("When the completion task is done."),
    )
    goes_back = models.BooleanField(
        _("go back to paying by itself"),
        default=True,
        help_text=_("When a payment is reopened or added."),
    )
    demands_checklist = models.BooleanField(
        _("demand the whole checklist"),
        default=False,
        help_text=_("A task with items left unticked cannot be completed."),
    )

    class Meta:
        verbose_name = _("funnel")
        verbose_name_plural = _("funnels")
        ordering = ["position", "pk"]

    def first_stage(self, kind: str | None = None) -> Stage | None:
        """Return the first stage (of `kind`), or None."""
        stages = self.stages.all() if kind is None else self.stages.filter(kind=kind)
        return stages.order_by("position", "pk").first()


class Stage(BilingualName, CachedModel):
    """A stage of a funnel. The automation depends on its kind, people see its name."""

    class Kind(models.TextChoices):
        OPEN = "open", _("open")
        PAYING = "paying", _("paying")
        COMPLETING = "completing", _("completing")
        CLOSED = "closed", _("closed")
        REJECTED = "rejected", _("rejected")

    FINAL = (Kind.CLOSED, Kind.REJECTED)

    pipeline = models.ForeignKey(
        Pipeline,
        verbose_name=_("funnel"),
        on_delete=models.PROTECT,
        related_name="stages",
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.OPEN)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    objects = CachedQuerySet.as_manager()

    class Meta:
        verbose_name = _("stage")
        verbose_name_plural = _("stages")
        ordering = ["pipeline", "position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["open", "paying", "completing", "closed", "rejected"]),
                name="stage_kind_known",
            )
        ]

    @classmethod
    def of_kinds(cls, *kinds: str) -> list[int]:
        """Return the ids of the stages of these kinds, cached for at most `CACHE_TTL` seconds."""
        return [pk for pk, stage in cls.cached().items() if stage.kind in kinds]

    @classmethod
    def cached_row(cls, pk: int) -> Stage:
        """Return a stage, cached for at most `CACHE_TTL` seconds. Threads share it: never change it.

        Raises KeyError if there is no such stage.
        """
        if pk not in cls.cached():
            cls.invalidate()  # another process has just created it
        return cls.cached()[pk]

    @classmethod
    def load(cls) -> dict[int, Stage]:
        """Return all stages by their ids, in the order of the ids."""
        return {stage.pk: stage for stage in cls.objects.order_by("pk")}

    @property
    def is_final(self) -> bool:
        return self.kind in self.FINAL
