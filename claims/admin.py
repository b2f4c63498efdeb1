"""The admin of funnels, stages and grounds; clients and claims are changed through the services only."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.admin import ModelAdmin, TabularInline
from unfold.paginator import InfinitePaginator

from claims_crm.money import format_money

from .facts import FACTS
from .forms import check_details
from .models import Claim, Client, Ground, Pipeline, Stage, TimelineEntry
from .services import create_default_stages, edit_client
from .timeline_text import describe

REQUIRED_KINDS = (Stage.Kind.OPEN, Stage.Kind.PAYING, Stage.Kind.COMPLETING, Stage.Kind.CLOSED)
BUILT_IN_GROUNDS = ("late", "quality", "other")


class StageForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "kind" in self.changed_data and self.instance.pk and (count := self.instance.claims.count()):
            self.add_error("kind", _stage_in_use(count))
        return cleaned


class StageFormSet(forms.BaseInlineFormSet):
    def clean(self) -> None:
        super().clean()
        removed = [form for form in self.forms if form.cleaned_data.get("DELETE")]
        for form in removed:
            if count := form.instance.pk and form.instance.claims.count():
                raise ValidationError(f"{form.instance.name}: {_stage_in_use(count)}")
        missing = set(REQUIRED_KINDS) - {form.cleaned_data.get("kind") for form in self.forms if form not in removed}
        if missing:
            names = ", ".join(str(kind.label) for kind in REQUIRED_KINDS if kind in missing)
            raise ValidationError(_("The automation needs a stage of each of these kinds too: %s.") % names)


class StageInline(TabularInline):
    model = Stage
    form = StageForm
    formset = StageFormSet
    fields = ("position", "name_ru", "name_en", "kind")
    ordering = ("position", "pk")
    extra = 0
    verbose_name_plural = gettext_lazy(
        "stages: people see the name, the automation looks at the kind. Open: nothing is paid yet. "
        "Paying: payments are planned or under way. Completing: all is paid, the final actions are left. "
        "Closed: done. Rejected: nothing will be paid."
    )

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        # Django would list every claim of a stage to be deleted; StageFormSet names only their number.
        formset.form.hand_clean_DELETE = lambda _form: None
        return formset


def _stage_in_use(count: int) -> str:
    text = ngettext(
        "%(count)s claim is in this stage. Move it elsewhere first.",
        "%(count)s claims are in this stage. Move them elsewhere first.",
        count,
    )
    return text % {"count": count}


@admin.register(Pipeline)
class PipelineAdmin(ModelAdmin):
    """Funnels are never deleted; they can stop taking new claims."""

    list_display = ("name_ru", "name_en", "number_prefix", "currency", "is_active", "position")
    inlines = (StageInline,)
    fieldsets = (
        (None, {"fields": ("name_ru", "name_en", "number_prefix", "currency", "is_active", "position")}),
        (gettext_lazy("Deadlines"), {"fields": ("respond_within_days", "day_off_shift")}),
        (
            gettext_lazy("What it does by itself"),
            {"fields": ("starts_paying", "starts_completing", "closes_itself", "goes_back", "demands_checklist")},
        ),
    )

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.inlines if obj else ()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        create_default_stages(form.instance)

    def response_add(self, request: HttpRequest, obj: Pipeline, post_url_continue: Any = None) -> HttpResponse:
        """Open the new funnel to show its default stages."""
        super().response_add(request, obj, post_url_continue)
        return redirect("admin:claims_pipeline_change", obj.pk)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Ground)
class GroundAdmin(ModelAdmin):
    list_display = ("name_ru", "name_en", "code", "position")

    def get_readonly_fields(self, request: HttpRequest, obj: Ground | None = None) -> Any:
        return ("code",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Ground | None = None) -> bool:
        """Grounds that claims or integrations use cannot be deleted."""
        may = super().has_delete_permission(request, obj) and obj is not None
        return may and obj.code not in BUILT_IN_GROUNDS and not obj.claims.exists()  # type: ignore[union-attr]


class ClientInAdminForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        check_details(self, facts)
        return facts


@admin.register(Client)
class ClientAdmin(ModelAdmin):
    form = ClientInAdminForm
    list_display = ("name", "kind", "phone", "email", "tax_number")
    list_filter = ("kind",)
    search_fields = ("name",)
    search_help_text = gettext_lazy("Name, phone, e-mail or tax number")
    paginator = InfinitePaginator
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Client]:
        return super().get_queryset(request).visible_to(request.user)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return queryset.search(search_term), False

    def save_model(self, request: HttpRequest, obj: Client, form: Any, change: bool) -> None:
        """Save through the service, which updates the search index and the history of the client's claims."""
        if change:
            edit_client(obj, by=request.user, **{name: form.cleaned_data[name] for name in form.changed_data})  # type: ignore[arg-type]
        else:
            super().save_model(request, obj, form, change)

    def has_delete_permission(self, request: HttpRequest, obj: Client | None = None) -> bool:
        return super().has_delete_permission(request, obj) and obj is not None and not obj.claims.exists()


class ReadOnlyAdmin(ModelAdmin):
    """Shows rows without letting anyone change them."""

    paginator = InfinitePaginator
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Claim)
class ClaimAdmin(ReadOnlyAdmin):
    list_display = (
        "number",
        "client",
        "pipeline",
        "stage",
        "total",
        "paid",
        "remaining",
        "next_due_on",
        "specialist",
    )
    list_select_related = ("client", "pipeline", "stage", "specialist")
    list_filter = ("pipeline", "stage__kind", "is_settled")
    search_fields = ("number",)
    search_help_text = gettext_lazy("Number, client, phone, contract or site")
    fields = (
        "in_product",
        *("number", "pipeline", "stage"),
        *("agreed" if name == "agreed_amount" else name for name in FACTS),
        "currency",
        *("total", "paid", "remaining", "next_due_on", "settled", "closed_at"),
        *("registered_by", "created_at", "updated_at"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Claim]:
        return super().get_queryset(request).visible_to(request.user)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return queryset.search(search_term), False

    @admin.display(description=gettext_lazy("total"), ordering="scheduled_amount")
    def total(self, claim: Claim) -> str:
        return format_money(claim.scheduled_amount, claim.currency)

    @admin.display(description=gettext_lazy("paid"), ordering="paid_amount")
    def paid(self, claim: Claim) -> str:
        return format_money(claim.paid_amount, claim.currency)

    @admin.display(description=gettext_lazy("remaining"), ordering="remaining_amount")
    def remaining(self, claim: Claim) -> str:
        return format_money(claim.remaining_amount, claim.currency)

    @admin.display(description=gettext_lazy("agreed sum"))
    def agreed(self, claim: Claim) -> str:
        return "" if claim.agreed_amount is None else format_money(claim.agreed_amount, claim.currency)

    @admin.display(description=gettext_lazy("paid in full"), boolean=True)
    def settled(self, claim: Claim) -> bool:
        return claim.is_settled

    @admin.display(description=gettext_lazy("registered by"))
    def registered_by(self, claim: Claim) -> str:
        return claim.created_by.name if claim.created_by else ""

    @admin.display(description=gettext_lazy("Page"))
    def in_product(self, claim: Claim) -> SafeString:
        return format_html('<a href="{}">{}</a>', claim.get_absolute_url(), claim)

    def has_delete_permission(self, request: HttpRequest, obj: Claim | None = None) -> bool:
        """Only superusers may delete a claim, and only one that never had payments."""
        return request.user.is_superuser and obj is not None and not obj.payments.exists()

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Delete the timeline with the claim by the permission for the claim: it has none of its own."""
        found, counts, _needed, protected = super().get_deleted_objects(objs, request)
        return found, counts, set(), protected


@admin.register(TimelineEntry)
class TimelineEntryAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "claim", "author", "kind", "in_words")
    list_select_related = ("claim__client", "author")
    list_filter = ("kind",)
    search_fields = ("claim__number",)
    fields = ("claim", "kind", "author", "in_words", "text", "data", "pinned", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[TimelineEntry]:
        claims = Claim.objects.visible_to(request.user)  # type: ignore[arg-type]
        return super().get_queryset(request).filter(claim__in=claims)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Entries have no permission of their own: administrators of funnels may read them."""
        return request.user.has_perm("claims.change_pipeline")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    @admin.display(description=gettext_lazy("in words"))
    def in_words(self, entry: TimelineEntry) -> str:
        return describe(entry, entry.claim).text
