"""The ways people reach the bot. Each channel turns what it receives into events and shows intents.

A channel refuses to know what a question means, and never stores a word on the way.
"""
