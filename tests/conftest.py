"""For every test: property tests have no deadline, because a busy machine is no defect."""

from hypothesis import settings

settings.register_profile("saisaat", deadline=None)
settings.load_profile("saisaat")
