"""asyncio and bytes: one port for http, https, ws and wss. Nothing here decides what a client sees."""
