/* SPDX-License-Identifier: ISC */
/* Runs a fuzz target over its committed corpus, without libFuzzer: `make check` on every compiler.
 * The directory is CORPUS_DIR/NAME, NAME being the program's own behind "fuzz_". */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEED_LEN_MAX (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static int
run_file(const char *path)
{
	uint8_t *data = malloc(SEED_LEN_MAX);
	FILE *f = fopen(path, "rb");

	if (f == NULL || data == NULL) {
		perror(path);
		exit(1);
	}
	size_t len = fread(data, 1, SEED_LEN_MAX, f);
	fclose(f);
	/* an exact copy, so that the sanitizer sees one octet too many */
	uint8_t *exact = malloc(len == 0 ? 1 : len);
	if (exact == NULL)
		exit(1);
	memcpy(exact, data, len);
	LLVMFuzzerTestOneInput(exact, len);
	for (size_t cut = 1; cut < len && cut < 64; cut++)
		LLVMFuzzerTestOneInput(exact + cut, len - cut);
	free(exact);
	free(data);
	return 1;
}

int
main(int argc, char **argv)
{
	char dir[2048], path[4096];
	int count = 0;
	const char *base = strrchr(argv[0], '/');

	base = base == NULL ? argv[0] : base + 1;
	const char *name = strstr(base, "fuzz_");
	if (argc > 1)
		snprintf(dir, sizeof dir, "%s", argv[1]);
	else
		snprintf(dir, sizeof dir, "%s/%s", CORPUS_DIR, name == NULL ? base : name + strlen("fuzz_"));
	DIR *d = opendir(dir);
	if (d == NULL) {
		perror(dir);
		return 1;
	}
	for (const struct dirent *e; (e = readdir(d)) != NULL;) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
		count += run_file(path);
	}
	closedir(d);
	printf("%s: %d seeds\n", base, count);
	return count == 0;
}
