# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the scripts share: saying where they are, installing what is missing, building. Sourced, never run.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd) # of the source tree

# What palier is built with, and what its tests need besides.
BUILD_PACKAGES="gcc libc6-dev cmake ninja-build pkg-config libevent-dev libconfuse-dev libssl-dev liblmdb-dev libsystemd-dev libqrencode-dev
libpng-dev libcairo2-dev libzstd-dev libcurl4-openssl-dev libpq-dev gettext tzdata"
# shellcheck disable=SC2034 # for who sources this
TEST_PACKAGES="$BUILD_PACKAGES libcmocka-dev netcat-openbsd libfaketime openssl systemd zbar-tools librsvg2-bin poppler-utils chromium
zxing-cpp-tools postgresql curl zstd rsync nginx-light openssh-server openssh-client softhsm2
libengine-pkcs11-openssl python3"
command -v npm >/dev/null || TEST_PACKAGES+=" nodejs npm" # others' packages of Node.js bring npm with them

say() { printf '== %s\n' "$*"; }
die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# need PACKAGE...: installs those that are missing, with apt, through sudo when not root.
need() {
	local package missing=() as_root=()

	command -v dpkg-query >/dev/null || {
		say "not a Debian system: these are to be had by hand: $*"
		return 0
	}
	for package in "$@"; do
		dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing+=("$package")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	if [ "$(id -u)" -ne 0 ]; then
		command -v sudo >/dev/null || die "as root, please: apt-get install ${missing[*]}"
		as_root=(sudo)
	fi
	say "installing ${missing[*]}"
	quietly "${as_root[@]}" apt-get update -q || true # a source out of reach may not be the one that is needed
	quietly "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
}

# quietly COMMAND...: shows what it printed only when it fails.
quietly() {
	local log status=0

	log=$(mktemp)
	"$@" >"$log" 2>&1 </dev/null || status=$?
	[ $status -eq 0 ] || cat "$log" >&2
	rm -f "$log"
	return $status
}

# build DIR CMAKE_OPTION...: configures and builds the tree at $ROOT into DIR. A terminal sees ninja's progress line.
build() {
	local dir=$1 launcher=()

	shift
	if command -v ccache >/dev/null; then launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache); fi
	say "building $dir"
	quietly cmake -S "$ROOT" -B "$dir" -G Ninja "${launcher[@]}" "$@" || return
	if [ -t 1 ]; then ninja -C "$dir"; else quietly ninja -C "$dir"; fi
}
