"""The demo: everything on this machine, with the real programs and throw-away keys.

    python -m deploy.demo             a web chat and an officer's console, to try by hand
    python -m deploy.demo --script    three people play the main job on Telegram, LINE and the web;
                                      exit 0

Owns a throw-away deployment and scripted people. It talks to the programs as people do: the web
chat over HTTP, LINE and Telegram through the tests' fakes of them, the console on its command line.
Member codes are the one exception: their locators go straight into the database, because
registering members comes with a later release.
"""
