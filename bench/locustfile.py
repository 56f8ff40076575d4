"""What a company's people do all day, for Locust; started by bench/load.py, or by hand:

    BENCH_OUT=/tmp/load.json locust -f bench/locustfile.py --headless -u 40 -r 40 -t 60s --host http://127.0.0.1:8000 Recruiter Desk

against a server that has the accounts recruiter0 … recruiter9 and a thousand candidates. BENCH_OUT gets what Locust itself does not tell:
latencies by slots of BENCH_SLOT seconds, and how many replies of each window of the rate limit were refused."""
import collections
import itertools
import json
import os
import random
import sys
import time

import gevent
from gevent.queue import Queue
from locust import FastHttpUser, User, between, constant_pacing, events, task

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "tests", "lib")]
import uploads  # noqa: E402
import vitae  # noqa: E402
import websocket  # noqa: E402

API, CANDIDATES, ACCOUNTS, PATIENCE = "/api/v1", 1000, 10, 30
SKILLS, WORDS = ("Python", "Docker", "Terraform", "React", "Linux"), ("backend", "restful", "microservices", "number7", "engineer")
SLOT = float(os.environ.get("BENCH_SLOT", 60))
DOCUMENTS = uploads.documents(uploads.corpus())
numbers = itertools.count(random.randrange(1 << 40))
accounts = itertools.cycle(range(ACCOUNTS))
seen = {"slots": collections.defaultdict(list), "kinds": collections.defaultdict(list), "faults": collections.Counter(),
        "windows": collections.Counter(), "events": 0, "begun": time.monotonic()}


@events.request.add_listener
def note(request_type, name, response_time, exception, start_time=None, **_):
    ms = response_time if start_time is None else (time.time() - start_time) * 1000  # Locust's own has whole milliseconds only
    seen["slots"][int((time.monotonic() - seen["begun"]) / SLOT)].append(ms)
    seen["kinds"][name].append(ms)
    if exception:
        seen["faults"][f"{request_type} {name}: {exception}"] += 1


def quantile(values, q):
    return round(sorted(values)[int(len(values) * q)], 2)


def summary(values):
    return {"requests": len(values), "p50": quantile(values, 0.5), "p99": quantile(values, 0.99)}


@events.quitting.add_listener
def tell(**_):
    windows = [{"account": account, "ends": ends, "status": status, "replies": n} for (account, ends, status), n in seen["windows"].items()]
    with open(os.environ["BENCH_OUT"], "w") as f:
        json.dump({"slots": {slot: summary(v) for slot, v in sorted(seen["slots"].items())},
                   "kinds": {kind: summary(v) for kind, v in seen["kinds"].items()},
                   "faults": seen["faults"], "windows": windows, "events": seen["events"]}, f)


class Person(FastHttpUser):
    """Someone who is logged in."""
    abstract = True

    def on_start(self):
        self.account = f"recruiter{next(accounts)}"
        reply = self.client.post(f"{API}/auth/login", json={"username": self.account, "password": vitae.PASSWORD}, name="login")
        self.headers = {"Authorization": "Bearer " + reply.json()["access_token"]}

    def get(self, path, name):
        return self.client.get(API + path, headers=self.headers, name=name)


class Recruiter(Person):
    wait_time = between(0.05, 0.15)
    uploaded = None

    @task(6)
    def candidate(self):
        self.get(f"/candidates/{self.uploaded or random.randint(1, CANDIDATES)}", "candidate by id")

    @task(4)
    def newest(self):
        self.get("/candidates/?limit=100", "list of 100")

    @task(2)
    def by_skill(self):
        self.get(f"/candidates/search/by-skill?skill={random.choice(SKILLS)}", "by skill")

    @task(2)
    def full_text(self):
        self.get(f"/candidates/search?q={random.choice(WORDS)}&limit=20", "full text")

    @task(1)
    def by_email(self):
        self.get(f"/candidates/search/by-email?email=person{random.randrange(CANDIDATES)}@example.com", "by e-mail")

    @task(1)
    def own_account(self):
        self.get("/auth/me", "own account")

    @task(1)
    def upload(self):
        number = next(numbers)
        headers = {**self.headers, "Content-Type": "multipart/form-data; boundary=" + uploads.BOUNDARY.decode()}
        reply = self.client.post(f"{API}/candidates/upload", data=uploads.form(*DOCUMENTS[number % len(DOCUMENTS)], number),
                                 headers=headers, name="upload")
        if reply.status_code == 202:
            self.uploaded = reply.json()["id"]


class Desk(User):
    """Two WebSockets: what one says must reach the other; both hear of every document."""
    fixed_count = ACCOUNTS
    wait_time = constant_pacing(1)

    def on_start(self):
        self.base, self.heard = self.host, Queue()
        account = f"recruiter{next(accounts)}"
        token = vitae.Client(self.host).post(f"{API}/auth/login", json={"username": account, "password": vitae.PASSWORD}).json()["access_token"]
        self.names = [f"desk-{next(numbers)}" for _ in range(2)]
        self.sockets = [websocket.Socket(self, name, token) for name in self.names]
        self.readers = [gevent.spawn(self.listen, s) for s in self.sockets]

    def listen(self, s):
        try:
            while True:
                opcode, payload = s.receive()
                if opcode == websocket.PING:
                    s.send(websocket.frame(websocket.PONG, payload))
                elif opcode == websocket.TEXT:
                    self.hear(json.loads(payload))
                elif opcode == websocket.CLOSE:
                    return
        except EOFError:
            self.tell(0, "listening", "the connection ended")

    def hear(self, message):
        if message["type"] == "message":
            self.heard.put(message["data"])
        else:
            seen["events"] += 1

    def tell(self, begun, name, fault=None):
        self.environment.events.request.fire(request_type="WS", name=name, response_time=(time.monotonic() - begun) * 1000 if begun else 0,
                                             response_length=0, exception=fault, context={})

    @task
    def talk(self):
        number, begun = next(numbers), time.monotonic()
        self.sockets[0].say({"type": "message", "to": self.names[1], "data": number})
        try:
            while self.heard.get(timeout=PATIENCE) != number:
                pass
            self.tell(begun, "message to another desk")
        except gevent.queue.Empty:
            self.tell(begun, "message to another desk", "it did not arrive")

    def on_stop(self):
        gevent.killall(self.readers)
        for s in self.sockets:
            s.socket.close()


class Limited(Person):
    """Asks more often than it may. Each reply is counted by the account and the end of the window that it names."""
    wait_time = constant_pacing(0.02)

    @task
    def ask(self):
        with self.client.get(f"{API}/auth/me", headers=self.headers, name="own account", catch_response=True) as reply:
            if reply.status_code not in (200, 429) or reply.status_code == 429 and int(reply.headers["Retry-After"]) < 1:
                reply.failure(f"status {reply.status_code}")
            else:
                reply.success()
            seen["windows"][self.account, reply.headers["X-RateLimit-Reset"], reply.status_code] += 1
