import os

from django.core.wsgi import get_wsgi_application

from claims_crm.stack import with_room

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "claims_crm.settings")

application = with_room(get_wsgi_application())
