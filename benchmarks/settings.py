"""How the product is served to be measured: as for tests, with one address more."""

from tests.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.urls"
