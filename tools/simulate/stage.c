/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/simulate/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tools/palierd.h"

#define JOB_POLLS 100000 /* a job that takes more turns than that is stuck */

volatile sig_atomic_t stage_stopped;

static void on_stop(int signal)
{
	(void)signal;
	stage_stopped = 1;
}

static void signals_set(void (*handler)(int))
{
	struct sigaction how = { .sa_handler = handler };

	sigemptyset(&how.sa_mask);
	sigaction(SIGINT, &how, NULL);
	sigaction(SIGTERM, &how, NULL);
}

/* --- the directory --- */

/* What is thrown away need not reach a disk. */
static const char *temporary(void)
{
	const char *named = getenv("TMPDIR");

	return named && named[0] ? named : access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
}

static int directory_make(struct stage *s, const char *keep)
{
	int n = keep ? snprintf(s->dir, sizeof(s->dir), "%s", keep)
	             : snprintf(s->dir, sizeof(s->dir), "%s/palier-simulate-XXXXXX", temporary());

	s->keep = keep != NULL;
	if (n < 0 || (size_t)n >= sizeof(s->dir))
		errno = ENAMETOOLONG;
	else if (keep ? mkdir(s->dir, 0700) == 0 : mkdtemp(s->dir) != NULL)
		return PALIER_OK;
	s->keep = true; /* there is nothing of ours to remove */
	return cli_fail(s->cli, PALIER_EIO, "cannot make %s: %s", keep ? keep : s->dir, strerror(errno));
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int clock_make(struct stage *s, int64_t begin_ms)
{
	const char *path = palier_format(&s->cli->arena, "%s/clock", s->dir);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	void *at = MAP_FAILED;

	if (fd >= 0 && write(fd, &begin_ms, sizeof(begin_ms)) == (ssize_t)sizeof(begin_ms))
		at = mmap(NULL, sizeof(begin_ms), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd >= 0)
		close(fd);
	if (at == MAP_FAILED)
		return cli_fail(s->cli, PALIER_EIO, "%s: %s", path, strerror(errno));
	s->clock = at;
	return PALIER_OK;
}

void stage_time(struct stage *s, int64_t at_ms)
{
	if (at_ms > *s->clock)
		__atomic_store_n(s->clock, at_ms, __ATOMIC_RELEASE);
}

/* --- palierd --- */

/* It ends with us, however we end. */
static void palierd_become(const char *const *argv, const char *log, pid_t parent)
{
	int fd = open(log, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() == parent && fd >= 0 && dup2(fd, STDERR_FILENO) >= 0)
		execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

static int palierd_start(struct stage *s, const char *config, uint64_t seed)
{
	struct palier_arena *a = &s->cli->arena;
	const char *log = palier_format(a, "%s/log", s->dir);
	const char *argv[] = { palierd_path(a), "--config", config, "--scratch", s->dir, "--seed",
		palier_format(a, "%llu", (unsigned long long)seed), NULL };
	pid_t parent = getpid();

	s->palierd = fork();
	if (s->palierd == 0)
		palierd_become(argv, log, parent);
	return s->palierd > 0 ? PALIER_OK : cli_fail(s->cli, PALIER_EIO, "palierd cannot be run: %s", strerror(errno));
}

/* Its own words, where it did not come up. */
static int palierd_failed(struct stage *s)
{
	char line[1024];
	FILE *log = fopen(palier_format(&s->cli->arena, "%s/log", s->dir), "re");

	while (log && fgets(line, sizeof(line), log))
		fputs(line, s->cli->err);
	if (log)
		fclose(log);
	return cli_fail(s->cli, PALIER_ECONFIG, "palierd does not serve this configuration");
}

static bool palierd_ended(struct stage *s)
{
	if (s->palierd > 0 && waitpid(s->palierd, NULL, WNOHANG) == s->palierd)
		s->palierd = 0;
	return s->palierd == 0;
}

/* A client waits longer and longer between its tries; a daemon that starts takes a tenth of a second. */
static int connect_to(struct stage *s)
{
	struct palier_client_options options = { PALIER_CLIENT_DEFAULTS, .till = s->till, .name = "palier simulate",
		.version = PALIER_VERSION };
	const char *door = palier_format(&s->cli->arena, "unix:%s/door", s->dir);
	const struct timespec pause = { 0, 10000000 };

	options.retries = 0;
	options.reply_ms = 600000;
	while (access(door + strlen("unix:"), F_OK) != 0 && !palierd_ended(s) && !stage_stopped)
		nanosleep(&pause, NULL);
	if (palier_client_open(door, &options, &s->client) != PALIER_OK)
		return cli_fail(s->cli, PALIER_EINVAL, "%s is too long for a socket's path", door);
	while (palier_client_session(s->client, &s->reply) != PALIER_OK) {
		if (palierd_ended(s) || stage_stopped)
			return palierd_failed(s);
		nanosleep(&pause, NULL);
	}
	return PALIER_OK;
}

int stage_open(struct cli *cli, const char *config, uint64_t seed, int64_t begin_ms, const char *keep, struct stage *s)
{
	int err;

	s->cli = cli;
	snprintf(s->till, sizeof(s->till), "simulated");
	err = directory_make(s, keep);
	if (err == PALIER_OK)
		err = clock_make(s, begin_ms);
	if (err != PALIER_OK)
		return err;
	signals_set(on_stop);
	err = palierd_start(s, config, seed);
	return err == PALIER_OK ? connect_to(s) : err;
}

void stage_close(struct stage *s)
{
	palier_client_close(s->client);
	if (s->palierd > 0) {
		kill(s->palierd, SIGTERM);
		while (waitpid(s->palierd, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (s->clock)
		munmap(s->clock, sizeof(*s->clock));
	if (s->dir[0] && !s->keep)
		nftw(s->dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	palier_buffer_deinit(&s->params);
	signals_set(SIG_DFL);
}

/* --- calls --- */

struct palier_json *stage_params(struct stage *s)
{
	s->params.len = 0;
	s->w = palier_json_to(&s->params);
	palier_json_object(&s->w);
	return &s->w;
}

struct palier_json *stage_command(struct stage *s)
{
	struct palier_json *w = stage_params(s);
	char request[32];

	snprintf(request, sizeof(request), "simulated-%lld", (long long)++s->requests);
	palier_json_key(w, "request");
	palier_json_str(w, request);
	return w;
}

int stage_call(struct stage *s, const char *method)
{
	palier_json_end_object(&s->w);
	palier_buffer_add(&s->params, "", 1);
	return palier_call(s->client, method, s->params.at, &s->reply);
}

int stage_refused(struct stage *s, const char *method, int err)
{
	return cli_fail(s->cli, err, "%s: %.*s", method, PALIER_ARG(s->reply.message));
}

static bool jobs_due(struct stage *s)
{
	STAGE_EACH(s, stage_member(s, s->reply.result, "jobs"), job)
	if (strcmp(stage_text(s, job, "state"), "due") == 0)
		return true;
	return false;
}

int stage_jobs(struct stage *s)
{
	for (int polls = 0; polls < JOB_POLLS; polls++) {
		int err;

		stage_params(s);
		err = stage_call(s, "day.status");
		if (err != PALIER_OK)
			return stage_refused(s, "day.status", err);
		if (!jobs_due(s))
			return PALIER_OK;
	}
	return cli_fail(s->cli, PALIER_EINTERNAL, "the work after a day's close does not end");
}

/* --- results --- */

uint32_t stage_member(const struct stage *s, uint32_t object, const char *key)
{
	return object && s->reply.doc.tokens[object].type == JSON_OBJECT ? json_member(&s->reply.doc, object, key) : 0;
}

int64_t stage_int(const struct stage *s, uint32_t object, const char *key)
{
	uint32_t token = stage_member(s, object, key);
	int64_t figure = 0;

	return token && json_integer(&s->reply.doc, token, &figure) ? figure : 0;
}

const char *stage_text(struct stage *s, uint32_t object, const char *key)
{
	uint32_t token = stage_member(s, object, key);

	if (!token || s->reply.doc.tokens[token].type != JSON_STRING)
		return "";
	return palier_cstr(s->reply.arena, json_string(&s->reply.doc, token, s->reply.arena));
}

uint32_t stage_count(const struct stage *s, uint32_t array)
{
	return array && s->reply.doc.tokens[array].type == JSON_ARRAY ? s->reply.doc.tokens[array].count : 0;
}
