# shellcheck shell=bash
# The lab's network: namespaces, cables, switches and SPAN ports.
#
# Sourced, not run. Every namespace is called cbl-NAME and every interface lives
# in one of them, so the machine's own network is never touched and removing the
# namespaces removes everything. Bash 5, set -euo pipefail.

LAB_STATE=/run/cbl-lab

# The scripts end with 77 where the machine cannot run the lab: ctest's "skip".
skip() {
  printf 'skipped: %s\n' "$*" >&2
  exit 77
}

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# Arguments: COMMAND:PACKAGE. Skips, naming the Debian packages to install.
require_commands() {
  local pair missing=()
  for pair in "$@"; do
    command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
  done
  [[ ${#missing[@]} -eq 0 ]] ||
    skip "missing commands; run: apt install $(sort -u <<<"${missing[*]// /$'\n'}" |
      tr '\n' ' ')"
}

# Tries, in a namespace that vanishes at once, all that the lab asks of a kernel.
require_kernel() {
  [[ $EUID -eq 0 ]] || skip 'the lab needs root (CAP_NET_ADMIN)'
  local error
  error=$(unshare --net bash -e 2>&1 <<'PROBE'
ip link add v0 type veth peer name v1
ip link add br0 type bridge
tc qdisc add dev v0 clsact
tc filter add dev v0 ingress protocol all prio 100 u32 match u32 0 0 \
  action mirred egress mirror dev v1 continue
PROBE
  ) || skip "this kernel or container cannot run the lab: ${error//$'\n'/; }"
}

# One lab at a time: two would fight over the same names.
lock_lab() {
  mkdir -p "$LAB_STATE"
  exec 9>"$LAB_STATE.lock"
  flock --nonblock 9 || fail 'another lab is running on this machine'
  [[ ! -e $LAB_STATE/standing ]] || fail "a lab is up already; end it with 'lab down'"
  lab_down  # What a test that was killed left behind.
  rm -rf "$LAB_STATE/log"
}

# Those of this lab, and no others that may be called alike.
lab_namespaces() {
  local name
  while read -r name; do
    [[ ! -e /run/netns/$name ]] || echo "$name"
  done < <(cat "$LAB_STATE/nodes" 2>/dev/null)
}

# Runs a command in a node: ns NODE COMMAND...
ns() {
  local node=$1
  shift
  ip netns exec "cbl-$node" "$@"
}

# Runs a command in a node in the background, until the lab goes down:
# start NAME NODE COMMAND...
start() {
  local name=$1 node=$2
  shift 2
  mkdir -p "$LAB_STATE/log" "$LAB_STATE/pid"
  # `ip netns exec` turns into the command, so $! is its process. Descriptor 9
  # is the lock: it must not outlive this script.
  ip netns exec "cbl-$node" "$@" </dev/null >"$LAB_STATE/log/$name" 2>&1 9>&- &
  echo $! >"$LAB_STATE/pid/$name"
}

# Sends SIGNAL (INT, TERM) to what start NAME started, and waits for its end.
stop() {
  local name=$1 signal=${2:-TERM} pid
  pid=$(cat "$LAB_STATE/pid/$name" 2>/dev/null) || return 0
  rm -f "$LAB_STATE/pid/$name"
  kill "-$signal" "$pid" 2>/dev/null || return 0
  for _ in {1..100}; do
    kill -0 "$pid" 2>/dev/null || return 0
    sleep 0.1
  done
  printf 'warning: %s did not end within 10 s\n' "$name" >&2
  kill -KILL "$pid" 2>/dev/null || true
}

# wait_for SECONDS WHAT COMMAND...: until the command succeeds.
wait_for() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [[ $SECONDS -lt $deadline ]] || fail "$what: not in time; logs in $LAB_STATE/log"
    sleep 0.1
  done
}

# A host without links: node NAME.
node() {
  echo "cbl-$1" >>"$LAB_STATE/nodes"
  ip netns add "cbl-$1"
  ns "$1" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 \
    net.ipv6.conf.default.disable_ipv6=1
  ip -n "cbl-$1" link set lo up
}

# A switch: a node with a bridge called br0.
switch() {
  node "$1"
  ip -n "cbl-$1" link add br0 type bridge
  ip -n "cbl-$1" link set br0 up
}

# Without this, checksums of locally sent packets are left to a NIC that does
# not exist, and frames larger than the MTU appear in captures.
offloads_off() {
  ns "$1" ethtool -K "$2" rx off tx off sg off tso off gso off gro off >/dev/null
}

# A cable between two nodes: link NODE INTERFACE NODE INTERFACE.
link() {
  ip -n "cbl-$1" link add "$2" type veth peer name "$4" netns "cbl-$3"
  offloads_off "$1" "$2"
  offloads_off "$3" "$4"
  ip -n "cbl-$1" link set "$2" up
  ip -n "cbl-$3" link set "$4" up
}

# Plugs a node's eth0 into the port p-NODE of a switch: plug SWITCH NODE ADDRESS.
plug() {
  link "$1" "p-$2" "$2" eth0
  ip -n "cbl-$1" link set "p-$2" master br0
  ip -n "cbl-$2" address add "$3" dev eth0
}

# A switch's destination port of a SPAN session, wired to a sensor's span0:
# span SWITCH SENSOR. Nothing but copies goes over it.
span() {
  link "$1" span0 "$2" span0
  ip -n "cbl-$1" link set span0 arp off
  ip -n "cbl-$2" link set span0 arp off
}

# clsact SWITCH PORT: the port takes filters.
clsact() {
  ns "$1" tc qdisc show dev "$2" | grep -q clsact ||
    ns "$1" tc qdisc add dev "$2" clsact
}

# Adds a source to the SPAN session of a switch:
#   mirror SWITCH PORT ingress|egress|both [U32 MATCH...]
# ingress is what the port receives ("rx" on switches). `continue` lets further
# filters on the same hook run.
mirror() {
  local switch=$1 port=$2 hooks=$3 hook
  shift 3
  [[ $# -gt 0 ]] || set -- match u32 0 0
  [[ $hooks != both ]] || hooks='ingress egress'
  clsact "$switch" "$port"
  for hook in $hooks; do
    ns "$switch" tc filter add dev "$port" "$hook" protocol all prio 100 \
      u32 "$@" action mirred egress mirror dev span0 continue
  done
}

# Ends every process of the lab and removes its network. Harmless without one.
# Nothing here has anything to save: what does (captures, the programs under
# test) was ended by stop before.
lab_down() {
  local name pids
  for name in $(lab_namespaces); do
    pids=$(ip netns pids "$name")
    # shellcheck disable=SC2086  # A list of numbers.
    [[ -z $pids ]] || { kill -KILL $pids && wait $pids; } 2>/dev/null || true
    ip netns delete "$name"
  done
  rm -rf "$LAB_STATE"/{pid,nodes,standing}
}
