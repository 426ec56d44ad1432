"""Property tests here seal and open for real: how long one takes says nothing on a busy machine."""

from hypothesis import settings

settings.register_profile("sealing", deadline=None)
settings.load_profile("sealing")
