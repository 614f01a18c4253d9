#!/usr/bin/env bash
# Puts promtool, which checks the alert rules, into a folder: out of Debian's package, without installing that.
#
#   lab/deploy-tools.sh OUT
#
# Then run the tests with FINGERPOST_TEST_BIN=OUT. Nothing is done where promtool is there already.
set -euo pipefail

if [ $# -ne 1 ]; then
	echo "usage: ${0##*/} OUT" >&2
	exit 2
fi
mkdir -p "$1"
out=$(cd "$1" && pwd)
if [ -x "$out/promtool" ] || command -v promtool >/dev/null; then exit 0; fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
# apt fetches as another user where it can.
chmod 755 "$work"
apt-get download -qq prometheus || { apt-get update -qq && apt-get download -qq prometheus; }
dpkg-deb --fsys-tarfile prometheus_*.deb | tar -xf - ./usr/bin/promtool
mv usr/bin/promtool "$out/promtool"
echo "promtool is in $out" >&2
