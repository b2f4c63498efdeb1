from .celery import app as celery_app

__all__ = ["__version__", "celery_app"]

# The version of the product, kept here only (PEP 440). One that ends in `.dev` is not released yet.
__version__ = "1.0.0.dev"
