"""A real mail server (aiosmtpd) on loopback, whose temper the recipient's name decides."""
import asyncio
import email
import email.policy
import socket
import ssl
import subprocess
import threading
from collections import Counter

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

USER, PASSWORD = "mailer", "post office 9!"


def certificate(directory):
    """A certificate of its own for localhost and 127.0.0.1; (certificate, key)."""
    cert, key = str(directory / "mail.crt"), str(directory / "mail.key")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                    "-keyout", key, "-out", cert], check=True, capture_output=True)
    return cert, key


class MailServer:
    """Takes mail until stopped. The recipient's local part decides: later… (451, as often as `laters` says), never… (550),
    full… (552 after the text), stall… (no answer to RCPT), hang… (no answer to the text), drop… (takes the text, then
    ends the connection without an answer), anything else is taken."""

    def __init__(self, tls=None, cert=None, auth=False, laters=2):
        self.received = []  # (recipient, text as bytes), in order
        self.tries = Counter()  # by recipient
        self.laters = laters
        self.logins = 0
        self.released = threading.Event()
        options = {}
        if cert:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*cert)
            options["ssl_context" if tls == "tls" else "tls_context"] = context
            options["require_starttls"] = tls == "starttls"
        if auth:
            options.update(authenticator=self.authenticate, auth_required=True, auth_require_tls=tls == "starttls")
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port, ready_timeout=20, **options)

    def __enter__(self):
        self.controller.start()
        return self

    def __exit__(self, *_):
        self.released.set()
        self.controller.stop()

    def settings(self, **more):
        """What vitae must be told to use it."""
        return {"SMTP_HOST": "localhost", "SMTP_PORT": self.port, "SMTP_TLS": "none", "SMTP_FROM": "mailer@vitae.example",
                "SMTP_RATE": "0", "SMTP_RETRY": "1", **more}

    def authenticate(self, server, session, envelope, mechanism, data):
        good = isinstance(data, LoginPassword) and data.login == USER.encode() and data.password == PASSWORD.encode()
        self.logins += good
        return AuthResult(success=good, handled=False)

    async def wait(self):
        while not self.released.is_set():
            await asyncio.sleep(0.02)

    async def handle_RCPT(self, server, session, envelope, address, options):
        self.tries[address] += 1
        if address.startswith("later") and self.tries[address] <= self.laters:
            return "451 4.3.0 Come back later"
        if address.startswith("never"):
            return "550 5.1.1 No such person here"
        if address.startswith("stall"):
            await self.wait()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        to = envelope.rcpt_tos[0]
        if to.startswith("full"):
            return "552 5.2.2 The mailbox is full"
        self.received.append((to, envelope.content))
        if to.startswith("hang"):
            await self.wait()
        if to.startswith("drop"):
            server.transport.abort()
        return "250 2.0.0 Taken"

    def to(self, address):
        """What was received for this address, parsed."""
        return [email.message_from_bytes(text, policy=email.policy.default) for a, text in self.received if a == address]
