"""A small server that speaks OpenAI's chat completions API on loopback, and misbehaves when told to."""
import http.server
import json
import threading
import time

KEY = "sk-test-0123456789abcdef"


class Model:
    """Answers `answers` in turn (the last one for ever). Each is a dict (the JSON the model writes), a text (what it writes, JSON
    or not), or a function of (handler, request) that answers itself. Requests are kept in `asked`."""

    def __init__(self, *answers, key=KEY, knows_schema=True, knows_streams=True):
        self.answers, self.key = list(answers) or [{}], key
        self.knows_schema, self.knows_streams = knows_schema, knows_streams
        self.asked, self.released = [], threading.Event()
        self.lock = threading.Lock()
        model = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                model.answer(self)

            def log_message(self, *_):
                pass

        class Quiet(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # clients leave whenever they like

        self.server = Quiet(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_port}/v1"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()

    def settings(self, **more):
        return {"OPENAI_BASE_URL": self.base, "OPENAI_API_KEY": self.key, "OPENAI_MODEL": "test-model", **more}

    def answer(self, handler):
        request = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        with self.lock:
            answer = self.answers[min(len(self.asked), len(self.answers) - 1)]
            self.asked.append(request)
        if handler.path != "/v1/chat/completions":
            return error(handler, 404, "Unknown request URL")
        if self.key and handler.headers["Authorization"] != f"Bearer {self.key}":
            return error(handler, 401, f"Incorrect API key provided: {handler.headers['Authorization'] or ''}")
        form = request.get("response_format", {}).get("type")
        if form and not self.knows_schema:
            return error(handler, 400, "response_format is not supported")
        if callable(answer):
            return answer(handler, request)
        text = answer if isinstance(answer, str) else json.dumps(answer)
        if request.get("stream") and self.knows_streams:
            return stream(handler, [text[i:i + 7] for i in range(0, len(text), 7)], request)
        reply(handler, 200, completion(text))


def completion(text, finish="stop", **message):
    return {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "test-model-2026",
            "choices": [{"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text, **message}}],
            "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}}


def reply(handler, status, body, **headers):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    handler.send_response(status)
    for name, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(data)


def error(handler, status, message, **headers):
    reply(handler, status, {"error": {"message": message, "type": "invalid_request_error", "code": None}}, **headers)


def stream(handler, pieces, request, cut=False, pause=0):
    """The pieces as server-sent events; cut: the connection ends before the end is told."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/event-stream")
    handler.end_headers()

    def event(data):
        handler.wfile.write(b"data: " + (data if isinstance(data, bytes) else json.dumps(data).encode()) + b"\n\n")
        handler.wfile.flush()
    chunk = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "test-model-2026"}
    for p in pieces:
        event({**chunk, "choices": [{"index": 0, "delta": {"content": p}, "finish_reason": None}]})
        time.sleep(pause)
    if cut:
        return
    event({**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    if request.get("stream_options", {}).get("include_usage"):
        event({**chunk, "choices": [], "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}})
    event(b"[DONE]")
