"""The officer's whole queue in memory: opened once, kept up to date, searched on this machine.

    index     the queue: rows, counts, where each tip stands; what has arrived
    looking   asks the desk: the whole list, then again and again what has changed
    filling   reads every tip in the background, newest first, so that words can be found
    search    Thai without spaces: what counts as the same, finding, excerpts
    sought    filters, orders        keeping  its lifetime
    workers   processes that open grants and parts beside the pages
    worker    one of them       opening   what it does

Laws: nothing of it is ever on the disk; all of it goes when the desk is locked, and the processes
with it. A tip that was only searched is not taken for read: memory (`console.seen`) learns nothing.
"""
