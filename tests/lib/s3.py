"""A small object store that speaks Amazon's S3 over HTTP on loopback, with buckets in the path: objects in whole and in parts, ranges,
lists by pages, and the errors and delays that a test asks for.

It is strict about Signature Version 4 (docs.aws.amazon.com, "Signature Calculations for the Authorization Header"): path and query must
be encoded as the documentation says, every x-amz- header must be signed, the body must have the hash that was signed, and the clocks
may differ by 15 minutes at most.
"""
import calendar
import contextlib
import hashlib
import hmac
import http.server
import os
import re
import shutil
import socket
import socketserver
import tempfile
import threading
import time
import urllib.parse
from xml.sax.saxutils import escape

KEY_ID, SECRET, REGION = "TESTKEY", "s3 secret of the tests/+", "eu-test-1"
SKEW = 15 * 60
PART_MIN = 5 * 1024 * 1024


def encode(text, safe=""):
    return urllib.parse.quote(text, safe="-._~" + safe)


def mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


class Refusal(Exception):
    def __init__(self, status, code, message=""):
        self.status, self.code, self.message = status, code, message


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def setup(self):
        super().setup()
        with self.server.store.lock:
            self.server.store.connections.append(self.request)

    def finish(self):
        with self.server.store.lock:
            self.server.store.connections.remove(self.request)
        super().finish()

    # ---- signatures ----

    def canonical_query(self):
        pairs = []
        for part in filter(None, self.query.split("&")):
            name, _, value = part.partition("=")
            for text in (name, value):
                if encode(urllib.parse.unquote(text)) != text:
                    raise Refusal(403, "SignatureDoesNotMatch", "the query is not encoded canonically")
            pairs.append(f"{name}={value}")
        return "&".join(sorted(pairs))

    def check_signature(self):
        got = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/s3/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?"
                           r"Signature=([0-9a-f]{64})", self.headers.get("Authorization", ""))
        if not got:
            raise Refusal(403, "AccessDenied", "Access Denied")
        key_id, day, region, signed, signature = got.groups()
        if key_id != self.store.key_id:
            raise Refusal(403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.")
        if region != REGION:
            raise Refusal(400, "AuthorizationHeaderMalformed", f"the region {region} is wrong; expecting {REGION}")
        names = signed.split(";")
        needed = {"host"} | {n.lower() for n in self.headers if n.lower().startswith("x-amz-")}
        if names != sorted(names) or not needed <= set(names):
            raise Refusal(403, "AccessDenied", "There were headers present in the request which were not signed")
        date = self.headers.get("x-amz-date", "")
        if not re.fullmatch(r"\d{8}T\d{6}Z", date) or not date.startswith(day):
            raise Refusal(403, "AccessDenied", "a date is wrong")
        if abs(calendar.timegm(time.strptime(date, "%Y%m%dT%H%M%SZ")) - time.time() - self.store.skew) > SKEW:
            raise Refusal(403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large.")
        if encode(urllib.parse.unquote(self.raw_path), "/") != self.raw_path:
            raise Refusal(403, "SignatureDoesNotMatch", "the path is not encoded canonically")
        canonical = "\n".join([self.command, self.raw_path, self.canonical_query()]
                              + [f"{n}:{' '.join(self.headers[n].split())}" for n in names]
                              + ["", signed, self.headers["x-amz-content-sha256"]])
        text = "\n".join(["AWS4-HMAC-SHA256", date, f"{day}/{region}/s3/aws4_request", hashlib.sha256(canonical.encode()).hexdigest()])
        key = f"AWS4{self.store.secret}".encode()
        for part in (day, region, "s3", "aws4_request"):
            key = mac(key, part)
        if not hmac.compare_digest(mac(key, text).hex(), signature):
            raise Refusal(403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided.")

    def read_body(self):
        """Into a file, as it comes; returns its path."""
        left = int(self.headers.get("Content-Length", "0"))
        digest = hashlib.sha256()
        handle, path = tempfile.mkstemp(dir=self.store.directory)
        with os.fdopen(handle, "wb") as f:
            while left > 0:
                piece = self.rfile.read(min(left, 1 << 20))
                if not piece:
                    os.unlink(path)
                    raise ConnectionError("cut")
                digest.update(piece)
                f.write(piece)
                left -= len(piece)
        if digest.hexdigest() != self.headers.get("x-amz-content-sha256"):
            os.unlink(path)
            raise Refusal(400, "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.")
        return path

    # ---- replies ----

    def reply(self, status, body=b"", headers=(), length=None):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def xml(self, status, text, headers=()):
        self.reply(status, b'<?xml version="1.0" encoding="UTF-8"?>\n' + text.encode(), [("Content-Type", "application/xml"), *headers])

    def refuse(self, r):
        message = "" if self.store.terse else escape(r.message)
        self.xml(r.status, f"<Error><Code>{r.code}</Code><Message>{message}</Message></Error>")

    # ---- requests ----

    def handle_request(self):
        self.store = self.server.store
        self.raw_path, _, self.query = self.path.partition("?")
        bucket, _, key = urllib.parse.unquote(self.raw_path).lstrip("/").partition("/")
        self.asked = dict(urllib.parse.parse_qsl(self.query, keep_blank_values=True))
        self.bucket, self.key = bucket, key
        fault = self.store.note(self.command, key, self.asked)
        try:
            if fault and fault(self):
                return
            body = self.read_body()
            try:
                self.check_signature()
                if bucket != self.store.bucket:
                    raise Refusal(404, "NoSuchBucket", "The specified bucket does not exist")
                getattr(self, "on_" + self.command.lower())(body)
            finally:
                if os.path.exists(body):
                    os.unlink(body)
        except Refusal as r:
            self.refuse(r)
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_request

    def object(self):
        found = self.store.objects.get(self.key)
        if not found:
            raise Refusal(404, "NoSuchKey", "The specified key does not exist.")
        return found

    def on_head(self, _):
        path, changed = self.object()
        self.reply(200, headers=[("Accept-Ranges", "bytes")], length=os.path.getsize(path))

    def on_get(self, _):
        if not self.key:
            return self.list_uploads() if "uploads" in self.asked else self.list_objects()
        path, _changed = self.object()
        size = os.path.getsize(path)
        first, last, status, headers = 0, size - 1, 200, []
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if wanted:
            first, last = int(wanted[1]), min(int(wanted[2] or size), size - 1)
            if first >= size:
                raise Refusal(416, "InvalidRange", "The requested range is not satisfiable")
            status, headers = 206, [("Content-Range", f"bytes {first}-{last}/{size}")]
        self.send_response(status)
        for name, value in headers + [("Content-Length", str(last - first + 1))]:
            self.send_header(name, value)
        self.end_headers()
        with open(path, "rb") as f:
            f.seek(first)
            left = last - first + 1
            if self.store.cut_after is not None and left > self.store.cut_after:
                self.wfile.write(f.read(self.store.cut_after))
                self.store.cut_after = None
                self.wfile.flush()
                self.close_connection = True
                return None
            while left > 0:
                piece = f.read(min(left, 1 << 18))
                self.wfile.write(piece)
                left -= len(piece)
        return None

    def list_objects(self):
        if self.asked.get("list-type") != "2":
            raise Refusal(400, "InvalidArgument", "only version 2 of the list")
        most = min(int(self.asked.get("max-keys", "1000")), self.store.page)
        after = bytes.fromhex(self.asked.get("continuation-token", "")).decode()
        with self.store.lock:
            keys = sorted(k for k in self.store.objects if k.startswith(self.asked.get("prefix", "")) and k > after)
            page = "".join(f"<Contents><Key>{escape(k)}</Key><LastModified>{stamp(self.store.objects[k][1])}</LastModified>"
                           f"<Size>{os.path.getsize(self.store.objects[k][0])}</Size></Contents>" for k in keys[:most])
        more = f"<NextContinuationToken>{keys[most - 1].encode().hex()}</NextContinuationToken>" if len(keys) > most else ""
        self.xml(200, '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
                      f"<IsTruncated>{'true' if more else 'false'}</IsTruncated>{page}{more}</ListBucketResult>")

    def list_uploads(self):
        most = min(int(self.asked.get("max-uploads", "1000")), self.store.page)
        after = (self.asked.get("key-marker", ""), self.asked.get("upload-id-marker", ""))
        with self.store.lock:
            left = sorted((u["key"], i, u["begun"]) for i, u in self.store.uploads.items() if (u["key"], i) > after)
        found = "".join(f"<Upload><Key>{escape(k)}</Key><UploadId>{i}</UploadId><Initiated>{stamp(begun)}</Initiated></Upload>"
                        for k, i, begun in left[:most])
        more = ""
        if len(left) > most:
            more = f"<NextKeyMarker>{escape(left[most - 1][0])}</NextKeyMarker><NextUploadIdMarker>{left[most - 1][1]}</NextUploadIdMarker>"
        self.xml(200, '<ListMultipartUploadsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
                      f"<IsTruncated>{'true' if more else 'false'}</IsTruncated>{found}{more}</ListMultipartUploadsResult>")

    def upload(self):
        found = self.store.uploads.get(self.asked.get("uploadId"))
        if not found or found["key"] != self.key:
            raise Refusal(404, "NoSuchUpload", "The specified multipart upload does not exist.")
        return found

    def on_put(self, body):
        if "partNumber" in self.asked:
            tag = hashlib.md5(open(body, "rb").read()).hexdigest()
            kept = body + ".part"
            os.rename(body, kept)
            self.upload()["parts"][int(self.asked["partNumber"])] = (kept, tag)
        else:
            tag = hashlib.md5(open(body, "rb").read()).hexdigest()
            self.store.keep(self.key, body)
        self.reply(200, headers=[("ETag", f'"{tag}"')])

    def on_post(self, body):
        if "uploads" in self.asked:
            number = os.urandom(8).hex() + "/+="
            self.store.uploads[number] = {"key": self.key, "parts": {}, "begun": time.time()}
            return self.xml(200, f"<InitiateMultipartUploadResult><UploadId>{number}</UploadId></InitiateMultipartUploadResult>")
        u = self.upload()
        named = re.findall(r"<PartNumber>(\d+)</PartNumber><ETag>\"([0-9a-f]+)\"</ETag>", open(body).read())
        if [(int(n), t) for n, t in named] != [(n, u["parts"][n][1]) for n in sorted(u["parts"])]:
            raise Refusal(400, "InvalidPart", "One or more of the specified parts could not be found.")
        if any(os.path.getsize(u["parts"][int(n)][0]) < PART_MIN for n, _ in named[:-1]):
            raise Refusal(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed object size.")
        if self.store.late_errors:
            self.store.late_errors -= 1
            return self.xml(200, "<Error><Code>InternalError</Code><Message>We encountered an internal error.</Message></Error>")
        with open(body, "wb") as whole:
            for n in sorted(u["parts"]):
                with open(u["parts"][n][0], "rb") as part:
                    shutil.copyfileobj(part, whole)
        self.store.forget_upload(self.asked["uploadId"])
        self.store.keep(self.key, body)
        if self.store.lost_ends:
            self.store.lost_ends -= 1
            return hang_up(self)
        return self.xml(200, '<CompleteMultipartUploadResult><ETag>"whole-1"</ETag></CompleteMultipartUploadResult>')

    def on_delete(self, _):
        if "uploadId" in self.asked:
            self.upload()
            self.store.forget_upload(self.asked["uploadId"])
        else:
            with self.store.lock:
                found = self.store.objects.pop(self.key, None)
            if found:
                os.unlink(found[0])
        self.reply(204)


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(seconds))


class HTTPServer(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 64


class Store:
    """One bucket. As a context manager; settings() is what a server needs to keep its files here."""

    def __init__(self, bucket="files-of-tests", prefix="one/two"):
        self.bucket, self.prefix = bucket, prefix
        self.key_id, self.secret, self.skew = KEY_ID, SECRET, 0
        self.page = 1000
        self.objects, self.uploads = {}, {}  # key -> (path, time); id -> …
        self.connections = []  # open ones
        self.requests = []  # (method, key, query)
        self.faults = []
        self.cut_after = None
        self.lost_ends = 0  # replies to ends of uploads in parts that do not arrive
        self.late_errors = 0
        self.terse = False  # errors without a message, as Ceph's are
        self.lock = threading.RLock()
        self.directory = tempfile.mkdtemp(prefix="s3-")
        self.port = 0
        self.http = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.directory)

    def start(self):
        self.http = HTTPServer(("127.0.0.1", self.port), Handler)
        self.http.store = self
        self.port = self.http.server_address[1]
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.02,))
        self.thread.start()
        return self

    def stop(self):
        if self.http:
            self.http.shutdown()
            self.http.server_close()
            self.thread.join()
            with self.lock:
                for c in self.connections:
                    with contextlib.suppress(OSError):
                        c.shutdown(socket.SHUT_RDWR)
            self.http = None

    def settings(self, **more):
        return {"FILES_URL": f"s3://{self.bucket}/{self.prefix}", "S3_ENDPOINT": f"http://127.0.0.1:{self.port}", "S3_REGION": REGION,
                "S3_ACCESS_KEY_ID": KEY_ID, "S3_SECRET_ACCESS_KEY": SECRET, "S3_TIMEOUT": "120", **more}

    def note(self, method, key, query):
        with self.lock:
            self.requests.append((method, key, query))
            for f in self.faults:
                if f["left"] > 0 and f["match"](method, key, query):
                    f["left"] -= 1
                    return f["do"]
        return None

    @contextlib.contextmanager
    def fault(self, do, match=lambda method, key, query: True, times=10 ** 9):
        """While it lasts, what matches gets do(handler), which is True if that was the reply."""
        f = {"do": do, "match": match, "left": times}
        self.faults.append(f)
        try:
            yield f
        finally:
            self.faults.remove(f)

    def keep(self, key, path):
        kept = tempfile.mktemp(prefix="object-", dir=self.directory)
        os.rename(path, kept)
        with self.lock:
            old = self.objects.get(key)
            self.objects[key] = (kept, time.time())
        if old:
            os.unlink(old[0])

    def forget_upload(self, number):
        with self.lock:
            for path, _ in self.uploads.pop(number)["parts"].values():
                os.unlink(path)

    def age(self, key, seconds):
        path, at = self.objects[key]
        self.objects[key] = (path, at - seconds)

    def files(self):
        """Paths of the stored files, as the database has them."""
        start = self.prefix + "/"
        with self.lock:
            return {k[len(start):] for k in self.objects if k.startswith(start + "uploads/") or k.startswith(start + "media/")}

    def content(self, path):
        with open(self.objects[f"{self.prefix}/{path}"][0], "rb") as f:
            return f.read()


def status(code, name, headers=()):
    """A fault: an error of the store."""
    def do(handler):
        left = int(handler.headers.get("Content-Length", "0"))
        while left > 0:
            left -= len(handler.rfile.read(min(left, 1 << 20))) or left
        handler.xml(code, f"<Error><Code>{name}</Code><Message>Please reduce your request rate.</Message></Error>", headers)
        return True
    return do


def hang_up(handler):
    """A fault: the connection ends without a reply."""
    handler.close_connection = True
    return True


class Stall:
    """A fault: the reply does not come until release()."""

    def __init__(self):
        self.go, self.waiting = threading.Event(), threading.Semaphore(0)

    def __call__(self, handler):
        self.waiting.release()
        self.go.wait(120)
        return False

    def release(self):
        self.go.set()
