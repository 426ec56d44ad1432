"""Figures: how many tips came, of what, from where, how long they took, and what came of them.

Of two kinds that are never mixed: what one officer can read, counted on this machine out of the
queue in memory (`own`), and the network's counters, as the desk tells them (`network`). Both become
facts, one row each of one long table; charts, tables, CSV and JSON are made of facts.
Pure but for `asking`.
"""
