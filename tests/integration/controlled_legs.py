"""What tshark reads of MGCP, SCCP and H.323 in a capture, to compare legs with."""

import collections
import dataclasses
import subprocess
import xml.etree.ElementTree as xml

CALL_STATE_ON_HOOK, CALL_STATE_CONNECTED, CALL_STATE_REMOTE_MULTILINE = 2, 5, 13
# Messages that say something of one call, besides its state: OpenReceiveChannel,
# StartMediaTransmission, CallInfo, CallInfoV2, DialedNumber.
OF_A_CALL = {261, 138, 143, 330, 285}
Q931_CONNECT, Q931_RELEASE_COMPLETE = 0x07, 0x5a
# Alerting, CallProceeding, Progress, Setup, Connect, Facility.
H323_BEGINS = {0x01, 0x02, 0x03, 0x05, Q931_CONNECT, 0x62}


@dataclasses.dataclass
class Leg:
    answer: float | None = None
    end: float | None = None


def _packets(path, display_filter):
    """(time, [(protocol, {field: [value]})]) of each packet."""
    process = subprocess.Popen(["tshark", "-r", path, "-Y", display_filter, "-T", "pdml"],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    for _, packet in xml.iterparse(process.stdout):
        if packet.tag != "packet":
            continue
        time = None
        layers = []
        for proto in packet.iter("proto"):
            fields = collections.defaultdict(list)
            for field in proto.iter("field"):
                fields[field.get("name")].append(field.get("show"))
            if proto.get("name") == "geninfo":
                continue
            if proto.get("name") == "frame":
                time = float(fields["frame.time_epoch"][0])
            layers.append((proto.get("name"), fields))
        yield time, layers
        packet.clear()
    process.wait()


def mgcp_legs(path):
    """{call id: Leg}: what has a call id (C:), and when it ended."""
    legs = {}
    for time, layers in _packets(path, "mgcp"):
        for name, fields in layers:
            for call_id in fields["mgcp.param.callid"] if name == "mgcp" else []:
                leg = legs.setdefault(call_id, Leg())
                if "DLCX" in fields["mgcp.req.verb"] and leg.end is None:
                    leg.end = time
    return legs


def sccp_legs(path):
    """{call reference: Leg} of all phones."""
    legs = {}
    for time, layers in _packets(path, "skinny"):
        for name, fields in layers:
            reference = int((fields["skinny.callReference"] or ["0"])[0])
            if name != "skinny" or reference == 0:
                continue
            message = int(fields["skinny.messageId"][0])
            state = int((fields["skinny.callState"] or ["0"])[0], 0)
            key = str(reference)
            begins = message in OF_A_CALL or (
                state not in (0, CALL_STATE_ON_HOOK, CALL_STATE_REMOTE_MULTILINE))
            if key not in legs and not begins:
                continue
            leg = legs.setdefault(key, Leg())
            if state == CALL_STATE_CONNECTED and leg.answer is None:
                leg.answer = time
            if state == CALL_STATE_ON_HOOK and leg.end is None:
                leg.end = time
    return legs


def h323_legs(path):
    """{call identifier: Leg}: what is more than the end of a call."""
    legs = {}
    message = reference = end = addresses = ports = None
    for time, layers in _packets(path, "q931"):
        for name, fields in layers:
            if name == "ip":
                addresses = fields["ip.src"][0], fields["ip.dst"][0]
            if name == "tcp":
                ports = fields["tcp.srcport"][0], fields["tcp.dstport"][0]
            if name == "q931" and fields["q931.message_type"]:
                message = int(fields["q931.message_type"][0], 0)
                reference = int(fields["q931.call_ref"][0].replace(":", ""), 16)
                end = int(fields["q931.call_ref_flag"][0])  # 1: to the originator.
            if name != "h225" or not fields["h225.guid"]:
                continue
            # The last one: a Setup may have others, of its conference.
            key = fields["h225.guid"][-1].replace("-", "")
            # Before version 2 of H.323 there was none: the call reference and whose
            # it is.
            if not key.strip("0"):
                key = f"{reference}@{addresses[end]}:{ports[end]}"
            if key not in legs and message not in H323_BEGINS:
                continue
            leg = legs.setdefault(key, Leg())
            if message == Q931_CONNECT and leg.answer is None:
                leg.answer = time
            if message == Q931_RELEASE_COMPLETE and leg.end is None:
                leg.end = time
    return legs
