#!/usr/bin/env bash
# Makes the Debian package of the single file, with the unit of systemd and a config: dist-single/fingerpost_VERSION_all.deb.
# Needs dpkg-deb, and dist-single/fingerpost.mjs (npm run single-file).
set -euo pipefail
cd "$(dirname "$0")/../.."

version=$(node -p 'require("./package.json").version')
file=dist-single/fingerpost.mjs
[ -f "$file" ] || { echo "$file is not there: npm run single-file makes it" >&2; exit 1; }
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"
umask 022

install -D -m 755 "$file" "$root/usr/lib/fingerpost/fingerpost.mjs"
mkdir -p "$root/usr/bin" "$root/usr/lib/systemd/system" "$root/usr/share/doc/fingerpost" "$root/DEBIAN"
# The Node that is named in /etc/default/fingerpost, or the first in PATH.
cat >"$root/usr/bin/fingerpost" <<'SH'
#!/bin/sh
exec "${FINGERPOST_NODE:-node}" "$(dirname "$(readlink -f "$0")")/../lib/fingerpost/fingerpost.mjs" "$@"
SH
chmod 755 "$root/usr/bin/fingerpost"
install -m 644 deploy/systemd/fingerpost.service "$root/usr/lib/systemd/system/fingerpost.service"
install -D -m 644 deploy/systemd/fingerpost.yaml "$root/etc/fingerpost/fingerpost.yaml"
install -D -m 644 deploy/systemd/fingerpost.default "$root/etc/default/fingerpost"
cp -r docs "$root/usr/share/doc/fingerpost/docs"
cp CHANGELOG.md THIRD-PARTY.md "$root/usr/share/doc/fingerpost/"
cp LICENSE "$root/usr/share/doc/fingerpost/copyright"
printf '/etc/fingerpost/fingerpost.yaml\n/etc/default/fingerpost\n' >"$root/DEBIAN/conffiles"
cat >"$root/DEBIAN/control" <<CONTROL
Package: fingerpost
Version: $version
Architecture: all
Section: net
Priority: optional
Maintainer: The Fingerpost developers <https://github.com/fingerpost/fingerpost/issues>
Homepage: https://github.com/fingerpost/fingerpost
Recommends: nodejs (>= 22.19)
Description: Envoy xDS control plane for service discovery
 Finds the endpoints of services and keeps every Envoy and gRPC client up to date.
 .
 It needs Node 22.19 or later, of Debian or of another origin: FINGERPOST_NODE
 in /etc/default/fingerpost says where.
CONTROL
# The service is neither enabled nor started: it has no services to serve yet. A new version takes the old one's place.
cat >"$root/DEBIAN/postinst" <<'SH'
#!/bin/sh
set -e
if [ "$1" = configure ] && [ -d /run/systemd/system ] && [ -z "$DPKG_ROOT" ]; then
	systemctl daemon-reload
	if [ -n "$2" ]; then systemctl try-restart fingerpost.service; fi
fi
SH
cat >"$root/DEBIAN/prerm" <<'SH'
#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ] && [ -z "$DPKG_ROOT" ]; then
	systemctl disable --now fingerpost.service || true
fi
SH
cat >"$root/DEBIAN/postrm" <<'SH'
#!/bin/sh
set -e
if [ "$1" != upgrade ] && [ -d /run/systemd/system ] && [ -z "$DPKG_ROOT" ]; then systemctl daemon-reload; fi
SH
chmod 755 "$root/DEBIAN/postinst" "$root/DEBIAN/prerm" "$root/DEBIAN/postrm"
out="dist-single/fingerpost_${version}_all.deb"
dpkg-deb --root-owner-group -Zgzip --build "$root" "$out" >/dev/null
echo "$out"
