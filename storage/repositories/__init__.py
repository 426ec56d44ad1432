"""Repositories: typed rows in portable SQL, one module per family of tables.

Every function takes a `Transaction` first and is synchronous: it runs inside a work. Those that
change rows raise `Conflict` when the row moved since it was read; none commits by itself.
"""
