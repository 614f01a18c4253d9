#!/usr/bin/env bash
# Checks the mesh of docker-compose.yml while it runs: traffic through both Envoys and the gRPC client, a change in the
# config and one in the DNS zone that they follow, Fingerpost stopped and started again; meanwhile no request may fail.
# 0 if all is well, else 1. Needs curl and Docker Compose. Takes about half a minute, and gives up after four at most.
set -euo pipefail
cd "$(dirname "$0")/../.."

CONFIG=examples/mesh/config/fingerpost.yaml
ZONE=examples/mesh/dns/mesh.test.zone
ADMIN=http://127.0.0.1:18001
# The client's title, its URL, the service that it is asked for.
CLIENTS=("SotW Envoy|http://127.0.0.1:10000/|web" "delta Envoy|http://127.0.0.1:10001/|web" "gRPC client|http://127.0.0.1:10002/|greeter")
DNS_CLIENTS=("SotW Envoy|http://127.0.0.1:10000/|shop" "delta Envoy|http://127.0.0.1:10001/|shop")

if docker compose version >/dev/null 2>&1; then compose=(docker compose); else compose=(docker-compose); fi
scratch=$(mktemp -d)
loads=()

finish() {
	rm -f "$scratch/running"
	for load in ${loads[@]+"${loads[@]}"}; do wait "$load" || true; done
	if [ -f "$scratch/zone" ]; then replace "$ZONE" <"$scratch/zone"; fi
	if [ -f "$scratch/config" ]; then
		replace "$CONFIG" <"$scratch/config"
		"${compose[@]}" start fingerpost >/dev/null 2>&1 || true
	fi
	rm -rf "$scratch"
}
trap finish EXIT

say() { printf '%s\n' "$*"; }
fail() {
	printf 'FAILED: %s\n' "$*" >&2
	exit 1
}

# replace FILE: a new file under the old name, as editors and ConfigMaps do it; readable for whoever needs it.
replace() {
	cat >"$(dirname "$1")/.new"
	chmod 644 "$(dirname "$1")/.new"
	mv "$(dirname "$1")/.new" "$1"
}

# ask URL SERVICE: the name of the back end that answered, or "failed".
ask() { curl -sf -m 5 -H "Host: $2" "$1" || printf failed; }

# answers URL SERVICE: who answered 30 requests in a row, each name once.
answers() {
	for _ in {1..30}; do
		ask "$1" "$2"
		echo
	done | sort -u | paste -sd ' '
}

# expect SECONDS NAMES CLIENT...: waits until the clients get answers from exactly these back ends.
expect() {
	local deadline=$((SECONDS + $1)) wanted=$2 client title url service seen
	shift 2
	for client in "$@"; do
		IFS='|' read -r title url service <<<"$client"
		until seen=$(answers "$url" "$service") && [ "$seen" = "$wanted" ]; do
			[ "$SECONDS" -lt "$deadline" ] || fail "$title: $service is answered by [$seen], expected [$wanted]"
			sleep 0.2
		done
		say "  $title: $service is answered by $seen"
	done
}

# until_admin SECONDS PATH: waits until the admin port answers with 200.
until_admin() {
	local deadline=$((SECONDS + $1))
	until curl -sf -m 2 -o "$scratch/admin" "$ADMIN$2"; do
		[ "$SECONDS" -lt "$deadline" ] || fail "no answer from $ADMIN$2 (start the mesh: ${compose[*]} up --build --detach)"
		sleep 0.2
	done
}

# load N CLIENT: asks until the others are done (4 minutes at most), and writes down each answer.
load() {
	local title url service deadline=$((SECONDS + 240))
	IFS='|' read -r title url service <<<"$2"
	while [ -f "$scratch/running" ] && [ "$SECONDS" -lt "$deadline" ]; do
		ask "$url" "$service"
		echo
	done >"$scratch/load-$1"
}

say "All three back ends get traffic, and those of the DNS zone"
until_admin 60 /readyz
expect 60 "a b c" "${CLIENTS[@]}"
expect 60 "a b" "${DNS_CLIENTS[@]}"

touch "$scratch/running"
for i in "${!CLIENTS[@]}"; do
	load "$i" "${CLIENTS[$i]}" &
	loads+=($!)
done

say "b drains in the config: it gets no traffic any more"
cp "$CONFIG" "$scratch/config"
sed '/\.12:/s/health: healthy/health: draining/' "$scratch/config" | replace "$CONFIG"
expect 30 "a c" "${CLIENTS[@]}"

say "The DNS zone has c in place of b: so has the service that comes from it"
cp "$ZONE" "$scratch/zone"
sed "s/ 8080 b\$/ 8080 c/; s/hostmaster [0-9]* /hostmaster $(date +%s) /" "$scratch/zone" | replace "$ZONE"
expect 30 "a c" "${DNS_CLIENTS[@]}"

say "Fingerpost stops: traffic goes on as it was"
container=$("${compose[@]}" ps -q fingerpost)
"${compose[@]}" stop fingerpost >/dev/null 2>&1
ended=$(docker inspect --format '{{.State.Running}} {{.State.ExitCode}}' "$container")
[ "$ended" = "false 0" ] || fail "Fingerpost should have ended with 0 on SIGTERM (running, exit code: $ended)"
if curl -sf -m 2 -o "$scratch/admin" "$ADMIN/healthz"; then fail "Fingerpost still answers"; fi
expect 0 "a c" "${CLIENTS[@]}"
expect 0 "a c" "${DNS_CLIENTS[@]}"

say "Fingerpost starts again, and b is healthy: all get traffic"
"${compose[@]}" start fingerpost >/dev/null 2>&1
until_admin 60 /readyz
replace "$CONFIG" <"$scratch/config"
replace "$ZONE" <"$scratch/zone"
expect 60 "a b c" "${CLIENTS[@]}"
expect 60 "a b" "${DNS_CLIENTS[@]}"
rm "$scratch/config" "$scratch/zone"

rm "$scratch/running"
wait "${loads[@]}"
loads=()
for i in "${!CLIENTS[@]}"; do
	total=$(wc -l <"$scratch/load-$i")
	failed=$(grep -c failed "$scratch/load-$i") || true
	title=${CLIENTS[$i]%%|*}
	[ "$total" -gt 100 ] || fail "$title: only $total requests were made meanwhile"
	[ "$failed" -eq 0 ] || fail "$title: $failed of $total requests failed meanwhile"
	say "  $title: none of $total requests failed meanwhile"
done
say "The mesh is well."
