#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# Mutants of the scheduler's own source: each line of the table is a file and a sed expression that takes one guard or
# one term of a formula away.  Each must apply, compile, and be noticed by the simulated receiver or by the unit
# tests of the scheduler.  Exit status: how many were not.
#
#	tests/sim/mutants.sh [WORD]	only those whose line holds WORD
#
# From the source tree; needs gcc, and cmocka for what only units can see.  About ten minutes on one processor.
set -u
src=$(cd "$(dirname "$0")/../.." && pwd)
cd "$src" || exit 64
word=${1:-}
work=$(mktemp -d) || exit 74
trap 'rm -rf "$work"' EXIT
CC=${CC:-gcc}
flags='-std=c11 -D_GNU_SOURCE -O1 -w'
# Sites of ten domains, of every mode; three years hold a first calm, a storm and a calm.
sim_args=${SIM_ARGS:---seed 1 --years 3 --domains 60 --stop}

# FILE<TAB>SED.  The first column is below keys/, without schedule and .c.
table() {
	cat <<'TABLE'
_formula	s/int64_t most = max_s(previous, negative_max(d, k));/int64_t most = previous;/
_formula	s/int64_t most = max_s(previous, negative_max(d, k));/int64_t most = negative_max(d, k);/
_formula	s/most = later(max_s(most, p->ttl_s), p->stale_s);/most = max_s(most, p->ttl_s);/
_formula	s/return later(most, safety_s);/return most;/
_formula	s/if (!v->any_was_active)/if (true)/
_formula	s/return later(max_s(later(queued, delayed), signature), safety);/return later(max_s(queued, signature), safety);/
_formula	s/return later(max_s(later(queued, delayed), signature), safety);/return later(max_s(delayed, signature), safety);/
_formula	s/return later(max_s(later(queued, delayed), signature), safety);/return later(later(queued, delayed), safety);/
_formula	s/return later(max_s(later(queued, delayed), signature), safety);/return max_s(later(queued, delayed), signature);/
_formula	s/max_s(p->queue_lifetime_s, k->queue_max_s);/p->queue_lifetime_s;/
_formula	s/max_s(p->receiver_delay_s, k->delay_max_s);/p->receiver_delay_s;/
_formula	s/return later(later(activated, p->lifetime_s), schedule_jitter(k->id, p->spread_s));/return later(activated, schedule_jitter(k->id, p->spread_s));/
_formula	s/return k->looks.proven_at != NEVER ? k->looks.proven_at : k->facts.at\[FACT_VERIFIED\];/return k->facts.at[FACT_VERIFIED];/
_formula	s/int64_t at = max_s(due_at(v, active), ready_at(v, successor));/int64_t at = ready_at(v, successor);/
_formula	s/int64_t lead = later(later(spread, v->p->ahead_s), publication_interval(v, NULL, false));/int64_t lead = -v->p->lifetime_s;/
_formula	s/later(max_s(v->p->ttl_s, k == NULL ? 0 : k->ttl_max_s), v->p->stale_s)/max_s(v->p->ttl_s, k == NULL ? 0 : k->ttl_max_s)/
_retire	s/return asked > at; .*/return true;/
_retire	s/return !s->needed || (s->agree \&\& asked_since/return !s->needed || (asked_since/
_retire	s/return key_has(k, FACT_RETIRED) \&\& !key_has(k, FACT_ACKNOWLEDGED);/return false;/
_retire	s/return later(acknowledged, v->p->destroy_after_s);/return acknowledged;/
_retire	s/if (acknowledged == NEVER)/if (false)/
_retire	s/return key_has(k, FACT_IMPORTED) || k->imported_unproven;/return false;/
_retire	s/if (k->overlap_s >= interval)/if (true)/
_retire	s/if (k->overlap_s >= interval)/if (k->overlap_s * 2 >= interval)/
_retire	s/	return k->queue_holds;/	return false;/
_retire	s/if (!k->queue_held || k->queue_clear_s >= wait)/if (true)/
_retire	s/int64_t wait = later(delay, max_s(v->p->retire_safety_s, k->safety_max_s));/int64_t wait = 0;/
_retire	s/{overlaps, STEP_REVOKE, WAIT_TIME, ""},//
_retire	s/{unacknowledged, STEP_NONE, WAIT_SIGNERS, "kept until every milter was asked and has left it"},//
_retire	s/step->earliest = after(v, k->facts.at\[FACT_REVOKED\], reuse_s(v, k));/step->earliest = v->now;/
_retire	s/int64_t stay = max_s(v->p->tombstone_s, reuse_s(v, k));/int64_t stay = 0;/
_retire	s/{tombstone_stays, STEP_REMOVE, WAIT_TIME, ""},//
_switch	s/!needs_proof(v, k) \&\&/true \&\&/
_switch	s/is_recent(v, k) \&\& !is_alone/!is_alone/
_switch	s/!is_alone(v, k, NULL) \&\& v->now >= ready_at(v, k)/v->now >= ready_at(v, k)/
_switch	s/!is_alone(v, k, NULL) \&\& v->now >= ready_at(v, k);/!is_alone(v, k, NULL);/
_switch	s/{may_be_denied, STEP_ACTIVATE, WAIT_TIME, ""},//
_switch	s/{too_young, STEP_ACTIVATE, WAIT_TIME, ""},//
_switch	s/{unapproved, STEP_NONE, WAIT_PERSON, "proven and due; signpost approve lets it take over"},//
_switch	s/return is_bound(v, k) \&\& v->p->rotate == ROTATE_OFF;/return false;/
_switch	s/{not_seen_now, STEP_LOOK, WAIT_DNS, "proven; one more look before it signs"},//
_switch	s/{is_alone, STEP_NONE, WAIT_DNS, "proven; joins when an RSA key of the domain signs"},//
_switch	s/{takes_over_lost, STEP_ACTIVATE, WAIT_NOTHING, ""},//
_switch	s/{rolled_back, STEP_ACTIVATE, WAIT_TIME, ""},//
_switch	s/step->other = active == NULL ? SIZE_MAX : (size_t)(active - v->d->keys);/step->other = SIZE_MAX;/
_switch	s/{leaves_last, STEP_NONE, WAIT_TIME, "leaves when the Ed25519 key has left"},//
_switch	s/{unwanted, STEP_RETIRE, WAIT_NOTHING, ""},//
_switch	s/{superfluous, STEP_RETIRE, WAIT_NOTHING, ""},//
_switch	s/step->queries = v->t->queries;/step->queries = 1;/
_look	s/return has_looks(v) \&\& (k->looks.contradicted ||/return has_looks(v) \&\& (false ||/
_look	s/return (int64_t)l->gone_sweeps >= v->t->gone_sweeps \&\&/return false \&\&/
_look	s/return has_looks(v) \&\& l->second_pass_at != NEVER \&\&/return has_looks(v) \&\& l->first_pass_at != NEVER \&\&/
_look	s/k->looks.differs || !is_ours(v, k) || at > v->now)/!is_ours(v, k) || at > v->now)/
_look	s/if (!key_is_gone(v, k) || v->w->outage || /if (!key_is_gone(v, k) || /
_look	s/k->removed_by_others >= REMOVALS_MAX ||/false ||/
_deed	s/return is_proven(v, k) \&\& is_seen_since(v, k, l->second_pass_at);/return true;/
_deed	s/if (state == KEY_STATE_REVOKED || (state == KEY_STATE_ABANDONED \&\& k->slot < 0))/if (state == KEY_STATE_REVOKED || state == KEY_STATE_RETIRED || (state == KEY_STATE_ABANDONED \&\& k->slot < 0))/
_begin	s/taken, STEP_ABANDON, WAIT_NOTHING, "something else is at its name: another is chosen"/taken, STEP_NONE, WAIT_NOTHING, "something else is at its name"/
_begin	s/!(key_has(k, FACT_REMOVED) \&\& key_has(k, FACT_DESTROYED))/!key_has(k, FACT_RETIRED)/
_begin	s/if (!slot->prepared || (best/if ((best/
_begin	s/if (!c->wanted || c->successor != NULL)/if (!c->wanted)/
_begin	s/if (!c->wanted || c->successor != NULL)/if (c->successor != NULL)/
_begin	s/    {is_stolen, true, .*//
_begin	s/    {by_age, false, .*//
_begin	s/	else if (v->d->held)/	else if (false)/
_begin	s/	if (!v->w->clock_trusted)$/	if (false)/
	s/	if (v->w->clock_trusted)$/	if (true)/
	s/return v->d->held \&\& !rescues(v, k);/return false;/
	s/c->stolen = c->active != NULL \&\& key_has(c->active, FACT_COMPROMISED);/c->stolen = false;/
	s/c->lost = c->active != NULL \&\& !v->w->outage \&\& key_is_gone(v, c->active);/c->lost = false;/
	s/c->empty = c->active == NULL \&\& c->was_active \&\& c->alg == KEY_RSA_SHA256;/c->empty = c->was_active;/
	s/return v->d->removing_at == NEVER;/return true;/
	s/if (successor_rank(v, k) > rank) {/if (successor_rank(v, k) >= rank) {/
TABLE
}

others=$(find base dkim -name '*.c' ! -name main.c | sort)
mkdir -p "$work/o"
for f in $others keys/key_state.c tests/sim/*.c; do
	# shellcheck disable=SC2086 # words of a list
	$CC $flags -I. -c -o "$work/o/$(echo "$f" | tr / _).o" "$f" || exit 70
done
libs=${SIM_LIBS:--lidn2 -lssl -lcrypto -lpthread}

# Builds what keys/schedule*.c are in DIR, and runs it; prints who noticed.
judge() {
	dir=$1
	for f in "$dir"/keys/schedule*.c; do
		# shellcheck disable=SC2086
		$CC $flags -I. -c -o "$dir/$(basename "$f").o" "$f" 2>"$dir/cc.log" || return 2
	done
	# shellcheck disable=SC2086
	$CC -o "$dir/sim" "$work"/o/*.o "$dir"/*.c.o $libs || return 2
	# shellcheck disable=SC2086
	timeout 120 "$dir/sim" $sim_args >"$dir/out" 2>&1 && said= || said=$(grep -m 1 '' "$dir/out" | cut -c1-160)
	if [ -n "$said" ]; then
		printf 'sim: %s' "$said"
		return 0
	fi
	for test in tests/unit/test_schedule*.c; do
		[ -f "$test" ] || continue
		# shellcheck disable=SC2086
		$CC $flags -I. -o "$dir/unit" "$test" "$dir"/*.c.o "$work"/o/base_*.o "$work"/o/dkim_*.o \
			"$work"/o/keys_*.o -lcmocka $libs 2>>"$dir/cc.log" || continue
		if ! timeout 120 "$dir/unit" >"$dir/unit.log" 2>&1; then
			printf 'unit: %s' "$(basename "$test" .c)"
			return 0
		fi
	done
	return 1
}

mkdir -p "$work/base" "$work/m0/keys" # as they are now: somebody may be editing
cp keys/schedule*.c "$work/base/"
cp "$work"/base/*.c "$work/m0/keys/"
if said=$(judge "$work/m0"); then
	echo "the scheduler itself fails, which tells nothing of mutants: $said"
	exit 1
fi
n=0 alive=0 stale=0
while IFS='	' read -r file edit; do
	case "$file $edit" in *"$word"*) ;; *) continue ;; esac
	n=$((n + 1))
	dir=$work/m$n
	mkdir -p "$dir/keys"
	cp "$work"/base/*.c "$dir/keys/"
	[ "$file" != @ ] || file=
	sed -i "$edit" "$dir/keys/schedule$file.c"
	if cmp -s "$work/base/schedule$file.c" "$dir/keys/schedule$file.c"; then
		printf 'DOES NOT APPLY schedule%s.c %s\n' "$file" "$edit"
		stale=$((stale + 1))
	elif said=$(judge "$dir"); then
		printf 'caught schedule%s.c %s\n\tby %s\n' "$file" "$edit" "$said"
	elif [ $? -eq 2 ]; then
		printf 'DOES NOT COMPILE schedule%s.c %s: %s\n' "$file" "$edit" "$(grep -m 1 error "$dir/cc.log")"
		stale=$((stale + 1))
	else
		printf 'ALIVE  schedule%s.c %s\n' "$file" "$edit"
		alive=$((alive + 1))
	fi
	rm -rf "$dir"
done <<EOT
$(table | sed 's/^\t/@\t/')
EOT
printf '%d mutants of the source, %d alive, %d stale\n' "$n" "$alive" "$stale"
[ $((alive + stale)) -eq 0 ]
