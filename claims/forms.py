from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.roles import Role
from claims_crm import days
from claims_crm.errors import BusinessRuleError

from . import permissions, rules
from .errors import ChangedMeanwhile
from .models import Claim, Client, Ground, Pipeline, Stage, TimelineEntry
from .models.clients import ACCOUNT, BIC, INN, PHONE
from .timeline_text import FIELDS, shown


def fact(model: Any, name: str, **options: Any) -> Any:
    """Return the form field of a model's field, labelled as the timeline names it."""
    return model._meta.get_field(name).formfield(label=FIELDS[name], **options)


def day_field(name: str, **options: Any) -> forms.DateField:
    widget = forms.DateInput(
        format="%Y-%m-%d", attrs={"type": "date", "min": days.FIRST_DAY.isoformat(), "max": days.LAST_DAY.isoformat()}
    )
    return fact(Claim, name, widget=widget, **options)


def phone_field() -> Any:
    return fact(
        Client, "phone", validators=[PHONE], widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"})
    )


def people(role: Role, *, kept: User | None = None) -> Any:
    """Return the people of a role, and who has the part already, whatever their role is now."""
    return User.objects.filter(Q(is_active=True, groups__name=role) | Q(pk=kept and kept.pk)).distinct().by_name()


def sole(role: Role) -> User | None:
    """Return the one person of a role, where there is no choice."""
    found = list(people(role)[:2])
    return found[0] if len(found) == 1 else None


class ClaimFilterForm(forms.Form):
    """What the table of claims is asked for, by its address."""

    SHOW = (
        ("", gettext_lazy("All")),
        ("work", gettext_lazy("In work")),
        ("overdue", gettext_lazy("Overdue")),
        ("settled", gettext_lazy("Paid in full")),
    )

    q = forms.CharField(required=False, max_length=200)
    show = forms.ChoiceField(required=False, choices=SHOW, widget=forms.RadioSelect)
    pipeline = forms.ModelChoiceField(Pipeline.objects.all(), required=False, empty_label=gettext_lazy("Any funnel"))
    kind = forms.ChoiceField(required=False)
    ground = forms.ModelChoiceField(Ground.objects.all(), required=False, empty_label=gettext_lazy("Any ground"))
    specialist = forms.ModelChoiceField(
        User.objects.specialists().by_name(), required=False, empty_label=gettext_lazy("Any specialist")
    )
    mine = forms.BooleanField(required=False)

    def __init__(self, data: Any, *, user: User) -> None:
        super().__init__(data)
        self.user = user
        self.fields["kind"].choices = [("", _("Any stage")), *Stage.Kind.choices]  # type: ignore[attr-defined]
        named = {"pipeline": _("Funnel"), "kind": _("Stage"), "ground": _("Ground"), "specialist": _("Specialist")}
        for name, label in named.items():
            self.fields[name].widget.attrs |= {"class": "input", "aria-label": label}

    @property
    def criteria(self) -> dict[str, Any]:
        """What is asked for and makes sense."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class BoardFilterForm(ClaimFilterForm):
    """What the board is asked for: always one funnel, the first where none is named. Its columns are the stages."""

    # Unfolds the final stages.
    closed = forms.BooleanField(required=False)

    def __init__(self, data: Any, *, user: User) -> None:
        super().__init__(data, user=user)
        del self.fields["kind"]
        # The final stages are folded as it is.
        self.fields["show"].choices = [choice for choice in self.SHOW if choice[0] != "work"]  # type: ignore[attr-defined]
        self.fields["pipeline"].empty_label = None  # type: ignore[attr-defined]

    @cached_property
    def funnel(self) -> Pipeline | None:
        """The funnel that is shown; None where there is none at all."""
        return super().criteria.get("pipeline") or Pipeline.objects.first()

    @property
    def criteria(self) -> dict[str, Any]:
        return {**super().criteria, "pipeline": self.funnel}

    @property
    def is_filtered(self) -> bool:
        """Tell whether fewer than all claims of the funnel are asked for."""
        return bool(self.criteria.keys() - {"pipeline", "closed"})


class ReassignForm(forms.Form):
    """Whom many claims are handed over to: one or both of their people."""

    specialist = fact(Claim, "specialist", empty_label=gettext_lazy("leave as it is"))
    accountant = fact(Claim, "accountant", empty_label=gettext_lazy("leave as it is"))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["specialist"].queryset = people(Role.SPECIALIST)  # type: ignore[attr-defined]
        self.fields["accountant"].queryset = people(Role.ACCOUNTANT)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        if not self.errors and not any(facts.values()):
            raise ValidationError(_("Choose a specialist, an accountant or both."))
        return facts

    def facts(self) -> dict[str, int]:
        """Return {name of the part: id of the person} of what is to be changed."""
        return {name: person.pk for name, person in self.cleaned_data.items() if person}


class FactsForm(forms.Form):
    """Facts as they were when the form was shown are sent along, so that only what was changed is written,
    and what somebody else has changed meanwhile is not written over unseen.
    """

    def __init__(self, data: Any = None, *, of: Claim | Client, **options: Any) -> None:
        self.subject_row = of
        self.stale: set[str] = set()
        initial = {name: getattr(of, name) for name in self.base_fields}
        theirs = data and data.get("theirs")
        if theirs in initial:
            # Of what was changed by both, theirs is to stay: as if nothing had been typed there.
            value = self.base_fields[theirs].prepare_value(initial[theirs])
            data = data.copy()
            data[theirs] = data[f"initial-{theirs}"] = "" if value is None else value
        super().__init__(data, initial=initial, **options)
        for field in self.fields.values():
            field.show_hidden_initial = True

    @property
    def seen_facts(self) -> dict[str, Any]:
        """What the reader had before them, or was told of, of what they changed."""
        return {name: getattr(self.subject_row, name) for name in self.changed_facts}

    @property
    def changed_facts(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.changed_data if name in self.cleaned_data}

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        for name in self.changed_data:
            self._check_not_changed_meanwhile(name, facts.get(name))
        return facts

    def _check_not_changed_meanwhile(self, name: str, typed: Any) -> None:
        now = getattr(self.subject_row, name)
        try:
            seen = self.fields[name].clean(self.data.get(self.add_initial_prefix(name)))
        except ValidationError:
            # An empty fact that is demanded now, or a person who has left: nothing was shown to compare with.
            return
        if now in (seen, typed) or (now in ("", None) and seen in ("", None)):
            return
        self._found_stale(name, now)

    def refuse(self, error: BusinessRuleError) -> None:
        """Say of a rule that refuses what was valid why, beside its field."""
        if isinstance(error, ChangedMeanwhile) and error.field:
            self._found_stale(error.field, error.now)
        else:
            self.add_error(error.field if error.field in self.fields else None, str(error))

    def _found_stale(self, name: str, now: Any) -> None:
        """Show both values once; sent again, the typed one is meant."""
        key = self.add_initial_prefix(name)
        self.stale.add(name)
        data: Any = self.data
        self.data = data = data.copy()
        data[key] = self.fields[name].prepare_value(now)
        self.add_error(
            name,
            _("Meanwhile it was changed to “%(now)s”. Save again to keep yours.")
            % {"now": shown(name, now, self.subject_row)},
        )


class ClaimFactsForm(FactsForm):
    subject = fact(Claim, "subject")
    ground = fact(Claim, "ground", widget=forms.RadioSelect, empty_label=None)
    contract_number = fact(Claim, "contract_number")
    site = fact(Claim, "site")
    received_on = day_field("received_on")
    respond_by = day_field("respond_by")
    agreed_amount = fact(Claim, "agreed_amount")
    specialist = fact(Claim, "specialist", empty_label=gettext_lazy("nobody yet"))
    accountant = fact(Claim, "accountant", empty_label=gettext_lazy("nobody yet"))
    description = fact(Claim, "description", widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, data: Any = None, *, of: Claim, user: User) -> None:
        super().__init__(data, of=of)
        if not permissions.can_change_agreed_amount(user, of):
            del self.fields["agreed_amount"]
        self.fields["specialist"].queryset = people(Role.SPECIALIST, kept=of.specialist)  # type: ignore[attr-defined]
        self.fields["accountant"].queryset = people(Role.ACCOUNTANT, kept=of.accountant)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        facts = super().clean()
        check_days(self, facts)
        return facts


class ClientForm(FactsForm):
    name = fact(Client, "name")
    kind = fact(Client, "kind", widget=forms.RadioSelect)
    phone = phone_field()
    email = fact(Client, "email")
    tax_number = fact(Client, "tax_number", validators=[INN])
    bank_account = fact(Client, "bank_account", validators=[ACCOUNT])
    bank_bic = fact(Client, "bank_bic", validators=[BIC])
    bank_name = fact(Client, "bank_name")

    def clean(self) -> dict[str, Any]:
        facts = super().clean()
        check_details(self, facts)
        return facts


class CommentForm(forms.Form):
    """A comment to be written anew, and how often it had been when the form was shown."""

    text = forms.CharField(
        label=gettext_lazy("Comment"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": 10_000, "autofocus": True, "data-send": True}),
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, of: TimelineEntry) -> None:
        self.stale: set[str] = set()
        self.entry = of
        shown = {"text": of.text, "seen": of.data.get("edits", 0)}
        super().__init__(shown if data and "theirs" in data else data, initial=shown)

    def refuse(self, error: BusinessRuleError) -> None:
        if not isinstance(error, ChangedMeanwhile):
            self.add_error("text", str(error))
            return
        self.stale.add("text")
        self.data = {**self.data.dict(), "seen": self.entry.data.get("edits", 0)}  # type: ignore[attr-defined]
        self.add_error(
            "text", _("Meanwhile it was changed to “%(now)s”. Save again to keep yours.") % {"now": error.now}
        )


class NewClaimForm(forms.Form):
    """One form for a claim and its client: one who is known already, or a new one."""

    client = forms.ModelChoiceField(Client.objects.none(), required=False, widget=forms.HiddenInput)
    client_name = fact(Client, "name", required=False)
    client_kind = fact(Client, "kind", required=False, widget=forms.RadioSelect)
    client_phone = phone_field()
    client_email = fact(Client, "email")
    client_tax_number = fact(Client, "tax_number", validators=[INN, rules.check_tax_number])

    pipeline = forms.ModelChoiceField(
        Pipeline.objects.filter(is_active=True), label=gettext_lazy("Funnel"), empty_label=None
    )
    subject = fact(Claim, "subject")
    ground = fact(Claim, "ground", widget=forms.RadioSelect, empty_label=None)
    contract_number = fact(Claim, "contract_number")
    site = fact(Claim, "site")
    description = fact(Claim, "description", widget=forms.Textarea(attrs={"rows": 3}))
    received_on = day_field("received_on")
    respond_by = day_field("respond_by")
    agreed_amount = fact(Claim, "agreed_amount")
    specialist = fact(Claim, "specialist", empty_label=gettext_lazy("nobody yet"))
    accountant = fact(Claim, "accountant", empty_label=gettext_lazy("nobody yet"))

    def __init__(self, data: Any = None, *, user: User, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        self.fields["client_name"].widget.attrs["autofocus"] = not self.is_bound
        if not permissions.can_change_agreed_amount(user):
            del self.fields["agreed_amount"]
        self.fields["client"].queryset = Client.objects.visible_to(user)  # type: ignore[attr-defined]
        self.fields["specialist"].queryset = people(Role.SPECIALIST)  # type: ignore[attr-defined]
        self.fields["accountant"].queryset = people(Role.ACCOUNTANT)  # type: ignore[attr-defined]

    @property
    def chosen_client(self) -> Client | None:
        """The known client that is chosen in the form as it stands, sent or not."""
        try:
            return self.fields["client"].clean(self["client"].value())
        except ValidationError:
            return None

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        if "client" in self.errors:
            # Its own field is hidden: it is said where people look for the client.
            del self.errors["client"]
            self.add_error("client_name", _("There is no such client."))
        elif facts["client"] is None and not facts.get("client_name", "").strip() and "client_name" not in self.errors:
            self.add_error("client_name", _("Who is owed? Choose a client or type a new one."))
        check_days(self, facts)
        return facts

    def client_facts(self) -> dict[str, Any]:
        """The facts of the new client."""
        return {
            "name": " ".join(self.cleaned_data["client_name"].split()),
            "kind": self.cleaned_data["client_kind"] or Client.Kind.PERSON,
            "phone": self.cleaned_data["client_phone"],
            "email": self.cleaned_data["client_email"],
            "tax_number": self.cleaned_data["client_tax_number"],
        }

    def claim_facts(self) -> dict[str, Any]:
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name != "client" and not name.startswith("client_")
        }


def check_days(form: forms.Form, facts: dict[str, Any]) -> None:
    try:
        rules.check_days(facts.get("received_on"), facts.get("respond_by"))
    except ValidationError as error:
        form.add_error(None, error)


def check_details(form: forms.Form | forms.ModelForm, facts: dict[str, Any]) -> None:
    """Say beside the fields of a client what of the details cannot be right."""
    if not form.errors.keys() & {"tax_number", "bank_account", "bank_bic"}:
        try:
            rules.check_details(facts, form.changed_data)
        except ValidationError as error:
            form.add_error(None, error)


def suggest_clients(user: User, text: str, *, limit: int = 8) -> list[Client]:
    """Return the clients whose tax number, name, phone, contract or site `text` may mean, those of recent claims
    first.
    """
    text = text.strip()
    if len(text) < 2:
        return []
    if INN.regex.match(text):  # type: ignore[union-attr]
        known = Client.objects.visible_to(user).filter(tax_number=text)[:limit]
        if known:
            return list(known)
    recent = Claim.objects.visible_to(user).search(text).select_related("client").order_by("-pk")[: limit * 4]
    found = {claim.client_id: claim.client for claim in recent}
    if len(found) < limit:
        found |= {client.pk: client for client in Client.objects.visible_to(user).search(text)[:limit]}
    return list(found.values())[:limit]
