/* SPDX-License-Identifier: Apache-2.0 */
/* A shop in a temporary directory with a real palierd, and a client that speaks to it over real sockets. What waits, waits on a condition
 * with a generous deadline. Functions named wire_* report by their result and may be used in threads; the others fail the test. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include <cmocka.h>

#define DEADLINE_MS 60000

/** What a test's shop has besides the usual; NULL: nothing. */
struct shop_options {
	const char *config; /* more top-level configuration, `limits { ... }` say */
	const char *points; /* instead of the usual points section */
	const char *store;  /* more of the store section, `shared-phone = true` say */
	int descriptors;    /* the most that palierd may open; 0: as many as the test */
	bool stopped;       /* the test starts palierd itself */
	bool empty;         /* nor is the ledger made */
	bool broken;        /* the test leaves no sound ledger behind */
	const char *id;     /* the store's; NULL: lyon-03 */
};

struct shop {
	char dir[64];
	char config[96], data[96], log[96];
	const struct shop_options *options;
	pid_t pid;      /* 0: not running */
	off_t log_from; /* where this start's log begins */
};

/* The usual doors, by what their address begins with. */
#define DOOR_TRUST "tcp:127.0.0.1:"
#define DOOR_TOKEN "tcp:127.0.0.2:"
#define DOOR_PEER  "unix:"

/** The usual points section: one point a euro. */
#define POINTS_USUAL \
	"points {\n" \
	"	unit \"points\" { kind = points  expires = \"12 months\" }\n" \
	"	earn \"base\" { unit = points  per = \"1.00\"  points = 1 }\n" \
	"}\n"

/** cmocka fixtures: a shop made and started; then stopped, checked, rebuilt and removed. *state is at first a struct shop_options. */
int shop_open(void **state);
int shop_close(void **state);

/** A row of a cmocka table: the sentence, the function, the options or NULL. */
#define IN_SHOP(sentence, function, how) \
	{ \
		sentence, function, shop_open, shop_close, (void *)(uintptr_t)(how) \
	}

/** Write the configuration with these options. */
void shop_configure(struct shop *s, const struct shop_options *o);
/** Start and wait until it serves. */
void shop_start(struct shop *s);
/** Start, which may fail. @param code then the exit code, or minus the signal @return does it serve? */
bool shop_start_try(struct shop *s, int *code);
/** Start, which must fail: waits for the end. @return the exit code; minus the signal when it was killed */
int shop_start_refused(struct shop *s);
/** SIGTERM. @return the exit code, which the caller checks */
int shop_stop(struct shop *s);
/** Wait until it has ended. @return the exit code; minus the signal when it was killed */
int shop_wait(struct shop *s);
/** kill -9 */
void shop_kill(struct shop *s);
/** What this start has logged. @return to be freed */
char *shop_log(const struct shop *s);
/** Wait until a line of this start's log holds `what`. */
void shop_log_wait(const struct shop *s, const char *what);

/** `palierd --config FILE VERB`. @param out what it said on both streams, to be freed; NULL: not wanted @return the exit code, minus a signal */
int shop_verb(const struct shop *s, const char *verb, char **out);
/** The same of a verb with arguments, at most four words, NULL-terminated. */
int shop_verb_with(const struct shop *s, const char *const *args, char **out);
/** Start a program, found as the shell finds it: `palier` of this build, or what a test reads its work back with. It dies with the test.
 * @param argv NULL-terminated */
pid_t program_start(const struct shop *s, const char *const *argv);
/** Wait until it has ended. @param out what it said on both streams, to be freed; NULL: not wanted @return the exit code, minus a signal */
int program_wait(const struct shop *s, pid_t pid, char **out);
/** Both. */
int program_run(const struct shop *s, const char *const *argv, char **out);
/** check and rebuild find nothing wrong; palierd must not run. */
void shop_sound(const struct shop *s);

/** The port of a door that is served. @param door what its address begins with */
int shop_port(const struct shop *s, const char *door);

/* --- files --- */

/** A whole file. @return NUL-terminated, to be freed; NULL when there is none */
char *file_read(const char *path, size_t *len);
void file_write(const char *path, const void *at, size_t len);
/** Copy a directory of files and directories. */
void tree_copy(const char *from, const char *to);
void tree_remove(const char *path);
/** @return how many files under the directory hold the bytes */
int tree_holds(const char *dir, const char *what, size_t n);
/** The lines of the journal, without the room taken ahead. @return to be freed */
char *journal_text(const struct shop *s, size_t *len);

/* --- the client --- */

struct wire {
	int fd;
	size_t begin, len, size; /* of what was received; the line given last ends before begin */
	char *in;
	int64_t next_id;
};

/** @return false when nobody answers */
bool wire_open(struct wire *w, const struct shop *s, const char *door);
void wire_close(struct wire *w);
bool wire_send(struct wire *w, const void *at, size_t len);
/** The next line, without its LF, borrowed until the next call. @return NULL when the connection ended, or nothing came */
char *wire_line(struct wire *w);
/** Send a request, params with ' for ", and return its reply. @return NULL when none came */
char *wire_ask(struct wire *w, const char *method, const char *format, ...) __attribute__((format(printf, 3, 4)));
/** Has the other side closed, with nothing left to read? Waits for it. */
bool wire_ended(struct wire *w);

void connect_to(struct wire *w, const struct shop *s, const char *door);
/** A request whose params are written with ' for ", and its reply, which must come. */
char *ask(struct wire *w, const char *method, const char *format, ...) __attribute__((format(printf, 3, 4)));
/** It must be accepted. */
char *ask_ok(struct wire *w, const char *method, const char *format, ...) __attribute__((format(printf, 3, 4)));
/** It must be refused for this reason. */
char *ask_refused(struct wire *w, const char *reason, const char *method, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/** A line as it is, and the reply to it. */
char *ask_raw(struct wire *w, const char *line);

/* --- what stands in a reply; a path is `result.earned[0].points` --- */

/** @return a string's characters, or another value as written, in one of 32 buffers used in turn; NULL when it is not there */
const char *field(const char *json, const char *path);
/** @return INT64_MIN when it is not there */
int64_t figure(const char *json, const char *path);
/** Elements of a list or object; -1 when it is not there. */
int64_t count_of(const char *json, const char *path);
/** The value must be there and read so. */
#define assert_field(json, path, expected)  field_is(json, path, expected, __FILE__, __LINE__)
#define assert_figure(json, path, expected) figure_is(json, path, expected, __FILE__, __LINE__)
void field_is(const char *json, const char *path, const char *expected, const char *file, int line);
void figure_is(const char *json, const char *path, int64_t expected, const char *file, int line);

/** Let a till sign in with this token. */
void till_make(struct wire *w, const char *till, const char *role, const char *token);
/** A connection through the token door, signed in. */
void sign_in(struct wire *w, const struct shop *s, const char *till, const char *token);

/** What system.status says of the last event. */
int64_t last_seq(struct wire *w);

/** What system.metrics says. @param reason NULL where the metric has none */
int64_t metric(struct wire *w, const char *name, const char *reason);

/* --- small helpers --- */

int64_t now_ms(void);
void sleep_ms(int ms);
/** The same numbers from the same seed: xorshift64*. */
uint64_t draw(uint64_t *seed);
/** 0 <= result < below */
uint64_t draw_below(uint64_t *seed, uint64_t below);
