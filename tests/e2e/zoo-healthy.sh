#!/bin/bash
# SPDX-License-Identifier: ISC
# zoo-healthy.sh - signpost check has nothing to complain of in the middle of each step of a rotation, in each mode.
. "$(dirname "$0")/zoo-lib.sh"
lab_begin "$@"
zoo_begin healthy
zoo_check
lab_finish
