"""Task rules are edited here; tasks and notices are read-only."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.admin import ModelAdmin

from claims.admin import ReadOnlyAdmin

from .models import Notice, Task, TaskRule


class TaskRuleForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        pipeline, trigger = cleaned.get("pipeline"), cleaned.get("trigger")
        others = TaskRule.objects.filter(pipeline=pipeline, trigger=trigger).exclude(pk=self.instance.pk)
        if trigger != TaskRule.Trigger.STAGE_ENTERED and others.exists():
            self.add_error("trigger", _("This funnel has a rule for it already: change that one."))
        return cleaned


@admin.register(TaskRule)
class TaskRuleAdmin(ModelAdmin):
    form = TaskRuleForm
    list_display = ("title_ru", "pipeline", "trigger", "role", "lead_working_days", "is_active")
    list_filter = ("pipeline", "is_active")
    list_select_related = ("pipeline",)
    fieldsets = (
        (None, {"fields": ("pipeline", "trigger", "stage", "role", "is_active")}),
        (
            gettext_lazy("When"),
            {
                "fields": ("lead_working_days", "due_in_working_days"),
                "description": gettext_lazy(
                    "A payment's task is due on the payment's own deadline and raised so many working days ahead. "
                    "Any other task is raised at once and is due so many working days later."
                ),
            },
        ),
        (
            gettext_lazy("Words"),
            {
                "fields": ("title_ru", "title_en", "checklist_ru", "checklist_en"),
                "description": gettext_lazy(
                    "In titles: {claim} is the claim's number, {client} the client's name, {amount} the payment's sum, "
                    "{due} the task's deadline. They are filled in when the title is read, so they are never behind."
                ),
            },
        ),
    )


@admin.register(Task)
class TaskAdmin(ReadOnlyAdmin):
    list_display = ("title", "kind", "claim", "assignee", "due_on", "status")
    list_filter = ("kind", "status")
    list_select_related = ("claim__client", "payment", "assignee")
    search_fields = ("claim__number",)
    fields = (
        *("title", "kind", "claim", "payment", "assignee", "role", "due_on", "items", "status"),
        *("completed_at", "completed_by", "created_at", "created_by"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Task]:
        return super().get_queryset(request).visible_to(request.user).select_related("claim__client", "payment")

    @admin.display(description=gettext_lazy("Title"))
    def title(self, task: Task) -> str:
        return task.title

    @admin.display(description=gettext_lazy("Checklist"))
    def items(self, task: Task) -> str:
        return "\n".join(f"{'☑' if item['done'] else '☐'} {item['text']}" for item in task.items) or "—"


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    """For an administrator who looks into why a letter did not come."""

    list_display = ("created_at", "user", "kind", "claim", "read_at", "mail", "mail_attempts")
    list_filter = ("mail", "kind")
    list_select_related = ("user", "claim")
    search_fields = ("user__username", "user__last_name", "claim__number")
    fields = ("user", "kind", "claim", "created_at", "read_at", "mail", "mail_attempts", "mail_not_before")
    actions = ("mail_again",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("notifications.change_taskrule")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    @admin.action(description=gettext_lazy("Retry failed letters"))
    def mail_again(self, request: HttpRequest, notices: QuerySet[Notice]) -> None:
        count = notices.filter(mail=Notice.Mail.FAILED).update(
            mail=Notice.Mail.WAITING, mail_attempts=0, mail_not_before=timezone.now()
        )
        text = ngettext("%(count)s letter will be tried again.", "%(count)s letters will be tried again.", count)
        self.message_user(request, text % {"count": count})
