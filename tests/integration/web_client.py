"""A browser's half of the web server's contract: logins, JSON, events, files."""

import contextlib
import http.client
import json
import ssl
import urllib.parse


class Browser:
    """One user at one web server; keeps its cookie. A connection for each request."""

    def __init__(self, url, ca=None, token=None, headers=None):
        self.address = urllib.parse.urlsplit(url).netloc
        self.context = ssl.create_default_context(cafile=ca) if url.startswith("https") else None
        self.headers = dict(headers or {})
        if token:
            self.headers["Authorization"] = f"Bearer {token}"
        self.cookie = None

    def open(self):
        if self.context is None:
            return http.client.HTTPConnection(self.address, timeout=30)
        return http.client.HTTPSConnection(self.address, timeout=30, context=self.context)

    def ask(self, method, path, body=None, headers=None):
        """(status, headers by lower-case name, body)."""
        with contextlib.closing(self.open()) as connection:
            self.send(connection, method, path, body, headers)
            response = connection.getresponse()
            data = response.read()
        cookie = response.headers.get("Set-Cookie", "")
        if cookie:
            self.cookie = cookie.split(";")[0]
        return response.status, {key.lower(): value for key, value in response.getheaders()}, data

    def send(self, connection, method, path, body=None, headers=None):
        everything = {**self.headers, **({"Cookie": self.cookie} if self.cookie else {}),
                      **(headers or {})}
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        if body is not None:
            everything.setdefault("Content-Type", "application/json")
        connection.request(method, path, body, everything)

    def log_in(self, token):
        return self.ask("POST", "/session", {"token": token})

    def rpc(self, method, request=None):
        """(status, JSON); `method` is "CallService/ListCalls"."""
        status, _, body = self.ask("POST", f"/callbraid.v1.{method}", request or {})
        return status, json.loads(body)

    def audio(self, call, request=None, headers=None):
        return self.ask("GET", f"/calls/{call}/audio?" + query(request), headers=headers)

    @contextlib.contextmanager
    def events(self, method, request=None):
        """Yields an iterator of (event, data)."""
        with contextlib.closing(self.open()) as connection:
            self.send(connection, "GET", f"/events/callbraid.v1.{method}?" + query(request))
            response = connection.getresponse()
            yield read_events(response)


def query(request):
    return urllib.parse.urlencode({"request": json.dumps(request or {})})


def read_events(response):
    """As an EventSource reads them; comments come as (None, "")."""
    event, data = "message", []
    while line := response.readline():
        line = line.decode().rstrip("\n")
        if line.startswith(":"):
            yield None, ""
        elif line.startswith("event: "):
            event = line[7:]
        elif line.startswith("data: "):
            data.append(line[6:])
        elif not line and data:
            yield event, json.loads("\n".join(data))
            event, data = "message", []
