"""Calls with DTLS-SRTP, as a SPAN port shows them: OpenSSL shakes hands, ffmpeg speaks and
libsrtp encrypts."""

import ctypes
import ctypes.util
import re
import select
import socket
import subprocess
import time

from span_captures import MS, Call
from tls_calls import certificate

# By the names of OpenSSL: number (RFC 5764, section 4.1.2), bytes of key and of salt.
PROFILES = {"SRTP_AES128_CM_SHA1_80": (1, 16, 14), "SRTP_AES128_CM_SHA1_32": (2, 16, 14),
            "SRTP_AEAD_AES_128_GCM": (7, 16, 12), "SRTP_AEAD_AES_256_GCM": (8, 32, 12)}
LABEL = "EXTRACTOR-dtls_srtp"


class Handshake:
    """What two programs of OpenSSL sent each other, and what they have of it.

    `datagrams`: [(of_client, bytes)...]. `keys`: master key and salt, by of_client, as
    OpenSSL exports them.
    """

    def __init__(self, folder, key_log, profile="SRTP_AES128_CM_SHA1_80", version="-dtls1_2",
                 mtu=None, suite=None):
        pem = certificate(folder)
        _, key, salt = PROFILES[profile]
        self.profile = profile
        relay = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        relay.bind(("127.0.0.1", 0))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        common = [version, "-use_srtp", profile, "-keymatexport", LABEL, "-keymatexportlen",
                  str(2 * (key + salt)), "-cipher", (suite or "ALL") + ":@SECLEVEL=0"]
        if mtu:
            common += ["-mtu", str(mtu)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE,
                 "stderr": subprocess.STDOUT}
        server = subprocess.Popen(["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert",
                                   pem, *common], **pipes)
        while b"ACCEPT" not in server.stdout.readline():
            pass
        client = subprocess.Popen(["openssl", "s_client", "-connect",
                                   "127.0.0.1:%d" % relay.getsockname()[1], "-keylogfile", key_log,
                                   *common], **pipes)
        self.datagrams = self._pass_on(relay, port)
        for process in (client, server):
            process.stdin.close()
        said, _ = self._end(client), self._end(server)
        relay.close()
        found = re.search(r"Keying material: ([0-9A-F]+)", said)
        if not found:
            raise RuntimeError(f"no keys: {said}")
        material = bytes.fromhex(found.group(1))
        self.keys = {True: material[:key] + material[2 * key:2 * key + salt],
                     False: material[key:2 * key] + material[2 * key + salt:]}

    @staticmethod
    def _pass_on(relay, port):
        """Until both have been silent for half a second after they spoke."""
        datagrams, client = [], None
        until = time.monotonic() + 10
        while time.monotonic() < until:
            ready, _, _ = select.select([relay], [], [], 0.5)
            if not ready:
                if len(datagrams) > 3:
                    return datagrams
                continue
            data, sender = relay.recvfrom(65535)
            of_client = sender[1] != port
            if of_client:
                client = sender
            datagrams.append((of_client, data))
            relay.sendto(data, ("127.0.0.1", port) if of_client else client)
        raise RuntimeError("OpenSSL does not come to an end")

    @staticmethod
    def _end(process):
        try:
            return process.stdout.read().decode(errors="replace")
        finally:
            process.kill()
            process.wait()


def spoken(frequency, seconds, ssrc, srtp=None):
    """RTP packets of a tone in A-law, 20 ms each, from ffmpeg; with `srtp`, a key and salt in
    base64, encrypted by it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        ear.bind(("127.0.0.1", 0))
        port = ear.getsockname()[1]
        size, scheme, options = 172, "rtp", []
        if srtp:
            size, scheme = 172 + 14, "srtp"
            options = ["-srtp_out_suite", "AES_CM_128_HMAC_SHA1_80", "-srtp_out_params", srtp]
        subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i",
                        f"sine=frequency={frequency}:sample_rate=8000:samples_per_frame=160:"
                        f"duration={seconds}", "-ac", "1",
                        "-c:a", "pcm_alaw", "-f", "rtp", "-ssrc", str(ssrc - (ssrc >> 31 << 32)), *options,
                        f"{scheme}://127.0.0.1:{port}?pkt_size={size}"],
                       check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        packets = []
        ear.settimeout(0.3)
        try:
            while True:
                packets.append(ear.recv(2048))
        except TimeoutError:
            pass
    return [packet for packet in packets if not 192 <= packet[1] <= 223]


class _CryptoPolicy(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int) for name in
                ("cipher_type", "cipher_key_len", "auth_type", "auth_key_len", "auth_tag_len",
                 "sec_serv")]


class _Policy(ctypes.Structure):
    """srtp_policy_t of libsrtp 2.5."""
    _fields_ = [("ssrc_type", ctypes.c_int), ("ssrc", ctypes.c_uint), ("rtp", _CryptoPolicy),
                ("rtcp", _CryptoPolicy), ("key", ctypes.c_char_p), ("keys", ctypes.c_void_p),
                ("num_master_keys", ctypes.c_ulong), ("ekt", ctypes.c_void_p),
                ("window_size", ctypes.c_ulong), ("allow_repeat_tx", ctypes.c_int),
                ("enc_xtn_hdr", ctypes.c_void_p), ("enc_xtn_hdr_count", ctypes.c_int),
                ("next", ctypes.c_void_p)]


def protected(packets, profile, key_and_salt):
    """`packets` as libsrtp encrypts them under a protection profile."""
    library = ctypes.CDLL(ctypes.util.find_library("srtp2"))
    library.srtp_init()
    policy = _Policy(ssrc_type=3, key=key_and_salt, window_size=1024)  # Any outbound.
    number, _, _ = PROFILES[profile]
    for part, of_rtp in ((policy.rtp, True), (policy.rtcp, False)):
        set_policy = (library.srtp_crypto_policy_set_from_profile_for_rtp if of_rtp else
                      library.srtp_crypto_policy_set_from_profile_for_rtcp)
        if set_policy(ctypes.byref(part), number) != 0:
            raise RuntimeError(f"libsrtp has no {profile}")
    session = ctypes.c_void_p()
    if library.srtp_create(ctypes.byref(session), ctypes.byref(policy)) != 0:
        raise RuntimeError("srtp_create")
    out = []
    for packet in packets:
        buffer = ctypes.create_string_buffer(packet, len(packet) + 64)
        size = ctypes.c_int(len(packet))
        if library.srtp_protect(session, buffer, ctypes.byref(size)) != 0:
            raise RuntimeError("srtp_protect")
        out.append(buffer.raw[:size.value])
    library.srtp_dealloc(session)
    return out


class DtlsCall(Call):
    """A call whose media are keyed by `handshake`: the callee is its client, as after
    a=setup:actpass and active (RFC 5763)."""

    def __init__(self, *arguments, handshake, **options):
        super().__init__(*arguments, encrypted=True, **options)
        self.handshake = handshake

    def shake_hands(self, seen=lambda of_client, n: True):
        for n, (of_client, data) in enumerate(self.handshake.datagrams):
            source, other = ((self.callee, self.caller) if of_client
                             else (self.caller, self.callee))
            if seen(of_client, n):
                self.capture.udp(self.answer_ns - 5 * MS + n * MS // 4, source, source.rtp_port,
                                 other, other.rtp_port, data)
        return self

    def both_send(self, by_caller, by_callee):
        """SRTP packets of both sides, 20 ms each."""
        for source, other, packets in ((self.caller, self.callee, by_caller),
                                       (self.callee, self.caller, by_callee)):
            for n, packet in enumerate(packets):
                self.capture.udp(self.answer_ns + 20 * MS + n * 20 * MS, source, source.rtp_port,
                                 other, other.rtp_port, packet)
        return self
