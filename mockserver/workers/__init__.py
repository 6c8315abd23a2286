"""Several processes that serve one port: each is a whole mock; they share tokens, and what is told to one."""


class WorkerLost(Exception):
    """A worker is gone or does not answer; its sessions went with it, so all end."""
