"""Source code read for what can be seen: clients, the calls that mint and connect, addresses."""
