"""Backups: a consistent copy taken while the bot serves, and a deployment made from one.

    manifest    what is in a backup, signed      making      taking one
    settings    the configuration in it          checking    is it whole, and ours?
    restoring   a new deployment out of one

    DIR/                    0700   a folder of its own, whole or named DIR.unfinished
      manifest              0600   size and SHA-256 of every file; signed by the server
      saisaat.db                   what lasts of the database (storage/snapshot.py)
      blobs/ID                     every sealed file that the database names
      roster.toml, registry.toml   as the admin signed them
      config.toml                  without comments and without any secret
      server-key.age               the server key, sealed to the recovery key

Never in it: the forget store, the platforms' secrets, the server key in the open, and whatever a
conversation, an undelivered answer, a contact or an alert left behind.
"""
