"""The people and the limits of the portal; its status is shown at /bitrix24/."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.admin import ModelAdmin

from .models import Mirror, Person


@admin.register(Person)
class PersonAdmin(ModelAdmin):
    list_display = ("user", "remote_id", "name")
    list_select_related = ("user",)
    search_fields = ("user__username", "user__last_name", "name")
    autocomplete_fields = ("user",)


@admin.register(Mirror)
class MirrorAdmin(ModelAdmin):
    """The single row can be changed, but not added or deleted."""

    fields = ("bucket_size", "bucket_leak")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect("admin:bitrix24_mirror_change", Mirror.current().pk)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
