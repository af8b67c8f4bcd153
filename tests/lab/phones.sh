# shellcheck shell=bash
# The lab's people and machines: phones that speak, and the PBX.
#
# Sourced after network.sh.
#
#              10.10.0.0/24 on sw1                     10.10.0.0/24 on sw2
#   a 101 Alice .101   b 102 Bob .102   pbx .10      c 103 Carol .103
#   gw .1 -- ext 203.0.113.5 (numbers that begin     d 104 Dave .104
#   with 9)                                          on sw3: f 105 Frank .105

LAB_DIR=${LAB_DIR:-$(dirname "${BASH_SOURCE[0]}")}

declare -rA NUMBER=([a]=101 [b]=102 [c]=103 [d]=104 [f]=105 [ext]=95551234)
declare -rA PERSON=([a]=Alice [b]=Bob [c]=Carol [d]=Dave [f]=Frank [ext]=Erin)
declare -rA ADDRESS=([a]=10.10.0.101 [b]=10.10.0.102 [c]=10.10.0.103
  [d]=10.10.0.104 [f]=10.10.0.105 [ext]=203.0.113.5 [pbx]=10.10.0.10
  [gw]=10.10.0.1)
declare -rA SWITCH=([a]=sw1 [b]=sw1 [c]=sw2 [d]=sw2 [f]=sw3 [pbx]=sw1
  [gw]=sw1 [ext]=sw3)  # If anyone sees Erin's side of the gateway, it is s3.
declare -rA VOICE=([a]=en-gb+f2 [b]=en-us+m3 [c]=en-gb-scotland+f4
  [d]=en-gb+m7 [f]=en-us+m1 [ext]=en-us+f5)

# What each person says, one line a turn of TURN seconds. Alice, Bob and Erin
# take the odd turns, the others the even ones, so that two who talk with each
# other across the switches take turns as people do.
readonly TURN=2.4
declare -rA FIRST_TURN=([a]=0 [b]=0 [c]=1 [d]=1 [f]=1 [ext]=0)
declare -rA LINES=(
  [a]='Hello Carol, this is Alice. Can you hear me?
Good. My phone is on the first switch.
And yours is on the other one, is it not?
Then two sensors are listening to us.'
  [b]='Bob speaking, from the workshop.
The blue machine stopped again at noon.
It wants a new belt, number forty seven.
Please send two of them, thank you.'
  [c]='Yes Alice, loud and clear. Good morning!
Right, I am on the second. Goodbye then!
It is. The cable runs under the street.
Let them. We have nothing to hide.'
  [d]='Dave here, in the stock room, go ahead.
Sixteen boxes arrived on Thursday.
Nine were wet, so I sent them back.
The rest is on the shelf by the door.'
  [f]='Frank, at the far end of the yard.
It rains here, the third switch is wet.
No harm done, I put a bucket under it.
You could bring a towel and some tea.'
  [ext]='Good afternoon, Erin from the outside.
I am calling about your last invoice.
The total on page three looks wrong.
Could somebody look into it today?')

# -V1: it warns where a pad is cut off again. -R: the same result every time.
sox_quietly() { sox -V1 -R "$@"; }

# speech PERSON: writes PERSON_8000.wav, PERSON_16000.wav (20 s, mono, 16 bits) and
# PERSON_48000.wav (the same, both channels alike) to $LAB_STATE/audio. A little room noise, other for each person, tells
# one silence from another.
speech() {
  local who=$1 dir=$LAB_STATE/audio line n=0 parts=()
  # Made by this script as it is now? Then it is the same.
  [[ ! $dir/${who}_8000.wav -nt ${BASH_SOURCE[0]} ]] || return 0
  local wav=(-r 16000 -b 16 -c 1)
  mkdir -p "$dir/$who"
  sox_quietly -n "${wav[@]}" "$dir/$who/pause.wav" trim 0 "$TURN"
  [[ ${FIRST_TURN[$who]} -eq 0 ]] || parts=("$dir/$who/pause.wav")
  while read -r line; do
    n=$((n + 1))
    espeak-ng -v "${VOICE[$who]}" -s 180 -w "$dir/$who/line.wav" "$line"
    sox_quietly "$dir/$who/line.wav" "${wav[@]}" "$dir/$who/$n.wav" \
      norm -4 pad 0.15 "$TURN" trim 0 "$TURN"
    parts+=("$dir/$who/$n.wav" "$dir/$who/pause.wav")
  done <<<"${LINES[$who]}"
  # The noise is the same in each run; each person gets another part of it.
  sox_quietly -n "${wav[@]}" "$dir/$who/noise.wav" synth 60 pinknoise \
    vol 0.004 highpass 100 trim "$((NUMBER[$who] % 10 * 4))" 20
  sox_quietly "${parts[@]}" "$dir/$who/speech.wav" pad 0 "$TURN" trim 0 20
  sox_quietly -m -v 1 "$dir/$who/speech.wav" -v 1 "$dir/$who/noise.wav" \
    "$dir/${who}_16000.wav"
  sox_quietly "$dir/${who}_16000.wav" -r 8000 "$dir/${who}_8000.wav"
  sox_quietly "$dir/${who}_16000.wav" -r 48000 -c 2 "$dir/${who}_48000.wav"
  rm -r "${dir:?}/$who"
}

# baresip NAME NODE ADDRESS:PORT LINE...: starts one, with these lines of
# configuration; its folder has accounts already.
baresip() {
  local name=$1 node=$2 dir=$LAB_STATE/$1 listen=$3
  shift 3
  : >"$dir/contacts"
  {
    cat <<CONFIG
poll_method epoll
sip_listen $listen
net_interface eth0
audio_player aubridge,nil
audio_alert aubridge,nil
rtp_tos 184
rtp_ports 16384-17383
rtp_stats no
module_path /usr/lib/baresip/modules
module g711.so
module g722.so
module aubridge.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
CONFIG
    printf '%s\n' "$@"
  } >"$dir/config"
  # Real-time, or a busy machine turns the 20 ms between packets into 200.
  start "$name" "$node" chrt --rr 20 stdbuf -oL baresip -f "$dir"
}

# phone PERSON CODEC [auto|early|manual]: a baresip that registers, answers at
# once (or with early media, or when told to) and speaks. CODEC is PCMU, PCMA,
# G722, GSM, G726-32 or opus; MEDIA_ENCRYPTION is none, srtp-mand or dtls_srtp.
phone() {
  local who=$1 codec=$2 mode=${3:-auto} dir=$LAB_STATE/phone-$1 rate=8000 register=600
  local channels=1 more=() encryption=${MEDIA_ENCRYPTION:-none}
  case $codec in
    G722) rate=16000 ;;
    GSM) more=('module gsm.so') ;;
    G726-32) more=('module g726.so') ;;
    opus) rate=48000 channels=2 more=('module opus.so') ;;
  esac
  case $encryption in
    srtp-mand) more+=('module srtp.so') ;;
    dtls_srtp) more+=('module dtls_srtp.so') ;;
  esac
  [[ $who != ext ]] || register=0
  mkdir -p "$dir"
  speech "$who"
  # auth_pass only keeps baresip from asking for one.
  printf '"%s" <sip:%s@%s;transport=udp>;auth_pass=x;answermode=%s;regint=%s;audio_codecs=%s%s\n' \
    "${PERSON[$who]}" "${NUMBER[$who]}" "${ADDRESS[pbx]}" "$mode" \
    "$register" "$codec/$rate/$channels" \
    "$([[ $encryption == none ]] || echo ";mediaenc=$encryption")" >"$dir/accounts"
  baresip "phone-$who" "$who" "${ADDRESS[$who]}:5060" 'module aufile.so' \
    "audio_source aufile,$LAB_STATE/audio/${who}_$rate.wav" "${more[@]}" \
    'module_app ctrl_tcp.so' 'ctrl_tcp_listen 127.0.0.1:4444'
}

# linphone PERSON CODEC: a linphonec that registers, answers at once and speaks.
# Commands go into a pipe. CODEC is PCMU, PCMA or G729.
linphone() {
  local who=$1 codec=$2 dir=$LAB_STATE/phone-$1
  require_commands linphonec:linphone-cli
  rm -rf "$dir"
  mkdir -p "$dir/.local/share/linphone"
  speech "$who"
  cat >"$dir/linphonerc" <<CONFIG
[sip]
sip_port=5060
sip_tcp_port=0
sip_tls_port=0
default_proxy=0
use_ipv6=0
[rtp]
audio_rtp_port=16384-17383
[proxy_0]
reg_proxy=<sip:${ADDRESS[pbx]};transport=udp>
reg_identity="${PERSON[$who]}" <sip:${NUMBER[$who]}@${ADDRESS[pbx]}>
reg_expires=600
reg_sendregister=1
CONFIG
  mkfifo "$dir/commands"
  # shellcheck disable=SC2016  # Its own $0.
  start "phone-$who" "$who" env HOME="$dir" chrt --rr 20 \
    sh -c 'exec stdbuf -oL linphonec -a -c "$0/linphonerc" 0<>"$0/commands"' "$dir"
  printf '%s\n' 'soundcard use files' 'codec list' >"$dir/commands"
  wait_for 30 "codecs of $who" grep -q "$codec (8000)" "$LAB_STATE/log/phone-$who"
  printf '%s\n' 'codec disable all' "codec enable $(
    sed -nE "s/^ *([0-9]+): $codec \\(8000\\).*/\\1/p" "$LAB_STATE/log/phone-$who")" \
    >"$dir/commands"
}

# b2bua: answers what the PBX sends to port 5080 of its host, and calls the same
# number through the PBX by a call of its own, in G.711 A-law.
b2bua() {
  local dir=$LAB_STATE/b2bua self="sip:b2bua@${ADDRESS[pbx]}"
  mkdir -p "$dir"
  {
    echo "<$self>;auth_pass=x;regint=0;audio_codecs=PCMU;b2bua=inbound"
    echo "<$self>;auth_pass=x;regint=0;audio_codecs=PCMA;b2bua=outbound;outbound=\"sip:${ADDRESS[pbx]}:5060\""
  } >"$dir/accounts"
  baresip b2bua pbx "${ADDRESS[pbx]}:5080" 'audio_source aubridge,nil' 'module_app b2bua.so'
  wait_for 30 b2bua eval "ns pbx ss -lun | grep -q ${ADDRESS[pbx]}:5080"
}

# pbx [FEATURE...]: the PBX. relay: all RTP goes through it; transcode: that too,
# and PCMU becomes G.722; topoh: other Call-IDs beyond it; b2bua: each call goes
# through it and becomes two.
pbx() {
  local options=() feature
  for feature in "$@"; do options+=(-A "WITH_${feature^^}"); done
  if [[ " $* " == *\ relay\ * ]]; then
    start rtpengine pbx rtpengine --table=-1 --foreground --log-stderr \
      --interface="${ADDRESS[pbx]}" --listen-ng=127.0.0.1:2223 \
      --port-min=30000 --port-max=30999 --log-level=4
    wait_for 30 rtpengine eval 'ns pbx ss -lun | grep -q 127.0.0.1:2223'
  fi
  start kamailio pbx kamailio -f "$LAB_DIR/kamailio.cfg" -DD -E -m 32 -M 4 \
    -Y "$LAB_STATE" -P "$LAB_STATE/kamailio.pid" "${options[@]}"
  wait_for 30 kamailio eval "ns pbx ss -lun | grep -q ${ADDRESS[pbx]}:5060"
  [[ " $* " != *\ b2bua\ * ]] || b2bua
}
