/* SPDX-License-Identifier: ISC */
#include "tests/bench/cpu.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEPTH_MAX 8

/* The scheduler's own nanoseconds, thread by thread: /proc/PID/stat counts in hundredths of a second. */
static double
cpu_of_threads(const char *tasks)
{
	DIR *dir = opendir(tasks);
	double seconds = 0;

	for (struct dirent *d = dir == NULL ? NULL : readdir(dir); d != NULL; d = readdir(dir)) {
		char path[512], line[256];
		if (d->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s/schedstat", tasks, d->d_name);
		FILE *f = fopen(path, "r");
		if (f != NULL && fgets(line, sizeof line, f) != NULL)
			seconds += strtod(line, NULL) / 1e9;
		if (f != NULL)
			fclose(f);
	}
	if (dir != NULL)
		closedir(dir);
	return seconds;
}

/* Threads that have ended are only in the process's sum. */
static double
cpu_of_process(long pid)
{
	char path[64], line[1024] = "";
	unsigned long user = 0, kernel = 0;

	snprintf(path, sizeof path, "/proc/%ld/stat", pid);
	FILE *f = fopen(path, "r");
	if (f == NULL)
		return 0;
	const char *behind_name = fgets(line, sizeof line, f) == NULL ? NULL : strrchr(line, ')');
	fclose(f);
	if (behind_name != NULL)
		(void)sscanf(behind_name + 1,
		    " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &kernel);
	double sum = (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
	snprintf(path, sizeof path, "/proc/%ld/task", pid);
	double threads = cpu_of_threads(path);
	return threads > sum ? threads : sum;
}

static double
cpu_below(long pid, int depth)
{
	char path[64], line[4096] = "";
	double seconds = cpu_of_process(pid);

	snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", pid, pid);
	FILE *f = depth > 0 ? fopen(path, "r") : NULL;
	if (f == NULL)
		return seconds;
	if (fgets(line, sizeof line, f) != NULL) {
		char *at = line;
		for (long child = strtol(at, &at, 10); child > 0; child = strtol(at, &at, 10))
			seconds += cpu_below(child, depth - 1);
	}
	fclose(f);
	return seconds;
}

double
cpu_of_tree(long pid)
{
	return cpu_below(pid, DEPTH_MAX);
}
