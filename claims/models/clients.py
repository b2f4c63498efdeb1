from typing import Any

from django.core.validators import RegexValidator
from django.db import models
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from .. import match_keys
from ..querysets import ClientQuerySet

# Other text is allowed as well: an extension, a name, calling hours.
PHONE = RegexValidator(r"\d", _("A phone number has digits."))
INN = RegexValidator(r"^(\d{10}|\d{12})\Z", _("An INN has 10 digits, or 12 for a person."))
ACCOUNT = RegexValidator(r"^(\d{20}|[A-Z]{2}\d{2}[A-Z0-9]{11,30})\Z", _("An account has 20 digits, or is an IBAN."))
BIC = RegexValidator(r"^(\d{9}|[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?)\Z", _("A BIC has 9 digits, or 8 or 11 signs abroad."))

# What people enter about a client.
CLIENT_DETAILS = ("name", "kind", "phone", "email", "tax_number", "bank_account", "bank_bic", "bank_name")


class Client(models.Model):
    """A client: a person or a company, with the bank account to pay to."""

    class Kind(models.TextChoices):
        PERSON = "person", _("person")
        COMPANY = "company", _("company")

    name = models.CharField(_("name"), max_length=250)
    kind = models.CharField(_("kind"), max_length=7, choices=Kind, default=Kind.PERSON)
    phone = models.CharField(_("phone"), max_length=50, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    tax_number = models.CharField(_("tax number (INN)"), max_length=12, blank=True, validators=[INN])
    bank_account = models.CharField(_("account"), max_length=34, blank=True, validators=[ACCOUNT])
    bank_bic = models.CharField(_("BIC"), max_length=11, blank=True, validators=[BIC])
    bank_name = models.CharField(_("bank"), max_length=250, blank=True)
    # For matching the payee of a bank statement's line.
    name_key = match_keys.KeyField(of="name", key=match_keys.name_key)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed at"), auto_now=True)

    objects = ClientQuerySet.as_manager()

    class Meta:
        verbose_name = _("client")
        verbose_name_plural = _("clients")
        ordering = ["name", "pk"]
        indexes = [
            models.Index(fields=["name"], name="client_name"),
            models.Index(fields=["name_key"], name="client_name_key"),
            models.Index(fields=["bank_account"], name="client_account", condition=~models.Q(bank_account="")),
            models.Index(fields=["tax_number"], name="client_tax_number", condition=~models.Q(tax_number="")),
        ]

    def __str__(self) -> str:
        return self.name


def client_label(name: str) -> str | Promise:
    """Return the label of one of CLIENT_DETAILS."""
    field: Any = Client._meta.get_field(name)
    return capfirst(field.verbose_name)
