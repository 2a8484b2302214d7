# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# Shared by the benchmarks: builds the tools, starts and stops the milters.  Everything lies below $work; what was
# started is ended by its process id.

bench_pids=()

bench_begin() { # sets work, bin, milter
	src=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
	work=$(mktemp -d "${TMPDIR:-/tmp}/signpost-bench-XXXXXX") || exit 1
	chmod 711 "$work" # Postfix comes to the sockets as its own user
	trap 'bench_end' EXIT
	trap 'exit 130' INT TERM
	bin=$work/bin
	milter=${MILTER:-${BUILD_DIR:-$src}/milter/signpost-milter}
	mkdir "$bin"
	if [ ! -x "$milter" ]; then
		echo "$milter is not built: run make, or give MILTER=PATH" >&2
		exit 1
	fi
	if nm -D "$milter" 2>/dev/null | grep -q __asan_init; then
		echo "$milter is a sanitizer build: its figures would mean nothing" >&2
		exit 1
	fi
	bench_build
	openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$work/key.pem" 2>/dev/null || exit 1
	chmod 600 "$work/key.pem"
}

bench_build() {
	local cc="${CC:-cc} -std=c11 -D_GNU_SOURCE -DHAVE_LINUX_OPENAT2_H=0 -O2 -I$src"
	if ! $cc -o "$bin/ideal" "$src/tests/bench/ideal.c" -lmilter -lcrypto -lpthread; then
		echo "the least filter on libmilter is not built (Debian package: libmilter-dev): it is left out" >&2
	fi
	$cc -o "$bin/bench-client" "$src"/tests/bench/{bench-client,corpus,cpu}.c "$src"/milter/{client*,protocol}.c \
			"$src"/dkim/header.c "$src"/base/*.c -lcrypto -lpthread &&
		$cc -o "$bin/bench-table" "$src/tests/bench/bench-table.c" "$src"/keys/table*.c "$src"/dkim/*.c \
			"$src"/base/*.c -lcrypto -lidn2 -lpthread || exit 1
}

bench_end() {
	for pid in "${bench_pids[@]}"; do
		kill_tree TERM "$pid"
	done
	for pid in "${bench_pids[@]}"; do
		bench_wait_gone "$pid"
	done
	[ -n "${BENCH_KEEP:-}" ] || rm -rf "$work"
}

children_of() {
	cat "/proc/$1/task/$1/children" 2>/dev/null
}

kill_tree() { # SIGNAL PID: the process and, when they are to die, its children
	if [ "$1" = KILL ]; then
		for child in $(children_of "$2"); do
			kill_tree KILL "$child"
		done
	fi
	kill "-$1" "$2" 2>/dev/null
}

bench_wait_gone() { # PID: ten seconds of patience
	for _ in $(seq 100); do
		if [ ! -d "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null; then
			wait "$1" 2>/dev/null
			return
		fi
		sleep 0.1
	done
	kill_tree KILL "$1"
	wait "$1" 2>/dev/null
}

wait_socket() { # PATH SECONDS: until something accepts there
	for _ in $(seq $(($2 * 20))); do
		if "$bin/bench-client" -n 1 "$1" 2>/dev/null | grep -q 'errors=0 tempfails=0 unsigned=0'; then
			return 0
		fi
		sleep 0.05
	done
	echo "nothing signs at $1" >&2
	return 1
}

spki_hash() {
	openssl pkey -in "$work/key.pem" -pubout -outform DER | openssl dgst -sha256 -binary | base64
}

start_signpost() { # sets signpost_pid
	cat >"$work/table" <<-END
		signpost-table 1
		generation 1
		domain example.com
		key example.com bench rsa-sha256 key.pem $(spki_hash)
		allow network 127.0.0.0/8 example.com
		end 5
	END
	run_signpost
	wait_socket "$work/signpost.sock" 5
}

run_signpost() {
	"$milter" -s "unix:$work/signpost.sock" -t "$work/table" --group '' --mode 0666 --log stderr \
		2>>"$work/signpost.log" &
	signpost_pid=$!
	bench_pids+=("$signpost_pid")
}

start_ideal() { # sets ideal_pid
	"$bin/ideal" "$work/ideal.sock" "$work/key.pem" 2>"$work/ideal.log" &
	ideal_pid=$!
	bench_pids+=("$ideal_pid")
	wait_socket "$work/ideal.sock" 5
}

# Sign only, no name server, no log line for each message: each of them at its quickest.
start_opendkim() { # sets opendkim_pid
	cat >"$work/opendkim.conf" <<-END
		Syslog no
		Mode s
		Domain example.com
		Selector bench
		KeyFile $work/key.pem
		Canonicalization relaxed/relaxed
		Socket local:$work/opendkim.sock
		InternalHosts 0.0.0.0/0
		RequireSafeKeys no
		UMask 000
		PidFile $work/opendkim.pid
	END
	opendkim -f -x "$work/opendkim.conf" >"$work/opendkim.log" 2>&1 &
	opendkim_pid=$!
	bench_pids+=("$opendkim_pid")
	wait_socket "$work/opendkim.sock" 5
}

# Two workers for two processors, one module, keys from the file, no Redis, no DNS, no spam scan.
start_rspamd() { # sets rspamd_pid
	mkdir "$work/rspamd"
	cat >"$work/rspamd/rspamd.conf" <<-END
		options {
			pidfile = "$work/rspamd/pid"; filters = "dkim"; task_timeout = 60s; max_message = 64M;
			dns { nameserver = "127.0.0.1:9"; timeout = 0.1s; retransmits = 1; }
			url_tld = "/usr/share/rspamd/effective_tld_names.dat";
			hs_cache_dir = "$work/rspamd"; control_socket = "$work/rspamd/ctl mode=0600";
		}
		logging { type = "file"; filename = "$work/rspamd/log"; level = "error"; }
		lua = "/usr/share/rspamd/rules/rspamd.lua";
		modules { path = "/usr/share/rspamd/plugins/dkim_signing.lua"; }
		dkim {}
		dkim_signing {
			enabled = true; sign_authenticated = true; sign_local = true; use_domain = "header";
			allow_username_mismatch = true; allow_hdrfrom_mismatch = true; check_pubkey = false;
			use_redis = false;
			domain { example.com { path = "$work/key.pem"; selector = "bench"; } }
		}
		actions { reject = 1000; add_header = 900; greylist = 800; }
		worker "rspamd_proxy" {
			bind_socket = "$work/rspamd.sock mode=0666"; milter = yes; timeout = 120s; count = $(nproc);
			upstream "local" { default = yes; self_scan = yes; }
		}
	END
	rspamd -f -i -c "$work/rspamd/rspamd.conf" >"$work/rspamd/out" 2>&1 &
	rspamd_pid=$!
	bench_pids+=("$rspamd_pid")
	wait_socket "$work/rspamd.sock" 45
}

median() { # of the numbers on standard input
	sort -g | awk '{ v[NR] = $1 } END { print NR == 0 ? "?" : NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

figure() { # NAME: its value in a line of bench-client
	sed -n "s/.*\\b$1=\\([0-9.]*\\).*/\\1/p"
}

# shellcheck disable=SC2034 # asked by the scripts
bars_failed=0
bar() { # WHAT VALUE OP LIMIT UNIT [AIM]: one row of the verdict
	local verdict
	verdict=$(awk -v v="$2" -v op="$3" -v l="$4" 'BEGIN {
		if (v == "?" || v == "") print "not measured"
		else print (op == ">=" ? v >= l : v <= l) ? "pass" : "FAIL" }')
	# shellcheck disable=SC2034
	[ "$verdict" = FAIL ] && bars_failed=1
	printf '%-66s %9s  %s %-6s %-8s %s\n' "$1" "$2" "$3" "$4" "$5" "$verdict${6:+ (aim $6)}"
}
