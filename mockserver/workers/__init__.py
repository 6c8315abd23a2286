"""Several processes that serve one port: each is a whole mock; they share tokens, and what is told to one."""
