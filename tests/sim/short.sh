#!/bin/sh
# SPDX-License-Identifier: ISC
# The simulated receiver, for make check: sites of ten domains in every mode, through a calm, a storm and a calm, in
# which every kind of event must come; and a few mutants, to see that it would notice.
set -u
sim=${BUILD_DIR:-.}/tests/sim/sim
[ -x "$sim" ] || { echo "$sim is not there: make check builds it" && exit 1; }
"$sim" --seed 137 --years 1 --domains 40 --all || exit 1
for mutant in negative_zero publish_safety_zero queue_zero signers_agree contradiction_hidden early_activate \
	never_revoke; do
	if said=$("$sim" --seed 137 --years 1 --domains 40 --stop --with "$mutant"); then
		echo "the wrong scheduler \"$mutant\" is not noticed"
		exit 1
	fi
	printf '%s: %s\n' "$mutant" "$(printf '%s\n' "$said" | head -n 1)"
done
echo 'ok: the simulated receiver'
