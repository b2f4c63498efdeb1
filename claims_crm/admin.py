"""The company's own settings, and the order in which the admin shows everything."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

import holidays
from django import forms
from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminSelectWidget

from .models import Company, DayOff

# Group: (model, icon) in the order of the side bar; what is not registered is left out.
NAVIGATION: tuple[tuple[Any, tuple[tuple[str, str], ...]], ...] = (
    (
        gettext_lazy("Company"),
        (
            ("claims_crm.company", "domain"),
            ("claims_crm.dayoff", "event_busy"),
            ("banking.bankaccount", "account_balance"),
        ),
    ),
    (gettext_lazy("People"), (("accounts.user", "person"), ("auth.group", "groups"))),
    (
        gettext_lazy("How work goes"),
        (
            ("claims.pipeline", "view_week"),
            ("claims.ground", "gavel"),
            ("notifications.taskrule", "checklist"),
            ("penalties.keyrate", "percent"),
            ("penalties.moratorium", "event_busy"),
        ),
    ),
    (
        gettext_lazy("Other programs"),
        (
            ("accounts.apitoken", "key"),
            ("webhooks.subscription", "webhook"),
            ("webhooks.delivery", "outgoing_mail"),
            ("bitrix24.person", "sync"),
            ("bitrix24.mirror", "sync_alt"),
        ),
    ),
    (
        gettext_lazy("Records"),
        (
            ("claims.client", "contacts"),
            ("claims.claim", "folder_open"),
            ("payments.payment", "payments"),
            ("notifications.task", "task_alt"),
            ("notifications.notice", "notifications"),
            ("claims.timelineentry", "history"),
        ),
    ),
)

# What the theme says itself: it has no catalogue of its own, so its words are put in ours.
THEME = (
    gettext_noop("Type to search"),
    gettext_noop("Filters"),
    gettext_noop("Apply Filters"),
    gettext_noop("Reset filters"),
    gettext_noop("Clear all filters"),
    gettext_noop("Select action"),
    gettext_noop("Select action to run"),
    gettext_noop("Run"),
    gettext_noop("Run the selected action"),
    gettext_noop("Select value"),
    gettext_noop("Select record"),
    gettext_noop("Previous"),
    gettext_noop("Next"),
    gettext_noop("Date from"),
    gettext_noop("Date to"),
    gettext_noop("From"),
    gettext_noop("To"),
    gettext_noop("Value"),
    gettext_noop("Search apps and models..."),
    gettext_noop("Loading more results..."),
    gettext_noop("No results matching your query"),
    gettext_noop("This page yielded into no results. Create a new item or reset your filters."),
    gettext_noop("You have been successfully logged out from the administration"),
    gettext_noop("Choose file to upload"),
    gettext_noop("Add row"),
    gettext_noop("Return to site"),
    gettext_noop("Change password"),
    gettext_noop("Dark"),
    gettext_noop("Light"),
    gettext_noop("System"),
    gettext_noop(
        "Raw passwords are not stored, so there is no way to see this user’s password, but you can change the "
        'password using <a href="{}" class="text-primary-600 dark:text-primary-500">this form</a>.'
    ),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the side bar of the admin: what the reader may see, in the order of NAVIGATION."""
    groups = [(title, [_item(request, name, icon) for name, icon in items]) for title, items in NAVIGATION]
    return [
        {"title": title, "separator": True, "items": [item for item in items if item]}
        for title, items in groups
        if any(items)
    ]


def _item(request: HttpRequest, name: str, icon: str) -> dict[str, Any] | None:
    try:
        model = apps.get_model(name)
    except LookupError:
        return None
    if not admin.site.is_registered(model) or not admin.site.get_model_admin(model).has_view_permission(request):
        return None
    link = reverse(f"admin:{name.replace('.', '_')}_changelist")
    return {"title": capfirst(model._meta.verbose_name_plural), "icon": icon, "link": link}


class CompanyForm(forms.ModelForm):
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        choices=[(name, name) for name in sorted(available_timezones())],
        widget=UnfoldAdminSelectWidget,
        help_text=gettext_lazy("Deadlines are days of this zone."),
    )
    calendar = forms.ChoiceField(
        label=gettext_lazy("Calendar"),
        choices=[(code, code) for code in sorted(holidays.list_supported_countries())],
        widget=UnfoldAdminSelectWidget,
        help_text=gettext_lazy("Country of the official calendar of days off."),
    )

    class Meta:
        model = Company
        fields = (
            "name",
            "time_zone",
            "currency",
            "calendar",
            "specialists_see",
            "quiet_days",
            "two_factor",
            "approval_above",
        )


@admin.register(Company)
class CompanyAdmin(ModelAdmin):
    """One row: it is there, it is changed, it is never added or removed."""

    form = CompanyForm

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect("admin:claims_crm_company_change", Company.current().pk)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(DayOff)
class DayOffAdmin(ModelAdmin):
    list_display = ("day", "what", "note")
    date_hierarchy = "day"
    search_fields = ("note",)

    @admin.display(description=gettext_lazy("What"), ordering="is_working")
    def what(self, day_off: DayOff) -> str:
        return _("worked") if day_off.is_working else _("day off")
