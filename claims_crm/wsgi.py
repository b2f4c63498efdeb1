import os

from django.core.wsgi import get_wsgi_application

from .web.frame_preallocation import with_preallocated_frames

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "claims_crm.settings")

application = with_preallocated_frames(get_wsgi_application())
