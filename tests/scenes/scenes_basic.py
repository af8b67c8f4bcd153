"""Whole calls without surprises: who is where, and who sees what."""

from scene import Office, scene
from signalling import sdp


def proxied(s, a, b, path, t=0.5, talk=5.0, voices=None, refresh=None, hang_up=True, **truth):
    """a calls b through proxies; RTP goes from phone to phone. `refresh`: when the session
    is refreshed by the same SDP."""
    call = s.call(a.name, b.name, **truth)
    call.voices = dict(zip((a, b), voices or ()))
    dialog = call.dialog([a, *path, b], a.name, b.name)
    ports = a.port(), b.port()
    offer, answer = sdp(a.ip, ports[0]), sdp(b.ip, ports[1])
    answered = dialog.ring(t, offer, answer=answer)
    call.talk(answered + 0.03, talk, a, ports[0], b, ports[1])
    if refresh:
        dialog.reinvite(refresh, offer, answer)
    if hang_up:
        dialog.bye(answered + talk + 0.1)
    return call


def relayed(s, a, b, pbx, t=0.5, talk=5.0, keep=False, **truth):
    """a calls b through a proxy that puts itself into the media, too."""
    call = s.call(a.name, b.name, **truth)
    dialog = call.dialog([a, pbx, b], a.name, b.name)
    ports = a.port(), b.port()
    near, far = pbx.port(), pbx.port()
    answered = dialog.ring(t, [sdp(a.ip, ports[0]), sdp(pbx.ip, far)],
                           answer=[sdp(pbx.ip, near), sdp(b.ip, ports[1])])
    call.talk(answered + 0.03, talk, a, ports[0], b, ports[1], (pbx, near, far), keep=keep)
    dialog.bye(answered + talk + 0.1)
    return call


def bridged(s, a, b, pbx, t=0.5, talk=5.0, codecs=("PCMU", "PCMU"), **truth):
    """a calls b through a B2BUA: two dialogs, two Call-IDs, RTP under new headers."""
    call = s.call(a.name, b.name, **truth)
    ports = a.port(), b.port()
    near, far = pbx.port(), pbx.port()
    first = call.dialog([a, pbx], a.name, b.name)
    second = call.dialog([pbx, b], a.name, b.name)
    first.invite(t, sdp(a.ip, ports[0], codecs[:1]))
    first.invitation.reply(t + 0.002, 100)
    answered = second.ring(t + 0.01, sdp(pbx.ip, far, codecs[1:]),
                           answer=sdp(b.ip, ports[1], codecs[1:]))
    first.invitation.reply(t + 0.07, 180)
    first.invitation.reply(answered + 0.005, 200, body=sdp(pbx.ip, near, codecs[:1]))
    first.ack(answered + 0.03)
    one = call.stream(a, ports[0], (pbx.ip, near), call.voice_of(a), "CALLER", codec=codecs[0])
    two = call.stream(b, ports[1], (pbx.ip, far), call.voice_of(b), "CALLEE", codec=codecs[1])
    one.talk(answered + 0.05, talk,
             [call.relay(pbx, far, (b.ip, ports[1]), one, codec=codecs[1])])
    two.talk(answered + 0.05, talk,
             [call.relay(pbx, near, (a.ip, ports[0]), two, codec=codecs[0])])
    over = answered + talk + 0.2
    first.bye(over)
    second.bye(over + 0.005)
    return call


@scene("an outside call through the PBX, which relays; its port is mirrored")
def outbound(s):
    office = Office(s)
    office.tap("s1", ports={office.pbx}, direction="both")
    relayed(s, office.a, office.trunk, office.pbx, keep=True)


@scene("a call from outside, B2BUA with other Call-IDs, new SSRCs")
def inbound(s):
    office = Office(s)
    office.tap("s1", ports={office.pbx}, direction="both")
    bridged(s, office.trunk, office.a, office.pbx)


@scene("two phones of one switch, media through the PBX")
def local_relayed(s):
    office = Office(s)
    office.tap("s1")
    relayed(s, office.a, office.b, office.pbx)


@scene("two phones of one switch, media from phone to phone")
def local_direct(s):
    office = Office(s)
    office.tap("s1")
    proxied(s, office.a, office.b, [office.pbx])


@scene("phones on two switches: both sensors see all of the media")
def two_switches(s):
    office = Office(s)
    office.tap("s1")
    office.tap("s2", "sw2")
    proxied(s, office.a, office.c, [office.pbx])


@scene("phones on the first and the third of three switches in a row, clocks seconds apart")
def three_switches(s):
    office = Office(s, third=True)
    office.tap("s1")
    office.tap("s2", "sw2", offset=1.5)
    office.tap("s3", "sw3", offset=-2, ppm=80)
    proxied(s, office.a, office.d, [office.pbx])


@scene("sensor 1 mirrors the PBX's port, sensor 2 the phones': signalling here, media there")
def split_sensors(s):
    office = Office(s)
    office.tap("s1", ports={office.pbx}, direction="both")
    office.tap("s2", "sw2", kinds=("rtp",))
    proxied(s, office.c, office.d, [office.pbx])


@scene("a B2BUA that transcodes PCMU to PCMA: only numbers and times link its legs")
def transcoding(s):
    office = Office(s)
    office.tap("s1")
    bridged(s, office.a, office.b, office.pbx, codecs=("PCMU", "PCMA"))
