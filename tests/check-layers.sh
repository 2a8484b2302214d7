#!/bin/sh
# SPDX-License-Identifier: ISC
# The layering holds: a folder includes only itself and the folders before it, and the milter links
# neither DNS nor database nor configuration, nor libmilter.  Usage: check-layers.sh [SOURCE_DIR [SIGNPOST-MILTER]]; without them,
# SOURCE_DIR and BUILD_DIR as in make check.
set -u
src=${1:-${SOURCE_DIR:-.}}
milter=${2:-${BUILD_DIR:+$BUILD_DIR/milter/signpost-milter}}
failed=0
for folder in base dkim keys milter signpost; do
	[ -d "$src/$folder" ] || { echo "$src/$folder is not there: nothing was checked" && exit 1; }
done

# FOLDER: the folders that it may include
check() {
	folder=$1
	allowed=$2
	bad=$(grep -nE '^#[[:space:]]*include[[:space:]]+"' "$src/$folder"/*.[ch] |
		grep -vE ":#[[:space:]]*include[[:space:]]+\"(config\\.h|($allowed)/)")
	if [ -n "$bad" ]; then
		printf '%s/ may include only from %s:\n%s\n' "$folder" "$allowed" "$bad"
		failed=1
	fi
}
check base 'base'
check dkim 'base|dkim'
check keys 'base|dkim|keys'
check milter 'base|dkim|keys|milter'
check signpost 'base|dkim|keys|milter|signpost'

# Libraries belong to rooms, too.
lib() {
	header=$1
	allowed=$2
	bad=$(grep -nE "^#[[:space:]]*include[[:space:]]+<$header" "$src"/base/*.[ch] "$src"/dkim/*.[ch] \
		"$src"/keys/*.[ch] "$src"/milter/*.[ch] "$src"/signpost/*.[ch] | grep -vE "^$src/($allowed)")
	if [ -n "$bad" ]; then
		printf '<%s> does not belong here:\n%s\n' "$header" "$bad"
		failed=1
	fi
}
lib 'libmilter/' 'nowhere/'
lib 'ldns/' 'keys/'
lib 'sqlite3' 'keys/store'
lib 'confuse' 'signpost/'
lib 'jansson' 'keys/publish_|signpost/'
lib 'curl/' 'keys/http'
lib 'expat' 'keys/publish_|keys/xml'
lib 'sys/socket|netdb' 'base/|keys/|milter/'
for header in 'stdio\.h' 'unistd\.h' 'fcntl\.h' 'time\.h' 'pthread\.h' 'sys/'; do
	[ "$header" = 'stdio\.h' ] || lib "$header" 'base/|keys/|milter/|signpost/'
done

# What needs neither ldns nor SQLite says so.
if grep -nE 'include <(ldns|sqlite3)' "$src"/keys/table*.[ch]; then
	echo 'keys/table needs neither ldns nor SQLite'
	failed=1
fi

if [ -n "$milter" ]; then
	if ! needed=$(ldd "$milter") || ! printf '%s\n' "$needed" | grep -q libcrypto; then
		echo "$milter: ldd does not show what it links"
		failed=1
	fi
	linked=$(printf '%s\n' "$needed" | grep -oE 'lib(milter|ldns|sqlite3|curl|expat|jansson|confuse)[^ ]*')
	if [ -n "$linked" ]; then
		printf '%s links what it must not know:\n%s\n' "$milter" "$linked"
		failed=1
	fi
fi
[ "$failed" -eq 0 ] && echo 'ok: the layering holds'
exit "$failed"
