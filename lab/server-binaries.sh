#!/usr/bin/env bash
# Puts the servers that tests want into a folder: etcd, kube-apiserver and consul.
#
#   lab/server-binaries.sh OUT [PACKED]
#
# Where the folder PACKED (or FINGERPOST_PACKED_BIN) has NAME.xz, that is unpacked. What is not there is built with Go
# from the module proxy, which takes about fifteen minutes of two processors and 3 GB of memory the first time, and is kept in
# ${XDG_CACHE_HOME:-~/.cache}/fingerpost. Then run the tests with FINGERPOST_TEST_BIN=OUT.
set -euo pipefail

ETCD=3.7.3
KUBERNETES=1.37.2
CONSUL=1.22.5

if [ $# -lt 1 ] || [ $# -gt 2 ]; then
	echo "usage: ${0##*/} OUT [PACKED]" >&2
	exit 2
fi
mkdir -p "$1"
out=$(cd "$1" && pwd)
packed=${2:-${FINGERPOST_PACKED_BIN:-}}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/fingerpost/servers-$(uname -s)-$(uname -m)
work=
trap '[ -z "$work" ] || rm -rf "$work"' EXIT

say() { printf '%s\n' "$*" >&2; }

# A program is complete or not there, also where two of these run at once.
install_to() { # FILE PATH
	mkdir -p "$(dirname "$2")"
	cp "$1" "$2.$$"
	chmod 755 "$2.$$"
	mv -f "$2.$$" "$2"
}

# A module of our own that requires the program's: `go install` refuses modules with replace directives.
begin_module() { # NAME PACKAGE
	work=$(mktemp -d)
	cd "$work"
	export GOFLAGS=-mod=mod CGO_ENABLED=0
	printf 'module fingerpost.test/%s\n\n' "$1" >go.mod
	printf '//go:build tools\n\npackage tools\n\nimport _ "%s"\n' "$2" >tools.go
}

end_module() {
	cd "$out"
	rm -rf "$work"
	work=
}

build_etcd() { # PATH
	local package=go.etcd.io/etcd/server/v3
	begin_module etcd "$package"
	printf 'go 1.26.0\n\nrequire %s v%s\n' "$package" "$ETCD" >>go.mod
	go mod tidy
	go build -trimpath -ldflags '-s -w' -o program "$package"
	install_to program "$1"
	end_module
}

build_kube_apiserver() { # PATH
	local package=k8s.io/kubernetes/cmd/kube-apiserver version=v$KUBERNETES
	local staging=v0.${KUBERNETES#1.} minor=${KUBERNETES#1.} source
	minor=${minor%%.*}
	# Outside of any module, which Go would otherwise change.
	source=$(cd / && go mod download -json "k8s.io/kubernetes@$version" | sed -n 's/^[[:space:]]*"GoMod": "\(.*\)",*$/\1/p')
	begin_module kube-apiserver "$package"
	{
		# The language version and the settings are those that Kubernetes is built with.
		grep -E '^(go|godebug) ' "$source"
		printf '\nrequire k8s.io/kubernetes %s\n\nreplace (\n' "$version"
		# Its libraries are folders of its own repository; published, they are modules.
		awk -v v="$staging" '$2 == "=>" && $3 ~ /^\.\/staging\// { print "\t" $1 " => " $1 " " v }' "$source"
		printf ')\n'
	} >>go.mod
	go mod tidy
	local info=k8s.io/component-base/version
	go build -trimpath -o program \
		-ldflags "-s -w -X $info.gitVersion=$version -X $info.gitMajor=1 -X $info.gitMinor=$minor" "$package"
	install_to program "$1"
	end_module
}

build_consul() { # PATH
	local package=github.com/hashicorp/consul version=v$CONSUL source
	source=$(cd / && go mod download -json "$package@$version" | sed -n 's/^[[:space:]]*"GoMod": "\(.*\)",*$/\1/p')
	begin_module consul "$package"
	{
		# Its libraries, which it replaces by folders of its own, are modules of the versions that it requires.
		grep -E '^(go|godebug) ' "$source"
		awk '/^exclude[ (]/ { on = 1 } on { print } /^\)/ || (on && /^exclude [^(]/) { on = 0 }' "$source"
		printf '\nrequire %s %s\n' "$package" "$version"
	} >>go.mod
	go mod tidy
	go build -trimpath -ldflags '-s -w' -o program "$package"
	install_to program "$1"
	end_module
}

provide() { # NAME VERSION BUILD
	local name=$1 cached=$cache/$1-$2 stamp=$out/.$1-version unpacked
	# With packed programs the folder is filled anew each time: they may be others.
	if [ -n "$packed" ] && [ -f "$packed/$name.xz" ]; then
		unpacked=$(mktemp)
		say "unpacking $name"
		if ! xz -dc "$packed/$name.xz" >"$unpacked"; then
			rm -f "$unpacked"
			return 1
		fi
		install_to "$unpacked" "$out/$name"
		rm -f "$unpacked" "$stamp"
		return
	fi
	if [ ! -x "$cached" ]; then
		command -v go >/dev/null || { say "$name $2 has to be built, and there is no Go: https://go.dev/dl"; return 1; }
		say "building $name $2 into $cached"
		"$3" "$cached"
	fi
	if [ "$(cat "$stamp" 2>/dev/null)" != "$2" ] || [ ! -x "$out/$name" ]; then
		install_to "$cached" "$out/$name"
		printf '%s\n' "$2" >"$stamp"
	fi
}

provide etcd "$ETCD" build_etcd
provide kube-apiserver "$KUBERNETES" build_kube_apiserver
provide consul "$CONSUL" build_consul
say "etcd, kube-apiserver and consul are in $out"
