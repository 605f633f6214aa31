/* SPDX-License-Identifier: Apache-2.0 */
/* A PostgreSQL of the test's own: from the distribution's package, in a temporary directory, on a unix socket, and gone with the test. */
#pragma once

#include <sys/types.h>

struct db;

struct server {
	char dir[64];
	char conninfo[160]; /* as libpq takes it */
	pid_t pid;
};

void server_start(struct server *s);
void server_stop(struct server *s);

/** One for all of a program's tests: cmocka's fixtures of a group. */
extern struct server server;
int server_up(void **state);
int server_down(void **state);

/** The first cell of the answer, as text, in one of 32 buffers used in turn; "" where there is no row. It must be accepted. */
const char *server_text(const struct server *s, const char *sql);
/** The answer as lines of cells with | between. @return to be freed */
char *server_rows(const struct server *s, const char *sql);
/** The first cell must read so. */
#define assert_sql(server, sql, expected) sql_is(server, sql, expected, __FILE__, __LINE__)
void sql_is(const struct server *s, const char *sql, const char *expected, const char *file, int line);
