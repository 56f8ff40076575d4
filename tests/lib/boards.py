"""Job boards on loopback: a server that answers by its routes, and remembers who asked, when and how many at once."""
import http.server
import json
import threading
import time


class Boards:
    """routes: path -> what it answers: a value for JSON, text or bytes for a page, or a function of the request that
    returns (status, headers, body), or None if it has answered by itself."""

    def __init__(self):
        self.routes = {}
        self.asked = []  # (path with query, headers, time)
        self.at_once = self.most_at_once = 0
        self.lock = threading.Lock()
        boards = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                boards.answer(self)

            do_POST = do_GET

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, request):
        path = request.path.split("?")[0]
        with self.lock:
            self.asked.append((request.path, dict(request.headers), time.monotonic()))
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            answer = self.routes.get(path, (404, {}, b"no such page"))
            if callable(answer):
                answer = answer(request)
            if answer is not None:
                self.send(request, answer)
        except (BrokenPipeError, ConnectionResetError):
            request.close_connection = True
        finally:
            with self.lock:
                self.at_once -= 1

    @staticmethod
    def send(request, answer):
        if not isinstance(answer, tuple):
            kind = "text/html; charset=utf-8" if isinstance(answer, (str, bytes)) else "application/json"
            answer = (200, {"Content-Type": kind}, answer)
        status, headers, body = answer
        if not isinstance(body, (str, bytes)):
            body = json.dumps(body)
        body = body.encode() if isinstance(body, str) else body
        request.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)

    def paths(self, path):
        """The requests for a path."""
        return [a for a in self.asked if a[0].split("?")[0] == path]
