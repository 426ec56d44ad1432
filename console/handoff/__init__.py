"""The hand-off: what another body may have of a tip, without what could name whoever told it.

What it holds is an allow-list (data/handoff.toml), never "all minus something".

    choices    what the officer picked, ticked and wants blacked out
    blackout   what is blacked out, and looking for what must not be there
    sheet      the page: the words that leave, as rows
    paper      the page as text and as HTML
    evidence   files, cleaned once more here
    strings    what of a file's bytes can be read, to be searched
    bundle     the ZIP: one order, one time, nothing of this machine
    packing    all of that in one pass, into one file

Laws: pure but for `evidence`, `packing` and the printer; one file of evidence in memory at a time;
what was found in the finished page or in a file that leaves is named, and nothing is written.
"""
