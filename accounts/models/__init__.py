from .jobs import Job
from .saved_views import SavedView
from .sessions import Session
from .users import User, UserManager

__all__ = ["Job", "SavedView", "Session", "User", "UserManager"]
