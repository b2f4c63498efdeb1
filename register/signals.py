"""What the floors above may listen to; sent inside the transaction of the import."""

from django.dispatch import Signal

# claims: list[Claim], freshly imported with their schedules; by: User | None
claims_imported = Signal()
