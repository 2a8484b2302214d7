#!/bin/bash
# SPDX-License-Identifier: ISC
# report.sh - the pages of signpost report: whole, true, without anything that runs, and not on top of what is others'.
. "$(dirname "$0")/lib.sh"
lab_begin "$@"
. "$HERE/views-lib.sh"
views_begin
OUT=$T/out
MANY=${REPORT_DOMAINS:-2000}

look() { # NAME COMMAND...: report_html.py
	local name=$1
	shift
	if "$PYTHON" "$HERE/report_html.py" "$@"; then ok "$name"; else not_ok "$name"; fi
}

refused() { # CODE NAME WORDS COMMAND...
	local want=$1 name=$2 words=$3 status
	shift 3
	"$@" >"$T/refused" 2>&1
	status=$?
	if [ "$status" = "$want" ] && grep -qF -e "$words" "$T/refused"; then
		ok "$name"
	else
		not_ok "$name: $status $(cat "$T/refused")"
	fi
}

v report --out "$OUT" >"$T/said" 2>&1
check "report makes the directory and its pages" grep -qxF "6 domains, 7 pages: $OUT/index.html" "$T/said"
v status --json >"$T/status.json"
v plan life.example --json --until 200d >"$T/plan.json"
look "each page is whole HTML; nothing runs, nothing is loaded, every link leads to a page" pages "$OUT"
look "the index says what status says" index "$OUT" "$T/status.json"
look "the bars stand where plan puts them" picture "$OUT/domain-life.example.html" "$T/plan.json"
check "others may read the pages" [ "$(stat -c %a "$OUT" "$OUT"/*.html | sort -u | tr '\n' ' ')" = "644 755 " ]
check "what DNS said is text" grep -qF '&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &lt;b onclick=1&gt; &#39;' "$OUT/domain-hostile.example.html"
check "what would turn the line round or is no character is replaced" \
	"$PYTHON" -c 'import sys; t = open(sys.argv[1], encoding="utf-8").read(); sys.exit("\u202e" in t or "\x85" in t or "\ufffd\ufffd" not in t)' \
	"$OUT/domain-hostile.example.html"
check "a domain without a policy has its page" grep -q 'its policy &quot;nowhere&quot; is not defined' "$OUT/domain-lost.example.html"
check "U-labels are shown, A-labels beside them" grep -q '<h1>bücher.example <span class="soft">(xn--bcher-kva.example)</span></h1>' "$OUT/domain-xn--bcher-kva.example.html"
# shellcheck disable=SC2016
check "no secret" bash -c '! grep -rq -e "PRIVATE KEY-" -e bm9ib2R5 "$1"' _ "$OUT"
if command -v tidy >/dev/null; then
	check "tidy finds no fault" [ -z "$(for page in "$OUT"/*.html; do tidy -q -e "$page" 2>&1; done)" ]
else
	echo "skip - tidy is not installed"
fi

# in a text browser the table and the timeline are text
told() { # COMMAND...
	"$@" "$OUT/domain-life.example.html" 2>/dev/null | tr -s ' \n' ' ' >"$T/dump"
	grep -qE 'sp26q3-h2cd7xqa rsa signs until 20[0-9]{2}-[0-9]{2}-[0-9]{2}\. ' "$T/dump" && grep -q 'Signs from' "$T/dump" &&
		grep -q 'takes over from sp26q3-h2cd7xqa' "$T/dump"
}
for browser in w3m lynx; do
	if command -v $browser >/dev/null; then
		check "$browser shows the timeline as text" told $browser -dump
	else
		echo "skip - $browser is not installed"
	fi
done

# what is others' stays
echo mine >"$OUT/notes.txt"
echo '<html>mine</html>' >"$OUT/about.html"
cp "$OUT/domain-new.example.html" "$OUT/domain-gone.example.html"
v report --out "$OUT" >"$T/said" 2>&1
check "again over its own pages" grep -q '^6 domains' "$T/said"
check "the page of a domain that is gone goes" [ ! -e "$OUT/domain-gone.example.html" ]
check "foreign files stay" [ "$(cat "$OUT/notes.txt" "$OUT/about.html" | tr -d '\n')" = "mine<html>mine</html>" ]
check "nothing half-written is left" [ -z "$(find "$OUT" -name '.*' -type f)" ]
mkdir "$T/site"
echo '<!DOCTYPE html><title>ours</title>' >"$T/site/index.html"
refused 74 "an index.html of others is not written over" "is no page of signpost report" v report --out "$T/site"
check "and is as it was" grep -q ours "$T/site/index.html"
ln -s "$OUT" "$T/link"
refused 74 "a directory that is a link is refused" "is a link, or no directory" v report --out "$T/link"
refused 74 "a file is refused" "is a link, or no directory" v report --out "$T/said"
refused 74 "a directory above that is not there is said" "install -d -o USER DIR" v report --out "$T/no/such"
rm -rf "$OUT/domain-new.example.html"
ln -s "$T/said" "$OUT/domain-new.example.html"
cp "$T/said" "$T/said.before"
refused 74 "a link in a page's place is not followed" "is no page of signpost report" v report --out "$OUT"
check "what it led to is as it was" cmp -s "$T/said" "$T/said.before"
rm "$OUT/domain-new.example.html"
exec 9<"$OUT"
flock -x 9
refused 75 "one report at a time" "another signpost report writes there" v report --out "$OUT"
exec 9<&-
refused 64 "without --out" "signpost report --out DIR" v report
refused 64 "--until is a span" "--until" v report --out "$OUT" --until soon
v report --out "$OUT" --until 30d >/dev/null 2>&1
check "--until bounds the picture" grep -q "<desc>From .* to $(date -d '+30 days' +%F)\. </desc>" "$OUT/domain-life.example.html"

# what a hook's program said
tabs deed hostile.example sp26q4-e5xr8wqm publish failed 60 "sp26q4-e5xr8wqm._domainkey.hostile.example: /opt/hook: ended with status 1: token is hunter7" |
	"$ZOOTOOL" "$T/store"
v report --out "$T/open" >/dev/null 2>&1
check "the keeper sees what a hook's program said" grep -q hunter7 <(v explain hostile.example)
check "it is on no page" [ -z "$(grep -rl hunter7 "$T/open")" ]
check "which says where to find it" grep -q 'the rest is shown to the keeper only: sudo signpost log hostile.example' "$T/open/domain-hostile.example.html"

# a real browser, at the width of a phone and of a desk
browse() {
	timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars \
		--user-data-dir="$T/chromium" "$@" 2>"$T/log/chromium"
}
if ! command -v chromium >/dev/null; then
	echo "skip - Chromium is not installed: no browser looks at the pages"
else
	page=$OUT/domain-life.example.html
	browse --dump-dom "file://$page" >"$T/dom"
	bars=$(grep -o '<rect class="k-[a-z]*" x=' "$page" | wc -l)
	check "Chromium has the $bars bars in its tree" [ "$bars" -ge 5 -a "$(grep -o '<rect class="k-[a-z]*" x=' "$T/dom" | wc -l)" = "$bars" ]
	# how wide each page wants to be, in frames of both widths
	{
		echo '<!DOCTYPE html><body>'
		for name in index.html domain-life.example.html "domain-$LONG.html" domain-hostile.example.html; do
			for width in 390 1280; do printf '<iframe src="out/%s" width="%s" height="800" style="border:0"></iframe>\n' "$name" $width; done
		done
		cat <<-'END'
			<p id="w"></p><script>window.onload = function () {
				for (const f of document.querySelectorAll("iframe"))
					document.getElementById("w").append(f.getAttribute("src") + " at " + f.width + " wants " +
						f.contentDocument.documentElement.scrollWidth + ";");
			};</script></body>
		END
	} >"$T/measure.html"
	browse --allow-file-access-from-files --virtual-time-budget=5000 --dump-dom "file://$T/measure.html" |
		sed -n 's/.*<p id="w">\(.*\)<.p>.*/\1/p' | tr ';' '\n' | grep . >"$T/wants"
	check "Chromium measures eight frames" [ "$(wc -l <"$T/wants")" = 8 ]
	while read -r name _ width _ want; do
		check "$name fits into $width pixels ($want)" [ "$want" -le "$width" ]
	done <"$T/wants"
	for width in 390 1280; do
		browse --window-size=$width,900 --screenshot="$T/shot-$width.png" "file://$page" >/dev/null
		look "Chromium draws it $width pixels wide" png "$T/shot-$width.png" $width
	done
fi

# very many; an index of several pages
"$PYTHON" -c '
import sys
for i in range(int(sys.argv[1])):
    d = f"d{i:05}.many.example"
    print("domain", d, "auto", sep="\t")
    for selector, state, age in (("sp26q3-h2cd7xqa", "active", 1000000), ("sp26q4-3vtp9bns", "ready", 7200)):
        print("key", d, selector, "rsa-sha256", -1, state, age, "-", "v=DKIM1; p=" + sys.argv[2], sep="\t")
' "$MANY" "$PUBLIC" | "$ZOOTOOL" "$T/store"
for ((i = 0; i < MANY; i++)); do printf 'd%05d.many.example\n' "$i"; done >"$T/names"
(cd "$T/store/keys" && xargs mkdir <"$T/names" && while read -r name; do
	ln "$T/store/keys/life.example/sp26q3-h2cd7xqa.pem" "$name/sp26q3-h2cd7xqa.pem"
	ln "$T/store/keys/life.example/sp26q4-3vtp9bns.pem" "$name/sp26q4-3vtp9bns.pem"
done <"$T/names")
begin=$(date +%s%N)
v report --out "$T/many" >"$T/said" 2>&1
took=$((($(date +%s%N) - begin) / 1000000))
check "$MANY domains more in $took ms: less than 100 ms each" [ $took -lt $((MANY * 100)) ]
check "each has a page" [ "$(find "$T/many" -name 'domain-*.html' | wc -l)" = $((MANY + 6)) ]
check "no page of the index is longer than a megabyte" [ -z "$(find "$T/many" -name 'index*.html' -size +1M)" ]
check "what is to be looked at stands first" \
	[ "$(sed -n '/To be looked at/,/All domains/p' "$T/many/index.html" | grep -o 'href="[^"]*"')" = 'href="domain-lost.example.html"' ]
rows=$(cat "$T/many"/index*.html | grep -c '^<tr><td><a' || true)
check "the index has a row for each ($rows)" [ "$rows" -ge $((MANY + 6)) ]
v report --out "$T/many" >/dev/null 2>&1
lab_finish
