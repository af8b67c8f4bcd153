# shellcheck shell=bash
# Who is plugged in where. Sourced after phones.sh, which has the picture.

# The site: two switches, their SPAN ports and the sensors' hosts; no phone yet.
# Sensors and collector have a network of their own that nobody mirrors.
site() {
  local host
  switch sw1
  switch sw2
  trunk sw1 trunk sw2 trunk
  for host in pbx gw a b c d; do
    node "$host"
    plug "${SWITCH[$host]}" "$host" "${ADDRESS[$host]}/24"
  done
  node ext
  link gw eth1 ext eth0
  ip -n cbl-gw address add 203.0.113.1/24 dev eth1
  ip -n cbl-ext address add "${ADDRESS[ext]}/24" dev eth0
  ns gw sysctl -qw net.ipv4.ip_forward=1
  ip -n cbl-ext route add default via 203.0.113.1
  for host in pbx a b c d; do ip -n "cbl-$host" route add default via "${ADDRESS[gw]}"; done
  switch col
  ip -n cbl-col address add 10.10.9.1/24 dev br0
  sensor_host s1 sw1
  sensor_host s2 sw2
}

# trunk SWITCH PORT SWITCH PORT: a cable from bridge to bridge.
trunk() {
  link "$@"
  ip -n "cbl-$1" link set "$2" master br0
  ip -n "cbl-$3" link set "$4" master br0
}

# sensor_host sN SWITCH: where a sensor runs, on the SPAN port of the switch and
# on the collectors' network (mgmt0, 10.10.9.1N).
sensor_host() {
  node "$1"
  span "$2" "$1"
  link col "p-$1" "$1" mgmt0
  ip -n cbl-col link set "p-$1" master br0
  ip -n "cbl-$1" address add "10.10.9.1${1#s}/24" dev mgmt0
}

# A third switch, behind the second: sw2's port trunk3. Frank's phone is there.
third_switch() {
  switch sw3
  trunk sw2 trunk3 sw3 trunk
  node f
  plug sw3 f "${ADDRESS[f]}/24"
  ip -n cbl-f route add default via "${ADDRESS[gw]}"
  sensor_host s3 sw3
  SCENE_SENSORS+=(s3)
}

# bad_trunk OPTIONS: between the switches is a wire (wire.py) that harms RTP.
bad_trunk() {
  local end
  ip -n cbl-sw1 link delete trunk
  node wire
  for end in 1 2; do
    link "sw$end" trunk wire "sw$end"
    ip -n "cbl-sw$end" link set trunk master br0
    ip -n cbl-wire link set "sw$end" promisc on arp off
  done
  start wire wire chrt --rr 20 python3 "$LAB_DIR/wire.py" sw1 sw2 "$SCENE_OUT/wire.csv" "$@"
  wait_for 30 'the wire' grep -q ready "$LAB_STATE/log/wire"
}

# access_ports: all hosts' ports are in VLAN 100. Trunk and SPAN ports carry the
# tag. Tagged before the mirror looks (its filters have priority 100), untagged
# after it.
access_ports() {
  local host object=$LAB_STATE/vlan.o
  require_commands bpf-gcc:gcc-bpf
  bpf-gcc -O2 -I/usr/include "-I/usr/include/$(uname -m)-linux-gnu" \
    -c "$LAB_DIR/vlan.c" -o "$object"
  for host in pbx gw a b c d; do
    clsact "${SWITCH[$host]}" "p-$host"
    ns "${SWITCH[$host]}" tc filter add dev "p-$host" ingress prio 50 \
      bpf direct-action object-file "$object" section push
    ns "${SWITCH[$host]}" tc filter add dev "p-$host" egress prio 150 \
      bpf direct-action object-file "$object" section pop
  done
}

# nat: Erin is behind a router that nobody can call; s3 looks at her side of it.
nat() {
  require_commands nft:nftables
  ns gw nft -f - <<'RULES' || skip 'this kernel has no NAT'
table ip nat {
  chain out {
    type nat hook postrouting priority srcnat;
    oifname "eth0" ip protocol udp masquerade to :20000-29999
  }
  chain in {
    type filter hook forward priority filter;
    iifname "eth0" ct state new drop
  }
}
RULES
  sensor_host s3 gw
  SCENE_SENSORS+=(s3)
}
