"""The tables that calculations go by: administrators keep them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from claims_crm import days

from . import permissions, services
from .calculation import Mode
from .calculation.notes import is_old
from .models import KeyRate, Moratorium
from .presentation import describe_old_rate, format_percent


@admin.register(KeyRate)
class KeyRateAdmin(ModelAdmin):
    list_display = ("effective_from", "percent", "confirmed_on", "confirmed_by", "source")
    list_select_related = ("confirmed_by",)
    date_hierarchy = "effective_from"
    fields = ("effective_from", "rate", "source", "confirmed_on")
    actions = ("confirm_unchanged",)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        last = services.load_key_rates().last
        if request.method == "GET" and last is not None and is_old(last, days.today()):
            self.message_user(request, describe_old_rate(last), messages.WARNING)
        return super().changelist_view(request, extra_context)

    def save_model(self, request: HttpRequest, obj: KeyRate, form: Any, change: bool) -> None:
        if "confirmed_on" in form.changed_data:
            obj.confirmed_by = request.user if obj.confirmed_on else None  # type: ignore[assignment]
        super().save_model(request, obj, form, change)

    @admin.display(description=gettext_lazy("percent a year"), ordering="rate")
    def percent(self, rate: KeyRate) -> str:
        return format_percent(rate.rate)

    def has_confirm_permission(self, request: HttpRequest) -> bool:
        return permissions.can_change_key_rates(request.user)  # type: ignore[arg-type]

    @admin.action(description=gettext_lazy("Confirm: not changed up to today (last rate)"), permissions=["confirm"])
    def confirm_unchanged(self, request: HttpRequest, rates: QuerySet[KeyRate]) -> None:
        last = KeyRate.objects.order_by("effective_from").last()
        if last is None or [rate.pk for rate in rates] != [last.pk]:
            self.message_user(request, _("Select the last rate only: no other can be confirmed."), messages.ERROR)
            return
        services.confirm_last_key_rate(on=days.today(), by=request.user)  # type: ignore[arg-type]
        self.log_change(request, last, [{"changed": {"fields": ["confirmed_on"]}}])
        self.message_user(request, _("Recorded: checked today, not changed."), messages.SUCCESS)


class MoratoriumForm(forms.ModelForm):
    modes = forms.MultipleChoiceField(
        label=gettext_lazy("Stops"), choices=Mode, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )


@admin.register(Moratorium)
class MoratoriumAdmin(ModelAdmin):
    form = MoratoriumForm
    list_display = ("act", "first_day", "last_day", "stops")
    search_fields = ("act", "note")
    fields = (
        *("act", "first_day", "last_day", "modes", "whom"),
        *("arisen_before", "rate_cap", "source", "note"),
    )

    @admin.display(description=gettext_lazy("stops"))
    def stops(self, moratorium: Moratorium) -> str:
        if set(moratorium.modes) == set(Mode.values):
            return _("everything")
        return ", ".join(str(Mode(mode).label) for mode in moratorium.modes)
