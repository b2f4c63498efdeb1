from django import forms

from .models import User


class ProfileForm(forms.ModelForm):
    class Meta:
        model = User
        fields = (
            "first_name",
            "last_name",
            "email",
            "language",
            "theme",
            "mail_tasks",
            "mail_overdue",
            "mail_settled",
            "mail_mentions",
            "mail_digest",
        )
        widgets = {"language": forms.RadioSelect, "theme": forms.RadioSelect}
