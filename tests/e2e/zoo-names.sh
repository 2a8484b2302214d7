#!/bin/bash
# SPDX-License-Identifier: ISC
# zoo-names.sh - signpost check where the record went astray: D01 to D11, D31, D43 to D45, D47; each on real servers.
. "$(dirname "$0")/zoo-lib.sh"
lab_begin "$@"
zoo_begin names
zoo_check
lab_finish
