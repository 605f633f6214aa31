/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz target on every file of the directories and files given, so that each corpus is a plain test in every build.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int usage_error(const char *path, const char *why)
{
	fprintf(stderr, "fuzz_replay: %s: %s\n", path, why);
	return -1;
}

/* The copy is as large as the file, so that a sanitizer sees a read beyond it. */
static int replay_file(const char *path, size_t size)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = malloc(size ? size : 1);
	int err = -1;

	if (f && data && fread(data, 1, size, f) == size) {
		LLVMFuzzerTestOneInput(data, size);
		err = 0;
	}
	free(data);
	if (f)
		fclose(f);
	return err == 0 ? 0 : usage_error(path, "cannot be read");
}

/* @return files run, or -1 */
static int replay_directory(const char *path)
{
	DIR *dir = opendir(path);
	int count = 0;

	if (!dir)
		return usage_error(path, "cannot be opened");
	for (struct dirent *e; (e = readdir(dir)) && count >= 0;) {
		char file[4096];
		struct stat st;

		if (e->d_name[0] == '.')
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, e->d_name);
		count = stat(file, &st) == 0 && replay_file(file, (size_t)st.st_size) == 0 ? count + 1 : -1;
	}
	closedir(dir);
	return count != 0 ? count : usage_error(path, "is empty");
}

int main(int argc, char **argv)
{
	int total = 0;

	for (int i = 1; i < argc; i++) {
		struct stat st;
		int count;

		if (stat(argv[i], &st) != 0)
			count = usage_error(argv[i], "is missing");
		else if (S_ISDIR(st.st_mode))
			count = replay_directory(argv[i]);
		else
			count = replay_file(argv[i], (size_t)st.st_size) == 0 ? 1 : -1;
		if (count < 0)
			return EXIT_FAILURE;
		total += count;
	}
	printf("%d inputs\n", total);
	return total > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
