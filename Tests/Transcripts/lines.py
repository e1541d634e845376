"""The two kinds of line on which a conversation is played: of the package websockets, and of a
browser's own WebSocket."""

import itertools
from pathlib import Path

from playwright.async_api import async_playwright
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from rollcall_client import PATIENCE


class LineEnded(Exception):
    """Nothing more will be heard; `code` is the close code, 1006 when there was none."""

    def __init__(self, code):
        super().__init__(f"closed with {code}")
        self.code = code


class PythonLine:
    def __init__(self, socket):
        self._socket = socket

    @classmethod
    async def open(cls, url):
        # No pings: a silent client is silent.
        return cls(await connect(
            url, max_size=None, ping_interval=None, open_timeout=PATIENCE, close_timeout=1))

    async def say(self, frame):
        await self._socket.send(frame)

    async def hear(self):
        try:
            return await self._socket.recv()
        except ConnectionClosed:
            raise LineEnded(self._socket.close_code or 1006) from None

    async def drop(self):
        """The cable is cut: no close frame, no word."""
        self._socket.transport.abort()

    async def close(self, code):
        await self._socket.close(code)


class Browser:
    """Headless Chromium with a page of the server's open, which opens lines."""

    def __init__(self, page):
        self._page = page
        self._numbers = itertools.count(1)

    async def open(self, url):
        number = next(self._numbers)
        await self._page.evaluate("([line, url]) => lines.open(line, url)", [number, url])
        return BrowserLine(self._page, number)


class BrowserLine:
    def __init__(self, page, number):
        self._page = page
        self._number = number

    async def say(self, frame):
        if isinstance(frame, str):
            await self._do("say", frame)
        else:
            await self._do("sayBytes", list(frame))

    async def hear(self):
        heard = await self._do("hear")
        if "code" in heard:
            raise LineEnded(heard["code"])
        return heard["text"] if "text" in heard else bytes(heard["bytes"])

    async def drop(self):
        await self._do("drop")

    async def close(self, code):
        await self._do("close", code)

    async def _do(self, what, detail=None):
        return await self._page.evaluate(
            "([what, line, detail]) => lines[what](line, detail)", [what, self._number, detail])


class open_browser:
    """A `Browser` at `origin`, for as long as the context lasts."""

    def __init__(self, origin, executable):
        self._origin = origin
        self._executable = executable

    async def __aenter__(self):
        self._playwright = await async_playwright().start()
        self._chromium = await self._playwright.chromium.launch(
            executable_path=self._executable, args=["--no-sandbox"])
        page = await self._chromium.new_page()
        await page.goto(self._origin)
        await page.evaluate((Path(__file__).parent / "lines.js").read_text())
        return Browser(page)

    async def __aexit__(self, *_):
        await self._chromium.close()
        await self._playwright.stop()
