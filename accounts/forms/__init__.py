from .people import InviteForm
from .profile import AboutForm, LanguageForm, MailForm, ThemeForm
from .saved_views import SavedViewForm
from .sign_in import CodeForm, ForgottenForm, OwnPasswordForm
from .tokens import TokenForm

__all__ = [
    "AboutForm",
    "CodeForm",
    "ForgottenForm",
    "InviteForm",
    "LanguageForm",
    "MailForm",
    "OwnPasswordForm",
    "SavedViewForm",
    "ThemeForm",
    "TokenForm",
]
