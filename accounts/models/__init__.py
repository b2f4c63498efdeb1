from .jobs import Job
from .saved_views import SavedView
from .users import User, UserManager

__all__ = ["Job", "SavedView", "User", "UserManager"]
