#!/usr/bin/env bash
# For a machine without a container registry: makes images of the names that Dockerfile and docker-compose.yml ask for, out
# of programs that are here. They hold the real Node, Envoy and CoreDNS, but are not the real images. Then, as long as
# docker build has a network:
#
#   docker build --network host --tag fingerpost . && docker build --network host --tag fingerpost-mesh --target mesh .
#   docker-compose up --no-build --detach && examples/mesh/verify.sh
#
# An image that is already there stays. Linux only; needs npm ci, Go, Python 3 with pip, and Docker.
set -euo pipefail
cd "$(dirname "$0")/../.."
PATH="$PWD/node_modules/.bin:$PATH"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# The image of each name, as the files that use it have it.
NODE_IMAGE=$(sed -n 's/^FROM \(node:[^ ]*\) AS base$/\1/p' Dockerfile)
ENVOY_IMAGE=$(sed -n 's/^ *image: \(envoyproxy\/.*\)$/\1/p' docker-compose.yml)
DNS_IMAGE=$(sed -n 's/^ *image: \(coredns\/.*\)$/\1/p' docker-compose.yml)

# copy ROOT FROM TO: a program under another name, with the libraries that it is linked to.
copy() {
	install -D -m 755 "$(readlink -f "$2")" "$1$3"
	local library
	for library in $(ldd "$2" 2>/dev/null | grep -o '/[^ ]*' || true); do
		[ -e "$1$library" ] || install -D -m 755 "$library" "$1$library"
	done
}

# import ROOT IMAGE [CHANGE…]
import() {
	local root=$1 image=$2 changes=()
	shift 2
	for change in "$@"; do changes+=(--change "$change"); done
	install -D -m 644 /dev/stdin "$root/etc/passwd" <<<$'root:x:0:0::/:/bin/sh\nnode:x:1000:1000::/tmp:/bin/sh'
	install -d -m 1777 "$root/tmp"
	tar -C "$root" -c . | docker import ${changes[@]+"${changes[@]}"} - "$image" >/dev/null
	echo "made a stand-in for $image"
}

missing() { ! docker image inspect "$1" >/dev/null 2>&1; }

if missing "$NODE_IMAGE"; then
	root=$scratch/node
	copy "$root" "$(command -v node)" /usr/local/bin/node
	copy "$root" "$(command -v dash)" /bin/sh
	for tool in env mkdir cp ls rm chmod uname cat; do copy "$root" "$(command -v $tool)" /usr/bin/$tool; done
	# Parts of the C library that modules of Node load at run time.
	libc=$(ldd "$(command -v node)" | sed -n 's/.*=> \(.*\/libc\.so\.6\) .*/\1/p')
	for library in librt.so.1 libdl.so.2 libpthread.so.0 libresolv.so.2 libnss_dns.so.2 libnss_files.so.2; do
		install -D -m 755 "$(dirname "$libc")/$library" "$root$(dirname "$libc")/$library"
	done
	mkdir -p "$root/usr/local/lib/node_modules"
	cp -r "$(dirname "$(readlink -f "$(command -v npm)")")/.." "$root/usr/local/lib/node_modules/npm"
	ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
	changes=('ENV PATH=/usr/local/bin:/usr/bin:/bin' 'CMD ["node"]')
	if [ -n "${NODE_EXTRA_CA_CERTS:-}" ]; then
		install -D -m 644 "$NODE_EXTRA_CA_CERTS" "$root/etc/ssl/certs/ca-certificates.crt"
		changes+=('ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt')
	fi
	import "$root" "$NODE_IMAGE" "${changes[@]}"
fi

if missing "$ENVOY_IMAGE"; then
	root=$scratch/envoy
	version=${ENVOY_IMAGE##*:v}
	copy "$root" "$(node --import ./lab/ts-hook.mjs lab/envoy-binary.ts | sed -n "s/^Envoy $version: //p")" /usr/local/bin/envoy
	import "$root" "$ENVOY_IMAGE" 'ENV PATH=/usr/local/bin'
fi

if missing "$DNS_IMAGE"; then
	root=$scratch/dns
	# CoreDNS with the plugins of the Corefile only: with all of them it takes many minutes to build.
	mkdir "$scratch/coredns"
	cat >"$scratch/coredns/main.go" <<-'GO'
		package main

		import (
			"github.com/coredns/coredns/core/dnsserver"
			"github.com/coredns/coredns/coremain"
			_ "github.com/coredns/coredns/plugin/errors"
			_ "github.com/coredns/coredns/plugin/file"
		)

		func init() { dnsserver.Directives = []string{"errors", "file"} }

		func main() { coremain.Run() }
	GO
	printf 'module example.test/coredns\n\ngo 1.26\n\nrequire github.com/coredns/coredns v%s\n' "${DNS_IMAGE##*:}" >"$scratch/coredns/go.mod"
	(cd "$scratch/coredns" && go mod tidy && CGO_ENABLED=0 go build -o coredns .) >"$scratch/coredns/build.log" 2>&1 || {
		tail -5 "$scratch/coredns/build.log" >&2
		exit 1
	}
	install -D -m 755 "$scratch/coredns/coredns" "$root/coredns"
	import "$root" "$DNS_IMAGE" 'ENTRYPOINT ["/coredns"]'
fi
