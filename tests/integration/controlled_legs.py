"""What tshark reads of MGCP and SCCP in a capture, to compare legs with."""

import collections
import dataclasses
import subprocess
import xml.etree.ElementTree as xml

CALL_STATE_ON_HOOK, CALL_STATE_CONNECTED, CALL_STATE_REMOTE_MULTILINE = 2, 5, 13
# Messages that say something of one call, besides its state: OpenReceiveChannel,
# StartMediaTransmission, CallInfo, CallInfoV2, DialedNumber.
OF_A_CALL = {261, 138, 143, 330, 285}


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
