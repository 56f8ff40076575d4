"""WebSockets by hand: a handshake and frames, right or wrong, byte by byte."""
import base64
import hashlib
import json
import os
import socket
import ssl
import struct

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def frame(opcode, payload=b"", fin=True, rsv=0, mask=True, length=None):
    """One frame of a client. length: how to write it: 7, 16 or 64 bits; None: the shortest that fits."""
    n = len(payload)
    length = length or (7 if n < 126 else 16 if n < 1 << 16 else 64)
    first = bytes([fin << 7 | rsv << 4 | opcode])
    short = {7: n, 16: 126, 64: 127}[length]
    more = {7: b"", 16: struct.pack(">H", n), 64: struct.pack(">Q", n)}[length]
    if not mask:
        return first + bytes([short]) + more + payload
    key = os.urandom(4)
    return first + bytes([128 | short]) + more + key + bytes(b ^ key[i % 4] for i, b in enumerate(payload))


class Socket:
    """A client of raw frames. Raises Refused with the reply if the handshake fails."""

    class Refused(Exception):
        def __init__(self, status, headers, body):
            super().__init__(f"{status}: {body!r}")
            self.status, self.headers, self.body = status, headers, body

    def __init__(self, server, client_id="raw", token=None, query="", headers=None, and_then=b"", **replaced):
        scheme, rest = server.base.split("://")
        host, port = rest.rsplit(":", 1)
        key = base64.b64encode(os.urandom(16)).decode()
        fields = {"Host": rest, "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
                  "Sec-WebSocket-Key": key, **({"Authorization": f"Bearer {token}"} if token else {}), **(headers or {}),
                  **{k.replace("_", "-"): v for k, v in replaced.items()}}
        head = f"GET /ws/{client_id}{query} HTTP/1.1\r\n"
        head += "".join(f"{k}: {v}\r\n" for k, v in fields.items() if v is not None)
        self.socket = socket.create_connection((host.strip("[]"), int(port)), timeout=30)
        if scheme == "https":
            context = ssl._create_unverified_context()
            self.socket = context.wrap_socket(self.socket)
        self.socket.sendall(head.encode() + b"\r\n" + and_then)
        self.buffer = b""
        while b"\r\n\r\n" not in self.buffer:
            self.fill()
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        self.status = int(lines[0].split()[1])
        self.headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines[1:])}
        if self.status != 101:
            while len(self.buffer) < int(self.headers.get("content-length", 0)):
                self.fill()
            self.socket.close()
            raise Socket.Refused(self.status, self.headers, self.buffer)
        wanted = hashlib.sha1((fields["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
        assert self.headers["sec-websocket-accept"] == base64.b64encode(wanted).decode()
        assert self.headers["upgrade"].lower() == "websocket" and self.headers["connection"].lower() == "upgrade"

    def fill(self):
        got = self.socket.recv(65536)
        if not got:
            raise EOFError
        self.buffer += got

    def take(self, n):
        while len(self.buffer) < n:
            self.fill()
        out, self.buffer = self.buffer[:n], self.buffer[n:]
        return out

    def send(self, data):
        self.socket.sendall(data)

    def say(self, value, **kw):
        self.send(frame(TEXT, value if isinstance(value, bytes) else json.dumps(value).encode(), **kw))

    def receive(self):
        """The next frame: (opcode, payload). A server's are never masked, and ours come whole."""
        first, second = self.take(2)
        assert first & 0x70 == 0 and first & 0x80 and not second & 0x80
        n = second & 0x7f
        if n > 125:
            wide = n
            n = int.from_bytes(self.take(2 if n == 126 else 8), "big")
            assert n > (125 if wide == 126 else 0xffff), "not the shortest form"
        return first & 0x0f, self.take(n)

    def message(self):
        opcode, payload = self.receive()
        assert opcode == TEXT, (opcode, payload)
        return json.loads(payload)

    def closed(self):
        """Reads to the close frame, then to the end; returns the code (None: there was no code, 0: no frame)."""
        code = 0
        try:
            while code == 0:
                opcode, payload = self.receive()
                if opcode == CLOSE:
                    code = int.from_bytes(payload[:2], "big") if payload else None
                    payload[2:].decode()
        except (EOFError, ConnectionResetError):
            return code
        try:
            self.send(frame(CLOSE, struct.pack(">H", code) if code else b""))
            while True:
                self.fill()
        except (EOFError, OSError):
            self.socket.close()
        return code

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
