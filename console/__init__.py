"""The officer's program: keys, queue, reading and answering, on the officer's own machine.

It imports `sealing` only and speaks to the desk over HTTP. It holds private keys; the desk
never does. Laws: nothing decrypted reaches the disk unless the officer exports it; whatever
comes from the desk is hostile until a signature, a hash or a key says otherwise.
"""
