"""The officer's local pages: plain HTML on 127.0.0.1 for one browser window of this machine.

    door      who may come in: one-time token, cookie, Host, Origin, headers
    desk_room the unlocked officer behind the pages, forgotten when idle
    app       the routes            views   what a page shows
    serve     the socket, the browser in a private profile, the end

Laws: no script, nothing from elsewhere, nothing cached, nothing written to the disk.
"""
