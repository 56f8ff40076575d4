/*
 * standalone: replays a corpus through one target, as an ordinary unit test. An input that kills
 *the target ends the program; its name stands on standard error then.
 *
 *	fuzz_TARGET_test [FILE…]    without files: all of the target's corpus
 */
#include <dirent.h>
#include <stdio.h>

#include "tests/fuzz/fuzz.h"

enum { INPUT_MAX = 1 << 20 };

static bool replay(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *buffer, *exact;
	size_t n;

	if (f == NULL) {
		fprintf(stderr, "%s cannot be opened\n", path);
		return false;
	}
	buffer = malloc(INPUT_MAX);
	must_hold(buffer != NULL);
	n = fread(buffer, 1, INPUT_MAX, f);
	fclose(f);
	/* Exactly as large as the input, so that the sanitizer sees a read beyond it. */
	exact = malloc(n > 0 ? n : 1);
	must_hold(exact != NULL);
	memcpy(exact, buffer, n);
	free(buffer);
	fprintf(stderr, "%s\n", path);
	LLVMFuzzerTestOneInput(exact, n);
	free(exact);
	return true;
}

static int replay_all(const char *folder)
{
	struct dirent **names;
	int n = scandir(folder, &names, NULL, alphasort), passed = 0;

	for (int i = 0; i < n; i++) {
		char path[1024];

		snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
		if (names[i]->d_name[0] != '.')
			passed += replay(path);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return passed;
}

int main(int argc, char **argv)
{
	int passed = argc > 1 ? 0 : replay_all(CORPUS), failed;

	for (int i = 1; i < argc; i++)
		passed += replay(argv[i]);
	failed = argc > 1 ? argc - 1 - passed : passed == 0;
	printf("%d passed, %d failed, 0 skipped\n", passed, failed);
	return failed > 0;
}
