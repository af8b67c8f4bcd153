#!/usr/bin/env bash
# Certificates for trying Callbraid out: a CA, one for the collector, one for a
# client, and one for each sensor and user. For real use take your own CA.
#
#   deploy/make_certs.sh DIR [SENSOR...] [user:NAME...]
#
# The collector's is valid for this host's name, localhost, 127.0.0.1 and ::1,
# and for the names in CALLBRAID_HOSTS ("DNS:a.example,IP:192.0.2.1").
# A sensor's carries its id as the URI spiffe://callbraid/sensor/ID, a user's the name
# as spiffe://callbraid/user/NAME. The client's has the common name
# callbraid-client. What they may do is in the collector's settings
# (docs/access.md).
set -euo pipefail

[ $# -ge 1 ] || { echo "usage: $0 DIR [SENSOR...] [user:NAME...]" >&2; exit 2; }
dir=$1
shift
days=825
umask 077
mkdir -p "$dir"

new_key() { openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null; }

if [ ! -f "$dir/ca.pem" ]; then
  new_key "$dir/ca.key"
  openssl req -x509 -new -key "$dir/ca.key" -days "$days" -subj "/CN=Callbraid test CA" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign \
    -out "$dir/ca.pem"
fi

# sign NAME SUBJECT-CN SAN USAGE
sign() {
  new_key "$dir/$1.key"
  openssl req -new -key "$dir/$1.key" -subj "/CN=$2" |
    openssl x509 -req -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -CAcreateserial -days "$days" \
      -extfile <(printf 'subjectAltName=%s\nextendedKeyUsage=%s\nkeyUsage=digitalSignature\n' "$3" "$4") \
      -out "$dir/$1.pem" 2>/dev/null
}

sign collector "$(hostname)" \
  "DNS:$(hostname),DNS:localhost,IP:127.0.0.1,IP:::1${CALLBRAID_HOSTS:+,$CALLBRAID_HOSTS}" serverAuth
sign client callbraid-client DNS:callbraid-client clientAuth
for name in "$@"; do
  case $name in
    user:*) sign "${name#user:}" "${name#user:}" "URI:spiffe://callbraid/user/${name#user:}" clientAuth ;;
    *) sign "$name" "$name" "URI:spiffe://callbraid/sensor/$name" clientAuth ;;
  esac
done
echo "Certificates are in $dir: ca, collector, client$(printf ', %s' "$@")"
