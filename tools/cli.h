/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands of palier share: their tables, the command line as it was given, and the way to the daemon.
 * A command is a const struct at the top of its cmd_*.c and a row in commands.c; parser, help and completion read the
 * tables. */
#pragma once

#include <stdio.h>

#include "protocol/client.h"

struct cli;

struct cli_option {
	const char *name;     /* without its dashes */
	const char *argument; /* "FILE"; NULL: a switch */
	const char *doc;
};

struct cli_verb {
	const char *name;  /* "add"; "" where the command is its own only verb */
	const char *usage; /* its arguments: "NAME" */
	const char *doc;
	int least, most;                  /* so many arguments */
	const struct cli_option *options; /* ended by a row without name; NULL: none of its own */
	/** @return PALIER_OK, or a code that has been reported with cli_fail */
	int (*run)(struct cli *cli);
};

struct cli_command {
	const char *name, *doc;
	const struct cli_verb *verbs; /* ended by a row without name */
};

/* A program is its own commands.c: palier's, and palier-hq's. */

/** "palier" */
extern const char *const cli_program;
/** The commands, NULL-terminated, in the order in which help shows them. */
extern const struct cli_command *const cli_commands[];
/** What every command takes. */
extern const struct cli_option cli_global_options[];

#define CLI_END_OPTIONS \
	{ \
		.name = NULL \
	}
/** What every command of the protocol that books something takes. */
#define CLI_BOOKING_OPTIONS \
	{ "request", "ID", "the command's own id: sent again, it counts once (default: a new one)" }, \
		{ "at", "TIME", "when it happened, RFC 3339 (default: now)" }, \
	{ \
		"training", NULL, "decide and answer, but book nothing" \
	}

const struct cli_command *cli_command_find(const char *name);
/** @return NULL when there is none; name "" finds the only verb of a command that has but one */
const struct cli_verb *cli_verb_find(const struct cli_command *command, const char *name);

struct cli_given {
	const struct cli_option *option;
	const char *value;
};

struct cli {
	FILE *out, *err;
	const struct cli_command *command; /* NULL: none was named */
	const struct cli_verb *verb;
	const char **args; /* what is neither option nor command */
	int arg_count;
	struct cli_given *given;
	int given_count;
	struct palier_arena arena;
	struct palier_client *client; /* NULL before the first call */
	struct palier_reply reply;    /* the last one */
	struct palier_buffer params;
	struct palier_json w; /* writes params */
	char currency[4];     /* the store's; "" before the first call */
	unsigned scale;       /* decimals of its money */
};

/** Run one command line. @return the program's exit code */
int cli_run(int argc, const char *const *argv, FILE *out, FILE *err);

/** Read the command line into cli. @return PALIER_OK; PALIER_EPARAMS, reported */
int cli_parse(struct cli *cli, int argc, const char *const *argv);

/** The option's value, its last where it was repeated; NULL: not given. */
const char *cli_value(const struct cli *cli, const char *option);
bool cli_has(const struct cli *cli, const char *option);
/** Walk a repeated option: *at is 0 before the first call. @return NULL after the last */
const char *cli_each(const struct cli *cli, const char *option, int *at);
/** The argument at `index`; NULL: fewer were given. */
const char *cli_arg(const struct cli *cli, int index);

/** Report on stderr: `palier: sentence`. @return err */
int cli_fail(struct cli *cli, int err, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/** Report the last reply's refusal, with its reason and what to do. @return its code */
int cli_refused(struct cli *cli);

/* --- asking the daemon (ask.c) --- */

/** Make the connection, sign in, and learn the store's currency. @return PALIER_OK, or what was reported */
int cli_connect(struct cli *cli);

/** Begin the params of a call; a key is added with its value unless that is NULL. */
void cli_params(struct cli *cli);
void cli_param(struct cli *cli, const char *key, const char *value);
/** An integer, as the protocol wants it. @return PALIER_OK; PALIER_EPARAMS, reported */
int cli_param_figure(struct cli *cli, const char *key, const char *value);
/** A member's id as `member`, anything else as `card`. */
void cli_param_who(struct cli *cli, const char *who);
/** `request`: as given, else a new one. */
void cli_param_request(struct cli *cli);
/** `at` and `training`, where given. */
void cli_param_when(struct cli *cli);
/** All of CLI_BOOKING_OPTIONS. */
void cli_param_booking(struct cli *cli);
/** Call with the params begun by cli_params. @return PALIER_OK with cli->reply, or what was reported */
int cli_call(struct cli *cli, const char *method);
/** The same, and show the result: as JSON where --json was given. */
int cli_ask(struct cli *cli, const char *method, void (*show)(struct cli *cli, uint32_t result));

/* --- palierd (doors.c) --- */

/** Become `palierd --config FILE VERB ARGS`. Returns only when there is no palierd, reported. */
int cli_become_palierd(struct cli *cli, const char *verb);
/** Where the daemon of --config can be called: a unix peer door, else a trust door, else the first.
 * @param out owned by the cli. @return PALIER_OK; PALIER_ECONFIG, reported */
int cli_door(struct cli *cli, const char **out);
/** What a configuration says of its store; the texts are owned by the cli, NULL where it says nothing. */
struct cli_shop {
	const char *data, *store, *name;
	const char *language, *currency;
	const char *timezone;
	const char *certificate, *key; /* with which batches are signed */
};
/** Of --config. @return PALIER_OK, or what was reported */
int cli_shop(struct cli *cli, struct cli_shop *out);
/** Where the journal is, of --data, else of --config. @param shop what the configuration says; with --data alone nothing but the directory
 * @return PALIER_OK; PALIER_ENOENT: neither was given; or what was reported */
int cli_journal(struct cli *cli, struct cli_shop *shop, const char **directory);

/* --- reading a result (view.c); texts are owned by the cli, and fit for a terminal: control characters are replaced --- */

/** A member of an object: a string's characters, else its JSON; "" when absent or null. */
const char *view_text(struct cli *cli, uint32_t object, const char *key);
/** An amount in the store's money: "12.50". */
const char *view_amount(struct cli *cli, uint32_t object, const char *key);
/** The same with its currency: "12.50 EUR". */
const char *view_money(struct cli *cli, uint32_t object, const char *key);
/** A time as the store's clock showed it: "2026-11-21 10:03". */
const char *view_time(struct cli *cli, uint32_t object, const char *key);
/** {"points":120,"coffee":3}: "120 points, 3 coffee" */
const char *view_units(struct cli *cli, uint32_t object, const char *key);
/** [{"unit":"points","points":12},...]: "12 points" */
const char *view_moves(struct cli *cli, uint32_t object, const char *key);
/** ["a","b"]: "a, b" */
const char *view_list(struct cli *cli, uint32_t object, const char *key);
/** The token of a member's value, 0 when absent or null. */
uint32_t view_member(struct cli *cli, uint32_t object, const char *key);
/** Elements of an array; 0 for anything else. */
uint32_t view_count(struct cli *cli, uint32_t array);
/** Bytes that somebody else wrote, fit for a terminal. */
const char *view_clean(struct palier_arena *a, struct palier_bytes text);

/** for each element of an array: `token` is its token */
#define VIEW_EACH(cli, array, token) \
	for (uint32_t token##_left = view_count(cli, array), token = (array) + 1; token##_left > 0; \
		token##_left--, token += (cli)->reply.doc.tokens[token].span)
