"""Template filters for tasks: `{% load tasks %}`."""

from django import template
from django.utils.translation import gettext as _

from .. import notice_text
from ..models import Task

register = template.Library()


@register.filter
def task_url(task: Task) -> str:
    """Return the URL where the task is done."""
    return notice_text.task_url(task)


@register.filter
def ended_icon(task: Task) -> str:
    return "checkc" if task.status == Task.Status.DONE else "no"


@register.filter
def how_it_ends(task: Task) -> str:
    """Return what completing the task does, or why the user cannot."""
    may = getattr(task, "may_be_completed", True)
    match task.kind:
        case Task.Kind.SCHEDULE:
            return _("Closes by itself once the rest of the agreed sum is scheduled")
        case Task.Kind.PAY:
            return _("Marks the payment as paid") if may else _("Closes by itself once the accountant has paid")
        case Task.Kind.COMPLETE:
            return _("Closes the claim") if may else _("The claims specialist completes it")
    return _("Done") if may else _("This is someone else's task")
