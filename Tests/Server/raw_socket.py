"""A socket that says what it is told, also what no client library would."""

import base64
import os
import socket
import struct

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class RawSocket:
    """One TCP connection to the server. Reading has a time limit."""

    def __init__(self, server, *, receive_buffer=None, host="127.0.0.1"):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(20)
        self.socket.connect((host, server.port))
        self._read = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    # HTTP

    def request(self, text):
        """Sends lines, which may be as wrong as they like, and returns (status, head, body)."""
        self.send(text.replace("\n", "\r\n").encode())
        return self.response()

    def response(self):
        while b"\r\n\r\n" not in self._read:
            self._more()
        head, _, self._read = self._read.partition(b"\r\n\r\n")
        head = head.decode().lower()
        length = 0
        for line in head.split("\r\n"):
            if line.startswith("content-length:"):
                length = int(line.split(":")[1])
        body = self._take(length).decode()
        return int(head.split()[1]), head, body

    def upgrade(self, token, version="2.0.0", extensions=None):
        """A proper handshake."""
        return self.upgrade_at(f"/socket/websocket?vsn={version}&token={token}", extensions)

    def upgrade_at(self, target, extensions=None):
        """A proper handshake at any address."""
        offered = f"Sec-WebSocket-Extensions: {extensions}\n" if extensions else ""
        status, _, body = self.request(
            f"GET {target} HTTP/1.1\nHost: test\n"
            f"Upgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Version: 13\n"
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\n{offered}\n")
        assert status == 101, body
        return self

    # Frames

    def say(self, text):
        self.send(frame(TEXT, text.encode()))

    def read_frame(self):
        """(opcode, payload); EOFError at the end."""
        first, payload = self.read_raw_frame()
        return first & 15, payload

    def read_raw_frame(self):
        """(first byte, payload): the first byte also has the bits of fragments and compression."""
        first, second = self._take(2)
        length = second & 127
        if length == 126:
            (length,) = struct.unpack(">H", self._take(2))
        elif length == 127:
            (length,) = struct.unpack(">Q", self._take(8))
        assert second & 128 == 0, "a server never masks"
        return first, self._take(length)

    def close_code(self):
        """Reads until the close frame and returns its code; 1006 when the server just hung up."""
        try:
            while True:
                opcode, payload = self.read_frame()
                if opcode == CLOSE:
                    return struct.unpack(">H", payload[:2])[0]
        except (EOFError, ConnectionResetError):
            return 1006

    def is_closed_within(self, seconds):
        """Whether the server hangs up, whatever it says before."""
        self.socket.settimeout(seconds)
        try:
            while self.socket.recv(65_536):
                pass
        except ConnectionResetError:
            pass
        except TimeoutError:
            return False
        return True

    def _take(self, count):
        while len(self._read) < count:
            self._more()
        taken, self._read = self._read[:count], self._read[count:]
        return taken

    def _more(self):
        data = self.socket.recv(65_536)
        if not data:
            raise EOFError
        self._read += data


def frame(opcode, payload=b"", *, final=True, reserved=0, masked=True, length=None):
    """One client's frame. `length` is what its header claims."""
    length = len(payload) if length is None else length
    head = bytes([(128 if final else 0) | reserved << 4 | opcode])
    mask = 128 if masked else 0
    if length < 126:
        head += bytes([mask | length])
    elif length < 65_536:
        head += bytes([mask | 126]) + struct.pack(">H", length)
    else:
        head += bytes([mask | 127]) + struct.pack(">Q", length)
    # A key of zeros is as good as any here: the payload stays readable.
    return head + (bytes(4) if masked else b"") + payload
