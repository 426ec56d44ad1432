"""What stands around the programs: the demo, and scripts for machines that build and run them.

Nothing here ships with the bot or the console, and neither imports it.
"""
