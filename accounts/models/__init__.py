from .saved_views import SavedView
from .sessions import Session
from .tokens import ApiToken
from .two_factor import RecoveryCode
from .users import User, UserManager

__all__ = ["ApiToken", "RecoveryCode", "SavedView", "Session", "User", "UserManager"]
