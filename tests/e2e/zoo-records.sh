#!/bin/bash
# SPDX-License-Identifier: ISC
# zoo-records.sh - signpost check where what stands at the name is wrong: D12 to D30.
. "$(dirname "$0")/zoo-lib.sh"
lab_begin "$@"
zoo_begin records
zoo_check
lab_finish
