"""What the floors above may add to what this one shows."""

from django.dispatch import Signal

# request. The side bar is about to be drawn: return {name: what it shows}, in a query or two.
sidebar_requested = Signal()
