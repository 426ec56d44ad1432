"""Alerts: an officer's phone says that something waits, and nothing about what.

    counting    what is counted, and when which counts are told (pure)
    quiet       when an officer is left in peace (pure)
    saying      an alert's words, in Thai and English (pure)
    clocks      how tips' clocks stand
    raising     counting, inside the commit of what is counted
    alerting    every quarter of an hour: what has grown is put on its way
    sending     what is on its way, sent at least once
    binding     where an officer is told, and how that is proven
    chatting    what the officers' bot answers
    telegram, line, email, webhook      the four ways out

Laws: an alert is counts and days, never a tip, a category or who reported; it leaves at a quarter
of an hour of the wall clock and never because something was just filed; "urgent" is one number for
duress, feared retaliation and clocks that ran out, so that who sees the phone cannot tell which.
"""
