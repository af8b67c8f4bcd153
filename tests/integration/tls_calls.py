"""Calls by SIP in TLS, as a SPAN port shows them; OpenSSL is on both sides."""

import pathlib
import ssl
import struct
import subprocess

from protocol_calls import Connection
from span_captures import A, MS, PBX, Call, Capture

SUITES_1_2 = ("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
              "ECDHE-ECDSA-CHACHA20-POLY1305")
CBC_1_2 = "ECDHE-ECDSA-AES128-SHA256"
NOT_READ_1_2 = "ECDHE-ECDSA-ARIA128-GCM-SHA256"
# The key exchange of which is RSA.
RSA_1_2 = ("AES256-GCM-SHA384", "AES128-SHA")


def certificate(folder, rsa=False):
    """A PEM file of a key and its certificate."""
    path = pathlib.Path(folder) / ("pbx-rsa.pem" if rsa else "pbx.pem")
    kind = ["rsa:2048"] if rsa else ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    if not path.exists():
        subprocess.run(["openssl", "req", "-x509", "-newkey", *kind, "-nodes", "-subj", "/CN=pbx",
                        "-days", "2", "-keyout", path, "-out", f"{path}.crt"],
                       check=True, capture_output=True)
        path.write_text(path.read_text() + pathlib.Path(f"{path}.crt").read_text())
    return path


class TlsEnds:
    """A client and a server that speak through memory; who says what is up to the test."""

    def __init__(self, folder, key_log, version=ssl.TLSVersion.TLSv1_3, suite=None, session=None):
        self.client_context = session.client_context if session else ssl.SSLContext(
            ssl.PROTOCOL_TLS_CLIENT)
        self.server_context = session.server_context if session else ssl.SSLContext(
            ssl.PROTOCOL_TLS_SERVER)
        for context in () if session else (self.client_context, self.server_context):
            context.minimum_version = context.maximum_version = version
            if suite:
                context.set_ciphers(suite + ":@SECLEVEL=0")
        self.client_context.check_hostname = False
        self.client_context.verify_mode = ssl.CERT_NONE
        self.client_context.keylog_filename = str(key_log)
        if not session:
            self.server_context.load_cert_chain(certificate(folder, suite in RSA_1_2))
        self.into = {True: ssl.MemoryBIO(), False: ssl.MemoryBIO()}  # By of_client.
        self.out = {True: ssl.MemoryBIO(), False: ssl.MemoryBIO()}
        self.ends = {
            True: self.client_context.wrap_bio(self.into[True], self.out[True],
                                               session=session.ends[True].session if session else None),
            False: self.server_context.wrap_bio(self.into[False], self.out[False],
                                                server_side=True)}

    def pass_on(self, of_client):
        sent = self.out[of_client].read()
        self.into[not of_client].write(sent)
        return sent

    def handshake(self):
        """[(of_client, bytes)...]"""
        flights = []
        done = set()
        of_client = True
        while len(done) < 2 or flights[-1][1]:
            try:
                self.ends[of_client].do_handshake()
                done.add(of_client)
            except ssl.SSLWantReadError:
                pass
            flights.append((of_client, self.pass_on(of_client)))
            of_client = not of_client
        try:
            self.ends[True].read()  # Tickets.
        except ssl.SSLWantReadError:
            pass
        return flights

    def say(self, of_client, text):
        self.ends[of_client].write(text)
        sent = self.pass_on(of_client)
        self.ends[not of_client].read(len(text))
        return sent


class TlsCall(Call):
    """The caller speaks SIP in TLS with the PBX.

    `lost`: how many of what the PBX says in TLS, from the first on, is not captured.
    """

    def __init__(self, *arguments, ends, client_port=50123, joined=False, lost=(), **options):
        super().__init__(*arguments, **options)
        self.ends = ends
        self.client = Connection(self.capture, A, client_port, PBX, 5061)
        self.server = Connection(self.capture, PBX, 5061, A, client_port)
        self.lost = set(lost)
        self.said = 0
        for n, (of_client, sent) in enumerate(ends.handshake()):
            side = self.client if of_client else self.server
            # As the network cuts them.
            for at in range(0, len(sent), 1400):
                side.send(self.start_ns - 50 * MS + n * MS, sent[at:at + 1400], seen=not joined)

    def message(self, time_ns, source, destination, start_line, branch, method, body="", to_tag=""):
        if A not in (source, destination):
            super().message(time_ns, source, destination, start_line, branch, method, body, to_tag)
            return
        own, self.capture = self.capture, Capture()
        super().message(time_ns, source, destination, start_line, branch, method, body, to_tag)
        text = self.capture.frames[0][1][42:].replace(b"SIP/2.0/UDP", b"SIP/2.0/TLS")
        self.capture = own
        sent = self.ends.say(source is A, text)
        side = self.client if source is A else self.server
        seen = source is A or self.said not in self.lost
        self.said += source is not A
        side.send(time_ns, sent, seen)


def with_secrets(capture_path, key_log, path):
    """The capture as pcapng, with the key log in it (a Decryption Secrets Block)."""
    def block(kind, body):
        body += bytes(-len(body) % 4)
        length = struct.pack("<I", 12 + len(body))
        return struct.pack("<I", kind) + length + body + length
    data = pathlib.Path(capture_path).read_bytes()
    scale = {0xa1b23c4d: 1, 0xa1b2c3d4: 1000}[struct.unpack_from("<I", data)[0]]
    secrets = pathlib.Path(key_log).read_bytes()
    out = [block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1)),
           # Option 9, if_tsresol: ns.
           block(1, struct.pack("<HHI", 1, 0, 65535) + struct.pack("<HHBxxxHH", 9, 1, 9, 0, 0)),
           block(10, struct.pack("<II", 0x544c534b, len(secrets)) + secrets)]
    at = 24
    while at < len(data):
        seconds, fraction, size, wire = struct.unpack_from("<IIII", data, at)
        time_ns = seconds * 10**9 + fraction * scale
        out.append(block(6, struct.pack("<IIIII", 0, time_ns >> 32, time_ns & 0xffffffff, size, wire)
                         + data[at + 16:at + 16 + size]))
        at += 16 + size
    pathlib.Path(path).write_bytes(b"".join(out))
    return path
