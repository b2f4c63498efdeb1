from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.urls import NoReverseMatch, reverse

from claims_crm.web.urls import without_empty

from ..models import SavedView


class SavedViewForm(forms.ModelForm):
    """A list's address under a name. What only turns its pages is not part of it."""

    NOT_KEPT = ("after", "before")

    class Meta:
        model = SavedView
        fields = ("page", "name", "query", "is_shared")

    @classmethod
    def kept(cls, asked: QueryDict) -> str:
        """Return the query without what is empty or only turns pages."""
        return without_empty(asked, *cls.NOT_KEPT).urlencode()

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_page(self) -> str:
        try:
            reverse(self.cleaned_data["page"])
        except NoReverseMatch as error:
            raise ValidationError("") from error
        return self.cleaned_data["page"]
