# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2034
# Packages of Debian 12 by what they are for, how the scripts of this tree install them, and how they take a copy of it.
# Sourced.

PACKAGES_BUILD="autoconf automake gcc make pkg-config libc6-dev libssl-dev libidn2-dev libldns-dev libsqlite3-dev
	libconfuse-dev libjansson-dev libcurl4-openssl-dev libexpat1-dev"
# a private Postfix, a private name server, and the three independent verifiers
PACKAGES_VERIFY="postfix bind9 bind9-dnsutils opendkim python3 python3-dkim python3-dnspython python3-nacl libmail-dkim-perl
	openssl iproute2 procps"
PACKAGES_TEST="libcmocka-dev libmilter-dev knot knot-dnsutils nsd unbound pdns-server pdns-backend-sqlite3 sqlite3 jq
	mandoc strace faketime curl tidy w3m"

# packages_missing LIST: those that are not installed
packages_missing() {
	local p
	for p in $1; do
		dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || echo "$p"
	done
}

# packages_install LIST: installs what is missing, without starting any service; says plainly when a fetch fails.
packages_install() {
	local missing guard=no rc=0 log
	missing=$(packages_missing "$1" | tr '\n' ' ')
	if [ -z "${missing// /}" ]; then
		return 0
	fi
	echo "installing: $missing"
	log=$(mktemp)
	# invoke-rc.d asks this file: 101 keeps a fresh Postfix or BIND from starting on this machine
	if [ ! -e /usr/sbin/policy-rc.d ]; then
		printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
		chmod 755 /usr/sbin/policy-rc.d
		guard=yes
	fi
	export DEBIAN_FRONTEND=noninteractive
	# shellcheck disable=SC2086
	if ! apt-get update >"$log" 2>&1; then
		echo "apt-get update failed: is Debian's package server reachable?  Its last words:" >&2
		tail -n 5 "$log" >&2
		rc=1
	elif ! apt-get install -y --no-install-recommends $missing >"$log" 2>&1; then
		echo "apt-get could not install everything.  Its last words:" >&2
		tail -n 15 "$log" >&2
		rc=1
	fi
	[ "$guard" = no ] || rm -f /usr/sbin/policy-rc.d
	rm -f "$log"
	return "$rc"
}

# tree_copy FROM TO: the sources without what a build in the tree has left there, for a build out of it.  The tree stays as
# it is, and need not be writable.
tree_copy() {
	mkdir -p "$2" &&
		tar -C "$1" --exclude=.git --exclude=autom4te.cache --exclude='*.o' --exclude='*.a' --exclude=.deps \
			--exclude=./config.status --exclude=./config.h --exclude=./Makefile -cf - . | tar -C "$2" -xf -
}
