#!/usr/bin/env bash
# Makes what a release has for download: the single file, the Debian package, the chart, the SBOM, and the checksums of these.
#
#   npm run release-assets          # into dist-release
#
# Needs helm (lab/deploy-tools.sh FOLDER, then FOLDER in PATH) and dpkg-deb.
set -euo pipefail
cd "$(dirname "$0")/../.."

version=$(node -p 'require("./package.json").version')
out=$PWD/dist-release
rm -rf "$out"
mkdir -p "$out"
npm run -s deb >/dev/null
install -m 755 dist-single/fingerpost.mjs "$out/fingerpost-$version.mjs"
install -m 644 "dist-single/fingerpost_${version}_all.deb" "$out/"
helm package deploy/helm/fingerpost --destination "$out" >/dev/null
mv "$out/fingerpost-$version.tgz" "$out/fingerpost-chart-$version.tgz"
npm run -s sbom >"$out/fingerpost-$version.cdx.json"
cd "$out"
files=(*)
sha256sum "${files[@]}" >SHA256SUMS
ls "$out"
