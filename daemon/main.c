/* SPDX-License-Identifier: Apache-2.0 */
/* palierd: serves a ledger in the foreground, and does to one what only the daemon may do. */
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/clock.h"
#include "daemon/core.h"
#include "daemon/crash.h"
#include "daemon/doctor.h"
#include "daemon/log.h"
#include "daemon/loop.h"
#include "daemon/notify.h"
#include "daemon/scratch.h"
#include "daemon/texts.h"

/* Requests are remembered for 60 days, and found again in tables of 30 that are dropped one after the other: after 120 days none is left. */
#define ARCHIVE_DAYS 120
#define DAYS_MOST    36500

struct program {
	const char *file; /* --config */
	const char *argument, *keys;
	unsigned long days;
	const char *scratch; /* --scratch */
	int64_t seed;
	bool check_config, json;
	const struct verb *verb;
	struct plugin_set plugins;
	struct config *config;
	char why[WHY_LEN];
};

/** What palierd can do. The first serves. */
struct verb {
	const char *name, *argument, *what; /* argument: NULL where the verb takes none */
	int (*run)(struct program *p);
};

static const struct option_row {
	const char *name, *argument, *what;
	int letter;
} options[] = {
	{ "config", "FILE", "the configuration", 'c' },
	{ "keys", "DIR", "of backup and restore: the key file's directory, instead of keys-apart in the backup's", 'K' },
	{ "days", "N", "of archive: only what is at least so many days old; 120 unless told", 'd' },
	{ "scratch", "DIR", "serve a new ledger there, to try the configuration with: palierd(8)", 's' },
	{ "seed", "N", "of --scratch: what is drawn follows from it (default: 1)", 'S' },
	{ "json", NULL, "of doctor: answer as JSON", 'j' },
	{ "check-config", NULL, "say what is wrong with it as FILE:LINE: WHAT, and exit with 0 or 1", 'k' },
	{ "help", NULL, "print this", 'h' },
	{ "version", NULL, "print the version", 'v' },
};
#define OPTIONS (sizeof(options) / sizeof(options[0]))

static int fail(struct program *p, int err)
{
	fprintf(stderr, "palierd: %s\n", p->why);
	return palier_error_info(err)->exit_code;
}

static void say(const char *error)
{
	fprintf(stderr, "%s\n", error);
}

/* --- what lies beside the program ------------------------------------------------------------------------------------ */

/* build/bin/palierd finds build/plugins and build/share/locale, an installed one what was installed with it.
 * @param path PATH_MAX bytes @return path; elsewhere when there is none */
static const char *beside(char *path, const char *what, const char *elsewhere)
{
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);
	char *slash;
	size_t len;

	if (n <= 0)
		return elsewhere;
	path[n] = '\0';
	for (int up = 0; up < 2 && (slash = strrchr(path, '/')); up++)
		*slash = '\0';
	len = strlen(path);
	if (len + strlen(what) >= PATH_MAX)
		return elsewhere;
	memcpy(path + len, what, strlen(what) + 1);
	return access(path, R_OK) == 0 ? path : elsewhere;
}

static int load_plugins(struct program *p)
{
	char path[PATH_MAX], *more = config_plugin_dir(p->file);
	const char *dirs[] = { beside(path, "/plugins", PALIER_PLUGIN_DIR), more, NULL };
	int err = plugins_load(&core_plugin, dirs, &p->plugins, p->why);

	free(more);
	return err;
}

/* --- verbs --------------------------------------------------------------------------------------------------------- */

static int not_served(struct program *p, int err)
{
	notify_status(p->why);
	return fail(p, err);
}

/* After a failure of the ledger nothing more is written, not even what closing it would write. */
static int serve(struct program *p)
{
	struct ledger *ledger;
	struct server *server;
	char path[PATH_MAX];
	int err;

	crash_catch();
	if (!p->scratch && scratch_made(p->config->data)) {
		complain(p->why, PALIER_ECONFIG, "%s was made with --scratch: it can be read, not served", p->config->data);
		return not_served(p, PALIER_ECONFIG);
	}
	texts_load(beside(path, "/share/locale", PALIER_LOCALE_DIR), say);
	notify_status("Reading the open day's journal");
	err = ledger_open(p->config, &p->plugins, &ledger, p->why);
	if (err != PALIER_OK)
		return not_served(p, err);
	err = server_new(p->config, &p->plugins, ledger, &server, p->why);
	p->config = NULL;
	if (err != PALIER_OK) {
		ledger_close(ledger);
		return not_served(p, err);
	}
	err = server_run(server);
	if (err != PALIER_OK)
		_exit(palier_error_info(err)->exit_code);
	err = ledger_close(ledger);
	server_free(server);
	if (err != PALIER_OK)
		log_warn("serve.close", "err=%s: the next start folds what the index lacks", palier_error_info(err)->name);
	return palier_error_info(err)->exit_code;
}

static int init(struct program *p)
{
	int err = ledger_create(p->config->data, p->config, &p->plugins, p->why);

	if (err != PALIER_OK)
		return fail(p, err);
	printf("an empty ledger was made at %s\n", p->config->data);
	return 0;
}

static int check(struct program *p)
{
	int err = ledger_check(p->config, &p->plugins, p->why);

	/* Findings speak for themselves. */
	return err == PALIER_OK || err == PALIER_EDAMAGED ? palier_error_info(err)->exit_code : fail(p, err);
}

static int rebuild(struct program *p)
{
	int err = ledger_rebuild(p->config, &p->plugins, p->why);

	return err == PALIER_OK ? 0 : fail(p, err);
}

static int backup(struct program *p)
{
	int err = ledger_backup(p->config, p->argument, p->keys, p->why);

	return err == PALIER_OK ? 0 : fail(p, err);
}

static int restore(struct program *p)
{
	int err = ledger_restore(p->config, &p->plugins, p->argument, p->keys, p->why);

	return err == PALIER_OK ? 0 : fail(p, err);
}

static int archive(struct program *p)
{
	int err = ledger_archive(p->config, (unsigned)p->days, clock_now_ms(), p->why);

	return err == PALIER_OK ? 0 : fail(p, err);
}

static int doctor(struct program *p)
{
	return doctor_run(p->file, p->config, p->json);
}

static int doors(struct program *p)
{
	for (size_t i = 0; i < p->config->door_count; i++) {
		const struct door_config *d = &p->config->doors[i];

		if (d->kind == DOOR_UNIX)
			printf("door unix:%s %s %s\n", d->path, door_auth_names[d->auth], role_names[d->role]);
		else
			printf("door %s %s %s\n", d->address, door_auth_names[d->auth], role_names[d->role]);
	}
	printf("data %s\nstore %s\nname %s\noutbox %s\n", p->config->data, p->config->store.id, p->config->store.name,
		p->config->outbox);
	printf("language %s\ncurrency %s\n", p->config->store.language, p->config->store.currency);
	printf("timezone %s\n", p->config->store.timezone);
	if (p->config->certificate)
		printf("certificate %s\n", p->config->certificate);
	if (p->config->key)
		printf("key %s\n", p->config->key);
	return 0;
}

static const struct verb verbs[] = {
	{ "", NULL, "serve the ledger in the foreground; the log goes to stderr", serve },
	{ "init", NULL, "make an empty ledger", init },
	{ "check", NULL, "verify the journal, and the index against it", check },
	{ "rebuild", NULL, "make the index again from the journal", rebuild },
	{ "backup", "DIR", "copy the ledger into a new directory; it may be in use", backup },
	{ "restore", "DIR", "make the ledger from such a copy; there may be none yet", restore },
	{ "archive", NULL, "compress closed days that are sealed and old; it may be in use", archive },
	{ "doctor", NULL, "say in plain words what is wrong with this shop; 1 when something is", doctor },
	{ "doors", NULL, "print where it listens, where the ledger lies, and with what batches are sealed", doors },
};
#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

/* --- the command line ---------------------------------------------------------------------------------------------- */

static void help(FILE *to)
{
	char left[40];

	fprintf(to, "usage: palierd --config FILE [VERB]\n\n");
	for (size_t i = 0; i < VERBS; i++) {
		snprintf(left, sizeof(left), "%s%s%s", verbs[i].name[0] ? verbs[i].name : "(no verb)",
			verbs[i].argument ? " " : "", verbs[i].argument ? verbs[i].argument : "");
		fprintf(to, "  %-18s %s\n", left, verbs[i].what);
	}
	fprintf(to, "\n");
	for (size_t i = 0; i < OPTIONS; i++) {
		snprintf(left, sizeof(left), "--%s%s%s", options[i].name, options[i].argument ? " " : "",
			options[i].argument ? options[i].argument : "");
		fprintf(to, "  %-18s %s\n", left, options[i].what);
	}
}

static const struct verb *verb_find(const char *name)
{
	for (size_t i = 0; i < VERBS; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

static int misused(const char *what, const char *which)
{
	fprintf(stderr, "palierd: %s%s; palierd --help says how it is called\n", what, which);
	return palier_error_info(PALIER_EINVAL)->exit_code;
}

static bool read_days(const char *text, unsigned long *out)
{
	char *end;

	*out = strtoul(text, &end, 10);
	return text[0] >= '0' && text[0] <= '9' && !*end && *out <= DAYS_MOST;
}

/* @return -1: go on, else the exit code */
static int read_options(struct program *p, int argc, char **argv)
{
	struct option table[OPTIONS + 1] = { { 0 } };
	int letter;

	for (size_t i = 0; i < OPTIONS; i++)
		table[i] = (struct option){ options[i].name, options[i].argument ? required_argument : no_argument, NULL,
			options[i].letter };
	while ((letter = getopt_long(argc, argv, "", table, NULL)) != -1) {
		if (letter == 'h' || letter == 'v') {
			letter == 'h' ? help(stdout) : (void)printf("palierd %s\n", PALIER_VERSION);
			return 0;
		}
		if (letter == '?')
			return palier_error_info(PALIER_EINVAL)->exit_code;
		if (letter == 'c')
			p->file = optarg;
		if (letter == 'K')
			p->keys = optarg;
		if (letter == 'd' && !read_days(optarg, &p->days))
			return misused("--days is a number of days, not ", optarg);
		if (letter == 's')
			p->scratch = optarg;
		if (letter == 'S' && !decimal_parse(optarg, 0, &p->seed))
			return misused("--seed is a whole number, not ", optarg);
		p->check_config = p->check_config || letter == 'k';
		p->json = p->json || letter == 'j';
	}
	return -1;
}

static int read_arguments(struct program *p, int argc, char **argv)
{
	int done = read_options(p, argc, argv);

	if (done >= 0)
		return done;
	p->verb = verb_find(optind < argc ? argv[optind] : "");
	if (!p->verb)
		return misused("there is no verb ", argv[optind]);
	if (p->verb->argument && optind + 1 < argc)
		p->argument = argv[++optind];
	if (optind + 1 < argc)
		return misused("one argument too many: ", argv[optind + 1]);
	if (p->verb->argument && !p->argument)
		return misused("an argument is missing: ", p->verb->argument);
	if (p->keys && !p->argument)
		return misused("--keys is for backup and restore", "");
	if (p->scratch && (p->verb->name[0] || p->check_config))
		return misused("--scratch serves, and takes no verb", "");
	if (!p->file)
		return misused("--config FILE is missing", "");
	return -1;
}

static int run(struct program *p)
{
	int err = load_plugins(p);

	if (err != PALIER_OK)
		return p->check_config ? fail(p, err), 1 : fail(p, err);
	p->config = config_load(p->file, p->plugins.list, say);
	if (p->check_config) {
		bool fine = p->config && config_doors_check(p->config, say);

		if (fine)
			printf("%s: ok\n", p->file);
		return fine ? 0 : 1;
	}
	if (p->config && p->scratch) {
		err = scratch_begin(p->scratch, (uint64_t)p->seed, p->config, &p->plugins, p->why);
		if (err != PALIER_OK)
			return fail(p, err);
	}
	return p->config || p->verb->run == doctor ? p->verb->run(p) : palier_error_info(PALIER_ECONFIG)->exit_code;
}

int main(int argc, char **argv)
{
	struct program p = { .seed = 1, .days = ARCHIVE_DAYS };
	int code = read_arguments(&p, argc, argv);

	if (code >= 0)
		return code;
	code = run(&p);
	texts_unload();
	config_free(p.config);
	plugins_unload(&p.plugins);
	return code;
}
