/* SPDX-License-Identifier: Apache-2.0 */
/* What decides, as a text, and its short name: a suggestion's event says by which rules it was chosen. Words for customers decide nothing, nor does
 * how long a test lasts. */
#include "plugins/ladder/internal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define ALGORITHM 1 /* raise it with a change of suggest.c or protocol/bandit.c after which something else may be chosen */

static void say(struct palier_buffer *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void say(struct palier_buffer *t, const char *fmt, ...)
{
	char line[256];
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	palier_buffer_add(t, line, n < (int)sizeof(line) ? (size_t)n : sizeof(line) - 1);
}

/* With its length before it, for a name may hold anything. */
static void name_say(struct palier_buffer *t, const char *name)
{
	say(t, " %zu:", strlen(name));
	palier_buffer_add(t, name, strlen(name));
}

static void names_say(struct palier_buffer *t, const char *what, const char *const *names)
{
	say(t, " %s", what);
	for (; names && *names; names++)
		name_say(t, *names);
}

static void picks_say(struct palier_buffer *t, const struct picks *p)
{
	names_say(t, "skus", p->skus);
	names_say(t, "category", p->categories);
	names_say(t, "tag", p->tags);
}

static void rung_say(struct palier_buffer *t, const struct rung *r)
{
	say(t, "\nrung");
	name_say(t, r->name);
	picks_say(t, &r->picks);
	say(t, " price %" PRId64 " margin %" PRId64 " points %" PRId64 " prior %" PRId64 " cool-down %d %d jump", r->price,
		r->margin, r->points, r->prior, (int)r->cool_down.kind, r->cool_down.n);
	name_say(t, r->jump ? r->jump->name : "");
	if (r->discount)
		say(t, " discount %" PRId64, r->discount);
	say(t, " when");
	name_say(t, r->when_text);
}

static void ladder_say(struct palier_buffer *t, const struct ladder *l)
{
	say(t, "\nladder %d", (int)l->kind);
	name_say(t, l->name);
	picks_say(t, &l->with);
	say(t, " spend %" PRId64 " within %" PRId64 " margin-share %" PRId64, l->spend, l->within, l->margin_share);
	for (size_t i = 0; i < l->count; i++)
		rung_say(t, &l->rungs[i]);
}

static void option_say(struct palier_buffer *t, cfg_opt_t *option)
{
	unsigned n = cfg_opt_size(option);

	if (n > 0)
		say(t, " %s", option->name);
	for (unsigned i = 0; i < n; i++)
		if (option->type == CFGT_STR)
			name_say(t, cfg_opt_getnstr(option, i));
		else
			say(t, " %ld",
				option->type == CFGT_BOOL ? (long)cfg_opt_getnbool(option, i) : cfg_opt_getnint(option, i));
}

const char *policy_when(struct palier_setup *s, cfg_t *when)
{
	struct palier_buffer t = { .len = 0 };
	const char *text;

	for (unsigned i = 0; when && i < cfg_num(when); i++)
		option_say(&t, cfg_getnopt(when, i));
	palier_buffer_add(&t, "", 1);
	text = palier_setup_string(s, t.at);
	palier_buffer_deinit(&t);
	return text;
}

void policy_name(const struct ladder_config *cfg, char out[POLICY_LEN + 1])
{
	struct palier_buffer t = { .len = 0 };
	struct palier_hash hash;

	say(&t, "algorithm %d per-ticket %" PRId64 " holdout %u fading %" PRIu64 " friction %" PRId64, ALGORITHM,
		cfg->per_ticket, cfg->holdout, cfg->fading, cfg->friction);
	say(&t, " point-value %" PRId64 " redemption %" PRId64, cfg->point_value, cfg->redemption);
	for (size_t i = 0; i < cfg->margin_count; i++) {
		say(&t, "\ncategory %" PRId64, cfg->margins[i].share);
		name_say(&t, cfg->margins[i].name);
	}
	for (size_t i = 0; i < cfg->count; i++)
		ladder_say(&t, &cfg->ladders[i]);
	crypto_sha256(palier_buffer_bytes(&t), &hash);
	palier_hex(hash.b, POLICY_LEN / 2, out);
	palier_buffer_deinit(&t);
}
