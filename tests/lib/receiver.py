"""A receiver of webhooks on loopback: keeps what comes, checks signatures, answers as it is told."""
import base64
import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from vitae import wait_until


class Receiver:
    """answers: a list of answers for the next requests, then 204. An answer is a status, (status, headers, body), or a
    threading.Event that is waited for before 204."""

    def __init__(self):
        self.requests, self.answers, self.lock = [], [], threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with outer.lock:
                    outer.requests.append((self.path, dict(self.headers), body))
                    answer = outer.answers.pop(0) if outer.answers else 204
                if isinstance(answer, threading.Event):
                    answer.wait(60)
                    answer = 204
                status, headers, text = answer if isinstance(answer, tuple) else (answer, {}, b"")
                try:
                    self.send_response(status)
                    for name, value in headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(text)))
                    self.end_headers()
                    self.wfile.write(text)
                except OSError:
                    pass  # the sender has given up

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def wait(self, n):
        """Waits until n requests have come; returns them."""
        wait_until(lambda: len(self.requests) >= n, what=f"{n} webhook requests")
        return self.requests[:n]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def verify(secret, headers, body):
    """As a receiver must: the time is near, and one of the signatures is right. Returns the payload."""
    headers = {k.lower(): v for k, v in headers.items()}
    sent = int(headers["webhook-timestamp"])
    assert abs(time.time() - sent) < 300
    key = base64.b64decode(secret.removeprefix("whsec_"))
    text = f"{headers['webhook-id']}.{sent}.".encode() + body
    wanted = "v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    assert any(hmac.compare_digest(wanted, s) for s in headers["webhook-signature"].split(" "))
    return json.loads(body)
