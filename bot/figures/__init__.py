"""Figures that tell about many tips and about none: suppression, and the public page's quarters."""
