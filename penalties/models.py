from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from claims.querysets import ClaimChildQuerySet
from claims_crm import days
from claims_crm.money import MoneyField

from .calculation import CalculationInput, ExemptPeriod, Mode, RatePoint, Result
from .calculation.encoding import decode_input, decode_result

LOWEST_RATE, HIGHEST_RATE = Decimal("0.01"), Decimal(100)
IN_RANGE = [MinValueValidator(LOWEST_RATE), MaxValueValidator(HIGHEST_RATE)]


class KeyRate(models.Model):
    """A key rate of the Bank of Russia, in percent a year, and the day from which it is in force."""

    effective_from = models.DateField(
        gettext_lazy("effective from"),
        unique=True,
        help_text=gettext_lazy("The day from which it is in force, not the day of the decision."),
    )
    rate = models.DecimalField(gettext_lazy("percent a year"), max_digits=5, decimal_places=2, validators=IN_RANGE)
    source = models.CharField(gettext_lazy("source"), max_length=200, blank=True)
    # The last day on which it was looked up and found unchanged.
    confirmed_on = models.DateField(
        gettext_lazy("checked on"),
        null=True,
        blank=True,
        help_text=gettext_lazy("The last day on which someone checked that the Bank of Russia has not changed it."),
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=gettext_lazy("checked by"),
    )

    class Meta:
        verbose_name = gettext_lazy("key rate")
        verbose_name_plural = gettext_lazy("key rates")
        ordering = ["-effective_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(rate__gte=LOWEST_RATE) & Q(rate__lte=HIGHEST_RATE), name="key_rate_in_range"
            )
        ]

    def __str__(self) -> str:
        return f"{self.effective_from:%d.%m.%Y}: {self.rate} %"

    @property
    def point(self) -> RatePoint:
        return RatePoint(self.effective_from, self.rate, self.confirmed_on)

    def clean(self) -> None:
        # What is wrong by itself is said at its field.
        if not (self.effective_from and self.rate):
            return
        check_day(self.effective_from, "effective_from")
        if self.confirmed_on is not None:
            check_day(self.confirmed_on, "confirmed_on")
            if self.confirmed_on < self.effective_from:
                raise ValidationError({"confirmed_on": _("This day is before the rate came into force.")})
        others = KeyRate.objects.exclude(pk=self.pk)
        before = others.filter(effective_from__lt=self.effective_from).order_by("effective_from").last()
        after = others.filter(effective_from__gt=self.effective_from).order_by("effective_from").first()
        for other in (before, after):
            if other is not None and other.rate == self.rate:
                text = _("It would change nothing: the row of %(day)s has the same rate.")
                raise ValidationError({"rate": text % {"day": f"{other.effective_from:%d.%m.%Y}"}})


class Moratorium(models.Model):
    """Days on which no penalty accrues, by an act of law; the last one counts among them."""

    act = models.CharField(gettext_lazy("act"), max_length=200, help_text=gettext_lazy("Named in the calculation."))
    first_day = models.DateField(gettext_lazy("from"))
    last_day = models.DateField(
        gettext_lazy("to"), null=True, blank=True, help_text=gettext_lazy("Empty: it has no end yet.")
    )
    modes = models.JSONField(gettext_lazy("stops"), default=list)
    whom = models.CharField(
        gettext_lazy("whom it covers"),
        max_length=300,
        blank=True,
        help_text=gettext_lazy("Shown beside the result, for people to check that it applies."),
    )
    arisen_before = models.DateField(
        gettext_lazy("only debts that arose before"),
        null=True,
        blank=True,
        help_text=gettext_lazy("A debt is taken to have arisen by the last day of its term."),
    )
    rate_cap = models.DecimalField(
        gettext_lazy("key rate not above, percent"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=IN_RANGE,
        help_text=gettext_lazy("For shared construction, where the term ended within this period."),
    )
    source = models.CharField(gettext_lazy("source"), max_length=300, blank=True)
    note = models.TextField(gettext_lazy("note"), blank=True, max_length=2000)

    class Meta:
        verbose_name = gettext_lazy("moratorium")
        verbose_name_plural = gettext_lazy("moratoria")
        ordering = ["first_day", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day=None) | Q(last_day__gte=F("first_day")), name="moratorium_ends_after_it_begins"
            )
        ]

    def __str__(self) -> str:
        return self.act

    @property
    def period(self) -> ExemptPeriod:
        return ExemptPeriod(
            act=self.act,
            first_day=self.first_day,
            last_day=self.last_day,
            modes=frozenset(self.modes),
            arisen_before=self.arisen_before,
            rate_cap=self.rate_cap,
            whom=self.whom,
        )

    def clean(self) -> None:
        for name in ("first_day", "last_day", "arisen_before"):
            if (day := getattr(self, name)) is not None:
                check_day(day, name)
        if self.first_day and self.last_day and self.last_day < self.first_day:
            raise ValidationError({"last_day": _("The last day is before the first.")})
        if not isinstance(self.modes, list) or not self.modes or not set(self.modes) <= set(Mode.values):
            raise ValidationError({"modes": _("Choose at least one kind of calculation.")})


class CalculationQuerySet(ClaimChildQuerySet, models.QuerySet):
    pass


class Calculation(models.Model):
    """A calculation kept with its claim: what was asked, and what came of it by the tables of that day."""

    claim = models.ForeignKey(
        "claims.Claim", on_delete=models.CASCADE, related_name="calculations", verbose_name=gettext_lazy("claim")
    )
    mode = models.CharField(gettext_lazy("kind"), max_length=20, choices=Mode.choices)
    total = MoneyField(gettext_lazy("sum"))
    # As the API takes it.
    asked = models.JSONField()
    # As the API tells it, without the sentences, which are made at reading.
    outcome = models.JSONField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    objects = CalculationQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("calculation")
        verbose_name_plural = gettext_lazy("calculations")
        ordering = ["-pk"]
        default_permissions = ("add",)

    def __str__(self) -> str:
        return f"{self.get_mode_display()}: {self.total}"

    @property
    def input(self) -> CalculationInput:
        return decode_input(self.asked)

    @property
    def result(self) -> Result:
        return decode_result(self.outcome)


def check_day(day: date, field: str) -> None:
    """Raise ValidationError at `field` for a day that no calculation takes."""
    if not days.FIRST_DAY <= day <= days.LAST_DAY:
        raise ValidationError({field: _("The date must be between 2000 and 2100.")})
