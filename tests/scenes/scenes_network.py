"""What the network does: address translation, sites, SPAN ports that show too little or
too much, captures that begin or end in mid-call."""

from scene import Office, scene
from scenes_basic import proxied, relayed
from signalling import sdp
from wire import Link


def home(s, net, number, outside_ip, sensor=None, offset=0.0, site=None, inside="192.168.1"):
    """A phone behind a router; its own sensor, if any, stands inside."""
    switch = net.switch(f"home{number}", None)
    router = net.nat(f"{inside}.1", switch, outside_ip, "sw1")
    phone = net.host(number, f"{inside}.20", switch, behind=router)
    if sensor:
        net.tap(sensor, switch, offset=offset, site=site or f"home{number}")
    return phone, router


def through_relay(s, a, b, pbx, t=0.5, talk=5.0):
    """As relayed(), but the PBX sends to where RTP comes from, whatever SDP says."""
    call = s.call(a.name, b.name)
    dialog = call.dialog([a, pbx, b], a.name, b.name)
    ports, near, far = (a.port(), b.port()), pbx.port(), pbx.port()
    answered = dialog.ring(t, [sdp(a.ip, ports[0]), sdp(pbx.ip, far)],
                           answer=[sdp(pbx.ip, near), sdp(b.ip, ports[1])])
    to_a, to_b = (host.behind.open(host, port) if host.behind else (host.ip, port)
                  for host, port in ((a, ports[0]), (b, ports[1])))
    one = call.stream(a, ports[0], (pbx.ip, near), call.voice_of(a), "CALLER")
    two = call.stream(b, ports[1], (pbx.ip, far), call.voice_of(b), "CALLEE")
    one.talk(answered + 0.03, talk, [call.relay(pbx, far, to_b, one)])
    two.talk(answered + 0.05, talk, [call.relay(pbx, near, to_a, two)])
    dialog.bye(answered + talk + 0.1)
    return call


@scene("the caller is behind NAT; a sensor on either side of it")
def nat_one_side(s):
    o = Office(s)
    o.tap("s1")
    phone, _ = home(s, o.net, "201", "198.51.100.7", "s2", offset=0.4)
    through_relay(s, phone, o.b, o.pbx)


@scene("both are behind NAT, with the same addresses inside; a sensor in each home, one in between")
def nat_both_sides(s):
    o = Office(s)
    o.tap("s1")
    a, _ = home(s, o.net, "201", "198.51.100.7", "s2", offset=-0.3)
    b, _ = home(s, o.net, "202", "198.51.100.8", "s3", offset=0.2)
    through_relay(s, a, b, o.pbx)


@scene("both are behind NAT, media goes from home to home, and only the homes have sensors")
def nat_direct(s):
    o = Office(s)
    a, _ = home(s, o.net, "201", "198.51.100.7", "s2")
    b, _ = home(s, o.net, "202", "198.51.100.8", "s3", offset=0.1)
    call = s.call("201", "202")
    dialog = call.dialog([a, o.pbx, b], "201", "202")
    ports = a.port(), b.port()
    ends = a.behind.open(a, ports[0]), b.behind.open(b, ports[1])
    answered = dialog.ring(0.5, sdp(*ends[0]), answer=sdp(*ends[1]))
    call.stream(a, ports[0], ends[1], call.voice_of(a), "CALLER").talk(answered + 0.03, 6)
    call.stream(b, ports[1], ends[0], call.voice_of(b), "CALLEE").talk(answered + 0.04, 6)
    dialog.bye(answered + 6.2)


@scene("two branches with the same addresses, ports and numbers, calling at the same time")
def overlapping_sites(s):
    for i, site in enumerate(("north", "south")):
        net = s.site() if i else s.net
        net.random.seed("the same at both")
        o = Office(s)
        o.tap(f"s{i + 1}", site=site)
        proxied(s, o.a, o.b, [o.pbx], voices=(f"{site}.a", f"{site}.b"))


@scene("a SPAN session that shows only what the PBX sends: both voices, half the signalling")
def span_one_direction(s):
    o = Office(s)
    o.tap("s1", ports={o.pbx}, direction="rx")
    relayed(s, o.a, o.b, o.pbx)


@scene("a SPAN session that shows only what one phone sends")
def span_one_phone(s):
    o = Office(s)
    o.tap("s1", ports={o.a}, direction="rx")
    proxied(s, o.a, o.b, [o.pbx], talk=12, status=0, flags=["ONE_WAY"])


@scene("all ports mirrored both ways: everything twice, some with equal times")
def span_twice(s):
    o = Office(s)
    o.tap("s1", direction="both")
    relayed(s, o.a, o.b, o.pbx)


@scene("one direction only, and that twice: in at the phones' ports, out at the PBX's")
def span_twice_one_direction(s):
    o = Office(s)
    o.tap("s1", ports={o.a: "rx", o.b: "rx", o.pbx: "tx"})
    relayed(s, o.a, o.b, o.pbx)


@scene("phones and trunk in VLANs, tagged at one sensor and not at the other")
def vlans(s):
    o = Office(s)
    for host in (o.a, o.c):
        host.vlan = 100
    o.tap("s1")
    o.tap("s2", "sw2", tagged=False)
    proxied(s, o.a, o.c, [o.pbx])


@scene("a bad trunk: loss, reordering and jitter between the switches")
def bad_trunk(s):
    o = Office(s, trunk=Link(loss=0.04, reorder=0.02, jitter=0.004))
    o.tap("s1")
    o.tap("s2", "sw2", offset=0.25)
    proxied(s, o.a, o.c, [o.pbx])


@scene("two oversubscribed SPAN ports, each of which drops another 5 %")
def lossy_spans(s):
    o = Office(s)
    o.tap("s1", kinds=("rtp",), drop=0.05)
    o.tap("s2", "sw2", kinds=("rtp",), drop=0.05)
    o.tap("s3", kinds=("sip",))
    proxied(s, o.a, o.c, [o.pbx], flags=["CAPTURE_LOSS"])


@scene("no BYE: the capture goes on, and nothing is heard of the call any more")
def no_bye(s):
    o = Office(s)
    o.tap("s1")
    proxied(s, o.a, o.b, [o.pbx], end="SILENCE", hang_up=False)
    later = s.call("103", "104", state="UNANSWERED", end="REFUSED", status=486)
    dialog = later.dialog([o.c, o.pbx, o.d], "103", "104")
    dialog.invite(200, sdp(o.c.ip, o.c.port()))
    dialog.refuse(200.1, 486)


@scene("no BYE: the capture ends first")
def capture_ends(s):
    o = Office(s)
    o.tap("s1")
    proxied(s, o.a, o.b, [o.pbx], end="CAPTURE_ENDED", hang_up=False)


@scene("the sensor starts in mid-call, and sees a session refresh before the end")
def joined_late(s):
    o = Office(s)
    o.tap("s1", begins=2.5)
    proxied(s, o.a, o.b, [o.pbx], talk=7, flags=["BEGAN_BEFORE_CAPTURE"], status=0, refresh=6.0)


@scene("the sensor starts in mid-call and of the signalling sees the BYE alone, without SDP:"
       " nothing tells that the media are of that call, so both are kept")
def joined_late_bye_only(s):
    o = Office(s)
    o.tap("s1", begins=2.5)
    call = proxied(s, o.a, o.b, [o.pbx], talk=6, flags=["BEGAN_BEFORE_CAPTURE"], status=0)
    media = s.call(o.a.ip, o.b.ip, end="CAPTURE_ENDED", status=0, flags=["NO_SIGNALLING"])
    media.streams, call.streams = call.streams, []
