"""A small server that speaks Telegram's Bot API on loopback."""
import http.server
import json
import threading

TOKEN = "123456789:AAtest-token_0123456789abcdefABCDEF"
CHAT = "-1001234567890"


class Telegram:
    """Answers `answers` in turn (the last one for ever): (status, body) or None for success. What was told is in `told`."""

    def __init__(self, *answers):
        self.answers, self.told, self.asked, self.lock = list(answers) or [None], [], 0, threading.Lock()
        telegram = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                telegram.answer(self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def settings(self, **more):
        return {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_CHAT_ID": CHAT, "TELEGRAM_API_URL": self.url, **more}

    def answer(self, handler):
        request = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        with self.lock:
            answer = self.answers[min(self.asked, len(self.answers) - 1)]
            self.asked += 1
        if handler.path != f"/bot{TOKEN}/sendMessage":
            answer = 404, {"ok": False, "error_code": 404, "description": "Not Found"}
        elif request.get("chat_id") != CHAT:
            answer = 400, {"ok": False, "error_code": 400, "description": "Bad Request: chat not found"}
        status, body = answer or (200, {"ok": True, "result": {"message_id": 1, "text": request["text"]}})
        if status == 200 and isinstance(body, dict) and body.get("ok"):
            self.told.append(request["text"])
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)


def later(seconds):
    return 429, {"ok": False, "error_code": 429, "description": f"Too Many Requests: retry after {seconds}",
                 "parameters": {"retry_after": seconds}}
