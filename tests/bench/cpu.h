/* SPDX-License-Identifier: ISC */
/* cpu.h - what a process and its children have cost. */
#ifndef SIGNPOST_TESTS_BENCH_CPU_H
#define SIGNPOST_TESTS_BENCH_CPU_H

double cpu_of_tree(long pid); /* seconds, user and system, of the process and its living descendants; 0 when gone */

#endif
