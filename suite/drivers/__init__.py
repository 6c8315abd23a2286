"""Worker programs, one folder per SDK, and the side of the worker protocol that talks to them.

The programs import nothing of this repository; `docs/worker-protocol.md` is all they share with it.
"""

from suite.drivers.process import Call, Hello, Reply, Worker, WorkerBroken, WorkerDied, worker_environment

__all__ = ["Call", "Hello", "Reply", "Worker", "WorkerBroken", "WorkerDied", "worker_environment"]
