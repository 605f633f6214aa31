/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/e2e/year.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/crypto.h"
#include "protocol/datetime.h"
#include "protocol/progress.h"
#include "protocol/scan.h"

#define STORE      "lyon-03"
#define OPENING_MS (8 * 3600 * INT64_C(1000)) /* of a day, UTC */
#define OPEN_MS    (12 * 3600 * INT64_C(1000))

static const char *const stage_names[] = { "awareness", "interaction", "comparison", "purchase", "ascension", "loyalty" };
enum { AWARENESS, INTERACTION, COMPARISON, PURCHASE, ASCENSION, LOYALTY };

struct customer {
	uint8_t stage, purchases;
	uint32_t points;
	uint8_t key[CRYPTO_KEY_LEN];
};

struct writer {
	const struct year_plan *plan;
	struct year_told *told;
	struct customer *customers;
	uint8_t store_key[CRYPTO_KEY_LEN];
	struct palier_hash line, file; /* the hashes of the last ones */
	struct crypto_sum *sum;        /* of the file in hand */
	FILE *journal;
	uint32_t batch;
	uint64_t seq;
	int64_t at_ms;
	char day[11], at[32];
	struct {
		int64_t events, sales, members, payable, points;
	} today;
	int64_t sales, members;       /* of the year so far */
	struct palier_arena arena;    /* of an event */
	struct palier_buffer effects; /* of an event */
	char text[8192];
};

static void must(bool held, const char *what)
{
	if (held)
		return;
	perror(what);
	abort();
}

/* --- dice --- */

/* splitmix64 */
static uint64_t mixed(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/* Everybody of a cohort has a turn in every round, in another order each time. @param first whether it is the member's first */
static uint32_t whose_turn(const struct writer *w, uint64_t turn, bool *first)
{
	uint64_t cohort = w->plan->cohort, step = 2147483647, /* a prime that is no number of members */
		round = turn / cohort, number = round / w->plan->touches;

	*first = round % w->plan->touches == 0;
	return (uint32_t)(number * cohort + (turn % cohort * step + mixed(round) % cohort) % cohort);
}

struct palier_id year_member(uint32_t member)
{
	uint64_t high = mixed(member), low = mixed(high);
	struct palier_id id;

	memcpy(id.b, &high, 8);
	memcpy(id.b + 8, &low, sizeof(id.b) - 8);
	return id;
}

void year_card(uint32_t member, char *text)
{
	snprintf(text, 14, "29%010u", member);
	text[12] = card_gs1_check(text, 12);
	text[13] = '\0';
}

/* --- texts --- */

static void effect(struct writer *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void effect(struct writer *w, const char *format, ...)
{
	va_list args;
	int n;

	if (w->effects.len)
		palier_buffer_add(&w->effects, ",", 1);
	va_start(args, format);
	n = vsnprintf(w->text, sizeof(w->text), format, args);
	va_end(args);
	must(n > 0 && (size_t)n < sizeof(w->text), "effect");
	palier_buffer_add(&w->effects, w->text, (size_t)n);
}

static void line_write(struct writer *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void line_write(struct writer *w, const char *format, ...)
{
	va_list args;
	size_t len;
	int n;

	va_start(args, format);
	n = vsnprintf(w->text, sizeof(w->text) - 1, format, args);
	va_end(args);
	must(n > 0 && (size_t)n < sizeof(w->text) - 1, "line");
	len = (size_t)n;
	for (char *at = w->text; (at = memchr(at, '\'', len - (size_t)(at - w->text)));)
		*at = '"';
	crypto_sha256(palier_bytes_of(w->text, len), &w->line);
	w->text[len++] = '\n';
	crypto_sum_add(w->sum, palier_bytes_of(w->text, len));
	must(fwrite(w->text, 1, len, w->journal) == len, "journal");
}

static const char *member_text(struct writer *w, uint32_t member)
{
	char *text = palier_alloc(&w->arena, PALIER_ID_TEXT + 1);

	palier_id_format(year_member(member), text);
	return text;
}

static const char *sealed(struct writer *w, uint32_t member, const char *plain)
{
	uint8_t cipher[128];
	size_t len = strlen(plain) + CRYPTO_SEAL_OVERHEAD;
	char *text = palier_alloc(&w->arena, 12 + (len * 4 + 2) / 3 + 1);
	int n = snprintf(text, 12, "%u.", member + 1);

	crypto_seal(w->customers[member].key, palier_str(plain), cipher);
	palier_base64(cipher, len, text + n);
	return text;
}

static const char *card_key(struct writer *w, const char *card)
{
	char *hex = palier_alloc(&w->arena, 33), text[16];
	uint8_t hash[16];

	snprintf(text, sizeof(text), "c%s", card);
	crypto_siphash(w->store_key, palier_str(text), hash);
	palier_hex(hash, sizeof(hash), hex);
	return hex;
}

/* --- events --- */

/* The event whose effects were gathered. */
static void event_write(struct writer *w, const char *method, const char *member, const char *params)
{
	char prev[2 * SHA256_LEN + 1];
	unsigned long long seq = ++w->seq;
	const char *effects = palier_cstr(&w->arena, palier_buffer_bytes(&w->effects));

	palier_hex(w->line.b, SHA256_LEN, prev);
	w->today.events++;
	w->told->events++;
	line_write(w,
		"{'seq':%llu,'turn':%llu,'params_hash':'%016llx%016llx','at':'%s','received':'%s','store':'" STORE
		"','till':'till-%llu','operator':'0%llu','day':'%s','request':'r-%llu','method':'%s'%s%s%s,'params':{%s},"
		"'effects':[%s],'prev':'%s'}",
		seq, seq, (unsigned long long)mixed(seq), seq, w->at, w->at, seq % 5, seq % 7, w->day, seq, method,
		member ? ",'member':'" : "", member ? member : "", member ? "'" : "", params, effects, prev);
	w->effects.len = 0;
	palier_arena_reset(&w->arena);
}

static void touched(struct writer *w, uint32_t member, const char *name, const char *touchpoint,
	enum journey_channel channel, const int *mood)
{
	struct customer *c = &w->customers[member];
	const char *how = journey_channel_names[channel], *felt = "";

	if (mood)
		felt = palier_format(&w->arena, ",'emotion':%d", *mood);
	effect(w, "{'kind':'journey.touch','member':'%s','touchpoint':'%s','channel':'%s'%s}", name, touchpoint, how, felt);
	effect(w, "{'kind':'journey.counted','stage':'%s','day':'%s','channel':'%s'%s}", stage_names[c->stage], w->day, how,
		felt);
}

/* What the map says of a touch: it is of the stage to which it led. */
static void touch_count(struct writer *w, uint32_t member, enum journey_channel channel, const int *mood)
{
	struct year_stage *s = &w->told->stages[w->customers[member].stage];

	s->touches[channel]++;
	s->moods += mood != NULL;
	s->mood_sum += mood ? *mood : 0;
}

static void climb(struct writer *w, uint32_t member, const char *name, unsigned stage)
{
	struct customer *c = &w->customers[member];
	const char *from = "";

	if (stage <= c->stage)
		return;
	if (c->stage != AWARENESS)
		from = palier_format(&w->arena, "'from':'%s',", stage_names[c->stage]);
	effect(w, "{'kind':'journey.stage','member':'%s',%s'stage':'%s','day':'%s'}", name, from, stage_names[stage],
		w->day);
	effect(w, "{'kind':'fact','member':'%s','name':'stage','value':'%s'}", name, stage_names[stage]);
	w->told->stages[c->stage].members -= c->stage != AWARENESS;
	w->told->stages[stage].members++;
	w->told->stages[stage].entries++;
	c->stage = (uint8_t)stage;
}

static void segment(struct writer *w, const char *name, const char *what)
{
	effect(w, "{'kind':'journey.segment','member':'%s','segment':'%s','day':'%s'}", name, what, w->day);
}

static void enrol(struct writer *w, uint32_t member)
{
	const char *name = member_text(w, member);
	char card[14];

	year_card(member, card);
	effect(w, "{'kind':'member.enrolled','member':'%s','slot':%u,'since':'%s'}", name, member + 1, w->day);
	effect(w, "{'kind':'member.profile','member':'%s','name':'%s'}", name, sealed(w, member, "Jeanne Petit"));
	effect(w, "{'kind':'card.attached','member':'%s','key':'%s','number':'%s'}", name, card_key(w, card),
		sealed(w, member, card));
	touched(w, member, name, "enrol", CHANNEL_STORE, NULL);
	climb(w, member, name, INTERACTION);
	touch_count(w, member, CHANNEL_STORE, NULL);
	segment(w, name, "enrolled");
	w->today.members++;
	event_write(w, "member.enroll", name, palier_format(&w->arena, "'card':'%s'", sealed(w, member, card)));
}

static void sell(struct writer *w, uint32_t member, uint64_t dice)
{
	static const char *const segments[] = { "first purchase", "repeat", NULL, "regular" };
	struct customer *c = &w->customers[member];
	const char *name = member_text(w, member), *sale = palier_format(&w->arena, "S%llu", (unsigned long long)w->seq);
	long long one = 100 + (long long)(dice % 2000), other = 300 + (long long)(dice / 2000 % 2000), total = one + other,
		  points = total / 100;

	c->points += (uint32_t)points;
	if (w->told->points == 0)
		effect(w, "{'kind':'points.unit','number':1,'name':'points','unit_kind':'points'}");
	effect(w,
		"{'kind':'points.move','member':'%s','unit':'points','cause':'earn','points':%lld,'balance':%u,'rule':'base','sale':'%s'}",
		name, points, c->points, sale);
	effect(w, "{'kind':'message','text':'%%1: +%%2, balance %%3','args':['points','%lld','%u'],'language':'fr'}", points,
		c->points);
	touched(w, member, name, "purchase", CHANNEL_STORE, NULL);
	effect(w, "{'kind':'sale.booked','sale':'%s','date':'%s','total':%lld,'payable':%lld,'due':%lld,'base':%lld}", sale,
		w->day, total, total, total, total);
	w->told->buyers += c->purchases == 0;
	c->purchases++;
	climb(w, member, name, c->purchases >= 5 ? LOYALTY : c->purchases >= 3 ? ASCENSION : PURCHASE);
	touch_count(w, member, CHANNEL_STORE, NULL);
	if (c->purchases <= 4 && segments[c->purchases - 1])
		segment(w, name, segments[c->purchases - 1]);
	w->today.sales++;
	w->today.payable += total;
	w->today.points += points;
	w->told->spent += total;
	w->told->points += points;
	event_write(w, "sale.commit", name,
		palier_format(&w->arena,
			"'sale':'%s','card':'%s','lines':[{'sku':'sku-%llu','category':'tea','quantity':2,'amount':%lld},"
			"{'sku':'sku-%llu','amount':%lld}],'payable':%lld",
			sale, sealed(w, member, "2900000000000"), (unsigned long long)(dice % 977), one,
			(unsigned long long)(dice % 499), other, total));
}

static void record(struct writer *w, uint32_t member, uint64_t dice)
{
	static const struct {
		const char *name;
		enum journey_channel channel;
	} ways[] = { { "website", CHANNEL_WEB }, { "newsletter", CHANNEL_EMAIL }, { "post", CHANNEL_SOCIAL },
		{ "call", CHANNEL_PHONE } };
	const char *name = member_text(w, member), *touchpoint = ways[dice % 4].name, *felt = "";
	enum journey_channel channel = ways[dice % 4].channel;
	int mood = (int)(dice / 4 % 5) - 2;
	bool feels = channel == CHANNEL_PHONE;

	touched(w, member, name, touchpoint, channel, feels ? &mood : NULL);
	if (feels)
		climb(w, member, name, COMPARISON);
	touch_count(w, member, channel, feels ? &mood : NULL);
	if (feels)
		felt = palier_format(&w->arena, ",'emotion':%d", mood);
	event_write(w, "journey.record", name,
		palier_format(&w->arena, "'card':'%s','touchpoint':'%s','channel':'%s'%s",
			sealed(w, member, "2900000000000"), touchpoint, journey_channel_names[channel], felt));
}

static void turn_take(struct writer *w, uint64_t turn)
{
	uint64_t dice = mixed(turn);
	bool first;
	uint32_t member = whose_turn(w, turn, &first);

	time_format(w->at_ms, w->at);
	if (first)
		enrol(w, member);
	else if (dice % 5 == 0)
		sell(w, member, dice / 5);
	else
		record(w, member, dice / 5);
}

/* --- days --- */

static void day_open(struct writer *w, unsigned number)
{
	uint32_t day = day_add(YEAR_FIRST, (int)number);
	char hex[2 * SHA256_LEN + 1], path[512];

	day_format(day, w->day);
	w->at_ms = day_number(day) * 86400000 + OPENING_MS;
	w->batch = number + 1;
	memset(&w->today, 0, sizeof(w->today));
	snprintf(path, sizeof(path), "%s/journal/%u.jsonl", w->plan->data, w->batch);
	w->journal = fopen(path, "we");
	must(w->journal, path);
	w->sum = crypto_sum_new();
	palier_hex(w->file.b, SHA256_LEN, hex);
	line_write(w,
		"{'head':{'format':1,'store':'" STORE
		"','batch':%u,'business_day':'%s','prev_batch_sha256':'%s','first_seq':%llu,'software':'palier'}}",
		w->batch, w->day, hex, (unsigned long long)w->seq + 1);
}

static void day_close(struct writer *w)
{
	const char *totals, *ever;
	char hex[2 * SHA256_LEN + 1], figures[1024];

	w->sales += w->today.sales;
	w->members += w->today.members;
	time_format(w->at_ms, w->at);
	totals = palier_format(&w->arena,
		"{'sales':%lld,'returns':0,'voids':0,'payable':%lld,'refunded':0,'members':%lld,'alerts':[],"
		"'units':{'points':{'earn':%lld,'outstanding':%lld}}}",
		(long long)w->today.sales, (long long)w->today.payable, (long long)w->today.members,
		(long long)w->today.points, (long long)w->told->points);
	ever = palier_format(&w->arena,
		"{'sales':%lld,'returns':0,'voids':0,'payable':%lld,'refunded':0,'members':%lld,"
		"'units':{'points':{'earn':%lld,'outstanding':%lld}}}",
		(long long)w->sales, (long long)w->told->spent, (long long)w->members, (long long)w->told->points,
		(long long)w->told->points);
	snprintf(figures, sizeof(figures), "'totals':%s,'perpetual':%s,'closed_at':'%s'", totals, ever, w->at);
	effect(w, "{'kind':'day.closed','batch':%u,'business_day':'%s','events':%lld,%s,'requests':1}", w->batch, w->day,
		(long long)w->today.events + 1, figures);
	event_write(w, "day.close", NULL, "");
	palier_hex(w->line.b, SHA256_LEN, hex);
	line_write(w, "{'tail':{'events':%lld,'last_seq':%llu,'last_sha256':'%s',%s}}", (long long)w->today.events,
		(unsigned long long)w->seq, hex, figures);
	must(fclose(w->journal) == 0, "journal");
	crypto_sum_end(w->sum, &w->file);
}

/* The store's key is there; the members' come behind it. */
static void keys_write(struct writer *w)
{
	char path[512];
	FILE *keys;

	snprintf(path, sizeof(path), "%s/keys", w->plan->data);
	keys = fopen(path, "r+e");
	must(keys && fread(w->store_key, 1, CRYPTO_KEY_LEN, keys) == CRYPTO_KEY_LEN, path);
	must(fseek(keys, CRYPTO_KEY_LEN, SEEK_SET) == 0, path);
	for (uint32_t i = 0; i < w->plan->members; i++) {
		for (size_t k = 0; k < CRYPTO_KEY_LEN; k += 8)
			memcpy(w->customers[i].key + k, &(uint64_t){ mixed((uint64_t)i << 8 | k) }, 8);
		must(fwrite(w->customers[i].key, 1, CRYPTO_KEY_LEN, keys) == CRYPTO_KEY_LEN, path);
	}
	must(fclose(keys) == 0, path);
}

void year_write(const struct year_plan *plan, struct year_told *out)
{
	struct writer w = { .plan = plan, .told = out };
	struct progress bar = { .what = "writing the year" };
	uint64_t turns = (uint64_t)plan->members * plan->touches, turn = 0;

	*out = (struct year_told){ .events = 0 };
	w.customers = calloc(plan->members, sizeof(*w.customers));
	must(w.customers, "members");
	keys_write(&w);
	for (unsigned day = 0; day < YEAR_DAYS; day++) {
		uint64_t end = turns * (day + 1) / YEAR_DAYS;
		int64_t step = OPEN_MS / (int64_t)(end - turn + 1);

		day_open(&w, day);
		for (; turn < end; turn++) {
			turn_take(&w, turn);
			w.at_ms += step;
		}
		day_close(&w);
		progress_show(&bar, turn, turns);
	}
	progress_end(&bar);
	palier_buffer_deinit(&w.effects);
	palier_arena_deinit(&w.arena);
	free(w.customers);
}
