"""saisaat-console for the demo's throw-away keys: the same program, cheap key files.

A key file costs a second and 256 MiB to make and to open, which is right for an officer and only
slow for keys that live as long as the demo. The cost is written in each file, so the ordinary
saisaat-console opens what is made here.
"""

from console.cli import make_app

CHEAP_LOG_N = 10

if __name__ == "__main__":
    make_app(CHEAP_LOG_N)()
