"""A webhook's receiver, as a user would write it: python's http.server, hmac and json. It can also
fail in the ways that receivers do."""

import base64
import collections
import contextlib
import hashlib
import hmac
import http.server
import json
import random
import socket
import ssl
import threading
import time

TOLERANCE_S = 300


def sign(secret, identity, timestamp, body):
    text = f"{identity}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret, text, hashlib.sha256).digest()).decode()


def verify(secret, headers, body):
    """Whether `secret` signed it, lately."""
    fresh = abs(time.time() - int(headers["webhook-timestamp"])) < TOLERANCE_S
    want = sign(secret, headers["webhook-id"], headers["webhook-timestamp"], body)
    return fresh and any(hmac.compare_digest(want, given)
                         for given in headers["webhook-signature"].split(" "))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.server.receiver.take(self.headers, body, self.path)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", self.server.receiver.redirect)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.connections = set()

    def process_request(self, request, client_address):
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        self.connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, *_):
        """A client that was killed."""


class Receiver:
    """`mode`: "ok", "flaky" (one in three is answered 503), "slow" (0.3 s), "500", "302"."""

    def __init__(self, secret, certificate=None):
        self.secret = secret
        self.certificate = certificate  # (chain, key)
        self.mode = "ok"
        self.redirect = ""
        self.lock = threading.Lock()
        self.events = []      # As taken: bodies, in order, also those that came twice.
        self.forged = 0
        self.answers = collections.Counter()
        self.random = random.Random(1)
        self.port = 0
        self.server = None
        self.open()

    def open(self):
        """Also after close(), on the same port."""
        self.server = Server(("127.0.0.1", self.port), Handler)
        self.server.receiver = self
        if self.certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self.certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        """As when its process ends: also what is connected."""
        self.server.shutdown()
        self.server.server_close()
        for connection in list(self.server.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def url(self, path="/hook"):
        return f"{'https' if self.certificate else 'http'}://127.0.0.1:{self.port}{path}"

    def take(self, headers, body, path):
        if self.mode == "slow":
            time.sleep(0.3)
        with self.lock:
            status = {"500": 500, "302": 302}.get(self.mode, 200)
            if path == "/trap":
                status = 418
            if self.mode == "flaky" and self.random.random() < 1 / 3:
                status = 503
            if not verify(self.secret, headers, body):
                self.forged += 1
                status = 401
            if status == 200:
                event = json.loads(body)
                assert event["id"] == headers["webhook-id"]
                self.events.append(event)
            self.answers[status] += 1
            return status

    def snapshot(self):
        with self.lock:
            return list(self.events)

    def first_of_each(self):
        """Events without those that came again, in the order of their first arrival."""
        return list({event["id"]: event for event in reversed(self.snapshot())}.values())[::-1]

    def wait_for(self, condition, timeout=60):
        """Until condition(events without repetitions); False if it never holds."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if condition(self.first_of_each()):
                return True
            time.sleep(0.1)
        return False
