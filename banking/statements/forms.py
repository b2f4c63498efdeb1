from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ..formats import reader
from ..formats.errors import StatementUnreadable

ACCEPTED = ".txt,.xml,text/plain,text/xml,application/xml"


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("Drop the bank's file here, or choose it"),
        help_text=_(
            "kl_to_1c.txt of any bank, or camt.053, up to 20 MB. Nothing is posted before you have looked it through."
        ),
        widget=forms.FileInput(attrs={"accept": ACCEPTED, "data-auto": True}),
        error_messages={
            "required": _("Choose a file: kl_to_1c.txt or camt.053."),
            "missing": _("Choose a file: kl_to_1c.txt or camt.053."),
            "empty": _("The file is empty."),
        },
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        try:
            reader.check(file.size, file.read(4096))
        except StatementUnreadable as error:
            raise ValidationError(str(error)) from error
        file.seek(0)
        return file
