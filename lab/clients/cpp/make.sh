#!/usr/bin/env bash
# Makes the client in the folder that is given, with the gRPC of the Debian or Ubuntu that it runs on. That is unpacked
# beside the client, so nothing is installed and nobody needs to be root.
set -euo pipefail
sources=$(cd "$(dirname "$0")" && pwd)
cd "$1"
packages=$(apt-get -qq -s install libgrpc++-dev libprotobuf-dev | awk '$1 == "Inst" { print $2 }')
mkdir packages
if [ -n "$packages" ]; then
	# shellcheck disable=SC2086
	(cd packages && apt-get -qq download $packages)
	for package in packages/*.deb; do dpkg -x "$package" root; done
fi
rm -r packages
libraries=root/usr/lib/$(g++ -print-multiarch)
g++ -std=c++17 -Iroot/usr/include "$sources/client.cc" -o client -L"$libraries" \
	-Wl,--disable-new-dtags,-rpath,"\$ORIGIN/$libraries" -Wl,-rpath-link,"$libraries" -Wl,--copy-dt-needed-entries \
	-lgrpc++ -lgrpc -lgpr -lprotobuf -lpthread
# Only what the client loads is kept.
rm -rf root/usr/include root/usr/share "$libraries"/*.a
