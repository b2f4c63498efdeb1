from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_noop, ngettext
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_totp.admin import TOTPDeviceAdmin  # noqa: F401  registers what is taken back below
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from claims_crm.templatetags.rigel import role_name

from . import tokens, two_factor
from .models import ApiToken, Session, User
from .roles import Role

admin.site.unregister(Group)
# It would show the secrets. What an administrator may do is on the page of the user.
admin.site.unregister(TOTPDevice)


# For the history: put into the reader's language when it is read.
RESET = {"changed": {"fields": [gettext_noop("two-factor sign-in (reset)")]}}


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):
    """People: who they are, what they may do (by groups), what they like.

    Nobody is deleted, as what they did is on record: they are switched off.
    """

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "full_name", "email", "roles", "has_two_factor", "is_active", "last_login")
    list_filter = ("groups", "is_active")
    list_filter_submit = False
    actions = ("reset_two_factor",)
    fieldsets = (
        (None, {"fields": ("username", "password", "first_name", "last_name", "email")}),
        (
            _("What they may do"),
            {
                "fields": ("is_active", "groups", "is_staff", "is_superuser"),
                "description": _("The rights are those of the groups. Staff may sign in to this admin."),
            },
        ),
        (_("Language and look"), {"fields": ("language", "theme")}),
        (
            _("What comes by mail"),
            {"fields": ("mail_tasks", "mail_overdue", "mail_settled", "mail_mentions", "mail_digest")},
        ),
        (_("On record"), {"fields": ("last_login", "date_joined", "two_factor_since", "devices")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "usable_password", "password1", "password2")}),
        (None, {"fields": ("first_name", "last_name", "email", "groups")}),
    )
    readonly_fields = ("last_login", "date_joined", "two_factor_since", "devices")

    def get_queryset(self, request: HttpRequest) -> Any:
        has_two_factor = Exists(TOTPDevice.objects.filter(user=OuterRef("pk")))
        return super().get_queryset(request).prefetch_related("groups").annotate(has_two_factor=has_two_factor)

    @admin.display(description=_("Name"), ordering="last_name")
    def full_name(self, user: User) -> str:
        return user.name

    @admin.display(description=_("groups"))
    def roles(self, user: User) -> str:
        return ", ".join(role_name(group.name) or group.name for group in user.groups.all())

    @admin.display(description=_("two-factor"), boolean=True, ordering="has_two_factor")
    def has_two_factor(self, user: Any) -> bool:
        return user.has_two_factor

    @admin.display(description=_("two-factor sign-in"))
    def two_factor_since(self, user: User) -> str:
        device = two_factor.device_of(user)
        if device is None:
            return gettext("off")
        return gettext("on since %(day)s") % {"day": _moment(device.created_at)}

    @admin.display(description=_("devices signed in"))
    def devices(self, user: User) -> str | SafeString:
        lines = [
            (session.name, session.ip or "", _moment(session.signed_in_at), _moment(session.seen_at))
            for session in Session.objects.of(user)
        ]
        pattern = gettext("{} · {} · signed in {} · last seen {}")
        return format_html_join("\n", "<div>" + pattern + "</div>", lines) or "—"

    @admin.action(description=_("Reset two-factor sign-in (phone and codes are lost)"), permissions=("change",))
    def reset_two_factor(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """Switch it off for others; one's own is switched off in the profile, with the password."""
        count = 0
        for user in users:
            if user != request.user and self.has_change_permission(request, user) and two_factor.is_on(user):
                two_factor.reset(user)
                self.log_change(request, user, [RESET])
                count += 1
        text = ngettext("Reset for %(count)s user", "Reset for %(count)s users", count) % {"count": count}
        self.message_user(request, text, messages.SUCCESS if count else messages.WARNING)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        """Whoever knew the old password is signed out."""
        response = super().user_change_password(request, id, form_url)
        if request.method == "POST" and response.status_code == 302:
            Session.objects.filter(user_id=id).exclude(pk=request.session.session_key).sign_out()
        return response

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Nobody makes themselves a superuser."""
        fields = super().get_readonly_fields(request, obj)
        return fields if request.user.is_superuser else (*fields, "is_superuser")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only a superuser changes a superuser, their password too."""
        is_above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return super().has_change_permission(request, obj) and not is_above

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class TokenForm(forms.ModelForm):
    """A token of anyone; a superuser's only a superuser makes."""

    scopes = forms.MultipleChoiceField(
        label=_("What it may"), choices=ApiToken.Scope, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )


@admin.register(ApiToken)
class ApiTokenAdmin(ModelAdmin):
    """Tokens of the API: made and shown once, revoked, never changed."""

    form = TokenForm
    fields = ("user", "name", "scopes", "expires_at")
    list_display = ("name", "user", "hint", "may", "created_at", "expires_at", "last_used_at")
    list_select_related = ("user",)
    search_fields = ("name", "user__username", "user__last_name")

    @admin.display(description=_("What it may"))
    def may(self, token: ApiToken) -> str:
        return ", ".join(token.scope_names)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        people = User.objects.active().by_name()
        options["queryset"] = people if request.user.is_superuser else people.exclude(is_superuser=True)
        return super().formfield_for_foreignkey(db_field, request, **options)

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        obj.text = tokens.issue(obj)  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        """Show it, this once: an answer that is kept nowhere."""
        return render(request, "accounts/tokens/made.html", {"token": obj, "text": obj.text})

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    """Roles: their rights may be changed; the three that come with the product stay, under their names."""

    def get_readonly_fields(self, request: HttpRequest, obj: Group | None = None) -> Any:
        return ("name",) if obj is not None and obj.name in set(Role) else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is not None and obj.name not in set(Role) and super().has_delete_permission(request, obj)


def _moment(moment: datetime | None) -> str:
    return date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT") if moment else "—"
