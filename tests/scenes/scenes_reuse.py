"""What is used again and again, and must not make one call of several."""

from scene import Office, scene
from scenes_basic import bridged
from signalling import sdp


def again(s, o, t, ports, same_dialog=None, same_rtp=None, restart=True, number=0):
    """A call of 101 to 103 from the same ports as the one before, as far as told."""
    call = s.call("101", "103")
    dialog = call.dialog([o.a, o.pbx, o.c], "101", "103", **(same_dialog or {}))
    answered = dialog.ring(t, sdp(o.a.ip, ports[0]), answer=sdp(o.c.ip, ports[1]))
    streams = []
    for i, (host, port, to, side) in enumerate((
            (o.a, ports[0], (o.c.ip, ports[1]), "CALLER"),
            (o.c, ports[1], (o.a.ip, ports[0]), "CALLEE"))):
        options = {}
        if same_rtp:
            options = {"ssrc": same_rtp[i].ssrc}
            if restart:
                options |= {"sequence": 1, "timestamp": 160}
            else:
                options |= {"sequence": same_rtp[i].sequence,
                            "timestamp": same_rtp[i].timestamp + 16000 & 0xffffffff}
        stream = call.stream(host, port, to, f"{call.voice_of(host)}.{number}", side, **options)
        stream.talk(answered + 0.03, 4)
        streams.append(stream)
    dialog.bye(answered + 4.1)
    return dialog, streams, answered + 4.1


@scene("a Call-ID and tag used again a second after the BYE")
def call_id_again(s):
    o = Office(s)
    o.tap("s1")
    o.tap("s2", "sw2")
    dialog, _, t = again(s, o, 0.5, (o.a.port(), o.c.port()), number=1)
    again(s, o, t + 1, (o.a.port(), o.c.port()),
          same_dialog={"call_id": dialog.call_id, "from_tag": dialog.from_tag}, number=2)


@scene("the next call has the same ports and other SSRCs")
def ports_again(s):
    o = Office(s)
    o.tap("s1")
    ports = o.a.port(), o.c.port()
    t = 0.5
    for number in range(3):
        _, _, t = again(s, o, t, ports, number=number)
        t += 0.8


@scene("the next call has the same ports and SSRCs, and begins to count anew")
def ssrc_again(s):
    o = Office(s)
    o.tap("s1")
    ports = o.a.port(), o.c.port()
    t, streams = 0.5, None
    for number in range(3):
        _, streams, t = again(s, o, t, ports, same_rtp=streams, number=number)
        t += 0.8


@scene("the next call has the same ports and SSRCs, and goes on counting")
def ssrc_goes_on(s):
    o = Office(s)
    o.tap("s1")
    ports = o.a.port(), o.c.port()
    t, streams = 0.5, None
    for number in range(2):
        _, streams, t = again(s, o, t, ports, same_rtp=streams, restart=False, number=number)
        t += 0.8


@scene("two calls of the same numbers at the same time, transcoded: nothing tells which is whose")
def alike(s):
    o = Office(s)
    o.tap("s1")
    o.net.hosts[None, "10.10.0.103"].name = "101"
    for phone, t in ((o.a, 0.5), (o.c, 0.7)):
        call = bridged(s, phone, o.trunk, o.pbx, t=t, codecs=("PCMU", "PCMA"))
        other = s.call("101", "9001")
        other.legs = [call.legs.pop()]
        other.streams = [stream for stream in call.streams if stream.codec == "PCMA"]
        call.streams = [stream for stream in call.streams if stream.codec == "PCMU"]
