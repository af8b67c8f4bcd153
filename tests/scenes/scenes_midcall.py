"""What happens to a call under way: hold, transfer, conference, new media."""

from scene import Office, scene
from scenes_basic import bridged, proxied
from signalling import sdp


class Talk:
    """101 and 103 (or whoever) talk phone to phone, until told otherwise."""

    def __init__(self, s, o, a, b, t=0.5, call=None, talk=3.0, **truth):
        self.a, self.b = a, b
        self.call = call or s.call(a.name, b.name, **truth)
        self.ports = a.port(), b.port()
        self.dialog = self.call.dialog([a, o.pbx, b], a.name, b.name)
        self.offer, self.answer = sdp(a.ip, self.ports[0]), sdp(b.ip, self.ports[1])
        answered = self.dialog.ring(t, self.offer, answer=self.answer)
        self.streams = self.call.talk(answered + 0.03, talk, a, self.ports[0], b, self.ports[1])
        self.until = answered + talk

    def go_on(self, t, seconds):
        for stream in self.streams:
            stream.talk(t, seconds)
        self.until = t + seconds

    def music(self, t, seconds, name="music"):
        """Played by b's phone to a, under another SSRC from the same port."""
        self.call.stream(self.b, self.ports[1], (self.a.ip, self.ports[0]), name,
                         "CALLEE").talk(t, seconds)


@scene("the callee puts the caller on hold with sendonly and plays music, then goes on")
def hold_sendonly(s):
    o = Office(s)
    o.tap("s1")
    talk = Talk(s, o, o.a, o.b)
    t = talk.until
    b, a = talk.ports[1], talk.ports[0]
    talk.dialog.reinvite(t, sdp(o.b.ip, b, direction="sendonly", version=2),
                         sdp(o.a.ip, a, direction="recvonly", version=2), sender=1)
    talk.music(t + 0.1, 3, "music.sendonly")
    talk.dialog.reinvite(t + 3.5, sdp(o.b.ip, b, version=3), sdp(o.a.ip, a, version=3), sender=1)
    talk.go_on(t + 3.6, 3)
    talk.dialog.bye(talk.until + 0.1)


@scene("hold with inactive for longer than a sensor waits for a stream")
def hold_inactive(s):
    o = Office(s)
    o.tap("s1")
    o.tap("s2", "sw2")
    talk = Talk(s, o, o.a, o.c)
    t = talk.until
    talk.dialog.reinvite(t, sdp(o.a.ip, talk.ports[0], direction="inactive", version=2),
                         sdp(o.c.ip, talk.ports[1], direction="inactive", version=2))
    talk.dialog.reinvite(t + 12, sdp(o.a.ip, talk.ports[0], version=3),
                         sdp(o.c.ip, talk.ports[1], version=3))
    talk.go_on(t + 12.1, 3)
    talk.dialog.bye(talk.until + 0.1)


@scene("hold as phones of RFC 2543 do it, with c=0.0.0.0; two such calls at a time")
def hold_zero(s):
    o = Office(s)
    o.tap("s1")
    for a, b in ((o.a, o.c), (o.b, o.d)):
        talk = Talk(s, o, a, b)
        t = talk.until
        talk.dialog.reinvite(t, sdp("0.0.0.0", talk.ports[0], version=2),
                             sdp(b.ip, talk.ports[1], version=2))
        talk.dialog.reinvite(t + 2, sdp(a.ip, talk.ports[0], version=3),
                             sdp(b.ip, talk.ports[1], version=3))
        talk.go_on(t + 2.1, 3)
        talk.dialog.bye(talk.until + 0.1)


@scene("blind transfer: 102 sends 101 on to 103 by REFER")
def transfer_blind(s):
    o = Office(s)
    o.tap("s1")
    first = Talk(s, o, o.a, o.b)
    t = first.until
    refer = first.dialog.request(t, "REFER", sender=1, headers=[
        f"Refer-To: <sip:103@{o.pbx.ip}>", f"Referred-By: <sip:102@{o.pbx.ip}>"])
    refer.reply(t + 0.01, 202)
    first.dialog.bye(t + 0.05, sender=1)
    second = Talk(s, o, o.a, o.c, t + 0.1, first.call)
    second.dialog.bye(second.until + 0.1)


@scene("the legs of a transfer, and of a transcoding B2BUA, each at another sensor, clocks 35 minutes"
       " apart: only a third call tells")
def legs_by_two_clocks(s):
    o = Office(s)
    o.tap("s1", ports={o.a}, direction="both")
    o.tap("s2", "sw2", offset=2112)
    proxied(s, o.a, o.d, [o.pbx])
    bridged(s, o.a, o.c, o.pbx, t=9, codecs=("PCMU", "PCMA"))
    call = s.call("102", "104")
    first = call.dialog([o.b, o.d], "102", "104")
    ports = o.b.port(), o.d.port()
    answered = first.ring(18, sdp(o.b.ip, ports[0]), answer=sdp(o.d.ip, ports[1]))
    call.talk(answered + 0.03, 3, o.b, ports[0], o.d, ports[1])
    t = answered + 3.1
    first.request(t, "REFER", sender=1, headers=[f"Refer-To: <sip:101@{o.a.ip}>"]).reply(t + 0.01, 202)
    first.bye(t + 0.05, sender=1)
    second = call.dialog([o.b, o.a], "102", "101")
    ports = o.b.port(), o.a.port()
    answered = second.ring(t + 0.1, sdp(o.b.ip, ports[0]), answer=sdp(o.a.ip, ports[1]))
    call.talk(answered + 0.03, 4, o.b, ports[0], o.a, ports[1])
    second.bye(answered + 4.2)


@scene("attended transfer: 102 asks 103 first, then joins 101 with 103 by Replaces")
def transfer_attended(s):
    o = Office(s)
    o.tap("s1")
    first = Talk(s, o, o.a, o.b)
    t = first.until
    first.dialog.reinvite(t, sdp(o.b.ip, first.ports[1], direction="inactive", version=2),
                          sdp(o.a.ip, first.ports[0], direction="inactive", version=2), sender=1)
    asked = Talk(s, o, o.b, o.c, t + 0.2, first.call)
    t = asked.until
    replaces = (f"{asked.dialog.call_id};to-tag={asked.dialog.to_tag}"
                f";from-tag={asked.dialog.from_tag}")
    quoted = replaces.replace(";", "%3B").replace("=", "%3D")
    first.dialog.request(t, "REFER", sender=1, headers=[
        f"Refer-To: <sip:103@{o.pbx.ip}?Replaces={quoted}>"]).reply(t + 0.01, 202)
    dialog = first.call.dialog([o.a, o.pbx, o.c], "101", "103", headers=[f"Replaces: {replaces}"])
    ports = o.a.port(), o.c.port()
    answered = dialog.ring(t + 0.1, sdp(o.a.ip, ports[0]), wait=0.1, answer=sdp(o.c.ip, ports[1]))
    asked.dialog.bye(answered + 0.05, sender=1)
    first.dialog.bye(answered + 0.1, sender=1)
    first.call.talk(answered + 0.03, 3, o.a, ports[0], o.c, ports[1])
    dialog.bye(answered + 3.2)


@scene("call pickup: 103 takes by Replaces the call that rings at 102")
def pickup(s):
    o = Office(s)
    o.tap("s1")
    call = s.call("101", "102")
    ports = o.a.port(), o.c.port()
    first = call.dialog([o.a, o.pbx, o.b], "101", "102")
    first.invite(0.5, sdp(o.a.ip, ports[0]))
    first.invitation.reply(0.55, 180)
    taken = call.dialog([o.c, o.pbx, o.a], "103", "101", headers=[
        f"Replaces: {first.call_id};to-tag={first.from_tag};from-tag={first.to_tag};early-only"])
    answered = taken.ring(2.0, sdp(o.c.ip, ports[1]), wait=0.1, answer=sdp(o.a.ip, ports[0]))
    first.cancel(answered + 0.01)
    call.talk(answered + 0.05, 4, o.a, ports[0], o.c, ports[1])
    taken.bye(answered + 4.2)


def dial_in(s, o, focus, call_of, session=None):
    """Three phones call a focus, which mixes. `call_of` gives the call of a party."""
    parties = [o.a, o.b, o.c]
    start, over = 0.5, 8.0
    for i, party in enumerate(parties):
        call = call_of(party)
        own = s.token("", 32)
        ports = party.port(), focus.port()
        dialog = call.dialog([party, focus], party.name, "600",
                             headers=[f"Session-ID: {own};remote={'0' * 32}"] if session else ())
        answered = start + i * 0.5
        dialog.invite(answered, sdp(party.ip, ports[0]))
        contact = [f"Contact: <sip:600@{focus.ip}>;isfocus"]
        if session:
            contact.append(f"Session-ID: {session};remote={own}")
        dialog.invitation.reply(answered + 0.1, 200, body=sdp(focus.ip, ports[1]), headers=contact)
        dialog.ack(answered + 0.12)
        heard = "+".join(call.voice_of(other) for other in parties if other is not party)
        call.stream(party, ports[0], (focus.ip, ports[1]), call.voice_of(party),
                    "CALLER").talk(answered + 0.15, over - answered)
        call.stream(focus, ports[1], (party.ip, ports[0]), heard, "CALLEE").talk(
            answered + 0.15, over - answered)
        dialog.bye(over + 0.2 + i * 0.1)


@scene("a conference of three, whose focus has one Session-ID (RFC 7989) for all its legs")
def conference(s):
    o = Office(s)
    o.tap("s1")
    call = s.call("101", "600", heard={  # As the caller speaks, and what he hears.
        "CALLER": ["conference.101"], "CALLEE": ["conference.102+conference.103"]})
    dial_in(s, o, o.net.host("600", "10.10.0.30", "sw1"), lambda party: call,
            session=s.token("", 32))


@scene("three callers of a conference room: the mix that each hears is another, nothing links them")
def conference_room(s):
    o = Office(s)
    o.tap("s1")
    dial_in(s, o, o.net.host("600", "10.10.0.30", "sw1"), lambda party: s.call(party.name, "600"))


@scene("the session is refreshed by re-INVITE and UPDATE (RFC 4028): nothing changes")
def session_refresh(s):
    o = Office(s)
    o.tap("s1")
    talk = Talk(s, o, o.a, o.c, talk=6)
    talk.dialog.reinvite(2.5, talk.offer, talk.answer)
    talk.dialog.request(4.0, "UPDATE", sender=1).reply(4.02, 200)
    talk.dialog.bye(talk.until + 0.1)


@scene("a re-INVITE moves the callee's media to another port")
def media_moves(s):
    o = Office(s)
    o.tap("s1")
    talk = Talk(s, o, o.a, o.c)
    t, port = talk.until, o.c.port()
    talk.dialog.reinvite(t, sdp(o.c.ip, port, version=2), talk.offer, sender=1)
    talk.call.talk(t + 0.05, 3, o.a, talk.ports[0], o.c, port)
    talk.dialog.bye(t + 3.3)


@scene("the PBX takes itself out of the media: from relayed to direct by re-INVITE")
def media_goes_direct(s):
    o = Office(s)
    o.tap("s1")
    call = s.call("101", "102")
    ports, near, far = (o.a.port(), o.b.port()), o.pbx.port(), o.pbx.port()
    first = call.dialog([o.a, o.pbx], "101", "102")
    second = call.dialog([o.pbx, o.b], "101", "102")
    first.invite(0.5, sdp(o.a.ip, ports[0]))
    second.ring(0.51, sdp(o.pbx.ip, far), answer=sdp(o.b.ip, ports[1]))
    first.invitation.reply(0.92, 200, body=sdp(o.pbx.ip, near))
    first.ack(0.94)
    one, two = call.talk(1.0, 2.5, o.a, ports[0], o.b, ports[1], (o.pbx, near, far))
    first.reinvite(3.5, sdp(o.b.ip, ports[1], version=2), sdp(o.a.ip, ports[0]), sender=1)
    second.reinvite(3.5, sdp(o.a.ip, ports[0], version=2), sdp(o.b.ip, ports[1]))
    call.talk(3.6, 3, o.a, ports[0], o.b, ports[1])
    first.bye(6.8)
    second.bye(6.805)


@scene("the caller's SSRC changes in mid-call")
def ssrc_changes(s):
    o = Office(s)
    o.tap("s1")
    talk = Talk(s, o, o.a, o.c)
    one, two = talk.streams
    other = talk.call.stream(o.a, talk.ports[0], (o.c.ip, talk.ports[1]), one.voice, "CALLER")
    other.talk(talk.until + 0.03, 3, skip=3.0)
    two.talk(talk.until + 0.03, 3)
    talk.dialog.bye(talk.until + 3.2)


@scene("each side names a payload type of its own for PCMU")
def payload_types_differ(s):
    o = Office(s)
    o.tap("s1")
    call = s.call("101", "103")
    dialog = call.dialog([o.a, o.pbx, o.c], "101", "103")
    ports = o.a.port(), o.c.port()
    answered = dialog.ring(0.5, sdp(o.a.ip, ports[0], types={"PCMU": 97}),
                           answer=sdp(o.c.ip, ports[1], types={"PCMU": 104}))
    call.stream(o.a, ports[0], (o.c.ip, ports[1]), call.voice_of(o.a), "CALLER",
                payload_type=104).talk(answered + 0.03, 5)
    call.stream(o.c, ports[1], (o.a.ip, ports[0]), call.voice_of(o.c), "CALLEE",
                payload_type=97).talk(answered + 0.03, 5)
    dialog.bye(answered + 5.2)


@scene("three outside callers on hold hear the same music at the same time")
def music_on_hold(s):
    o = Office(s)
    o.tap("s1")
    for i, phone in enumerate((o.a, o.b, o.c)):
        caller = o.net.host(f"900{i + 2}", f"203.0.113.{20 + i}", "sw1")
        call = s.call(caller.name, phone.name)
        dialog = call.dialog([caller, o.pbx, phone], caller.name, phone.name)
        ports, near, far = (caller.port(), phone.port()), o.pbx.port(), o.pbx.port()
        t = 0.5 + i * 0.7
        answered = dialog.ring(t, [sdp(caller.ip, ports[0]), sdp(o.pbx.ip, far)],
                               answer=[sdp(o.pbx.ip, near), sdp(phone.ip, ports[1])])
        one, two = call.talk(answered + 0.03, 2.5, caller, ports[0], phone, ports[1],
                             (o.pbx, near, far))
        held = dialog.request(answered + 2.6, "INVITE", sender=1, stop=2, body=[
            sdp(o.pbx.ip, near, direction="sendonly"),
            sdp(phone.ip, ports[1], direction="inactive")])
        held.reply(answered + 2.62, 200, body=[
            sdp(caller.ip, ports[0], direction="recvonly"),
            sdp(o.pbx.ip, far, direction="inactive")])
        dialog.ack(answered + 2.64, of=held)
        music = call.stream(o.pbx, near, (caller.ip, ports[0]), "music.pbx", "CALLEE")
        music.talk(5.5 + i * 0.2, 4, skip=2.5 + i * 0.2)  # One clip for all of them.
        dialog.bye(10.0 + i * 0.1, sender=1)


@scene("paging: the PBX sends one voice to a multicast group; a second page follows")
def paging(s):
    o = Office(s)
    o.tap("s1")
    port = o.pbx.port()
    for t, phone in ((0.5, o.a), (6.5, o.b)):
        call = s.call(phone.name, "700", flags=["ONE_WAY"])
        dialog = call.dialog([phone, o.pbx], phone.name, "700")
        ports = phone.port(), o.pbx.port()
        dialog.invite(t, sdp(phone.ip, ports[0], direction="sendonly"))
        dialog.invitation.reply(t + 0.05, 200, body=sdp(o.pbx.ip, ports[1], direction="recvonly"))
        dialog.ack(t + 0.07)
        voice = call.stream(phone, ports[0], (o.pbx.ip, ports[1]), call.voice_of(phone), "CALLER")
        voice.talk(t + 0.1, 4.5, [call.relay(o.pbx, port, ("239.1.1.1", 5004), voice)])
        dialog.bye(t + 4.8)
