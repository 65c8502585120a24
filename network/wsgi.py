"""The web server's entry."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "network.settings")

application = get_wsgi_application()

# What was loaded until here stays for ever: collections that go through it again and again stretch every tenth page.
gc.collect()
gc.freeze()
