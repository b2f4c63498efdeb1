"""Names kept in both languages and shown in the reader's."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


def localized(*, ru: str, en: str) -> str:
    """Return the text in the active language; the other one where it is empty."""
    return (en or ru) if (get_language() or "ru").startswith("en") else (ru or en)


class BilingualName(models.Model):
    """A row whose name people see: stages, grounds, funnels."""

    name_ru = models.CharField(_("name in Russian"), max_length=100)
    name_en = models.CharField(_("name in English"), max_length=100, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return localized(ru=self.name_ru, en=self.name_en)
