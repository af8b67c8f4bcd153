# shellcheck shell=bash
# Who is plugged in where. Sourced after phones.sh, which has the picture.

# The site: two switches, their SPAN ports and the sensors' hosts; no phone yet.
# Sensors and collector have a network of their own that nobody mirrors.
site() {
  local host
  switch sw1
  switch sw2
  link sw1 trunk sw2 trunk
  ip -n cbl-sw1 link set trunk master br0
  ip -n cbl-sw2 link set trunk master br0
  for host in pbx gw a b c d ext s1 s2; do node "$host"; done
  plug sw1 pbx 10.10.0.10/24
  plug sw1 gw 10.10.0.1/24
  plug sw1 a 10.10.0.101/24
  plug sw1 b 10.10.0.102/24
  plug sw2 c 10.10.0.103/24
  plug sw2 d 10.10.0.104/24
  link gw eth1 ext eth0
  ip -n cbl-gw address add 203.0.113.1/24 dev eth1
  ip -n cbl-ext address add 203.0.113.5/24 dev eth0
  ns gw sysctl -qw net.ipv4.ip_forward=1
  ip -n cbl-ext route add default via 203.0.113.1
  for host in pbx a b c d; do ip -n "cbl-$host" route add default via 10.10.0.1; done
  span sw1 s1
  span sw2 s2
  management s1 s2
}

# management SENSOR...: the network of the sensors (mgmt0, 10.10.9.N) and of the
# collector (node col, 10.10.9.1).
management() {
  local sensor last=10
  switch col
  ip -n cbl-col address add 10.10.9.1/24 dev br0
  for sensor in "$@"; do
    link col "p-$sensor" "$sensor" mgmt0
    ip -n cbl-col link set "p-$sensor" master br0
    ip -n "cbl-$sensor" address add "10.10.9.$last/24" dev mgmt0
    last=$((last + 1))
  done
}
