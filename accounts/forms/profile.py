from django import forms
from django.utils.translation import gettext_lazy as _

from ..models import User


class AboutForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("first_name", "last_name", "email")


class LanguageForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("language",)
        widgets = {"language": forms.RadioSelect}


class ThemeForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("theme",)
        widgets = {"theme": forms.RadioSelect}


class MailForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("mail_tasks", "mail_overdue", "mail_settled", "mail_mentions", "mail_digest")
        labels = {
            "mail_tasks": _("a task is put on me"),
            "mail_overdue": _("a payment I see to is overdue"),
            "mail_settled": _("a claim I see to is paid in full"),
            "mail_mentions": _("someone mentions me in a comment"),
            "mail_digest": _("a working day begins: the digest at eight"),
        }
        help_texts = {
            "mail_digest": _(
                "What is overdue, to pay today and this week; whom to answer, what to schedule and to complete. "
                "When nothing waits, nothing comes."
            ),
        }
