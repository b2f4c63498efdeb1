from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

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
from .facts import FACTS, Fact, Kind
from .models import Claim, Client, Ground, Pipeline, Stage, TimelineEntry
from .models.clients import ACCOUNT, BIC, INN, PHONE
from .timeline_text import LABELS, format_value


def form_field(model: Any, name: str, **options: Any) -> Any:
    """Return the form field of a model field, with the label that the timeline uses."""
    return model._meta.get_field(name).formfield(label=LABELS[name], **options)


def day_widget() -> forms.DateInput:
    """Return a date input limited to the days that we accept."""
    limits = {"min": days.FIRST_DAY.isoformat(), "max": days.LAST_DAY.isoformat()}
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", **limits})


def fact_field(fact: Fact) -> forms.Field:
    """Return the form field of a fact, by its kind."""
    options: dict[Kind, dict[str, Any]] = {
        Kind.LONG_TEXT: {"widget": forms.Textarea(attrs={"rows": 3})},
        Kind.DAY: {"widget": day_widget()},
        Kind.PERSON: {"empty_label": gettext_lazy("unassigned")},
        Kind.ROW: {"widget": forms.RadioSelect, "empty_label": None},
    }
    return form_field(Claim, fact.name, **options.get(fact.kind, {}))


Form = TypeVar("Form", bound=type[forms.Form])


def with_facts(is_wanted: Callable[[Fact], bool]) -> Callable[[Form], Form]:
    """Return a class decorator that adds the fields of the wanted facts to a form, after its own fields."""

    def decorate(form: Form) -> Form:
        fields = {fact.name: fact_field(fact) for fact in FACTS.values() if is_wanted(fact)}
        form.base_fields = form.declared_fields = {**form.base_fields, **fields}
        return form

    return decorate


def phone_field() -> Any:
    return form_field(
        Client, "phone", validators=[PHONE], widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"})
    )


def users_with_role(role: Role, *, kept: User | None = None) -> Any:
    """Return the active users of a role, and `kept`, who is assigned already whatever their role is now."""
    return User.objects.filter(Q(is_active=True, groups__name=role) | Q(pk=kept and kept.pk)).distinct().by_name()


def only_user_with_role(role: Role) -> User | None:
    """Return the only active user of a role; None if there are none or several."""
    found = list(users_with_role(role)[:2])
    return found[0] if len(found) == 1 else None


class ClaimFilterForm(forms.Form):
    """The filters of the table of claims, from its query string."""

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
        """The valid, non-empty filters by name."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class BoardFilterForm(ClaimFilterForm):
    """The filters of the board: always one funnel, by default the first. Its columns are the stages."""

    # Unfold the final stages.
    closed = forms.BooleanField(required=False)

    def __init__(self, data: Any, *, user: User) -> None:
        super().__init__(data, user=user)
        del self.fields["kind"]
        # Final stages are folded anyway, so "In work" would change nothing.
        self.fields["show"].choices = [choice for choice in self.SHOW if choice[0] != "work"]  # type: ignore[attr-defined]
        self.fields["pipeline"].empty_label = None  # type: ignore[attr-defined]

    @cached_property
    def funnel(self) -> Pipeline | None:
        """The shown funnel; None if no funnel exists."""
        return super().criteria.get("pipeline") or Pipeline.objects.first()

    @property
    def criteria(self) -> dict[str, Any]:
        return {**super().criteria, "pipeline": self.funnel}

    @property
    def is_filtered(self) -> bool:
        """Whether the filters exclude some claims of the funnel."""
        return bool(self.criteria.keys() - {"pipeline", "closed"})


class ReassignForm(forms.Form):
    """New assignees for many claims: a specialist, an accountant or both."""

    specialist = form_field(Claim, "specialist", empty_label=gettext_lazy("leave as it is"))
    accountant = form_field(Claim, "accountant", empty_label=gettext_lazy("leave as it is"))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["specialist"].queryset = users_with_role(Role.SPECIALIST)  # type: ignore[attr-defined]
        self.fields["accountant"].queryset = users_with_role(Role.ACCOUNTANT)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        if not self.errors and not any(facts.values()):
            raise ValidationError(_("Choose a specialist, an accountant or both."))
        return facts

    def facts(self) -> dict[str, int]:
        """Return {field: user id} of the assignees to change."""
        return {name: person.pk for name, person in self.cleaned_data.items() if person}


class FactsForm(forms.Form):
    """A form that posts the values it was shown with, so that only changed fields are saved and another person's
    changes are never overwritten unseen.
    """

    def __init__(self, data: Any = None, *, instance: Claim | Client, **options: Any) -> None:
        self.instance = instance
        self.stale: set[str] = set()
        initial = {name: getattr(instance, name) for name in self.base_fields}
        theirs = data and data.get("theirs")
        if theirs in initial:
            # The user takes the other person's value: as if nothing had been typed there.
            value = self.base_fields[theirs].prepare_value(initial[theirs])
            data = data.copy()
            data[theirs] = data[f"initial-{theirs}"] = "" if value is None else value
        super().__init__(data, initial=initial, **options)
        for field in self.fields.values():
            field.show_hidden_initial = True

    @property
    def seen_facts(self) -> dict[str, Any]:
        """The values of the changed fields that the user has seen."""
        return {name: getattr(self.instance, name) for name in self.changed_facts}

    @property
    def changed_facts(self) -> dict[str, Any]:
        """The new values of the changed fields."""
        return {name: self.cleaned_data[name] for name in self.changed_data if name in self.cleaned_data}

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        for name in self.changed_data:
            self._check_not_changed_meanwhile(name, facts.get(name))
        return facts

    def _check_not_changed_meanwhile(self, name: str, typed: Any) -> None:
        now = getattr(self.instance, name)
        try:
            seen = self.fields[name].clean(self.data.get(self.add_initial_prefix(name)))
        except ValidationError:
            # A field that is required now, or a person who has left: no shown value to compare with.
            return
        if now in (seen, typed) or (now in ("", None) and seen in ("", None)):
            return
        self._found_stale(name, now)

    def add_rule_error(self, error: BusinessRuleError) -> None:
        """Show a business error of the service at its field."""
        if isinstance(error, ChangedMeanwhile) and error.field:
            self._found_stale(error.field, error.now)
        else:
            self.add_error(error.field if error.field in self.fields else None, str(error))

    def _found_stale(self, name: str, now: Any) -> None:
        """Show both values; if the form is sent again the typed one is saved."""
        key = self.add_initial_prefix(name)
        self.stale.add(name)
        data: Any = self.data
        self.data = data = data.copy()
        data[key] = self.fields[name].prepare_value(now)
        self.add_error(
            name,
            _("It has been changed to “%(now)s” in the meantime. Save again to keep yours.")
            % {"now": format_value(name, now, self.instance)},
        )


@with_facts(lambda fact: fact.in_form)
class ClaimFactsForm(FactsForm):
    """The facts of a claim."""

    def __init__(self, data: Any = None, *, instance: Claim, user: User) -> None:
        super().__init__(data, instance=instance)
        if not permissions.can_change_agreed_amount(user, instance):
            del self.fields["agreed_amount"]
        self.fields["specialist"].queryset = users_with_role(Role.SPECIALIST, kept=instance.specialist)  # type: ignore[attr-defined]
        self.fields["accountant"].queryset = users_with_role(Role.ACCOUNTANT, kept=instance.accountant)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        facts = super().clean()
        check_days(self, facts)
        return facts


class ClientForm(FactsForm):
    name = form_field(Client, "name")
    kind = form_field(Client, "kind", widget=forms.RadioSelect)
    phone = phone_field()
    email = form_field(Client, "email")
    tax_number = form_field(Client, "tax_number", validators=[INN])
    bank_account = form_field(Client, "bank_account", validators=[ACCOUNT])
    bank_bic = form_field(Client, "bank_bic", validators=[BIC])
    bank_name = form_field(Client, "bank_name")

    def clean(self) -> dict[str, Any]:
        facts = super().clean()
        check_details(self, facts)
        return facts


class CommentForm(forms.Form):
    """An edited comment, and how many times it had been edited when the form was shown."""

    text = forms.CharField(
        label=gettext_lazy("Comment"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": 10_000, "autofocus": True, "data-send": True}),
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, entry: TimelineEntry) -> None:
        self.stale: set[str] = set()
        self.entry = entry
        shown = {"text": entry.text, "seen": entry.data.get("edits", 0)}
        super().__init__(shown if data and "theirs" in data else data, initial=shown)

    def add_rule_error(self, error: BusinessRuleError) -> None:
        if not isinstance(error, ChangedMeanwhile):
            self.add_error("text", str(error))
            return
        self.stale.add("text")
        self.data = {**self.data.dict(), "seen": self.entry.data.get("edits", 0)}  # type: ignore[attr-defined]
        self.add_error(
            "text",
            _("It has been changed to “%(now)s” in the meantime. Save again to keep yours.") % {"now": error.now},
        )


@with_facts(lambda fact: fact.in_new_form)
class NewClaimForm(forms.Form):
    """The form of a new claim, with an existing client or a new one."""

    client = forms.ModelChoiceField(Client.objects.none(), required=False, widget=forms.HiddenInput)
    client_name = form_field(Client, "name", required=False)
    client_kind = form_field(Client, "kind", required=False, widget=forms.RadioSelect)
    client_phone = phone_field()
    client_email = form_field(Client, "email")
    client_tax_number = form_field(Client, "tax_number", validators=[INN, rules.check_tax_number])

    pipeline = forms.ModelChoiceField(
        Pipeline.objects.filter(is_active=True), label=gettext_lazy("Funnel"), empty_label=None
    )

    def __init__(self, data: Any = None, *, user: User, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        self.fields["client_name"].widget.attrs["autofocus"] = not self.is_bound
        if not permissions.can_change_agreed_amount(user):
            del self.fields["agreed_amount"]
        self.fields["client"].queryset = Client.objects.visible_to(user)  # type: ignore[attr-defined]
        self.fields["specialist"].queryset = users_with_role(Role.SPECIALIST)  # type: ignore[attr-defined]
        self.fields["accountant"].queryset = users_with_role(Role.ACCOUNTANT)  # type: ignore[attr-defined]

    @property
    def chosen_client(self) -> Client | None:
        """The existing client selected in the form, whether or not it was sent; None for a new one."""
        try:
            return self.fields["client"].clean(self["client"].value())
        except ValidationError:
            return None

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        if "client" in self.errors:
            # Its field is hidden, so the error is shown at the name.
            del self.errors["client"]
            self.add_error("client_name", _("There is no such client."))
        elif facts["client"] is None and not facts.get("client_name", "").strip() and "client_name" not in self.errors:
            self.add_error("client_name", _("Choose a client or enter a new one."))
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
        """The facts of the new claim."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name != "client" and not name.startswith("client_")
        }


def check_days(form: forms.Form, facts: dict[str, Any]) -> None:
    """Add the errors of `rules.check_days` to the form."""
    try:
        rules.check_days(facts.get("received_on"), facts.get("respond_by"))
    except ValidationError as error:
        form.add_error(None, error)


def check_details(form: forms.Form | forms.ModelForm, facts: dict[str, Any]) -> None:
    """Add the errors of a client's bank details and tax number to the form."""
    if not form.errors.keys() & {"tax_number", "bank_account", "bank_bic"}:
        try:
            rules.check_details(facts, form.changed_data)
        except ValidationError as error:
            form.add_error(None, error)


def suggest_clients(user: User, text: str, *, limit: int = 8) -> list[Client]:
    """Return clients matching `text` by tax number, name, phone, contract or site, those of recent claims first."""
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
