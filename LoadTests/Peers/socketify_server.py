"""uWebSockets through `socketify` as a broadcaster, with topics of its own as its documentation
has it (https://docs.socketify.dev/websockets-backpressure.html).

With one exception, in its favour: `app.run()` asks asyncio and libuv in turn, which takes most of
a core while nothing happens (38 s of CPU time for a million deliveries at 20,000 a second, on the
machine of results/). Nothing here needs asyncio, so libuv's loop runs alone, as in uWebSockets
itself. `asyncio` as the second word measures `app.run()`.

    python socketify_server.py PORT [asyncio]
"""

import sys

from socketify import App, AppListenOptions, CompressOptions

TOPIC = "load"

app = App()
app.ws(
    "/*",
    {
        "compression": CompressOptions.DISABLED,
        "max_payload_length": 1 << 20,
        "idle_timeout": 60,
        "open": lambda ws: ws.subscribe(TOPIC),
        # To everybody else.
        "message": lambda ws, message, opcode: ws.publish(TOPIC, message, opcode),
    },
)
app.listen(AppListenOptions(port=int(sys.argv[1]), host="127.0.0.1"))
if "asyncio" in sys.argv[2:]:
    app.run()
else:
    app.loop.uv_loop.run()
