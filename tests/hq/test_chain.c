/* SPDX-License-Identifier: Apache-2.0 */
/* Many stores, one member: stories of a chain whose stores are real daemons. Members are at home in one store and visit others, as strangers
 * at first; they buy, spend, load stored value and pay with it, hold, bring back, and two of them turn out to be one; sales are undone; nights
 * pass, and points lapse. Stores are cut off from the office for a while, are killed and restored; batches and directives come late and again.
 * Whatever happens, no point is made, lost or spent twice; and once everybody has heard of everything, all stores say the same. */
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/hq/server.h"
#include "tests/hq/world.h"

#define SITES   6  /* stores in which story after story is played, */
#define STORIES 20 /* so many before there are new ones */
#define LONG    1000
#define ROUNDS  6
#define ROAMING 12 /* not a multiple of a cup */

/* --- between stores and the office --- */

static enum batch_fault batch_bring(unsigned site, unsigned batch)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/journal/%u.jsonl", world.sites[site].shop->data, batch);
	return head_read(&world.head, site, path);
}

/* Batches reach the office in their turn, sometimes too early, sometimes again. */
static void batches_bring(unsigned site, bool all)
{
	struct head_store *s = &world.head.stores[site];

	while (s->read.batch < world.sites[site].closed && (all || draw_below(&world.seed, 3))) {
		if (s->read.batch + 2 <= world.sites[site].closed)
			assert_int_equal(batch_bring(site, s->read.batch + 2), BATCH_BATCH_GAP);
		assert_int_equal(batch_bring(site, s->read.batch + 1), BATCH_FINE);
		assert_int_equal(batch_bring(site, 1 + (unsigned)draw_below(&world.seed, s->read.batch)),
			BATCH_BATCH_REPLAYED);
	}
}

static char *directive_send(unsigned site, uint32_t number)
{
	const struct head_store *s = &world.head.stores[site];
	const struct head_sheet *d = &s->sheets[number - s->first];

	return ask(&world.sites[site].w, "directive.apply", "'request':'d-%llu','directive':%s,'signature':'%s'",
		(unsigned long long)++world.request, d->text.at, d->signature.at);
}

static void directives_bring(unsigned site, bool all)
{
	struct head_store *h = &world.head.stores[site];
	struct site *s = &world.sites[site];

	while (s->delivered < h->last.number && (all || draw_below(&world.seed, 3))) {
		int64_t seq = last_seq(&s->w);
		char *reply;

		if (s->delivered + 2 <= h->last.number)
			assert_field(directive_send(site, s->delivered + 2), "error.data.reason", "params_invalid");
		assert_int_equal(last_seq(&s->w), seq);
		reply = directive_send(site, ++s->delivered);
		if (!field(reply, "result"))
			fail_msg("%s refuses %s: %s", store_id(site), h->sheets[s->delivered - h->first].text.at, reply);
		seq = last_seq(&s->w);
		assert_non_null(field(directive_send(site, s->delivered), "result"));
		assert_int_equal(last_seq(&s->w), seq);
	}
}

/* --- what must hold --- */

/* What stores have booked of somebody, by their own histories. */
struct flows {
	int64_t has, way; /* way: given up and not granted */
	int64_t lapsed, taken;
};

/* Read at one go: there are many. */
static void flows_add(unsigned site, unsigned person, struct flows all[HEAD_UNITS])
{
	static struct json_token tokens[8192];
	struct json_doc d = { .tokens = tokens, .capacity = sizeof(tokens) / sizeof(*tokens) };
	char *reply =
		ask_ok(&world.sites[site].w, "balance.history", "'card':'%s','limit':200", world.head.people[person].card);
	uint32_t list, at;

	assert_int_equal(json_parse(&d, palier_str(reply), JSON_DEPTH_MAX), PALIER_OK);
	list = json_member(&d, json_member(&d, 0, "result"), "entries");
	assert_in_range(tokens[list].count, 0, 199);
	at = list + 1;
	for (uint32_t i = 0; i < tokens[list].count; i++, at += tokens[at].span) {
		uint32_t kind = json_member(&d, at, "kind");
		struct flows *f =
			&all[json_string_is(&d, json_member(&d, at, "unit"), palier_str(head_units[POINTS])) ? POINTS
													     : CREDIT];
		int64_t points = 0;

		assert_true(json_integer(&d, json_member(&d, at, "points"), &points));
		if (json_string_is(&d, kind, PALIER_LIT("give")) || json_string_is(&d, kind, PALIER_LIT("grant")))
			f->way -= points;
		else if (json_string_is(&d, kind, PALIER_LIT("expire")))
			f->lapsed -= points;
		else if (json_string_is(&d, kind, PALIER_LIT("reverse")))
			f->taken -= points;
	}
}

/* In a store, whichever of the cards somebody shows: as long as they are not known to be one's there, each has its own. */
static void site_flows(unsigned site, unsigned person, struct flows all[HEAD_UNITS])
{
	char seen[HEAD_PEOPLE][PALIER_ID_TEXT + 1];
	int64_t least[HEAD_UNITS] = { -world.credit, 0 }, has[HEAD_UNITS] = { 0 };
	unsigned count = 0, known = 0;

	for (unsigned i = 0; i < world.head.person_count; i++) {
		struct purse p;

		if (person_now(i) != person)
			continue;
		for (unsigned u = 0; u < HEAD_UNITS; u++)
			least[u] -= world.taken[i][site][u];
		if (!purse_look(site, i, &p))
			continue;
		for (known = 0; known < count && strcmp(seen[known], p.member) != 0;)
			known++;
		if (known < count)
			continue;
		strcpy(seen[count++], p.member);
		flows_add(site, i, all);
		for (unsigned u = 0; u < HEAD_UNITS; u++)
			has[u] += p.has[u];
	}
	for (unsigned u = 0; u < HEAD_UNITS; u++) {
		if (has[u] < least[u])
			fail_msg("story %llu: %s has %lld %s of %u", (unsigned long long)world.head.story, store_id(site),
				(long long)has[u], head_units[u], person);
		all[u].has += has[u];
	}
}

/* What was taken back is all that was to be, but what had lapsed. */
static void taken_check(unsigned person, unsigned unit, const struct flows *f)
{
	int64_t taken = 0;

	for (unsigned i = 0; i < world.head.person_count; i++)
		for (unsigned s = 0; s < world.count; s++)
			taken += person_now(i) == person ? world.taken[i][s][unit] : 0;
	if (f->taken > taken || f->taken < taken - f->lapsed)
		fail_msg("story %llu: %lld %s were taken back from %u, not %lld", (unsigned long long)world.head.story,
			(long long)f->taken, head_units[unit], person, (long long)taken);
}

/* Nothing is made, lost or spent twice. What has lapsed on its way, or while it was held, is booked by the next close.
 * @param all then what stores have @param rest there was such a close */
static void person_holds(unsigned person, bool rest, struct flows all[HEAD_UNITS])
{
	memset(all, 0, HEAD_UNITS * sizeof(*all));
	for (unsigned i = 0; i < world.playing; i++)
		site_flows(i, person, all);
	for (unsigned u = 0; u < HEAD_UNITS; u++) {
		const struct flows *f = &all[u];
		int64_t expected = -f->lapsed - f->taken, sum = f->has + f->way;

		for (unsigned i = 0; i < world.head.person_count; i++)
			expected += person_now(i) == person ? world.expected[i][u] : 0;
		if (f->way < 0 || sum > expected || (sum < expected && (rest || u == CREDIT || !world.clock)))
			fail_msg("story %llu: %u has %lld %s in stores and %lld on their way, not %lld",
				(unsigned long long)world.head.story, person, (long long)f->has, head_units[u],
				(long long)f->way, (long long)expected);
		taken_check(person, u, f);
	}
}

static void everything_holds(void)
{
	struct flows all[HEAD_UNITS];

	settlements_see();
	for (unsigned i = 0; i < world.head.person_count; i++)
		if (person_now(i) == i)
			person_holds(i, false, all);
}

/* The office knows what the stores know, and the stores what the others do. */
static void site_agrees(unsigned site, unsigned person)
{
	unsigned now = person_now(person);
	const struct head_person *p = &world.head.people[now];
	struct purse here, home = { .member = "" };
	char id[PALIER_ID_TEXT + 1];

	if (!purse_look(site, person, &here)) {
		assert_false(world.head.people[person].told >> site & 1);
		return;
	}
	palier_id_format(p->id, id);
	assert_string_equal(here.member, id);
	assert_field(ask_ok(&world.sites[site].w, "card.lookup", "'card':'%s'", world.head.people[person].card),
		"result.name", p->name);
	purse_look(p->home, now, &home);
	for (unsigned u = 0; u < HEAD_UNITS; u++) {
		assert_int_equal(here.has[u], head_ledger(&world.head, now, site, u));
		if (site != p->home && (here.has[u] > 0 || (here.has[u] < 0 && home.has[u] > 0)))
			fail_msg("story %llu: %s has %lld %s of %u who is at home in %s",
				(unsigned long long)world.head.story, store_id(site), (long long)here.has[u], head_units[u],
				now, store_id(p->home));
	}
}

static void person_is_at_home(unsigned person)
{
	struct flows all[HEAD_UNITS];

	assert_int_equal(head_root(&world.head, person), person_now(person));
	if (person_now(person) == person)
		person_holds(person, true, all);
	for (unsigned u = 0; u < HEAD_UNITS && person_now(person) == person; u++) {
		assert_int_equal(all[u].way, 0);
		assert_int_equal(head_on_the_way(&world.head, person, u), 0);
	}
	for (unsigned i = 0; i < world.playing; i++)
		site_agrees(i, person);
}

static void all_agree(void)
{
	for (unsigned i = 0; i < world.head.person_count; i++)
		person_is_at_home(i);
	head_lots_rest(&world.head.lots, today());
	for (size_t i = 0; i < world.comeback_count; i++)
		assert_true(world.comebacks[i].settled);
	for (unsigned i = 0; i < world.playing; i++) {
		char *reply = ask_ok(&world.sites[i].w, "directive.status", "%s", "");
		char hex[2 * SHA256_LEN + 1];

		assert_figure(reply, "result.directive", world.head.stores[i].last.number);
		palier_hex(world.head.stores[i].last.sha256.b, SHA256_LEN, hex);
		if (world.head.stores[i].last.number)
			assert_field(reply, "result.sha256", hex);
	}
}

/* --- stories --- */

static void people_come(void)
{
	unsigned count = 2 + (unsigned)draw_below(&world.seed, 4);

	for (unsigned i = 0; i < count; i++) {
		char id[32], card[32], name[32];
		unsigned home = (unsigned)draw_below(&world.seed, world.playing), person;

		snprintf(id, sizeof(id), "m_%08llu%08u", (unsigned long long)world.head.story, i);
		snprintf(card, sizeof(card), "CARD-%llu-%u", (unsigned long long)world.head.story, i);
		snprintf(name, sizeof(name), "Zoe %u", i);
		person = head_person_add(&world.head, id, card, name, home);
		/* Some are known here and there; where they are not, they are strangers. */
		for (unsigned s = 0; s < world.playing; s++)
			if (draw_below(&world.seed, 3) == 0)
				head_tell(&world.head, person, s);
	}
}

static void round_play(unsigned visits)
{
	while (visits--)
		visit();
	if (draw_below(&world.seed, 2))
		night_falls();
	if (draw_below(&world.seed, 8) == 0)
		head_move(&world.head, (unsigned)draw_below(&world.seed, world.head.person_count),
			(unsigned)draw_below(&world.seed, world.playing));
	for (unsigned i = 0; i < world.playing; i++) {
		if (draw_below(&world.seed, 2))
			day_ends(&world.sites[i]);
		world.sites[i].cut = draw_below(&world.seed, 3) == 0;
		if (!world.sites[i].cut)
			batches_bring(i, false);
		head_write(&world.head, i);
		if (!world.sites[i].cut)
			directives_bring(i, false);
	}
	everything_holds();
}

/* No store is cut off any more. @return is there anything left to do? */
static bool round_heal(bool night)
{
	if (night)
		night_falls();
	for (unsigned i = 0; i < world.playing; i++) {
		day_ends(&world.sites[i]);
		batches_bring(i, true);
	}
	if (head_quiet(&world.head) && head_level(&world.head) == 0)
		return false;
	for (unsigned i = 0; i < world.playing; i++) {
		head_write(&world.head, i);
		directives_bring(i, true);
	}
	everything_holds();
	return true;
}

static void story_begin(uint64_t story)
{
	head_story(&world.head, story);
	memset(world.expected, 0, sizeof(world.expected));
	memset(world.taken, 0, sizeof(world.taken));
	world.sale_count = world.comeback_count = world.hold_count = 0;
	for (unsigned i = 0; i < HEAD_PEOPLE; i++)
		world.into[i] = i;
	world.seed = story * UINT64_C(0x9E3779B97F4A7C15) + 1;
	world.playing = world.count > 4 && world.count <= SITES ? 4 + (unsigned)draw_below(&world.seed, world.count - 3)
	                                                        : world.count;
	people_come();
}

/* What is given up in a night is told at the close after it. */
static void story_end(void)
{
	unsigned left = 16, quiet = 0;

	holds_end();
	while (quiet < 2 && left--)
		quiet = round_heal(world.clock && left > 13 && draw_below(&world.seed, 2)) ? 0 : quiet + 1;
	if (quiet < 2)
		fail_msg("story %llu does not come to rest", (unsigned long long)world.head.story);
	all_agree();
}

static void story_play(uint64_t story, unsigned rounds, unsigned visits)
{
	story_begin(story);
	while (rounds--)
		round_play(visits);
	story_end();
}

/* --- tests --- */

static void stories_come_to_rest(void **state)
{
	const char *one = getenv("PALIER_SEED");
	uint64_t first = one ? strtoull(one, NULL, 10) : 1;
	uint64_t count = getenv("PALIER_LONG") ? LONG : one ? 1 : STORIES;

	(void)state;
	for (uint64_t story = first; story < first + count; story++) {
		if ((story - first) % STORIES == 0)
			world_open(SITES, 0, true);
		story_play(story, ROUNDS, 12);
		if ((story - first) % STORIES != STORIES - 1 && story + 1 != first + count)
			continue;
		world_close(); /* each close has the whole ledger checked: it must not grow for long */
		print_message("told up to story %llu\n", (unsigned long long)story);
	}
}

static void twenty_stores_come_to_rest(void **state)
{
	(void)state;
	world_open(HEAD_STORES, 0, true);
	story_play(1, ROUNDS, 40);
	world_close();
}

/* A backup that is older than what the office has read: what the store gave up since may be spent elsewhere already. Nothing the store then
 * says is taken, until somebody has looked. */
static void a_store_that_forgot_is_not_believed(void **state)
{
	struct site *s = &world.sites[0];

	(void)state;
	world_open(1, 0, false);
	head_story(&world.head, 1);
	head_person_add(&world.head, "m_0000000000000001", "CARD-1", "Zoe", 0);
	buys(0, 0);
	day_ends(s);
	assert_int_equal(batch_bring(0, 1), BATCH_FINE);
	backed_up(s);
	buys(0, 0);
	day_ends(s);
	assert_int_equal(batch_bring(0, 2), BATCH_FINE);
	restored(s);
	s->closed = 1;
	buys(0, 0);
	day_ends(s);
	assert_int_equal(batch_bring(0, 2), BATCH_BATCH_REPLAYED);
	day_ends(s);
	for (int again = 0; again < 2; again++)
		assert_int_equal(batch_bring(0, 3), BATCH_BATCH_FORK);
	day_ends(s);
	assert_int_equal(batch_bring(0, 4), BATCH_BATCH_GAP);
	assert_int_equal(world.head.people[0].ledger[0][POINTS],
		world.sales[0].units * world.sales[0].each + world.sales[1].units * world.sales[1].each);
	world_close();
}

/* A cup for points that are not there. @return was it given? */
static bool roams(unsigned site, unsigned person)
{
	struct sale *s = sale_begin(site, person);
	char *reply = ask(&world.sites[site].w, "sale.commit",
		"'request':'%s','sale':'%s','card':'%s','lines':[{'sku':'a','amount':100}],'payable':0,'redeem':[{'reward':'cup'}]",
		s->number, s->number, world.head.people[person].card);

	if (!field(reply, "result")) {
		assert_field(reply, "error.data.reason", "insufficient_points");
		return false;
	}
	world.expected[person][POINTS] += 1 - CUP;
	world.sale_count++;
	return true;
}

/* What a chain can lose in a day with `roaming-credit`: that many points of each member in each store that hears of no other. It is there to
 * be seen, and what comes next fills it. */
static void what_is_lost_is_bounded(void **state)
{
	unsigned cups = 0;
	struct purse p;
	int64_t lost = 0;

	(void)state;
	world_open(4, ROAMING, false);
	story_begin(1);
	for (unsigned person = 0; person < world.head.person_count; person++) {
		head_move(&world.head, person, 0);
		for (unsigned site = 0; site < world.count; site++)
			head_tell(&world.head, person, site);
	}
	for (unsigned site = 0; site < world.count; site++) {
		head_write(&world.head, site);
		directives_bring(site, true);
	}
	for (unsigned person = 0; person < world.head.person_count; person++)
		for (unsigned site = 0; site < world.count; site++) {
			while (roams(site, person))
				cups++;
			assert_true(purse_look(site, person, &p));
			assert_in_range(-p.has[POINTS], 0, ROAMING);
			lost -= p.has[POINTS];
		}
	assert_int_equal(cups, world.head.person_count * (world.count - 1) * (ROAMING / CUP));
	assert_int_equal(lost, cups * (CUP - 1));
	everything_holds();
	for (unsigned person = 0; person < world.head.person_count; person++)
		for (int i = 0; i < 40; i++)
			buys(0, person);
	story_end();
	for (unsigned person = 0; person < world.head.person_count; person++)
		for (unsigned site = 1; site < world.count; site++) {
			assert_true(purse_look(site, person, &p));
			assert_int_equal(p.has[POINTS], 0);
		}
	world_close();
}

/* --- the same through the programs: palier-seal, palier-hq, palier and the database --- */

static const char *hq_path(const char *format, ...) __attribute__((format(printf, 1, 2)));
static const char *hq_path(const char *format, ...)
{
	static char paths[8][256];
	static unsigned turn;
	char *out = paths[turn++ % 8];
	va_list args;
	int n = snprintf(out, sizeof(paths[0]), "%s/hq", world.sites[0].shop->dir);

	va_start(args, format);
	vsnprintf(out + n, sizeof(paths[0]) - (size_t)n, format, args);
	va_end(args);
	return out;
}

static void pem_write(const char *path, const char *ending, const struct crypto_certificate *c, const struct crypto_key *k)
{
	struct palier_buffer text = { 0 };
	char file[256];

	crypto_certificate_write(c, &text);
	snprintf(file, sizeof(file), "%s%s.pem", path, ending);
	file_write(file, text.at, text.len);
	text.len = 0;
	crypto_key_write(k, &text);
	snprintf(file, sizeof(file), "%s%s.key", path, ending);
	file_write(file, text.at, text.len);
	assert_int_equal(chmod(file, 0400), 0);
	palier_buffer_deinit(&text);
}

/* A store's key, and a place at the office for what it seals. */
static void hq_site(unsigned i)
{
	struct office_wish wish = { .store = store_id(i) };
	struct crypto_key *key = crypto_key_make();
	struct crypto_certificate *certificate;
	char outbox[128];

	wish.from_ms = ((int64_t)time(NULL) * 1000) - 30 * DAY_MS;
	wish.to_ms = ((int64_t)time(NULL) * 1000) + 30 * DAY_MS;
	certificate = office_certify(&world.authority, key, wish);
	pem_write(world.sites[i].shop->dir, "/store", certificate, key);
	crypto_certificate_free(certificate);
	crypto_key_free(key);
	snprintf(outbox, sizeof(outbox), "%s/outbox", world.sites[i].shop->dir);
	assert_int_equal(mkdir(hq_path("/%s", store_id(i)), 0755), 0);
	assert_int_equal(symlink(outbox, hq_path("/%s/batches", store_id(i))), 0);
}

static void hq_open(void)
{
	char text[640];
	int n = snprintf(text, sizeof(text),
		"directory = \"%s\"\ndatabase = \"%s\"\nsigning { certificate = \"hq-office.pem\"  key = \"hq-office.key\" }\n",
		hq_path("%s", ""), server.conninfo);

	file_write(hq_path(".conf"), text, (size_t)n);
	assert_int_equal(mkdir(hq_path("%s", ""), 0755), 0);
	pem_write(hq_path("%s", ""), "-office", world.certificate, world.key);
	for (unsigned i = 0; i < world.count; i++)
		hq_site(i);
}

static void succeeds(const struct shop *s, const char *const *argv)
{
	char *said;
	int code = program_run(s, argv, &said);

	if (code != 0)
		fail_msg("%s %s ended with %d: %s", argv[0], argv[3] ? argv[3] : "", code, said);
	free(said);
}

/* What the office is told of members through a store's door: here, whose the cards are. */
static void profiles_write(unsigned site)
{
	char text[4096], home[PALIER_ID_TEXT + 1];
	int n = 0;

	for (unsigned i = 0; i < world.head.person_count; i++) {
		const struct head_person *p = &world.head.people[i];
		char *reply = ask(&world.sites[site].w, "card.lookup", "'card':'%s'", p->card);
		const char *member = field(reply, "result.member");

		palier_id_format(p->id, home);
		if (member)
			n += snprintf(text + n, sizeof(text) - (size_t)n,
				"{\"member\":\"%s\",\"seq\":1,\"language\":\"fr\",\"cards\":[{\"number\":\"%s\",\"status\":\"active\"}]%s}\n",
				member, p->card, strcmp(member, home) == 0 ? "" : ",\"provisional\":true");
	}
	file_write(hq_path("/%s/profiles.jsonl", store_id(site)), text, (size_t)n);
}

/* In turn; the last one again. */
static void files_apply(unsigned i)
{
	struct site *s = &world.sites[i];
	uint32_t number = s->delivered ? s->delivered : 1;

	for (const char *path; access(path = hq_path("/%s/directives/%u.json", store_id(i), number), R_OK) == 0; number++) {
		succeeds(s->shop,
			(const char *const[]){ "palier", "--config", s->shop->config, "directive", "apply", path, NULL });
		s->delivered = number;
	}
}

static void hq_round(void)
{
	for (unsigned i = 0; i < world.count; i++) {
		day_ends(&world.sites[i]);
		succeeds(world.sites[i].shop,
			(const char *const[]){ "palier-seal", "--config", world.sites[i].shop->config, NULL });
		profiles_write(i);
	}
	succeeds(world.sites[0].shop, (const char *const[]){ "palier-hq", "--config", hq_path(".conf"), "load", NULL });
	succeeds(world.sites[0].shop, (const char *const[]){ "palier-hq", "--config", hq_path(".conf"), "publish", NULL });
	for (unsigned i = 0; i < world.count; i++)
		files_apply(i);
}

/* Each ledger, as the database has it, is that of the daemon; all are at home, and nothing is there while it is owed elsewhere. */
static void hq_agrees(unsigned person)
{
	const struct head_person *p = &world.head.people[person];
	char id[PALIER_ID_TEXT + 1], sql[256], expected[32];
	struct purse at_home = { 0 };
	int64_t sum = 0, due = world.expected[person][POINTS];

	palier_id_format(p->id, id);
	purse_look(p->home, person, &at_home);
	for (unsigned i = 0; i < world.count; i++) {
		struct purse has;

		if (!purse_look(i, person, &has))
			continue;
		snprintf(sql, sizeof(sql),
			"SELECT coalesce(sum(points), 0) FROM balances WHERE unit = 'points' AND member = '%s' AND store = '%s'",
			id, store_id(i));
		snprintf(expected, sizeof(expected), "%lld", (long long)has.has[POINTS]);
		assert_sql(&server, sql, expected);
		if (i != p->home && (has.has[POINTS] > 0 || (has.has[POINTS] < 0 && at_home.has[POINTS] > 0)))
			fail_msg("%s has %lld points of %u, who has %lld at home", store_id(i), (long long)has.has[POINTS],
				person, (long long)at_home.has[POINTS]);
		sum += has.has[POINTS];
		due -= world.taken[person][i][POINTS];
	}
	assert_int_equal(sum, due);
	snprintf(sql, sizeof(sql), "SELECT points FROM v_balances WHERE unit = 'points' AND member = '%s'", id);
	snprintf(expected, sizeof(expected), "%lld", (long long)due);
	assert_sql(&server, sql, expected);
}

/* Four are enrolled, two of them in the first store; somebody's card and name say who that is. */
static void office_begin(void)
{
	world_open(3, 0, false);
	hq_open();
	head_story(&world.head, 1);
	world.seed = 1;
	world.playing = world.count;
	for (unsigned i = 0; i < 4; i++) {
		char card[32];
		unsigned home = i % world.count;

		snprintf(card, sizeof(card), "CARD-%u", i);
		head_person_add(&world.head,
			field(ask_ok(&world.sites[home].w, "member.enroll", "'request':'e-%u','card':'%s','name':'Zoe-%s'",
				      i, card, card),
				"result.member"),
			card, "", home);
	}
}

/* @param deeds of members, before their stores close */
static void office_round(int deeds)
{
	while (deeds--) {
		unsigned site = (unsigned)draw_below(&world.seed, world.count);
		unsigned person = (unsigned)draw_below(&world.seed, world.head.person_count);

		switch (draw_below(&world.seed, 4)) {
		case 0:
			redeems(site, person);
			break;
		case 1:
			returns(site);
			break;
		default:
			buys(site, person);
		}
	}
	hq_round();
	everything_holds();
}

/* All orders are carried out, nothing is on its way, and the database has what the stores say that there is. */
static void office_rests(void)
{
	assert_sql(&server,
		"SELECT count(*) FROM orders o JOIN directives d USING (store, directive) WHERE taken_at IS NULL", "0");
	assert_sql(&server, "SELECT count(*) FROM v_on_the_way", "0");
	assert_sql(&server, "SELECT count(*) FROM v_points_check WHERE ledger <> outstanding OR NOT complete", "0");
}

static void the_office_itself_agrees(void **state)
{
	(void)state;
	office_begin();
	for (int round = 0; round < 12; round++)
		office_round(round < 3 ? 30 : 0);
	for (unsigned i = 0; i < world.head.person_count; i++)
		hq_agrees(i);
	for (size_t i = 0; i < world.comeback_count; i++)
		assert_true(world.comebacks[i].settled);
	assert_sql(&server, "SELECT count(*) > 0 FROM orders WHERE cause LIKE 'take/%'", "t");
	office_rests();
	world_close();
}

/* Nowhere in the database stands this text. */
static void assert_unwritten(const char *text)
{
	char sql[512];

	snprintf(sql, sizeof(sql),
		"SELECT coalesce(string_agg(tablename, ' '), '') FROM pg_tables WHERE schemaname = 'public' AND "
		"query_to_xml(format('SELECT 1 FROM %%I AS t WHERE t::text LIKE %%L LIMIT 1', tablename, '%%%s%%'), false, false, '')::text "
		"LIKE '%%<row%%'",
		text);
	assert_sql(&server, sql, "");
}

/* What the office keeps in files, the stores' batches with it, and what stores have in their journals. */
static void assert_in_no_file(const char *text)
{
	const struct shop *s = world.sites[0].shop;

	assert_int_equal(program_run(s, (const char *const[]){ "grep", "-RqF", text, hq_path("%s", ""), NULL }, NULL), 1);
	for (unsigned i = 0; i < world.count; i++) {
		char journal[160];

		snprintf(journal, sizeof(journal), "%s/journal", world.sites[i].shop->data);
		assert_int_equal(program_run(s, (const char *const[]){ "grep", "-RqF", text, journal, NULL }, NULL), 1);
	}
}

static void gone(unsigned person, const char *id)
{
	char sql[320], name[40];

	snprintf(name, sizeof(name), "Zoe-%s", world.head.people[person].card);
	for (unsigned i = 0; i < world.count; i++) {
		struct purse p;

		assert_false(purse_look(i, person, &p));
		assert_null(field(ask(&world.sites[i].w, "member.show", "'member':'%s'", id), "result.name"));
	}
	assert_in_no_file(world.head.people[person].card);
	assert_in_no_file(name);
	assert_unwritten(world.head.people[person].card);
	assert_unwritten(name);
	snprintf(sql, sizeof(sql),
		"SELECT count(*) FROM (SELECT store FROM members WHERE member = '%s' EXCEPT SELECT store FROM members WHERE member = '%s' "
		"AND what = 'member.erased') AS still",
		id, id);
	assert_sql(&server, sql, "0");
	snprintf(sql, sizeof(sql),
		"SELECT coalesce(string_agg(concat_ws(' ', unit, ledger, coming), ', '), '') FROM v_balances WHERE member = '%s' "
		"AND (ledger <> 0 OR coming <> 0)",
		id);
	assert_sql(&server, sql, "");
}

/* The office erases somebody whom all stores know by then, and who has just bought in each of them. */
static void whoever_is_erased_is_gone(void **state)
{
	const unsigned person = 1;
	char id[PALIER_ID_TEXT + 1];

	(void)state;
	office_begin();
	for (int round = 0; round < 4; round++)
		office_round(round < 2 ? 20 : 0);
	for (unsigned i = 0; i < world.count; i++)
		buys(i, person);
	palier_id_format(world.head.people[person].id, id);
	succeeds(world.sites[0].shop, (const char *const[]){ "palier-hq", "--config", hq_path(".conf"), "erase", id, NULL });
	hq_round();
	memset(world.expected[person], 0, sizeof(world.expected[person]));
	memset(world.taken[person], 0, sizeof(world.taken[person]));
	for (int round = 0; round < 5; round++)
		office_round(0);
	gone(person, id);
	for (unsigned i = 0; i < world.head.person_count; i++)
		if (i != person)
			hq_agrees(i);
	office_rests();
	world_close();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(stories_come_to_rest),
		cmocka_unit_test(twenty_stores_come_to_rest),
		cmocka_unit_test(a_store_that_forgot_is_not_believed),
		cmocka_unit_test(what_is_lost_is_bounded),
		cmocka_unit_test_setup_teardown(the_office_itself_agrees, server_up, server_down),
		cmocka_unit_test_setup_teardown(whoever_is_erased_is_gone, server_up, server_down),
	};

	if (getenv("PALIER_SEED")) /* that story, or with PALIER_LONG the thousand from there on */
		cmocka_set_test_filter("stories_come_to_rest");
	return cmocka_run_group_tests_name("chain", tests, NULL, NULL);
}
