from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from claims_crm.templatetags.rigel import role_name

from ..models import User
from ..roles import Role


class InviteForm(forms.ModelForm):
    """Who is let in, and what they will do."""

    role = forms.TypedChoiceField(label=gettext_lazy("Role"), coerce=Role, widget=forms.RadioSelect)

    class Meta:
        model = User
        fields = ("email", "first_name", "last_name")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, role_name(role)) for role in Role]  # type: ignore[attr-defined]
        self.fields["email"].required = True
        self.fields["email"].widget.attrs |= {"autofocus": True, "autocomplete": "off"}

    def clean_email(self) -> str:
        email = self.cleaned_data["email"]
        known = User.objects.filter(email__iexact=email).first()
        if known is not None and known.is_active:
            raise ValidationError(_("%(name)s works here already, with this address.") % {"name": known.name})
        if known is not None:
            said = _("%(name)s, with this address, was switched off. Switch them on in the administration.")
            raise ValidationError(said % {"name": known.name})
        return email
