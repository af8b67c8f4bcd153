# shellcheck shell=bash
# Scenes of what networks and mirrors do. As scenes.sh.

# scene three-switches: Alice (sw1) calls Frank (sw3); RTP goes through sw2, which
# mirrors its trunk to sw3.
three_switches_setup() {
  third_switch
  spans a f
  mirror sw2 trunk3 both
  pbx
  phones PCMU a f
}
three_switches_play() { call a f 105 "$TALK" sensors=s1+s2+s3; }

# scene bad-trunk: the trunk loses, doubles, delays and reorders RTP.
bad_trunk_setup() {
  bad_trunk --seed 7 --loss 0.03 --bursts 0.02 --duplicates 0.02 --delay 10 \
    --jitter 8 --late 0.02
  spans a c
  pbx
  phones PCMU a c
}
bad_trunk_play() { call a c 103 $((2 * TALK)) harm=yes; }

# scene vlan: as two-switches, tagged with VLAN 100 on trunk and SPAN ports.
vlan_setup() {
  access_ports
  spans a c
  pbx
  phones PCMU a c
}
vlan_play() { call a c 103 "$TALK" vlan=100; }

# scene span-rx: each switch mirrors nothing but what its phone sends.
span_rx_setup() {
  mirror sw1 p-a ingress
  mirror sw2 p-c ingress
  pbx
  phones PCMU a c
}
span_rx_play() { call a c 103 "$TALK"; }

# scene span-rx-one: only what Alice's phone sends is mirrored.
span_rx_one_setup() {
  mirror sw1 p-a ingress
  pbx
  phones PCMU a c
}
span_rx_one_play() {
  call a c 103 "$TALK" right= status=0 flags=one_way sensors=s1
}

# scene sip-only: the phones' RTP passes no mirrored port.
sip_only_setup() {
  spans pbx
  pbx
  phones PCMU c d
}
sip_only_play() { call c d 104 "$TALK" left= right= flags=no_media sensors=s1; }

# scene late-sensor: the call runs for 3 s before sensors and SPAN do. Later it is
# put on hold for a second: only then SDP tells whose media it is.
late_sensor_setup() {
  SCENE_WATCHES_LATE=true
  pbx
  phones PCMU a c
}
late_sensor_play() {
  local conductor
  call a c 103 $((TALK + 3)) after=watching 2:a:hold 3:a:resume \
    status=0 flags=began_before_capture &
  conductor=$!
  sleep 3
  watch
  spans a c
  touch "$SCENE_OUT/watching"
  wait $conductor
}

# scene no-bye: both phones lose power in the call.
no_bye_setup() {
  SCENE_COLLECTOR='correlate: {silence_s: 10}'
  spans a c
  pbx
  phones PCMU a c
}
no_bye_play() {
  call a c 103 "$TALK" "$((TALK - 1)):a:kill" "$((TALK - 1)):c:kill" end=silence
}

# scene nat: Erin, behind a router with NAT, calls Alice; the PBX relays. s1 sees
# the router's address and ports, s3 hers.
nat_setup() {
  nat
  spans pbx
  mirror gw eth1 both
  pbx relay
  phones PCMU a ext
}
nat_play() { call ext a 101 "$TALK" at=ext@10.10.0.1 legs=2 streams=4 sensors=s1+s3; }

# scene other-call-id: beyond the PBX the call has another Call-ID, Via and
# Contact.
other_call_id_setup() {
  spans a c
  pbx topoh
  phones PCMU a c
}
other_call_id_play() { call a c 103 "$TALK" ids=2; }

# scene transcoding: the PBX relays, makes G.722 of PCMU, and hides the Call-ID.
transcoding_setup() {
  spans a c
  pbx relay transcode topoh
  phones PCMU a c:auto:G722
}
transcoding_play() { call a c 103 "$TALK" ids=2 codecs=G722+PCMU; }

# scene b2bua: the PBX answers Alice and calls Carol itself, in another codec;
# nothing but numbers and times is the same on both sides.
b2bua_setup() {
  spans a c
  pbx b2bua
  phones PCMU a c:auto:PCMA
}
b2bua_play() { call a c 103 "$TALK" ids=2 codecs=PCMA+PCMU; }
