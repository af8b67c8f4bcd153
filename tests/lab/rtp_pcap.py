#!/usr/bin/env python3
"""Writes a WAV (8 kHz, mono, 16 bits) as RTP for sipp's play_pcap_audio.

    rtp_pcap.py WAV PCAP SSRC

G.711 u-law, 20 ms a packet. sipp takes addresses and ports from each call and
everything from the RTP header on, and the pace, from the file.
"""

import struct
import sys

import capture


def encode_ulaw(sample):
    """The byte whose value is nearest."""
    return min(range(256), key=lambda byte: abs(capture.G711[0][byte] - sample))


def main():
    wav, pcap, ssrc = sys.argv[1], sys.argv[2], int(sys.argv[3], 0)
    (samples,) = capture.read_wav(wav)
    code = {sample: encode_ulaw(sample) for sample in set(samples)}
    with open(pcap, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for n in range(len(samples) // 160):
            payload = bytes(code[s] for s in samples[n * 160 : n * 160 + 160])
            marker = 0x80 if n == 0 else 0
            rtp = struct.pack(">BBHII", 0x80, marker, n + 1, n * 160, ssrc) + payload
            udp = struct.pack(">HHHH", 6000, 6000, 8 + len(rtp), 0) + rtp
            address = bytes([192, 0, 2, 1])
            ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), n, 0, 64, 17, 0)
            frame = bytes(12) + b"\x08\x00" + ip + address + address + udp
            seconds, microseconds = divmod(n * 20000, 1000000)
            sizes = len(frame), len(frame)
            file.write(struct.pack("<IIII", seconds, microseconds, *sizes) + frame)


if __name__ == "__main__":
    main()
