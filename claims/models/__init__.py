from .claims import Claim, ClaimCounter
from .clients import Client
from .pipelines import Ground, Pipeline, Stage
from .search import ClaimWords, ClientWords
from .timeline import Attachment, TimelineEntry

__all__ = [
    "Attachment",
    "Claim",
    "ClaimCounter",
    "ClaimWords",
    "Client",
    "ClientWords",
    "Ground",
    "Pipeline",
    "Stage",
    "TimelineEntry",
]
