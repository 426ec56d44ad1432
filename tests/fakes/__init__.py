"""Platforms on this machine. A package, so that pytest never puts this folder on the path: the fake
`telegram` would stand before the library of that name."""
