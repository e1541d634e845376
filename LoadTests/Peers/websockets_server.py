"""Python's `websockets` as a broadcaster, with `broadcast()` and uvloop as its page on performance
advises (https://websockets.readthedocs.io/en/stable/topics/performance.html).

    python websockets_server.py PORT
"""

import asyncio
import sys

import uvloop
from websockets.asyncio.server import broadcast, serve

CONNECTIONS = set()


async def relay(connection):
    CONNECTIONS.add(connection)
    try:
        async for message in connection:
            broadcast(CONNECTIONS, message)
    finally:
        CONNECTIONS.remove(connection)


async def main(port):
    async with serve(relay, "127.0.0.1", port, backlog=1024) as server:
        await server.serve_forever()


uvloop.run(main(int(sys.argv[1])))
