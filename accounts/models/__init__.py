from .jobs import Job
from .saved_views import SavedView
from .sessions import Session
from .two_factor import RecoveryCode
from .users import User, UserManager

__all__ = ["Job", "RecoveryCode", "SavedView", "Session", "User", "UserManager"]
