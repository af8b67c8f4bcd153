"""Attacks on the query API of a collector: each with the status that it must have."""

import re

from access_system import (DENIED, INVALID, NO_CONNECTION, NOT_FOUND, OK, UNAUTHENTICATED,
                           expect_nothing_leaked, field, raw)


def attacks(report, system, ended_tokens, other_token):
    """[(name, expected, what was asked with which result)] against the query API."""
    berlin, bonn = system.ids["berlin"], system.ids["bonn"]
    get = field(1, bonn)
    viewer_id, viewer = system.make_token("viewer", "--role", "viewer", "--site", "berlin")
    _, boss = system.make_token("boss", "--role", "admin")
    ours, admin = f"authorization: Bearer {viewer}", f"authorization: Bearer {boss}"
    calls, access = "CallService/", "AccessService/"
    revoked, expired = (f"authorization: Bearer {token}" for token in ended_tokens)
    elsewhere = f"authorization: Bearer {other_token}"
    table = [
        ("no certificate", UNAUTHENTICATED, dict(method=calls + "ListCalls")),
        ("a certificate of a foreign CA", NO_CONNECTION,
         dict(method=calls + "ListCalls", name="ann", folder="foreign")),
        ("plaintext", NO_CONNECTION, dict(method=calls + "ListCalls", scheme="http")),
        ("a sensor's certificate", DENIED, dict(method=calls + "ListCalls", name="s1")),
        ("a sensor's certificate, for audio", DENIED,
         dict(method=calls + "GetAudio", message=get, name="s1")),
        ("a certificate without a role", DENIED, dict(method=calls + "ListCalls", name="stranger")),
        ("the collector's own certificate, for servers", NO_CONNECTION,
         dict(method=calls + "ListCalls", name="collector")),
        ("a revoked token", UNAUTHENTICATED, dict(method=calls + "ListCalls", headers=[revoked])),
        ("an expired token", UNAUTHENTICATED, dict(method=calls + "ListCalls", headers=[expired])),
        ("a token of another collector", UNAUTHENTICATED,
         dict(method=calls + "ListCalls", headers=[elsewhere])),
        ("a bad token beside a good certificate", UNAUTHENTICATED,
         dict(method=calls + "ListCalls", name="client", headers=["authorization: Bearer x"])),
        ("a viewer's token beside an admin's certificate", DENIED,
         dict(method=access + "ListTokens", name="client", headers=[ours])),
        ("two authorizations, good and bad", UNAUTHENTICATED,
         dict(method=calls + "ListCalls", headers=[ours, "authorization: Bearer x"])),
        ("two authorizations, viewer and admin", UNAUTHENTICATED,
         dict(method=access + "ListTokens", headers=[ours, admin])),
        ("two tokens in one authorization", UNAUTHENTICATED,
         dict(method=access + "ListTokens", headers=[f"{ours}, Bearer {boss}"])),
        ("a token in another header", UNAUTHENTICATED,
         dict(method=calls + "ListCalls", headers=[f"x-authorization: Bearer {viewer}"])),
        ("a token as a password", UNAUTHENTICATED,
         dict(method=calls + "ListCalls", headers=[f"authorization: Basic {viewer}"])),
        ("a token cut short", UNAUTHENTICATED,
         dict(method=calls + "ListCalls", headers=[ours[:-1]])),
        ("a token in other case", UNAUTHENTICATED,
         dict(method=calls + "ListCalls",
              headers=[f"authorization: Bearer cbt_{viewer[4:].swapcase()}"])),
        ("a viewer lists tokens", DENIED, dict(method=access + "ListTokens", headers=[ours])),
        ("a viewer makes a token", DENIED,
         dict(method=access + "CreateToken", message=field(1, "x") + field(2, 4), headers=[ours])),
        ("a viewer reads the audit log", DENIED, dict(method=access + "ListAudit", headers=[ours])),
        ("a viewer asks for sensors", DENIED,
         dict(method="SensorService/ListSensors", headers=[ours])),
        ("an id out of scope", NOT_FOUND,
         dict(method=calls + "GetCall", message=get, headers=[ours])),
        ("signalling out of scope", NOT_FOUND,
         dict(method=calls + "GetSignalling", message=get, headers=[ours])),
        ("audio out of scope", NOT_FOUND,
         dict(method=calls + "GetAudio", message=get, headers=[ours])),
        ("packets out of scope", NOT_FOUND,
         dict(method=calls + "GetPackets", message=get, headers=[ours])),
        ("a filter out of scope", OK,
         dict(method=calls + "ListCalls", message=field(3, "+49228"), headers=[ours])),
        ("a stream of another call", NOT_FOUND,
         dict(method=calls + "GetAudio", message=field(1, berlin) + field(3, bonn),
              headers=[ours])),
    ]
    print(f"\n{'attack':52} status")
    for name, expected, request in table:
        report.case = f"attack: {name}"
        status, text = raw(system, **request)
        print(f"{name:52} {status}")
        report.equal(status, expected, f"status ({text!r})")
        expect_nothing_leaked(report, text, "the answer")
        report.expect(viewer not in text and boss not in text, "no token comes back")
    system.cli("tokens", "revoke", viewer_id)
    return viewer


def page_tokens(report, system):
    """Changed, of another scope, of another listing."""
    report.case = "page tokens"
    status, text = raw(system, "CallService/ListCalls", field(6, 1), "client")
    report.equal(status, OK, "status of the first page")
    # The last field of the response: its number, its size, the token.
    at = text.rindex("\x12") + 2
    token = text[at:at + ord(text[at - 1])]
    report.expect(re.fullmatch(r"[A-Za-z0-9_-]{60,}", token), f"it is a token: {token!r}")
    page = field(6, 1) + field(7, token)
    report.equal(raw(system, "CallService/ListCalls", page, "client")[0], OK,
                 "status of the second page")
    for user in ("ann", "bob"):
        status, text = raw(system, "CallService/ListCalls", page, user)
        report.equal(status, INVALID, f"status with a token of another scope, for {user}")
        expect_nothing_leaked(report, text, "the answer")
    changed = token[:20] + ("A" if token[20] != "A" else "B") + token[21:]
    for bad in (changed, token[:-8], "A" * 80, token + token):
        report.equal(raw(system, "CallService/ListCalls", field(6, 1) + field(7, bad), "client")[0],
                     INVALID, "status with a token that was changed")
    report.equal(raw(system, "AccessService/ListAudit", field(6, token), "client")[0], INVALID,
                 "status with a token of another listing")
