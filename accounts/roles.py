"""The three roles. What each may do at first stands in migrations; an administrator may change it in the admin."""

from enum import StrEnum


class Role(StrEnum):
    SPECIALIST = "specialists"
    ACCOUNTANT = "accountants"
    ADMINISTRATOR = "administrators"
