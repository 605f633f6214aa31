/* SPDX-License-Identifier: Apache-2.0 */
/* Event lines: every effect and every command of core and points, with values drawn at random, written, read and written again. */
#include "daemon/event.h"

#include "daemon/core.h"
#include "plugins/points.h"
#include "tests/unit/daemon/kit.h"

#define SEED UINT64_C(20260314)

extern const struct palier_plugin palier_plugin_points;

static struct bench {
	struct plugin_set plugins;
	struct palier_arena arena;
	uint64_t chance;
} bench;

static int bench_open(void **state)
{
	static const struct palier_plugin *const list[] = { &core_plugin, &palier_plugin_points, NULL };
	char why[WHY_LEN];

	(void)state;
	bench.chance = SEED;
	print_message("seed %llu\n", (unsigned long long)SEED);
	return plugins_set(list, &bench.plugins, why);
}

static int bench_close(void **state)
{
	(void)state;
	plugins_unload(&bench.plugins);
	palier_arena_deinit(&bench.arena);
	return 0;
}

static unsigned draw(unsigned n)
{
	return chance_of(&bench.chance, n);
}

/* --- values drawn from a field table ------------------------------------------------------------------------------- */

static struct palier_bytes draw_text(size_t least, size_t most)
{
	static const char *const pieces[] = { "a", "Z", "7", " ", "\"", "\\", "/", "\n", "\t", "\x01", "\x7f", "é", "ß",
		"\u2028", "東", "\U0001F600", "{", "}", "[", ",", ":", "\",\"prev\":\"" };
	struct palier_buffer b = { 0 };
	struct palier_bytes text;
	size_t n = least + draw((unsigned)(most - least + 1));

	while (b.len < n) {
		const char *piece = pieces[draw(COUNT(pieces))];

		palier_buffer_add(&b, piece, strlen(piece));
	}
	while (b.len > most)
		b.len--;
	while (b.len > 0 && (b.at[b.len - 1] & 0x80)) /* not within a character */
		b.len--;
	while (b.len < least)
		palier_buffer_add(&b, "x", 1);
	text = palier_copy(&bench.arena, palier_buffer_bytes(&b));
	palier_buffer_deinit(&b);
	return text;
}

static int64_t draw_figure(int64_t least, int64_t most)
{
	switch (draw(4)) {
	case 0:
		return least;
	case 1:
		return most;
	default:
		return least + (int64_t)(chance(&bench.chance) % ((uint64_t)(most - least) + 1));
	}
}

static uint32_t draw_day(void)
{
	return (1900 + draw(300)) * 10000 + (1 + draw(12)) * 100 + 1 + draw(28);
}

static void draw_message(const struct palier_schema *s, char *out);

static void draw_list(const struct palier_field *f, char *at)
{
	struct {
		char *at;
		uint32_t count;
	} list = { .count = draw(4) };

	if (f->least > 0 && list.count == 0)
		list.count = 1;
	list.at = palier_alloc(&bench.arena, (list.count + 1) * f->of->size);
	for (uint32_t i = 0; i < list.count; i++)
		draw_message(f->of, list.at + i * f->of->size);
	memcpy(at, &list, sizeof(list));
}

static void draw_strings(char *at)
{
	struct palier_strings list = { .count = draw(4) };

	list.at = palier_alloc(&bench.arena, (list.count + 1) * sizeof(*list.at));
	for (uint32_t i = 0; i < list.count; i++)
		list.at[i] = draw_text(1, 20);
	memcpy(at, &list, sizeof(list));
}

static unsigned names_count(const char *const *names)
{
	unsigned n = 0;

	while (names[n])
		n++;
	return n;
}

static void draw_value(const struct palier_field *f, char *at)
{
	bool any = f->least < 0; /* no bound: of a string, none at all */
	struct palier_bytes text;
	int64_t figure = draw_figure(f->least, f->most);
	uint32_t day = draw_day();
	int name = f->names ? (int)draw(names_count(f->names)) : 0;

	switch (f->type) {
	case PALIER_STRING:
		text = draw_text(any ? 0 : (size_t)f->least, any ? 200 : (size_t)f->most);
		memcpy(at, &text, sizeof(text));
		break;
	case PALIER_JSON:
		text = f->flags & PALIER_SEALED ? draw_text(1, 60) : PALIER_LIT("{\"a\":[1,\"b\"]}");
		memcpy(at, &text, sizeof(text));
		break;
	case PALIER_INT:
	case PALIER_QUANTITY:
		memcpy(at, &figure, sizeof(figure));
		break;
	case PALIER_TIME:
		figure = (int64_t)(chance(&bench.chance) % UINT64_C(253402300800000));
		memcpy(at, &figure, sizeof(figure));
		break;
	case PALIER_BOOL:
		*(bool *)at = draw(2);
		break;
	case PALIER_DAY:
		memcpy(at, &day, sizeof(day));
		break;
	case PALIER_ENUM:
		memcpy(at, &name, sizeof(name));
		break;
	case PALIER_MEMBER:
	case PALIER_HASH:
		for (size_t i = 0; i < (f->type == PALIER_MEMBER ? PALIER_ID_LEN : 16u); i++)
			at[i] = (char)chance(&bench.chance);
		break;
	case PALIER_OBJECT:
		draw_message(f->of, at);
		break;
	case PALIER_LIST:
		draw_list(f, at);
		break;
	case PALIER_STRINGS:
		draw_strings(at);
		break;
	}
}

/* Ledger form: what is secret or of the envelope is not there. */
static void draw_message(const struct palier_schema *s, char *out)
{
	struct palier_set *set = (struct palier_set *)(void *)out;

	for (unsigned bit = 0; s->fields[bit].name; bit++) {
		const struct palier_field *f = &s->fields[bit];

		if (f->flags & (PALIER_SECRET | PALIER_ENVELOPE) || (!(f->flags & PALIER_REQUIRED) && draw(3) == 0))
			continue;
		set->has |= UINT64_C(1) << bit;
		if ((f->flags & PALIER_NULLABLE) && draw(4) == 0)
			set->null |= UINT64_C(1) << bit;
		else
			draw_value(f, out + f->offset);
	}
}

static const void *drawn(const struct palier_schema *s)
{
	char *m = palier_alloc(&bench.arena, s->size);

	draw_message(s, m);
	return m;
}

/* --- a line, there and back ---------------------------------------------------------------------------------------- */

static struct palier_event draw_event(const struct palier_method *method, const struct palier_effect_kind *const *kinds,
	uint32_t count)
{
	struct palier_event ev = { .seq = 1 + (uint64_t)draw_figure(0, PALIER_FIGURE_MAX - 1),
		.at_ms = (int64_t)draw(2000000000) * 1000 + draw(1000),
		.received_ms = (int64_t)draw(2000000000) * 1000 + draw(1000),
		.day = draw_day(),
		.store = draw_text(1, 32),
		.till = draw_text(1, 32),
		.operator= draw_text(0, 32),
		.request = draw_text(1, 64),
		.method = method,
		.params = drawn(method->params),
		.has_member = draw(2),
		.effects = palier_alloc(&bench.arena, (count + 1) * sizeof(struct palier_effect)),
		.effect_count = count };

	ev.turn = (uint64_t)draw_figure(1, (int64_t)ev.seq);
	for (size_t i = 0; i < sizeof(ev.params_hash); i++)
		ev.params_hash.b[i] = (uint8_t)draw(256);
	for (size_t i = 0; ev.has_member && i < PALIER_ID_LEN; i++)
		ev.member.b[i] = (uint8_t)draw(256);
	for (uint32_t i = 0; i < count; i++)
		ev.effects[i] = (struct palier_effect){ kinds[i], drawn(kinds[i]->schema) };
	return ev;
}

static struct palier_bytes write_line(const struct palier_event *ev, const struct palier_hash *prev)
{
	struct palier_buffer b = { 0 };
	struct palier_bytes line;

	event_write(ev, prev, &b);
	line = palier_copy(&bench.arena, palier_buffer_bytes(&b));
	palier_buffer_deinit(&b);
	return line;
}

/* Read a copy of the exact size. */
static int read_line(struct palier_bytes line, struct palier_event *out, char *why)
{
	struct json_doc d = { .capacity = (uint32_t)(line.len / 2 + 2) };
	char *copy = malloc(line.len ? line.len : 1);
	int err;

	if (line.len)
		memcpy(copy, line.at, line.len);
	d.tokens = palier_alloc(&bench.arena, d.capacity * sizeof(*d.tokens));
	why[0] = 0;
	err = event_read(&bench.plugins, &d, palier_bytes_of(copy, line.len), &bench.arena, out, why);
	free(copy);
	return err;
}

static void assert_comes_back(const struct palier_event *ev)
{
	struct palier_hash prev, linked;
	struct palier_bytes line;
	struct palier_event again;
	struct json_doc d;
	uint64_t seq, turn;
	char why[WHY_LEN] = "";

	for (size_t i = 0; i < SHA256_LEN; i++)
		prev.b[i] = (uint8_t)draw(256);
	line = write_line(ev, &prev);
	assert_null(memchr(line.at, '\n', line.len));
	assert_null(memchr(line.at, 0, line.len));
	d = (struct json_doc){ .capacity = (uint32_t)(line.len / 2 + 2) };
	d.tokens = palier_alloc(&bench.arena, d.capacity * sizeof(*d.tokens));
	if (event_read(&bench.plugins, &d, line, &bench.arena, &again, why) != PALIER_OK)
		fail_msg("%s: %.*s", why, PALIER_ARG(line));
	assert_true(palier_equal(line, write_line(&again, &prev)));
	assert_true(batch_links(line, &seq, &turn, &linked));
	assert_true(seq == ev->seq && seq == again.seq);
	assert_true(turn == ev->turn && turn == again.turn);
	assert_memory_equal(linked.b, prev.b, SHA256_LEN);
	assert_true(again.at_ms == ev->at_ms && again.received_ms == ev->received_ms && again.day == ev->day);
	assert_true(palier_equal(again.store, ev->store) && palier_equal(again.till, ev->till));
	assert_true(palier_equal(again.request, ev->request) && palier_equal(again.operator, ev->operator));
	assert_memory_equal(again.params_hash.b, ev->params_hash.b, sizeof(ev->params_hash));
	assert_ptr_equal(again.method, ev->method);
	assert_int_equal(again.has_member, ev->has_member);
	assert_true(!ev->has_member || palier_id_equal(again.member, ev->member));
	assert_int_equal(again.effect_count, ev->effect_count);
	for (uint32_t i = 0; i < ev->effect_count; i++)
		assert_ptr_equal(again.effects[i].kind, ev->effects[i].kind);
	palier_arena_reset(&bench.arena);
}

static void an_effect_comes_back(void **state)
{
	const struct palier_effect_kind *kind = *state;

	for (int i = 0; i < 300; i++) {
		struct palier_event ev = draw_event(&method_till_add, &kind, 1);

		assert_comes_back(&ev);
	}
}

static void params_come_back(void **state)
{
	for (int i = 0; i < 300; i++) {
		struct palier_event ev = draw_event(*state, NULL, 0);

		assert_comes_back(&ev);
	}
}

static void many_effects_come_back_in_order(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++) {
		const struct palier_effect_kind *kinds[40];
		uint32_t count = draw(COUNT(kinds));
		struct palier_event ev;

		for (uint32_t k = 0; k < count; k++)
			kinds[k] = bench.plugins.effects[draw(bench.plugins.effect_count)].kind;
		ev = draw_event(&method_sale_commit, kinds, count);
		assert_comes_back(&ev);
	}
}

/* --- the chain ----------------------------------------------------------------------------------------------------- */

/* A changed line is found by its own hash, which the next line or the index's mark holds; one whose links change is found at once. */
static void every_changed_byte_is_found(void **state)
{
	const struct palier_effect_kind *kinds[2] = { bench.plugins.effects[0].kind, bench.plugins.effects[1].kind };
	struct palier_event ev = draw_event(&method_balance_adjust, kinds, 2);
	struct palier_hash prev = { { 1, 2, 3 } }, hash, changed, linked;
	struct palier_bytes line = write_line(&ev, &prev);
	char *copy = malloc(line.len);
	uint64_t seq, turn;

	(void)state;
	memcpy(copy, line.at, line.len);
	crypto_sha256(line, &hash);
	for (size_t i = 0; i < line.len; i++)
		for (int bit = 0; bit < 8; bit++) {
			copy[i] = (char)(line.at[i] ^ 1 << bit);
			crypto_sha256(palier_bytes_of(copy, line.len), &changed);
			assert_memory_not_equal(changed.b, hash.b, SHA256_LEN);
			if (batch_links(palier_bytes_of(copy, line.len), &seq, &turn, &linked) && i >= line.len - 66)
				assert_true((copy[i] ^ line.at[i]) == 0x20 || memcmp(linked.b, prev.b, SHA256_LEN) != 0);
			copy[i] = line.at[i];
		}
	free(copy);
	palier_arena_reset(&bench.arena);
}

static void a_line_cut_anywhere_does_not_link(void **state)
{
	struct palier_event ev = draw_event(&method_till_revoke, NULL, 0), read;
	struct palier_hash prev = { { 7 } };
	struct palier_bytes line = write_line(&ev, &prev);
	uint64_t seq, turn;
	char why[WHY_LEN];

	(void)state;
	for (size_t n = 0; n < line.len; n++) {
		char *cut = malloc(n ? n : 1), *tail = malloc(n ? n : 1);

		memcpy(cut, line.at, n);
		memcpy(tail, line.at + line.len - n, n);
		assert_false(batch_links(palier_bytes_of(cut, n), &seq, &turn, &prev));
		assert_false(batch_links(palier_bytes_of(tail, n), &seq, &turn, &prev));
		assert_int_equal(read_line(palier_bytes_of(cut, n), &read, why), PALIER_EDAMAGED);
		assert_true(why[0]);
		free(cut);
		free(tail);
	}
	palier_arena_reset(&bench.arena);
}

/* --- lines that are refused ---------------------------------------------------------------------------------------- */

/* A good line, of which a row replaces one part by another. */
static const char good[] =
	"{\"seq\":5,\"turn\":4,\"params_hash\":\"00112233445566778899aabbccddeeff\",\"at\":\"2026-11-21T09:03:11.120Z\","
	"\"received\":\"2026-11-21T09:03:11.120Z\",\"store\":\"lyon\",\"till\":\"1\",\"operator\":\"7\",\"day\":\"2026-11-21\","
	"\"request\":\"r1\",\"method\":\"till.revoke\",\"member\":\"m_0000000000000000\",\"params\":{\"till\":\"2\"},"
	"\"effects\":[{\"kind\":\"till.revoked\",\"till\":\"2\"}],"
	"\"prev\":\"0000000000000000000000000000000000000000000000000000000000000000\"}";

#define LONG40 "1234567890123456789012345678901234567890"

static const struct refusal_case {
	const char *name, *part, *by;
	const char *why; /* NULL: it is accepted */
} refusals[] = {
	{ "the line as it is", "", "", NULL },
	{ "without an operator", "\"operator\":\"7\",", "", NULL },
	{ "without a member", "\"member\":\"m_0000000000000000\",", "", NULL },
	{ "without effects in the list", "{\"kind\":\"till.revoked\",\"till\":\"2\"}", "", NULL },
	{ "no JSON is refused", "{\"seq\"", "{seq", "not JSON" },
	{ "bytes behind the line are refused", "000\"}", "000\"}x", "not JSON" },
	{ "a list is refused", good, "[]", "not JSON" },
	{ "a number is refused", good, "5", "not JSON" },
	{ "an empty object is refused", good, "{}", "not an event" },
	{ "without a seq it is refused", "\"seq\":5,", "", "not an event" },
	{ "a negative seq is refused", "\"seq\":5", "\"seq\":-5", "not an event" },
	{ "a seq that is a text is refused", "\"seq\":5", "\"seq\":\"5\"", "not an event" },
	{ "a seq with a fraction is refused", "\"seq\":5", "\"seq\":5.5", "not an event" },
	{ "a seq beyond 2^53 is refused", "\"seq\":5", "\"seq\":9007199254740992", "not an event" },
	{ "without a turn it is refused", "\"turn\":4,", "", "not an event" },
	{ "a short params hash is refused", "ddeeff", "ddee", "not an event" },
	{ "a params hash that is no hex is refused", "ddeeff", "ddeefg", "not an event" },
	{ "no time is refused", "\"at\":\"2026-11-21T09:03:11.120Z\"", "\"at\":\"soon\"", "not an event" },
	{ "no time of receipt is refused", "\"received\":\"2026-11-21T09:03:11.120Z\"", "\"received\":null",
		"not an event" },
	{ "without a store it is refused", "\"store\":\"lyon\",", "", "not an event" },
	{ "without a till it is refused", "\"till\":\"1\",", "", "not an event" },
	{ "a till that is longer than any till's name is refused", "\"till\":\"1\"", "\"till\":\"" LONG40 "\"",
		"not an event" },
	{ "a request that is longer than any request is refused", "\"request\":\"r1\"", "\"request\":\"" LONG40 LONG40 "\"",
		"not an event" },
	{ "an operator that is no text is refused", "\"operator\":\"7\"", "\"operator\":7", "not an event" },
	{ "a day that is none is refused", "\"day\":\"2026-11-21\"", "\"day\":\"2026-11-31\"", "not an event" },
	{ "without a request it is refused", "\"request\":\"r1\",", "", "not an event" },
	{ "without a method it is refused", "\"method\":\"till.revoke\",", "", "not an event" },
	{ "a malformed member is refused", "m_0000000000000000", "m_000000000000000u", "not an event" },
	{ "a method that nobody serves is refused", "till.revoke\"", "till.burn\"", "no installed plugin serves till.burn" },
	{ "an empty method is refused", "\"till.revoke\"", "\"\"", "no installed plugin serves " },
	{ "a method with a zero in it is refused", "\"till.revoke\"", "\"till.revoke\\u0000" LONG40 "\"",
		"no installed plugin serves " },
	{ "a question is no event", "\"method\":\"till.revoke\"", "\"method\":\"till.list\"",
		"no installed plugin serves " },
	{ "without params it is refused", "\"params\":{\"till\":\"2\"},", "", "an event without params or effects" },
	{ "params that lack what is required are refused", "{\"till\":\"2\"}", "{}", "malformed params of till.revoke" },
	{ "params that are no object are refused", "{\"till\":\"2\"}", "[]", "malformed params of till.revoke" },
	{ "without effects it is refused", "\"effects\":[{\"kind\":\"till.revoked\",\"till\":\"2\"}],", "",
		"an event without params or effects" },
	{ "effects that are no list are refused", "[{\"kind\":\"till.revoked\",\"till\":\"2\"}]", "{}",
		"an event without params or effects" },
	{ "an effect that is no object is refused", "{\"kind\":\"till.revoked\",\"till\":\"2\"}", "\"kind\"",
		"an effect without a kind" },
	{ "an empty effect is refused", "{\"kind\":\"till.revoked\",\"till\":\"2\"}", "{}", "an effect without a kind" },
	{ "an effect whose kind is not first is refused", "\"kind\":\"till.revoked\",\"till\":\"2\"",
		"\"till\":\"2\",\"kind\":\"till.revoked\"", "an effect without a kind" },
	{ "a kind that is no text is refused", "\"kind\":\"till.revoked\"", "\"kind\":5", "an effect without a kind" },
	{ "a kind that nobody knows is refused", "till.revoked", "till.burnt",
		"no installed plugin knows the effect till.burnt" },
	{ "a kind with a zero in it is refused", "till.revoked", "till.revoked\\u0000" LONG40,
		"no installed plugin knows the effect " },
	{ "an effect that lacks what is required is refused", "\"kind\":\"till.revoked\",\"till\":\"2\"",
		"\"kind\":\"till.revoked\"", "a malformed effect till.revoked" },
	{ "an effect with another type is refused", "revoked\",\"till\":\"2\"", "revoked\",\"till\":2",
		"a malformed effect till.revoked" },
};

static void lines_are_judged(void **state)
{
	const struct refusal_case *row = *state;
	const char *at = strstr(good, row->part);
	char line[2048], why[WHY_LEN];
	struct palier_event ev;
	int err;

	assert_non_null(at);
	sprintf(line, "%.*s%s%s", (int)(at - good), good, row->by, at + strlen(row->part));
	err = read_line(palier_str(line), &ev, why);
	assert_int_equal(err, !row->why                                    ? PALIER_OK
			      : strncmp(row->why, "no installed", 12) == 0 ? PALIER_ENOENT
									   : PALIER_EDAMAGED);
	if (row->why)
		assert_memory_equal(why, row->why, strlen(row->why));
	palier_arena_reset(&bench.arena);
}

static void a_long_name_does_not_overflow_the_reason(void **state)
{
	char line[2048], name[601], why[WHY_LEN];
	const char *at = strstr(good, "till.revoked");
	struct palier_event ev;

	(void)state;
	memset(name, 'n', 600);
	name[600] = 0;
	sprintf(line, "%.*s%s%s", (int)(at - good), good, name, at + strlen("till.revoked"));
	assert_int_equal(read_line(palier_str(line), &ev, why), PALIER_ENOENT);
	assert_non_null(memchr(why, 0, sizeof(why)));
	palier_arena_reset(&bench.arena);
}

/* --- what links ---------------------------------------------------------------------------------------------------- */

static const struct link_case {
	const char *name, *part, *by;
	bool links;
	uint64_t seq, turn;
} links[] = {
	{ "a line of ours links", "", "", true, 5, 4 },
	{ "large figures", "5,\"turn\":4", "9007199254740991,\"turn\":9007199254740991", true, 9007199254740991,
		9007199254740991 },
	{ "a figure of 17 digits does not", "\"seq\":5", "\"seq\":12345678901234567", false, 0, 0 },
	{ "a turn of 17 digits does not", "\"turn\":4", "\"turn\":12345678901234567", false, 0, 0 },
	{ "a figure with a leading zero does not", "\"seq\":5", "\"seq\":05", false, 0, 0 },
	{ "a negative seq does not", "\"seq\":5", "\"seq\":-5", false, 0, 0 },
	{ "a seq with a fraction does not", "\"seq\":5", "\"seq\":5.0", false, 0, 0 },
	{ "a turn with a fraction does not", "\"turn\":4", "\"turn\":4.0", false, 0, 0 },
	{ "a turn without figures does not", "\"turn\":4", "\"turn\":", false, 0, 0 },
	{ "a space does not", "{\"seq\":5", "{ \"seq\":5", false, 0, 0 },
	{ "another order does not", "\"seq\":5,\"turn\":4", "\"turn\":4,\"seq\":5", false, 0, 0 },
	{ "a link that is no hex does not", "000\"}", "00g\"}", false, 0, 0 },
	{ "a member behind the link does not", "000\"}", "000\",\"a\":1}", false, 0, 0 },
	{ "a space at the end does not", "000\"}", "000\"} ", false, 0, 0 },
	{ "a head line does not", good, "{\"head\":{\"format\":1}}", false, 0, 0 },
};

static void lines_link(void **state)
{
	const struct link_case *row = *state;
	const char *at = strstr(good, row->part);
	uint64_t seq = 0, turn = 0;
	struct palier_hash prev;
	char line[2048], *copy;
	size_t n = (size_t)sprintf(line, "%.*s%s%s", (int)(at - good), good, row->by, at + strlen(row->part));

	copy = malloc(n);
	memcpy(copy, line, n);
	assert_int_equal(batch_links(palier_bytes_of(copy, n), &seq, &turn, &prev), row->links);
	if (row->links)
		assert_true(seq == row->seq && turn == row->turn);
	free(copy);
}

/* --- heads --------------------------------------------------------------------------------------------------------- */

static bool head_of(const char *line, struct batch_head *out)
{
	struct json_doc d = { .capacity = 256 };

	d.tokens = palier_alloc(&bench.arena, d.capacity * sizeof(*d.tokens));
	return batch_head_read(&d, palier_str(line), &bench.arena, out);
}

static void a_head_comes_back(void **state)
{
	struct palier_buffer b = { 0 };
	struct palier_hash prev = { { 1 } };
	struct batch_head head;

	(void)state;
	head_write("lyon-03", 4294967295, 20261121, &prev, 9007199254740991, &b);
	palier_buffer_add(&b, "", 1);
	assert_true(head_of(b.at, &head));
	assert_int_equal(head.format, BATCH_FORMAT);
	assert_int_equal(head.batch, 4294967295);
	assert_int_equal(head.day, 20261121);
	assert_true(head.first_seq == 9007199254740991);
	assert_true(palier_is(head.store, "lyon-03"));
	assert_memory_equal(head.prev_batch.b, prev.b, SHA256_LEN);
	palier_buffer_deinit(&b);
	palier_arena_reset(&bench.arena);
}

#define PREV_BATCH "\"prev_batch_sha256\":\"" ZEROS "\","
#define ZEROS      "0000000000000000000000000000000000000000000000000000000000000000"

static const struct head_case {
	const char *name, *line;
	bool reads;
} heads[] = {
	{ "a head of these members is read",
		"{\"head\":{\"format\":1,\"store\":\"s\",\"batch\":1,\"business_day\":\"2026-11-21\"," PREV_BATCH
		"\"first_seq\":1}}",
		true },
	{ "a head of a later format is read, to be told apart",
		"{\"head\":{\"format\":9,\"store\":\"s\",\"batch\":1,\"business_day\":\"2026-11-21\"," PREV_BATCH
		"\"first_seq\":1}}",
		true },
	{ "a head without the file before is none",
		"{\"head\":{\"format\":1,\"store\":\"s\",\"batch\":1,\"business_day\":\"2026-11-21\",\"first_seq\":1}}",
		false },
	{ "an event is no head", good, false },
	{ "an empty line is no head", "", false },
	{ "a list is no head", "[1]", false },
	{ "a head that is no object is none", "{\"head\":1}", false },
	{ "a head without its day is none", "{\"head\":{\"format\":1,\"store\":\"s\",\"batch\":1,\"first_seq\":1}}", false },
	{ "a batch that 32 bits do not hold is none",
		"{\"head\":{\"format\":1,\"store\":\"s\",\"batch\":4294967297,\"business_day\":\"2026-11-21\"," PREV_BATCH
		"\"first_seq\":1}}",
		false },
	{ "a first seq of 0 is none",
		"{\"head\":{\"format\":1,\"store\":\"s\",\"batch\":1,\"business_day\":\"2026-11-21\"," PREV_BATCH
		"\"first_seq\":0}}",
		false },
};

static void heads_are_read(void **state)
{
	const struct head_case *row = *state;
	struct batch_head head;

	assert_int_equal(head_of(row->line, &head), row->reads);
	palier_arena_reset(&bench.arena);
}

/* --- the tail ------------------------------------------------------------------------------------------------------ */

static void a_tail_is_made_of_its_event(void **state)
{
	static const char tail[] =
		"{\"tail\":{\"events\":3,\"last_seq\":7,\"last_sha256\":\"0100000000000000000000000000000000000000000000000000000000000000\","
		"\"totals\":{\"sales\":1},\"perpetual\":{\"sales\":9},\"closed_at\":\"1970-01-01T00:00:00.001Z\"}}";
	struct day_closed body = { .events = 3,
		.totals = PALIER_LIT("{\"sales\":1}"),
		.perpetual = PALIER_LIT("{\"sales\":9}"),
		.closed_at = 1 };
	struct palier_effect effect = { plugins_effect(&bench.plugins, PALIER_LIT("day.closed"))->kind, &body };
	struct palier_event ev = { .seq = 7, .effects = &effect };
	struct palier_hash hash = { { 1 } };
	struct palier_buffer b = { 0 };

	(void)state;
	assert_false(tail_write(&ev, &hash, &b)); /* it closes no day */
	assert_int_equal(b.len, 0);
	ev.effect_count = 1;
	assert_true(tail_write(&ev, &hash, &b));
	assert_true(palier_is(palier_buffer_bytes(&b), tail));
	assert_true(batch_tail_is(palier_buffer_bytes(&b)));
	assert_false(batch_tail_is(palier_bytes_of(tail, 8)));
	assert_false(batch_tail_is(palier_str(good)));
	palier_buffer_deinit(&b);
}

int main(void)
{
	static const struct CMUnitTest single[] = {
#define TEST(sentence, function) { sentence, function, NULL, NULL, NULL }
		TEST("many effects come back in order", many_effects_come_back_in_order),
		TEST("every changed byte is found by the chain", every_changed_byte_is_found),
		TEST("a line cut anywhere neither links nor reads", a_line_cut_anywhere_does_not_link),
		TEST("a long name does not overflow the reason", a_long_name_does_not_overflow_the_reason),
		TEST("a head comes back", a_head_comes_back),
		TEST("a tail is made of the event that closed the day", a_tail_is_made_of_its_event),
	};
	static struct CMUnitTest tests[512];
	size_t n = COUNT(single);
	int failed;

	/* The tests' names are the kinds' and the methods' own, so the plugins are needed before the first test. */
	if (bench_open(NULL) != PALIER_OK)
		return EXIT_FAILURE;
	memcpy(tests, single, sizeof(single));
	for (unsigned i = 0; i < bench.plugins.effect_count; i++)
		tests[n++] = (struct CMUnitTest){ bench.plugins.effects[i].kind->name, an_effect_comes_back, NULL, NULL,
			(void *)(uintptr_t)bench.plugins.effects[i].kind };
	for (unsigned i = 0; i < bench.plugins.method_count; i++)
		if (bench.plugins.methods[i].method->flags & METHOD_COMMAND)
			tests[n++] = (struct CMUnitTest){ bench.plugins.methods[i].method->name, params_come_back, NULL,
				NULL, (void *)(uintptr_t)bench.plugins.methods[i].method };
	for (size_t i = 0; i < COUNT(refusals); i++)
		tests[n++] = (struct CMUnitTest){ refusals[i].name, lines_are_judged, NULL, NULL, (void *)&refusals[i] };
	for (size_t i = 0; i < COUNT(links); i++)
		tests[n++] = (struct CMUnitTest){ links[i].name, lines_link, NULL, NULL, (void *)&links[i] };
	for (size_t i = 0; i < COUNT(heads); i++)
		tests[n++] = (struct CMUnitTest){ heads[i].name, heads_are_read, NULL, NULL, (void *)&heads[i] };
	failed = _cmocka_run_group_tests("event", tests, n, NULL, NULL);
	bench_close(NULL);
	return failed;
}
