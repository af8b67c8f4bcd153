"""Attacks on the web server: pages of others, broken requests, crowds."""

import contextlib
import os
import socket
import ssl
import time


def other_sites(report, system):
    report.case = "pages of others"
    browser = system.browser()
    browser.log_in(system.tokens["admin"][1])
    path, call = "/callbraid.v1.CallService/ListCalls", system.ids["berlin"]
    for headers, status in (
            ({"Origin": "https://evil.example"}, 403), ({"Origin": "null"}, 403),
            ({"Sec-Fetch-Site": "cross-site"}, 403), ({"Sec-Fetch-Site": "same-site"}, 403),
            ({"Content-Type": "text/plain"}, 400),
            ({"Content-Type": "application/x-www-form-urlencoded"}, 400),
            ({"Origin": system.url, "Sec-Fetch-Site": "same-origin"}, 200)):
        report.equal(browser.ask("POST", path, "{}", headers)[0], status, f"status with {headers}")
        if "Content-Type" not in headers:
            report.equal(browser.audio(call, headers=headers)[0], status, f"audio with {headers}")
    status, headers, _ = browser.ask("OPTIONS", path, headers={
        "Origin": "https://evil.example", "Access-Control-Request-Method": "POST"})
    report.equal(status, 403, "status of a preflight")
    report.expect(not any(name.startswith("access-control") for name in headers), "no CORS")


def negative(report, system):
    report.case = "what must not work"
    browser = system.browser("admin")
    for method, path, body, status in (
            ("GET", "/callbraid.v1.CallService/ListCalls", None, 405),
            ("PUT", "/", "{}", 405), ("DELETE", "/", None, 405), ("PATCH", "/session", "{}", 405),
            ("POST", "/callbraid.v1.CallService/Nothing", "{}", 404),
            ("POST", "/callbraid.v1.UplinkService/Connect", "{}", 404),
            ("POST", "/callbraid.v1.EnrolmentService/Enroll", "{}", 404),
            ("POST", "/callbraid.v1.CallService/ListCalls", "{", 400),
            ("POST", "/callbraid.v1.CallService/ListCalls", {"pageSise": 1}, 400),
            ("POST", "/callbraid.v1.CallService/ListCalls", {"pageToken": "AAAA"}, 400),
            ("POST", "/callbraid.v1.CallService/ListCalls", "[" * 100_000, 400),
            ("POST", "/callbraid.v1.CallService/GetCall", {"id": "' OR 1=1"}, 400),
            ("POST", "/callbraid.v1.CallService/GetCall", {"id": "x" * 100_000}, 400),
            ("GET", "/../../../../etc/passwd", None, 200), ("GET", "/%2e%2e/%2e%2e/etc/passwd.txt", None, 404),
            ("GET", "/assets/..%2f..%2fcollector.yaml", None, 404), ("GET", "/collector.yaml", None, 404),
            ("GET", "/calls/%00/audio", None, 200), ("GET", "/calls/%0d%0aX:y/audio?download=1", None, 400),
            ("GET", "/calls//audio", None, 400), ("GET", "/calls/a/b/packets", None, 400),
            ("GET", f"/calls/{system.ids['berlin']}/audio?request=%7B", None, 400)):
        got, headers, text = browser.ask(method, path, body)
        report.equal(got, status, f"status of {method} {path[:60]} {str(body)[:40]}")
        report.expect(b"root:" not in text and b"audit_days" not in text, "nothing of the disk")
        report.expect("x" not in headers, "no header of the client's making")
    for path in ("/", "/assets/app-12ab34cd.js", "/healthz", "/session", "/nothing.js",
                 "/calls/nothing/audio"):
        headers = browser.ask("GET", path)[1]
        for name in ("content-security-policy", "x-content-type-options", "referrer-policy"):
            report.expect(name in headers, f"{path} has {name}")
        report.expect("unsafe" not in headers["content-security-policy"], "nothing unsafe")
    report.equal(raw(system, b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 100_000 + b"\r\n\r\n")[:12],
                 b"HTTP/1.1 431", "answer to endless headers")
    # An answer to a body that is still being sent can get lost: only its head is.
    report.equal(raw(system, b"POST /session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                     b"Content-Length: 5000\r\n\r\n")[:12], b"HTTP/1.1 413", "answer to a large body")
    for odd in (b"Content-Length: 5\r\nContent-Length: 6", b"Content-Length: +5",
                b"Content-Length: 5\r\nTransfer-Encoding: chunked", b"Transfer-Encoding: xchunked"):
        report.equal(raw(system, b"POST /session HTTP/1.1\r\nHost: x\r\n" + odd + b"\r\n\r\n")[:12],
                     b"HTTP/1.1 400", f"answer to {odd}")
    for size in (7_000, 9_000, 12_000, 15_000, 17_000, 40_000):
        report.equal(raw(system, b"GET / HTTP/1.1\r\nHost: x\r\nCookie: a=" + b"b" * size + b"\r\n\r\n")[:12],
                     b"HTTP/1.1 200" if size < 16_000 else b"HTTP/1.1 431", f"answer to {size} bytes of cookie")
    for garbage in (b"\0" * 1000, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
                    b"POST /session HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
                    b"POST /session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n"):
        raw(system, garbage)
    report.equal(browser.ask("GET", "/healthz")[0], 200, "it lives")
    # Ten wrong tokens of one address, then none is looked at; one in use works on.
    stranger = system.browser()
    for _ in range(40):
        status, _, _ = stranger.log_in("cbt_" + "y" * 43)
    report.equal(status, 429, "status when one guesses")
    report.equal(browser.rpc("CallService/ListCalls")[0], 200, "a token in use goes on")


def connect(system):
    context = ssl.create_default_context(cafile=system.dir / "certs/ca.pem")
    host, port = system.url.split("//")[1].split(":")
    return context.wrap_socket(socket.create_connection((host, int(port)), timeout=20),
                               server_hostname=host)


def raw(system, request):
    """What comes back, of a connection that may just end."""
    try:
        with connect(system) as connection:
            connection.sendall(request)
            return connection.recv(1000)
    except OSError:
        return b""


def memory_mib(process):
    with open(f"/proc/{process.pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2 ** 20


def crowds(report, system):
    """Idle watchers, readers that take nothing, and requests that stop half-way: bounded, and
    others are served."""
    report.case = "crowds"
    before = memory_mib(system.collector)
    token = system.tokens["admin"][1]
    head = f"Host: x\r\nAuthorization: Bearer {token}\r\n"
    watch = f"GET /events/callbraid.v1.CallService/WatchCalls HTTP/1.1\r\n{head}\r\n".encode()
    listen = f"GET /calls/{system.ids['berlin']}/audio HTTP/1.1\r\n{head}\r\n".encode()
    half = f"POST /callbraid.v1.CallService/ListCalls HTTP/1.1\r\n{head}Content-Length: 100\r\n\r\n{{".encode()
    with contextlib.ExitStack() as crowd:
        for request, count in ((watch, 100), (listen, 60), (half, 60)):
            for _ in range(count):
                crowd.enter_context(connection := connect(system)).sendall(request)
                if request is watch:
                    connection.recv(1000)
        begun = time.monotonic()
        status, _ = system.browser("admin").rpc("CallService/ListCalls")
        took = time.monotonic() - begun
        grown = memory_mib(system.collector) - before
        report.equal(status, 200, "status for others")
        print(f"220 connections: {grown:.0f} MiB more; a list took {took * 1000:.0f} ms")
        report.expect(grown < 100, f"they take little: {grown:.0f} MiB")
        report.expect(took < 5, f"others wait for little: {took:.1f} s")
    time.sleep(1)
    report.equal(system.browser("admin").audio(system.ids["berlin"])[0], 200, "audio after it")
