/* SPDX-License-Identifier: Apache-2.0 */
/* Who may be asked: members drawn by their bucket, and what was asked of them before, or is open still, that forbids it. */
#include "plugins/survey/internal.h"

#include "protocol/crypto.h"

#define BUCKETS     10000
#define DAY_MINUTES 1440

/* --- the sample --- */

static uint64_t big_endian(const uint8_t *at)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < 8; i++)
		v = v << 8 | at[i];
	return v;
}

static struct palier_hash drawn(struct palier_bytes ask, struct palier_bytes member)
{
	static const char salt[] = "survey-";
	struct palier_buffer text = { .at = NULL };
	struct palier_hash hash;

	palier_buffer_add(&text, salt, sizeof(salt) - 1);
	palier_buffer_add(&text, ask.at, ask.len);
	palier_buffer_add(&text, "", 1);
	palier_buffer_add(&text, member.at, member.len);
	crypto_sha256(palier_buffer_bytes(&text), &hash);
	palier_buffer_deinit(&text);
	return hash;
}

unsigned survey_bucket(struct palier_bytes ask, struct palier_bytes member)
{
	return (unsigned)(big_endian(drawn(ask, member).b) % BUCKETS);
}

unsigned survey_minute(struct palier_bytes ask, struct palier_bytes member)
{
	return (unsigned)(big_endian(drawn(ask, member).b + 8) % DAY_MINUTES);
}

/* A holdout is the last buckets, so that a growing sample does not run into it before it must. */
bool survey_sampled(const struct survey_config *cfg, const struct ask *a, struct palier_id member)
{
	char text[PALIER_ID_TEXT + 1];

	palier_id_format(member, text);
	for (size_t i = 0; i < cfg->ask_count; i++)
		if (cfg->asks[i].holdout &&
			survey_bucket(cfg->asks[i].name, palier_str(text)) >= BUCKETS - cfg->asks[i].holdout)
			return false;
	return survey_bucket(a->name, palier_str(text)) < a->sample;
}

/* --- the past --- */

static int asked_read(struct palier_ctx *c, struct palier_id member, struct past *out)
{
	struct palier_cursor *cur = asked_of(palier_tables(c), member);
	struct asked a;
	int err;

	while ((err = asked_next(cur, &a)) == PALIER_OK) {
		out->any = a.day > out->any ? a.day : out->any;
		out->kinds[a.kind] = a.day > out->kinds[a.kind] ? a.day : out->kinds[a.kind];
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* A complaint is an answer that nobody has looked after yet, or a case that journey was told of. */
int survey_past(struct palier_ctx *c, struct palier_id member, struct past *out)
{
	struct palier_cursor *cur = cases_of(palier_tables(c), member);
	struct palier_bytes fact;
	struct task row;
	uint64_t seq;
	int err;

	*out = (struct past){ .complains = palier_fact(c, member, "case", &fact) == PALIER_OK };
	while ((err = case_next(cur, &seq)) == PALIER_OK) {
		err = task_get(palier_tables(c), seq, &row);
		if (err != PALIER_OK)
			return err;
		out->complains = out->complains || row.state == SURVEY_OPEN;
		if (row.state == SURVEY_CLOSED && zone_day(row.closed) > out->closed)
			out->closed = zone_day(row.closed);
	}
	return err == PALIER_ENOENT ? asked_read(c, member, out) : err;
}

uint32_t survey_behind(struct span span, uint32_t day)
{
	return span.kind == SPAN_MONTHS ? day_add_months(day, span.n) : day_add(day, span.n);
}

/* How it went since the shop made good what was wrong is asked for its own sake: once, and no quiet period waits for it. */
bool survey_quiet(const struct survey_config *cfg, const struct ask *a, const struct past *past, uint32_t today)
{
	const uint32_t same = past->kinds[a->kind], any = past->any;

	return a->after != AFTER_RECOVERY &&
	       ((same && today < survey_behind(a->quiet, same)) || (any && today < survey_behind(cfg->quiet, any)));
}
