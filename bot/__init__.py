"""Everything that runs: config, wiring, channels, the turn, the outbox, the web chat, the desk.

Nothing is imported here, so that `saisaat init` starts without loading a web server.
"""
