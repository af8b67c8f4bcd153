# shellcheck shell=bash
# The scenes: who is mirrored and who calls whom. Sourced after stage.sh.
#
# A scene is two functions: NAME_setup (SPAN sessions, PBX, phones) and
# NAME_play (the calls). live-scene plays them for running sensors.
# shellcheck source-path=SCRIPTDIR source=scenes_calls.sh
. "$LAB_DIR/scenes_calls.sh"
# shellcheck source-path=SCRIPTDIR source=scenes_codecs.sh
. "$LAB_DIR/scenes_codecs.sh"
# shellcheck source-path=SCRIPTDIR source=scenes_network.sh
. "$LAB_DIR/scenes_network.sh"

# scene two-switches: Alice (sw1) calls Carol (sw2) through the PBX on sw1; RTP
# goes from phone to phone over the trunk. Each switch mirrors its own phone.
two_switches_setup() {
  spans a c
  pbx
  phones PCMU a c
}
two_switches_play() { call a c 103 "$TALK"; }

# scene relay: Erin calls Alice from outside, then Carol (sw2) calls Erin; all
# RTP is relayed by the PBX. Mirrored: the PBX's port, and Carol's.
relay_setup() {
  spans pbx c
  pbx relay
  phones PCMU a c ext
}
relay_play() {
  call ext a 101 "$TALK" sensors=s1
  call c ext 95551234 "$TALK"
}

# scene media-only: Carol calls Dave, both on sw2. sw1 mirrors the PBX, so its
# sensor has nothing but SIP; sw2 mirrors nothing but their RTP and RTCP.
media_only_setup() {
  local rtp=(match ip protocol 17 0xff match ip dport 0x4000 0xc000)
  spans pbx
  mirror sw2 p-c ingress "${rtp[@]}"
  mirror sw2 p-d ingress "${rtp[@]}"
  pbx
  phones PCMA c d
}
media_only_play() { call c d 104 "$TALK"; }

# scene span-twice: Alice calls Bob on sw1, Carol calls Dave on sw2. Both phones'
# ports are mirrored both ways, so every RTP packet is copied twice.
span_twice_setup() {
  spans a b c d
  pbx
  phones PCMU a b c d
}
span_twice_play() {
  call a b 102 "$TALK" sensors=s1
  call c d 104 "$TALK" sensors=s2
}

# scene hold-dtmf: as two-switches in G.722; Alice presses 1 2 #, holds, resumes;
# Carol presses 9.
hold_dtmf_setup() {
  spans a c
  pbx
  phones G722 a c
}
hold_dtmf_play() {
  call a c 103 17 2:a:1 2.7:a:2 3.4:a:'#' 8:a:hold 11:a:resume 14:c:9
}
