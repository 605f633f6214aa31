/* SPDX-License-Identifier: Apache-2.0 */
/* palier-seal: seals the closed days of a store, and exits. It holds the signing key, and listens to nobody. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "tools/palierd.h"
#include "tools/seal/seal.h"

struct program {
	const char *config;
	bool new_key;
	struct seal_settings settings;
	struct palier_arena arena;
};

static const struct option_row {
	const char *name, *argument, *what;
	int letter;
} options[] = {
	{ "config", "FILE", "the daemon's configuration", 'c' },
	{ "new-key", NULL, "the key before is lost: sign with the present one, though no batch has announced it", 'n' },
	{ "help", NULL, "print this", 'h' },
	{ "version", NULL, "print the version", 'v' },
};
#define OPTIONS (sizeof(options) / sizeof(options[0]))

static void help(void)
{
	char left[40];

	printf("usage: palier-seal --config FILE\n\nSeals every closed business day that is not sealed yet, into the outbox.\n\n");
	for (size_t i = 0; i < OPTIONS; i++) {
		snprintf(left, sizeof(left), "--%s%s%s", options[i].name, options[i].argument ? " " : "",
			options[i].argument ? options[i].argument : "");
		printf("  %-18s %s\n", left, options[i].what);
	}
}

static int misused(const char *what)
{
	fprintf(stderr, "palier-seal: %s; palier-seal --help says how it is called\n", what);
	return palier_error_info(PALIER_EINVAL)->exit_code;
}

/* @return -1: go on, else the exit code */
static int read_arguments(struct program *p, int argc, char **argv)
{
	struct option table[OPTIONS + 1] = { { 0 } };
	int letter;

	for (size_t i = 0; i < OPTIONS; i++)
		table[i] = (struct option){ options[i].name, options[i].argument ? required_argument : no_argument, NULL,
			options[i].letter };
	while ((letter = getopt_long(argc, argv, "", table, NULL)) != -1) {
		if (letter == 'h' || letter == 'v') {
			letter == 'h' ? help() : (void)printf("palier-seal %s\n", PALIER_VERSION);
			return 0;
		}
		if (letter == '?')
			return palier_error_info(PALIER_EINVAL)->exit_code;
		if (letter == 'c')
			p->config = optarg;
		p->new_key = p->new_key || letter == 'n';
	}
	if (optind < argc)
		return misused("it takes no arguments");
	return p->config ? -1 : misused("--config FILE is missing");
}

/* "outbox /var/lib/palier/outbox" */
static void setting(void *who, char *line)
{
	struct program *p = who;
	const struct {
		const char *word;
		const char **kept;
	} words[] = { { "data ", &p->settings.data }, { "outbox ", &p->settings.outbox }, { "store ", &p->settings.store },
		{ "certificate ", &p->settings.certificate }, { "key ", &p->settings.key } };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		size_t n = strlen(words[i].word);

		if (strncmp(line, words[i].word, n) == 0)
			*words[i].kept = palier_format(&p->arena, "%s", line + n);
	}
}

static unsigned count;

static void told(const struct sealed *batch)
{
	count++;
	printf("batch %u sealed: %llu events\n", batch->batch, (unsigned long long)batch->events);
	fflush(stdout);
}

static int run(struct program *p)
{
	char why[SEAL_WHY_LEN] = "";
	int err = palierd_doors(&p->arena, p->config, setting, p);

	if (err == PALIER_EUNREACHABLE)
		fprintf(stderr, "palier-seal: palierd cannot be run (%s); it stands beside palier-seal, or in PATH\n",
			strerror(errno));
	if (err == PALIER_OK && !(p->settings.data && p->settings.outbox && p->settings.store)) {
		fprintf(stderr, "palier-seal: palierd is older than palier-seal, and does not say where the outbox is\n");
		err = PALIER_ECONFIG;
	}
	if (err != PALIER_OK)
		return err;
	p->settings.new_key = p->new_key;
	err = seal_all(&p->settings, told, why);
	if (err != PALIER_OK)
		fprintf(stderr, "palier-seal: %s\n", why);
	else if (count == 0)
		printf("nothing to seal\n");
	return err;
}

int main(int argc, char **argv)
{
	struct program p = { .config = NULL };
	int code = read_arguments(&p, argc, argv);

	if (code < 0)
		code = palier_error_info(run(&p))->exit_code;
	palier_arena_deinit(&p.arena);
	return code;
}
