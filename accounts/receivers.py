from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver

from .sessions import note_device


@receiver(user_logged_in)
def remember_the_device(sender, request, user, **kwargs):
    note_device(request)
