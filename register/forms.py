from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl.utils import get_column_letter

from accounts.models import User
from accounts.roles import Role
from claims.forms import only_user_with_role, users_with_role
from claims.models import Pipeline
from claims_crm import days

from . import columns, issue_text, reader
from .currencies import parse_currency
from .errors import FileUnreadable
from .models import RegisterImport
from .question_cards import has_differences
from .questions import CHOICES, CODES, Answers


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Drop the register here, or choose it"),
        help_text=gettext_lazy(
            "A spreadsheet (.xlsx, .xlsm, .xls, .xlsb, .ods, .csv) up to 10 MB and 20,000 rows. "
            "Nothing is written before you have looked it through."
        ),
        widget=forms.FileInput(
            attrs={
                "accept": ".xlsx,.xlsm,.xls,.xlsb,.ods,.csv",
                "data-auto": True,
            }
        ),
        error_messages={
            "required": gettext_lazy("Choose a file: a spreadsheet."),
            "missing": gettext_lazy("Choose a file: a spreadsheet."),
            "empty": gettext_lazy("The file is empty."),
        },
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        try:
            reader.check_file(file)
        except FileUnreadable as error:
            raise ValidationError(str(error)) from error
        return file


class MappingForm(forms.Form):
    """Which column holds which field of a claim, and of its payments."""

    # The form's fields that are no fields of a claim.
    OWN = ("sheets", "header_row")

    sheets = forms.MultipleChoiceField(required=False, label=gettext_lazy("Sheets"))
    header_row = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=1_048_576,
        label=gettext_lazy("Header row"),
        help_text=gettext_lazy("The last row of the names of columns"),
    )

    def __init__(self, data: Any = None, *, register: RegisterImport) -> None:
        super().__init__(data)
        self.register = register
        self.fields["sheets"].choices = [(title, title) for title in register.sheets]  # type: ignore[attr-defined]
        self.fields["sheets"].initial = register.chosen_sheets
        self.fields["header_row"].initial = register.header_row or None
        choices = [
            ("", _("not in the file")),
            *((str(column), _column_name(register, column)) for column in _named_columns(register)),
        ]
        for field in self._field_names():
            self.fields[field] = forms.ChoiceField(
                choices=choices,
                required=False,
                label=issue_text.field_label(field),
                initial=str(register.mapping.get(field, "")),
                help_text=self._example(register.mapping.get(field)),
            )

    def _field_names(self) -> list[str]:
        """The fields to show: those of the layout that was found, with room for one more payment in a row."""
        mapping = self.register.mapping
        count = columns.count_payments(mapping)
        asked = list(columns.CLAIM_FIELDS)
        if columns.is_long(mapping) or not count:
            asked += columns.PAYMENT_FIELDS
        asked += [field for field in mapping if columns.is_month_field(field)]
        if not columns.is_long(mapping):
            room = 1 if self.unknown and count < columns.MAX_PAYMENTS else 0
            asked += list(columns.mappable_fields(count + room))[len(columns.CLAIM_FIELDS) :] if count + room else []
            asked += [field for field in mapping if field not in asked]
        return asked

    def _example(self, column: int | None) -> str:
        text = self.register.examples[column] if column is not None and column < len(self.register.examples) else ""
        return _("for example, %(text)s") % {"text": text} if text else ""

    @property
    def unknown(self) -> list[str]:
        """The columns that mean nothing so far, as people find them in Excel."""
        known = {*self.register.mapping.values(), *self.register.unused, *self.register.left_out}
        return [_column_name(self.register, column) for column in _named_columns(self.register) if column not in known]

    @property
    def unused(self) -> list[str]:
        unused = self.register.unused
        return [
            _column_name(self.register, column) for column in unused if column not in self.register.mapping.values()
        ]

    @property
    def understood(self) -> int:
        return len(self.register.mapping)

    @property
    def missing(self) -> list[str]:
        return columns.missing_fields(self.register.mapping)

    def claim_fields(self) -> Iterator[tuple[forms.BoundField, bool]]:
        for field in columns.CLAIM_FIELDS:
            yield self[field], field in columns.REQUIRED

    def payment_fields(self) -> Iterator[forms.BoundField]:
        for field in self.fields:
            if field not in self.OWN and columns.is_payment_field(field):
                yield self[field]

    @property
    def has_payment_errors(self) -> bool:
        return any(field in self.errors for field in self.fields if columns.is_payment_field(field))

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        if self.other_sheets or self.other_header_row is not None:
            return facts
        used: dict[str, str] = {}
        for field, column in list(facts.items()):
            if field in self.OWN or not column:
                continue
            if column in used:
                said = _("This column is taken already, as “%(field)s”.") % {
                    "field": issue_text.field_label(used[column])
                }
                self.add_error(field, said)
            used[column] = field
        for field in columns.REQUIRED:
            if not facts.get(field) and field not in self.errors:
                self.add_error(field, _("Which column is it? Without it no row can be read."))
        return facts

    @property
    def other_sheets(self) -> list[str]:
        """The sheets asked for, where they are not those that were read."""
        sheets = self.cleaned_data.get("sheets") or []
        return [] if set(sheets) == set(self.register.chosen_sheets) else list(sheets)

    @property
    def other_header_row(self) -> int | None:
        """The row asked for as the header, where it is not the one that was found."""
        row = self.cleaned_data.get("header_row")
        return None if row is None or row == self.register.header_row else int(row)

    @property
    def mapping(self) -> columns.Mapping:
        return {field: int(value) for field, value in self.cleaned_data.items() if field not in self.OWN and value}


class AnswerForm(forms.Form):
    """The answer to one question about the whole file; an empty one opens it again."""

    code = forms.ChoiceField(choices=[(code, code) for code in CODES])
    value = forms.CharField(required=False, max_length=20)
    left_out = forms.TypedMultipleChoiceField(required=False, coerce=int)

    def __init__(self, data: Any = None, *, register: RegisterImport) -> None:
        super().__init__(data)
        self.register = register
        asked = {column for question in register.questions for column in question["columns"]}
        self.fields["left_out"].choices = [(column, column) for column in asked]  # type: ignore[attr-defined]

    def clean_value(self) -> str:
        code, value = self.cleaned_data.get("code", ""), self.cleaned_data["value"].strip()
        if not value:
            return ""
        if code in CHOICES and value not in CHOICES[code]:
            raise ValidationError(_("Choose one of the answers."))
        if code == "currency" and not (value := parse_currency(value)):
            raise ValidationError(_("There is no such currency."))
        if code == "paid_on":
            return self._clean_day(value)
        return value

    @staticmethod
    def _clean_day(value: str) -> str:
        day = forms.DateField().clean(value)
        if not days.FIRST_DAY <= day <= days.today():
            raise ValidationError(_("The day of payment must not be in the future."))
        return str(day.isoformat())

    @property
    def answers(self) -> Answers:
        """All answers so far, with this one."""
        facts = {**self.register.answers, self.cleaned_data["code"]: self.cleaned_data["value"]}
        return Answers.from_json(facts)

    @property
    def left_out_columns(self) -> list[int]:
        """All columns left out so far, with these; none where the question is opened again."""
        if self.cleaned_data["code"] != "columns":
            return list(self.register.left_out)
        chosen = self.cleaned_data["left_out"]
        return [*self.register.left_out, *chosen] if chosen else []


class StartForm(forms.Form):
    """Where the claims go, and whose they are."""

    pipeline = forms.ModelChoiceField(
        Pipeline.objects.filter(is_active=True), label=gettext_lazy("Funnel"), empty_label=None
    )
    specialist = forms.ModelChoiceField(
        User.objects.none(), required=False, label=gettext_lazy("Specialist"), empty_label=gettext_lazy("unassigned")
    )
    accountant = forms.ModelChoiceField(
        User.objects.none(), required=False, label=gettext_lazy("Accountant"), empty_label=gettext_lazy("unassigned")
    )
    closes_paid = forms.BooleanField(required=False, initial=True, widget=forms.CheckboxInput(attrs={"class": "check"}))

    def __init__(self, data: Any = None, *, register: RegisterImport, user: User) -> None:
        super().__init__(data, initial=self._first_values(user))
        specialists, accountants = users_with_role(Role.SPECIALIST), users_with_role(Role.ACCOUNTANT)
        self.fields["specialist"].queryset = specialists  # type: ignore[attr-defined]
        self.fields["accountant"].queryset = accountants  # type: ignore[attr-defined]
        self.names = list(register.people)
        for position, name in enumerate(self.names):
            self.fields[f"person_{position}"] = forms.ModelChoiceField(
                User.objects.active().by_name(),
                required=False,
                label=name,
                initial=register.people[name],
                empty_label=_("as chosen above"),
            )
        if has_differences(register):
            self.fields["accepts_totals"] = forms.BooleanField(
                widget=forms.CheckboxInput(attrs={"class": "check"}),
                error_messages={"required": _("Look at the differences first.")},
            )
        for field in self.fields.values():
            field.widget.attrs["form"] = "start"

    @staticmethod
    def _first_values(user: User) -> dict[str, Any]:
        return {
            "pipeline": Pipeline.objects.filter(is_active=True).first(),
            "specialist": user if user.role == Role.SPECIALIST else None,
            "accountant": only_user_with_role(Role.ACCOUNTANT),
        }

    def person_fields(self) -> Iterator[forms.BoundField]:
        for position in range(len(self.names)):
            yield self[f"person_{position}"]

    @property
    def chosen_people(self) -> dict[str, int | None]:
        chosen = {}
        for position, name in enumerate(self.names):
            person = self.cleaned_data[f"person_{position}"]
            chosen[name] = person.pk if person else None
        return chosen


def _named_columns(register: RegisterImport) -> list[int]:
    """The columns that have a name or something in them."""
    return [column for column, label in enumerate(register.labels) if label or _example(register, column)]


def _example(register: RegisterImport, column: int) -> str:
    return register.examples[column] if column < len(register.examples) else ""


def _column_name(register: RegisterImport, column: int) -> str:
    return f"{get_column_letter(column + 1)} · {register.labels[column]}".rstrip(" ·")
