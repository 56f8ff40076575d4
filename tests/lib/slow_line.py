"""A line between a client and a server that takes bytes upward no faster than told: every connection to it is one to the server."""
import socket
import threading
import time


class SlowLine:
    """As a context manager; base is its address. A connection ends on both sides when it ends on one."""

    def __init__(self, port, rate):
        self.port, self.rate = port, rate
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.open = set()
        self.lock = threading.Lock()

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.close(*self.open)

    def close(self, *sockets):
        for s in list(sockets):
            with self.lock:
                self.open.discard(s)
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # the other side was faster
            s.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.port))
            except OSError:
                client.close()  # the server is away
                continue
            with self.lock:
                self.open |= {client, server}
            threading.Thread(target=self.carry, args=(client, server, self.rate), daemon=True).start()
            threading.Thread(target=self.carry, args=(server, client, None), daemon=True).start()

    def carry(self, source, target, rate):
        try:
            while data := source.recv(64 * 1024):
                target.sendall(data)
                if rate and len(data) > 8 * 1024:  # what is small is no upload
                    time.sleep(len(data) / rate)
        except OSError:
            pass  # ended by the other direction, or by one of the two
        self.close(source, target)
