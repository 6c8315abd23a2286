"""What the service decides: pure functions and plain state, values and ``now`` in, values and effects out.

Nothing below this folder opens a socket, reads a clock, rolls a die or touches a file.
"""
