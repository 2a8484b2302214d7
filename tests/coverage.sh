#!/bin/bash
# SPDX-License-Identifier: ISC
# `make coverage`: lines and branches of the pure parts that the units and the fuzzers' corpora reach; a branch counts
# when it was taken at least once.  Names each file under 95 % of its lines or 90 % of its branches; fails when all of
# a folder are.  COVERAGE_SHOW="dkim/key.c ..." prints the lines of these files of which something was not reached.
# Needs gcc, gcov, cmocka.
set -u
src=$(cd "$(dirname "$0")/.." && pwd)
lines_min=95
branches_min=90
gcov=${GCOV:-gcov}
LC_ALL=C
export LC_ALL
command -v "$gcov" >/dev/null || {
	echo 'make coverage needs gcov (Debian package: gcc)'
	exit 1
}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# a copy: the sources may be read-only, or configured in their place
mkdir "$work/src" "$work/build"
tar -C "$src" --exclude=./.git -cf - . | tar -C "$work/src" -xf -
cd "$work/src" || exit 1
chmod -R u+w .
[ ! -f config.status ] || make distclean >/dev/null
[ -x configure ] || autoreconf -i >"$work/log" 2>&1 || {
	tail -n 20 "$work/log"
	exit 1
}
cd "$work/build" || exit 1
# without optimisation: a line is a line, and a branch is one of the source
if ! {
	../src/configure --enable-coverage CC="${CC:-gcc}" CFLAGS='-g -O0' &&
		make -j"$(nproc 2>/dev/null || echo 1)" check TESTS=
} >"$work/log" 2>&1; then
	tail -n 40 "$work/log"
	exit 1
fi
failed=0
ran=0
mkdir "$work/logs"
run() { # TEST
	"$1" >"$work/logs/${1##*/}" 2>&1 || touch "$work/logs/${1##*/}.failed"
}
for test in tests/unit/test_* tests/fuzz/fuzz_*; do
	if [ ! -f "$test" ] || [ ! -x "$test" ]; then continue; fi
	ran=$((ran + 1))
	while [ "$(jobs -pr | wc -l)" -ge "$(nproc 2>/dev/null || echo 1)" ]; do wait -n; done
	run "$test" &
done
wait
for test in "$work"/logs/*.failed; do
	[ -f "$test" ] || continue
	tail -n 40 "${test%.failed}"
	echo "failed: $(basename "$test" .failed)"
	failed=1
done
[ "$ran" -gt 0 ] || {
	echo 'no test was built: is cmocka there (Debian package: libcmocka-dev)?'
	exit 1
}

(
	cd "$work/src" || exit 1
	ls base/{arena,base64,buf,err,ip,scan,slice,utf8}.c dkim/*.c \
		keys/{clock,dns_packet,forecast,forecast_step,key_state,looks,publish_answer}.c \
		keys/diagnose_{caches,chain,names,record,seen,servers,text}.c keys/schedule*.c \
		keys/sweep_{judge,verdict}.c keys/table*.c keys/zone_{include,text}.c milter/{macros,policy,protocol}.c
) >"$work/pure" || exit 1
# FILE: the notes of its object, FOLDER/LIBRARY-NAME or FOLDER/NAME; of the unit, where one includes the file
notes_of() {
	unit=$(grep -lxF "#include \"$1\"" "$work"/src/tests/unit/*.c)
	name=$(basename "${unit:-$1}" .c)
	folder=${1%/*}
	[ -z "$unit" ] || folder=tests/unit
	find "$folder" -name "$name.gcno" -o -name "*_a-$name.gcno" -o -name "$name-$name.gcno"
}

# FILE: its lines of which something was not reached, from gcov's text on stdin
show() {
	awk -v file="$1" '
		{ split($0, part, ":"); number = part[2] + 0 }
		number == 0 && part[3] == "Source" { mine = substr($0, length($0) - length(file) + 1) == file }
		!mine { next }
		number > 0 { text = $0; shown = 0 }
		(number > 0 && part[1] ~ /#/) || (/^branch/ && /never executed|taken 0/) {
			if (!shown++)
				print file ":" text
		}'
}

while read -r file; do
	notes=$(notes_of "$file")
	[ -n "$notes" ] || continue
	"$gcov" -n -b "$notes" 2>/dev/null
	case " ${COVERAGE_SHOW:-} " in
	*" $file "*) "$gcov" -t -b -c "$notes" 2>/dev/null | show "$file" >>"$work/show" ;;
	esac
done <"$work/pure" >"$work/gcov"
awk -v lines_min="$lines_min" -v branches_min="$branches_min" '
	function share(hit, all) { return all == 0 ? 100 : 100 * hit / all }
	function row(name, l, ls, b, bs, mark) {
		printf "%-24s %6.1f %% of %5d lines  %6.1f %% of %5d branches%s\n", name, share(l, ls), ls, share(b, bs), bs, mark
	}
	FILENAME == ARGV[1] { wanted[++count] = $1; next }
	/^File / {
		file = ""
		name = substr($0, 7, length($0) - 7)
		for (i = 1; i <= count; i++)
			if (substr(name, length(name) - length(wanted[i])) == "/" wanted[i])
				file = wanted[i]
	}
	/^(Calls executed|No calls)/ { file = "" } # a total follows
	file != "" && /^(Lines executed|Taken at least once):/ {
		split($0, part, /[:%]| of /)
		kind = part[1] ~ /^Lines/ ? "l" : "b"
		all[file, kind] = part[4]
		hit[file, kind] = int(part[2] * part[4] / 100 + 0.5)
	}
	END {
		for (i = 1; i <= count; i++) {
			f = wanted[i]
			if (!((f, "l") in all)) {
				if (!((f, "b") in all)) { print f ": gcov has nothing to say about it"; short++ }
				continue
			}
			low = share(hit[f, "l"], all[f, "l"]) < lines_min || share(hit[f, "b"], all[f, "b"]) < branches_min
			short += low
			row(f, hit[f, "l"], all[f, "l"], hit[f, "b"], all[f, "b"], low ? "  short" : "")
			folder = substr(f, 1, index(f, "/"))
			folders[folder]
			l[folder] += hit[f, "l"]; ls[folder] += all[f, "l"]
			b[folder] += hit[f, "b"]; bs[folder] += all[f, "b"]
		}
		for (f in folders) {
			low = share(l[f], ls[f]) < lines_min || share(b[f], bs[f]) < branches_min
			bad += low
			row("all of " f, l[f], ls[f], b[f], bs[f], low ? "  FAILS" : "")
		}
		printf "%d of %d files are short of %d %% of lines or %d %% of branches\n", short, count, lines_min, branches_min
		exit bad > 0
	}' "$work/pure" "$work/gcov" || failed=1
[ ! -f "$work/show" ] || cat "$work/show"
exit "$failed"
