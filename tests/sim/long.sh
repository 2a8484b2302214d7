#!/bin/sh
# SPDX-License-Identifier: ISC
# make sim: the simulated receiver over ten years of hundreds of domains, then its mutants, at the scheduler's
# boundary and in its source.  About an hour on an idle machine.
set -u
sim=${BUILD_DIR:-.}/tests/sim/sim
src=${SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
[ -x "$sim" ] || { echo "$sim is not there: make check builds it" && exit 1; }
failed=0
for seed in ${SIM_SEEDS:-1 2 3}; do
	"$sim" --seed "$seed" --years 10 --domains 200 --all || failed=1
done
"$sim" --seed 1 --years 3 --domains 80 --mutants || failed=1
bash "$src/tests/sim/mutants.sh" || failed=1
exit "$failed"
