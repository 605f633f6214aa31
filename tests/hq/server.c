/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/hq/server.h"

#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/e2e/harness.h"
#include "tools/hq/db.h"

/* Debian keeps the server's programs apart, by version; the latest is taken. */
static const char *program_of(const char *name)
{
	static char path[256];
	char pattern[128];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "/usr/lib/postgresql/*/bin/%s", name);
	snprintf(path, sizeof(path), "%s", name);
	if (glob(pattern, 0, NULL, &found) == 0) {
		snprintf(path, sizeof(path), "%s", found.gl_pathv[found.gl_pathc - 1]);
		globfree(&found);
	}
	return path;
}

/* PostgreSQL does not run as root. */
static const struct passwd *other_user(void)
{
	const struct passwd *user = geteuid() == 0 ? getpwnam("postgres") : NULL;

	if (geteuid() == 0)
		assert_non_null(user);
	return user;
}

static pid_t start(const struct server *s, const char *const *argv)
{
	const struct passwd *user = other_user();
	char path[256], log[96];
	pid_t pid;
	int fd;

	snprintf(path, sizeof(path), "%s", program_of(argv[0]));
	snprintf(log, sizeof(log), "%s/log", s->dir);
	pid = fork();
	if (pid != 0) {
		assert_true(pid > 0);
		return pid;
	}
	if (user && (setgroups(0, NULL) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0))
		_exit(125);
	prctl(PR_SET_PDEATHSIG, SIGQUIT);
	fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0 || dup2(fd, STDERR_FILENO) < 0)
		_exit(125);
	close_range(STDERR_FILENO + 1, ~0u, 0);
	execv(path, (char *const *)argv);
	execvp(argv[0], (char *const *)argv);
	_exit(127);
}

static void log_show(const struct server *s)
{
	char path[96], *text;

	snprintf(path, sizeof(path), "%s/log", s->dir);
	text = file_read(path, NULL);
	print_error("--- %s\n%s---\n", path, text ? text : "");
	free(text);
}

static void wait_ready(struct server *s)
{
	for (int64_t until = now_ms() + DEADLINE_MS; now_ms() < until; sleep_ms(20)) {
		struct db *db;
		int err = db_open(s->conninfo, &db);

		db_close(db);
		if (err == PALIER_OK)
			return;
	}
	log_show(s);
	fail_msg("PostgreSQL does not start");
}

void server_start(struct server *s)
{
	const struct passwd *user = other_user();
	char data[80];
	const char *const init[] = { "initdb", "-D", data, "-U", "office", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
		"-N", NULL };
	const char *const serve[] = { "postgres", "-D", data, "-k", s->dir, "-c", "listen_addresses=", "-c", "fsync=off",
		"-c", "full_page_writes=off", "-c", "shared_buffers=64MB", "-c", "max_connections=40", "-c",
		"max_prepared_transactions=8", NULL };
	pid_t pid;
	int status;

	snprintf(s->dir, sizeof(s->dir), "%.40s/palier-pg-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	assert_non_null(mkdtemp(s->dir));
	if (user)
		assert_int_equal(chown(s->dir, user->pw_uid, user->pw_gid), 0);
	snprintf(data, sizeof(data), "%s/data", s->dir);
	snprintf(s->conninfo, sizeof(s->conninfo), "host=%s user=office dbname=postgres", s->dir);
	pid = start(s, init);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status != 0)
		log_show(s);
	assert_int_equal(status, 0);
	s->pid = start(s, serve);
	wait_ready(s);
}

void server_stop(struct server *s)
{
	int status;

	kill(s->pid, SIGINT); /* a fast shutdown */
	assert_int_equal(waitpid(s->pid, &status, 0), s->pid);
	tree_remove(s->dir);
}

struct server server;

int server_up(void **state)
{
	(void)state;
	server_start(&server);
	return 0;
}

int server_down(void **state)
{
	(void)state;
	server_stop(&server);
	return 0;
}

/* A connection for each question: nothing of the last one is left. */
static struct db *asked(const struct server *s, const char *sql)
{
	struct db *db;

	if (db_open(s->conninfo, &db) != PALIER_OK || db_run(db, sql) != PALIER_OK)
		fail_msg("%s: %s", sql, db_why(db));
	return db;
}

const char *server_text(const struct server *s, const char *sql)
{
	static char texts[32][1024];
	static unsigned turn;
	char *out = texts[turn++ % 32];
	struct db *db = asked(s, sql);

	snprintf(out, sizeof(texts[0]), "%s", db_rows(db) > 0 ? db_text(db, 0, 0) : "");
	db_close(db);
	return out;
}

char *server_rows(const struct server *s, const char *sql)
{
	struct db *db = asked(s, sql);
	struct palier_buffer out = { .len = 0 };

	for (int row = 0; row < db_rows(db); row++)
		for (int column = 0; column < db_columns(db); column++) {
			palier_buffer_add(&out, db_text(db, row, column), strlen(db_text(db, row, column)));
			palier_buffer_add(&out, column + 1 < db_columns(db) ? "|" : "\n", 1);
		}
	palier_buffer_add(&out, "", 1);
	db_close(db);
	return out.at;
}

void sql_is(const struct server *s, const char *sql, const char *expected, const char *file, int line)
{
	const char *text = server_text(s, sql);

	if (strcmp(text, expected) == 0)
		return;
	print_error("%s:\n  is \"%s\", not \"%s\"\n", sql, text, expected);
	_fail(file, line);
}
