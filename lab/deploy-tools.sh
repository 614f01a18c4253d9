#!/usr/bin/env bash
# Puts what checks the files in deploy into a folder: promtool, out of Debian's package without installing that, and helm, built
# with Go from the module proxy.
#
#   lab/deploy-tools.sh OUT
#
# helm takes two minutes of a processor the first time, and is kept in ${XDG_CACHE_HOME:-~/.cache}/fingerpost. Then run the tests
# with FINGERPOST_TEST_BIN=OUT. Nothing is done for what is there already.
set -euo pipefail

HELM=3.22.0
# The Kubernetes that it takes for the newest: of the libraries that it is built with.
HELM_KUBERNETES=37

if [ $# -ne 1 ]; then
	echo "usage: ${0##*/} OUT" >&2
	exit 2
fi
mkdir -p "$1"
out=$(cd "$1" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/fingerpost/servers-$(uname -s)-$(uname -m)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { printf '%s\n' "$*" >&2; }

has() { [ -x "$out/$1" ] || command -v "$1" >/dev/null; }

get_promtool() {
	cd "$work"
	# apt fetches as another user where it can.
	chmod 755 "$work"
	apt-get download -qq prometheus || { apt-get update -qq && apt-get download -qq prometheus; }
	dpkg-deb --fsys-tarfile prometheus_*.deb | tar -xf - ./usr/bin/promtool
	mv usr/bin/promtool "$out/promtool"
	say "promtool is in $out"
}

# A program is complete or not there, also where two of these run at once.
install_to() { # FILE PATH
	mkdir -p "$(dirname "$2")"
	cp "$1" "$2.$$"
	chmod 755 "$2.$$"
	mv -f "$2.$$" "$2"
}

get_helm() {
	local cached=$cache/helm-$HELM
	if [ ! -x "$cached" ]; then
		command -v go >/dev/null || { say "helm $HELM has to be built, and there is no Go: https://go.dev/dl"; return 1; }
		say "building helm $HELM into $cached"
		cd "$work"
		local flags="-s -w" package
		for package in chartutil lint/rules; do
			flags+=" -X helm.sh/helm/v3/pkg/$package.k8sVersionMajor=1 -X helm.sh/helm/v3/pkg/$package.k8sVersionMinor=$HELM_KUBERNETES"
		done
		GOBIN=$work GOFLAGS=-mod=mod CGO_ENABLED=0 go install -trimpath -ldflags "$flags" "helm.sh/helm/v3/cmd/helm@v$HELM"
		install_to "$work/helm" "$cached"
	fi
	install_to "$cached" "$out/helm"
	say "helm $HELM is in $out"
}

has promtool || get_promtool
has helm || get_helm
