"""uWebSockets through `socketify` as a broadcaster, with topics of its own as its documentation
has it (https://docs.socketify.dev/websockets-backpressure.html).

    python socketify_server.py PORT
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
app.run()
