"""The officer's local pages: plain HTML on 127.0.0.1 for one browser window of this machine.

    door        who may come in: one-time token, cookie, Host, Origin, headers
    desk_room   the unlocked officer behind the pages, forgotten when idle
    window      the one window that was let in, and what it has chosen
    entry       unlocking, locking, the language       sections   where one can go
    queue, tip, members, campaigns, figures, settings  the pages, each with its routes
    deeds       what can be done to a tip              views      what a page shows
    app         all of it together                     serve      the socket, the browser, the end

Laws: nothing from elsewhere, nothing cached, nothing written to the disk but an officer's own
choices (`preferences`, and saved views under their key). Everything works without script; the one
script is ours, and adds keys, a live list and search as one types.
"""
