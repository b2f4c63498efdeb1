from .profile import AboutForm, LanguageForm, MailForm, ThemeForm
from .saved_views import SavedViewForm

__all__ = ["AboutForm", "LanguageForm", "MailForm", "SavedViewForm", "ThemeForm"]
