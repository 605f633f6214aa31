/* SPDX-License-Identifier: Apache-2.0 */
/* The option table. */
#include "tools/bench/options.h"

#include <stddef.h>
#include <stdio.h>

#define WHY 160

enum value { VALUE_NONE, VALUE_TEXT, VALUE_NUMBER, VALUE_NUMBERS, VALUE_MIX };

static const struct option {
	const char *name, *shows;
	enum value value;
	size_t offset;
	uint64_t least, most;
	const char *help;
} table[] = {
#define O(name, shows, value, field, least, most, help) \
	{ \
		name, shows, VALUE_##value, offsetof(struct options, field), least, most, help \
	}
	O("connect", "ADDRESS", TEXT, connect, 0, 0, "palierd's door: tcp:HOST:PORT or unix:PATH (tcp:127.0.0.1:7117)"),
	O("redis", "ADDRESS", TEXT, redis, 0, 0, "compare with this redis-server, round about"),
	O("connections", "N[,N...]", NUMBERS, connections, 1, 1024,
		"connections (16; compared: 1,16,64, one after the other)"),
	O("depth", "N", NUMBER, depth, 1, 1024, "requests under way on each connection (1)"),
	O("mix", "KIND=N,...", MIX, mix, 0, 1000,
		"what is asked how often: lookup, quote, sale, enroll, ping (lookup=80,sale=20)"),
	O("cards", "N", NUMBER, cards, 1, 9999999,
		"members to draw from, made by an earlier --fill (what --fill says, else 1000)"),
	O("fill", "N", NUMBER, fill, 1, 9999999, "enrol that many members first; those that are there already do no harm"),
	O("duration", "SECONDS", NUMBER, duration, 1, 86400, "how long (10, unless --requests; compared: 2 a round)"),
	O("requests", "N", NUMBER, requests, 1, PALIER_FIGURE_MAX, "stop after that many"),
	O("lines", "N", NUMBER, lines, 1, 1000, "lines of a basket (3)"),
	O("rounds", "N", NUMBER, rounds, 1, 100, "rounds of a comparison (5)"),
	O("sync-probe", "DIRECTORY", TEXT, sync_probe, 0, 0, "ask the disk alone: synced appends of 600 bytes a second"),
	O("json", NULL, NONE, json, 0, 0, "figures for scripts"),
	O("help", NULL, NONE, help, 0, 0, "this"),
#undef O
};
#define ROWS (sizeof(table) / sizeof(table[0]))

/* Digits up to `end` or the text's. @return false unless there are any and the figure is within the row's bounds */
static bool read_number(const char **at, const struct option *o, uint64_t *out)
{
	uint64_t v = 0;
	const char *p = *at;

	for (; *p >= '0' && *p <= '9' && v <= o->most; p++)
		v = v * 10 + (uint64_t)(*p - '0');
	if (p == *at || v < o->least || v > o->most)
		return false;
	*at = p;
	*out = v;
	return true;
}

static bool read_numbers(const char *text, const struct option *o, uint64_t *out)
{
	size_t n = 0;

	while (n < OPTIONS_CONNECTIONS && read_number(&text, o, &out[n])) {
		n++;
		if (*text == '\0')
			return true;
		if (*text++ != ',')
			return false;
	}
	return false;
}

/* Redis' own GET is no kind that can be asked for. */
static bool read_kind(const char **at, enum bench_kind *out)
{
	for (unsigned kind = 0; kind < KINDS; kind++) {
		size_t len = strlen(kind_names[kind]);

		if (strncmp(*at, kind_names[kind], len) == 0 && (*at)[len] == '=' &&
			palier_target.serves((enum bench_kind)kind)) {
			*at += len + 1;
			*out = (enum bench_kind)kind;
			return true;
		}
	}
	return false;
}

static bool read_mix(const char *text, const struct option *o, uint64_t *out)
{
	uint64_t sum = 0;
	enum bench_kind kind;

	memset(out, 0, KINDS * sizeof(*out));
	while (read_kind(&text, &kind) && read_number(&text, o, &out[kind])) {
		sum += out[kind];
		if (*text == '\0')
			return sum > 0;
		if (*text++ != ',')
			return false;
	}
	return false;
}

static bool read_value(const struct option *o, const char *text, struct options *out)
{
	void *at = (char *)out + o->offset;

	switch (o->value) {
	case VALUE_NONE:
		*(bool *)at = true;
		return true;
	case VALUE_TEXT:
		*(const char **)at = text;
		return *text != '\0';
	case VALUE_NUMBER:
		return read_number(&text, o, at) && *text == '\0';
	case VALUE_NUMBERS:
		memset(at, 0, sizeof(out->connections));
		return read_numbers(text, o, at);
	case VALUE_MIX:
		return read_mix(text, o, at);
	}
	return false;
}

static const struct option *find(const char *arg, const char **value)
{
	if (strncmp(arg, "--", 2) != 0)
		return NULL;
	for (size_t i = 0; i < ROWS; i++) {
		size_t len = strlen(table[i].name);

		if (strncmp(arg + 2, table[i].name, len) != 0)
			continue;
		*value = arg[2 + len] == '=' ? arg + 2 + len + 1 : NULL;
		if (arg[2 + len] == '\0' || (*value && table[i].value != VALUE_NONE))
			return &table[i];
	}
	return NULL;
}

int options_read(int argc, char **argv, struct options *out, char *why)
{
	struct options o = { .connect = "tcp:127.0.0.1:7117", .depth = 1, .lines = 3, .rounds = 5 };

	o.mix[KIND_LOOKUP] = 80;
	o.mix[KIND_SALE] = 20;
	for (int i = 1; i < argc; i++) {
		const char *value = NULL;
		const struct option *row = find(argv[i], &value);

		if (!row) {
			snprintf(why, WHY, "no such option: %s", argv[i]);
			return PALIER_EINVAL;
		}
		if (row->value != VALUE_NONE && !value && ++i < argc)
			value = argv[i];
		if (row->value != VALUE_NONE && !value) {
			snprintf(why, WHY, "--%s needs %s", row->name, row->shows);
			return PALIER_EINVAL;
		}
		if (!read_value(row, value ? value : "", &o)) {
			snprintf(why, WHY, "--%s: not %s within bounds: %s", row->name, row->shows, value);
			return PALIER_EINVAL;
		}
	}
	if (!o.redis && o.connections[1] != 0) {
		snprintf(why, WHY, "several --connections are for a comparison: give --redis too");
		return PALIER_EINVAL;
	}
	*out = o;
	return PALIER_OK;
}

void options_help(void)
{
	printf("palier-bench - put palierd under load and measure it\n\nusage: palier-bench [OPTION]...\n\n");
	for (size_t i = 0; i < ROWS; i++)
		printf("  --%-12s %-11s %s\n", table[i].name, table[i].shows ? table[i].shows : "", table[i].help);
	printf("\nexit code: 0 every reply was right; 1 some were not; 64 wrong options; 69 nobody answers; 74 the disk "
	       "cannot be probed\n");
}
