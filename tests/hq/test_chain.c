/* SPDX-License-Identifier: Apache-2.0 */
/* Many stores, one member: stories of a chain whose stores are real daemons. Members are at home in one store and visit others, as strangers
 * at first; stores are cut off from the office for a while, are killed and restored; batches and directives come late and again. Whatever
 * happens, no point is made, lost or spent twice; and once everybody has heard of everything, all stores say the same. */
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/e2e/harness.h"
#include "tests/hq/head.h"
#include "tests/hq/server.h"
#include "tests/unit/protocol/office.h"

#define DAY_MS    INT64_C(86400000)
#define SITES     6  /* stores in which story after story is played, */
#define STORIES   20 /* so many before there are new ones */
#define LONG      1000
#define ROUNDS    6
#define CUP       5  /* points for 1.00 off */
#define ROAMING   12 /* not a multiple of a cup */
#define SALES_MAX 512

#define CONFIG \
	"limits { misses-per-minute = 100000 }\n" \
	"signing { certificate = \"store.pem\"  key = \"store.key\"  office = {\"office.pem\"} }\n" \
	"rewards { reward \"cup\" { unit = points  cost = 5  kind = amount  value = \"1.00\"  of = order } }\n"

/* --- stores --- */

struct site {
	struct shop *shop;
	struct wire w;
	char store[64]; /* of its configuration */
	struct shop_options options;
	unsigned closed;    /* batches */
	uint32_t delivered; /* directives */
	bool cut;           /* off from the office */
};

struct sale {
	unsigned site, person;
	char number[40];
	int64_t each, units, back; /* points a unit, units sold and brought back */
	int64_t spent;
};

struct comeback {
	size_t sale;
	unsigned site;
	int64_t units;
	char number[40];
	bool settled;
};

static struct world {
	struct office authority;
	struct crypto_key *key;
	struct crypto_certificate *certificate;
	struct head head;
	struct site sites[HEAD_STORES];
	unsigned count, playing; /* stores in all, and of them in this story */
	int credit;              /* points that may be spent before a grant arrives */
	uint64_t seed, request;
	int64_t expected[HEAD_PEOPLE];              /* what somebody has in all */
	int64_t reversed[HEAD_PEOPLE][HEAD_STORES]; /* taken back there: why a store may have less than nothing */
	struct sale sales[SALES_MAX];
	struct comeback comebacks[SALES_MAX];
	size_t sale_count, comeback_count;
} world;

static const char *store_id(unsigned i)
{
	return world.head.stores[i].id;
}

static void serve(struct site *s)
{
	shop_start(s->shop);
	connect_to(&s->w, s->shop, DOOR_TRUST);
}

/* A day's first command, and the work of the night before it. */
static void night_passes(struct site *s)
{
	int64_t until = now_ms() + DEADLINE_MS;
	char *reply;

	world.request++;
	ask_ok(&s->w, "sale.commit", "'request':'n-%llu','sale':'n-%llu','lines':[{'sku':'a','amount':100}],'payable':100",
		(unsigned long long)world.request, (unsigned long long)world.request);
	while (strstr(reply = ask_ok(&s->w, "day.status", "%s", ""), "\"due\"") && now_ms() < until)
		sleep_ms(1);
	assert_null(strstr(reply, "\"due\""));
}

static void site_open(unsigned i)
{
	struct site *s = &world.sites[i];
	struct palier_buffer pem = { 0 };
	char path[128];
	void *state = &s->options;

	*s = (struct site){ .cut = false };
	snprintf(path, sizeof(path), "store-%02u", i);
	head_store_add(&world.head, path);
	snprintf(s->store, sizeof(s->store), "unknown-cards = earn  roaming-credit = %d", world.credit);
	s->options = (struct shop_options){ .id = store_id(i), .stopped = true, .store = s->store };
	assert_int_equal(shop_open(&state), 0);
	s->shop = state;
	snprintf(path, sizeof(path), "%s/office.pem", s->shop->dir);
	crypto_certificate_write(world.certificate, &pem);
	file_write(path, pem.at, pem.len);
	palier_buffer_deinit(&pem);
	s->options.config = CONFIG;
	shop_configure(s->shop, &s->options);
	serve(s);
	night_passes(s);
}

static void world_open(unsigned count, int credit)
{
	struct office_wish wish = { .store = "Office" };

	memset(&world, 0, sizeof(world));
	wish.from_ms = ((int64_t)time(NULL) * 1000) - 30 * DAY_MS;
	wish.to_ms = ((int64_t)time(NULL) * 1000) + 30 * DAY_MS;
	office_make(&world.authority, "Authority");
	world.key = crypto_key_make();
	world.certificate = office_certify(&world.authority, world.key, wish);
	world.head.key = world.key;
	world.head.certificate = world.certificate;
	world.count = count;
	world.credit = credit;
	for (unsigned i = 0; i < count; i++)
		site_open(i);
}

/* Each ledger is checked, and made anew from its journal. */
static void world_close(void)
{
	for (unsigned i = 0; i < world.count; i++) {
		void *state = world.sites[i].shop;

		wire_close(&world.sites[i].w);
		assert_int_equal(shop_close(&state), 0);
	}
	head_close(&world.head);
	crypto_certificate_free(world.certificate);
	crypto_key_free(world.key);
	office_free(&world.authority);
}

/* --- what happens to stores --- */

/* kill -9. A check that was just beginning in the background may hold the ledger's lock until it runs. */
static void dies(struct site *s)
{
	char path[128];
	int fd;

	wire_close(&s->w);
	shop_kill(s->shop);
	snprintf(path, sizeof(path), "%s/lock", s->shop->data);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	close(fd);
}

static void killed(struct site *s)
{
	dies(s);
	serve(s);
}

static const char *backup_of(const struct site *s)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/backup", s->shop->dir);
	return path;
}

static void backed_up(struct site *s)
{
	wire_close(&s->w);
	assert_int_equal(shop_stop(s->shop), 0);
	tree_copy(s->shop->data, backup_of(s));
	serve(s);
}

static void restored(struct site *s)
{
	dies(s);
	tree_copy(backup_of(s), s->shop->data);
	serve(s);
}

static void day_ends(struct site *s)
{
	int64_t batch;
	uint64_t mishap = draw_below(&world.seed, 24);

	batch = figure(ask_ok(&s->w, "day.close", "'request':'c-%llu'", (unsigned long long)++world.request),
		"result.batch");
	assert_int_equal(batch, s->closed + 1);
	s->closed++;
	if (mishap == 0) {
		killed(s);
	} else if (mishap == 1) {
		backed_up(s);
		restored(s); /* nothing was booked since */
	}
	night_passes(s);
}

/* --- what members do --- */

/* @return false: the store does not know the card */
static bool balance(unsigned site, unsigned person, int64_t *out)
{
	char *reply = ask(&world.sites[site].w, "card.lookup", "'card':'%s'", world.head.people[person].card);

	if (field(reply, "result")) {
		*out = figure(reply, "result.balances.points");
		*out = *out == INT64_MIN ? 0 : *out;
		return true;
	}
	assert_field(reply, "error.data.reason", "card_unknown");
	return false;
}

/* The next sale's number, on which the office relies. */
static struct sale *sale_begin(unsigned site, unsigned person)
{
	struct sale *s = &world.sales[world.sale_count];

	assert_true(world.sale_count < SALES_MAX);
	*s = (struct sale){ .site = site, .person = person };
	snprintf(s->number, sizeof(s->number), "%llu.%u.%zu", (unsigned long long)world.head.story, person,
		world.sale_count);
	return s;
}

static void buys(unsigned site, unsigned person)
{
	struct sale *s = sale_begin(site, person);
	int times = draw_below(&world.seed, 6) == 0 ? 2 : 1; /* a till that had no answer asks again */
	long long points;

	s->each = (int64_t)draw_below(&world.seed, 9) + 1;
	s->units = (int64_t)draw_below(&world.seed, 4) + 1;
	points = s->units * s->each;
	while (times--)
		ask_ok(&world.sites[site].w, "sale.commit",
			"'request':'%s','sale':'%s','card':'%s','lines':[{'sku':'a','quantity':%lld,'amount':%lld00}],'payable':%lld00",
			s->number, s->number, world.head.people[person].card, (long long)s->units, points, points);
	world.expected[person] += points;
	world.sale_count++;
}

/* Redeems, with what this store has: not a point more. */
static void redeems(unsigned site, unsigned person)
{
	struct sale *s = sale_begin(site, person);
	int64_t cups = (int64_t)draw_below(&world.seed, 4) + 1, has = 0;
	char *reply;

	if (!balance(site, person, &has))
		return;
	s->units = 1;
	s->each = cups + 1;
	s->spent = cups * CUP;
	reply = ask(&world.sites[site].w, "sale.commit",
		"'request':'%s','sale':'%s','card':'%s','lines':[{'sku':'a','amount':%lld00}],'payable':100,"
		"'redeem':[{'reward':'cup','points':%lld}]",
		s->number, s->number, world.head.people[person].card, (long long)s->each, (long long)s->spent);
	if (has < s->spent) {
		assert_field(reply, "error.data.reason", "insufficient_points");
		return;
	}
	if (!field(reply, "result"))
		fail_msg("%lld of %lld points cannot be spent: %s", (long long)s->spent, (long long)has, reply);
	world.expected[person] += s->each - s->spent;
	world.sale_count++;
}

static void taken_back(const struct comeback *b)
{
	const struct sale *s = &world.sales[b->sale];

	world.expected[s->person] += s->spent - b->units * s->each;
	world.reversed[s->person][s->site] += b->units * s->each;
}

/* Brings something back, wherever it was bought. */
static void returns(unsigned site, unsigned person)
{
	size_t at = world.sale_count ? draw_below(&world.seed, world.sale_count) : 0;
	struct comeback *b = &world.comebacks[world.comeback_count];
	struct sale *s = &world.sales[at];

	if (world.sale_count == 0 || s->person != person || s->back == s->units)
		return;
	*b = (struct comeback){ .sale = at, .site = site, .settled = s->site == site };
	b->units = (int64_t)draw_below(&world.seed, (uint64_t)(s->units - s->back)) + 1;
	snprintf(b->number, sizeof(b->number), "%llu.r%zu", (unsigned long long)world.head.story, world.comeback_count++);
	ask_ok(&world.sites[site].w, "sale.return",
		"'request':'%s','return':'%s','sale':'%s','store':'%s','lines':[{'line':0,'quantity':%lld}]", b->number,
		b->number, s->number, store_id(s->site), (long long)b->units);
	s->back += b->units;
	if (b->settled)
		taken_back(b);
}

static void visit(void)
{
	unsigned site = (unsigned)draw_below(&world.seed, world.playing);
	unsigned person = (unsigned)draw_below(&world.seed, world.head.person_count);

	switch (draw_below(&world.seed, 8)) {
	case 0:
	case 1:
		redeems(site, person);
		break;
	case 2:
		returns(site, person);
		break;
	default:
		buys(site, person);
	}
}

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

/* What a store has given up, less what it was granted. */
static int64_t given_by(unsigned site, unsigned person)
{
	char *reply =
		ask_ok(&world.sites[site].w, "balance.history", "'card':'%s','limit':200", world.head.people[person].card);
	int64_t entries = count_of(reply, "result.entries"), sum = 0;
	char path[48];

	assert_in_range(entries, 0, 199);
	for (int64_t i = 0; i < entries; i++) {
		const char *kind;

		snprintf(path, sizeof(path), "result.entries[%lld].kind", (long long)i);
		kind = field(reply, path);
		snprintf(path, sizeof(path), "result.entries[%lld].points", (long long)i);
		if (strcmp(kind, "give") == 0 || strcmp(kind, "grant") == 0)
			sum -= figure(reply, path);
	}
	return sum;
}

/* What came back elsewhere, and has been settled since. */
static void settlements_see(void)
{
	for (size_t i = 0; i < world.comeback_count; i++) {
		struct comeback *b = &world.comebacks[i];
		const struct sale *s = &world.sales[b->sale];

		if (b->settled ||
			!field(ask(&world.sites[s->site].w, "sale.show", "'sale':'%s/%s'", store_id(b->site), b->number),
				"result"))
			continue;
		b->settled = true;
		taken_back(b);
	}
}

/* Nothing is made, lost or spent twice. @param way then what is on its way, as the stores know */
static void person_holds(unsigned person, int64_t *way)
{
	int64_t sum = 0, has;

	*way = 0;
	for (unsigned i = 0; i < world.count; i++) {
		if (!balance(i, person, &has))
			continue;
		if (has < -world.reversed[person][i] - world.credit)
			fail_msg("story %llu: %s has %lld points of %u", (unsigned long long)world.head.story, store_id(i),
				(long long)has, person);
		sum += has;
		*way += given_by(i, person);
	}
	if (*way < 0 || sum + *way != world.expected[person])
		fail_msg("story %llu: %u has %lld points in stores and %lld on their way, not %lld",
			(unsigned long long)world.head.story, person, (long long)sum, (long long)*way,
			(long long)world.expected[person]);
}

static void everything_holds(void)
{
	int64_t way;

	settlements_see();
	for (unsigned i = 0; i < world.head.person_count; i++)
		person_holds(i, &way);
}

/* The office knows what the stores know, and the stores what the others do. */
static void person_is_at_home(unsigned person)
{
	const struct head_person *p = &world.head.people[person];
	char id[PALIER_ID_TEXT + 1];
	int64_t way, at_home = 0;

	palier_id_format(p->id, id);
	person_holds(person, &way);
	assert_int_equal(way, 0);
	assert_int_equal(head_on_the_way(&world.head, person), 0);
	balance(p->home, person, &at_home);
	for (unsigned i = 0; i < world.count; i++) {
		int64_t has = 0;
		char *reply;

		if (!balance(i, person, &has)) {
			assert_false(p->told >> i & 1);
			continue;
		}
		assert_int_equal(has, p->ledger[i]);
		if (i != p->home && (has > 0 || (has < 0 && at_home > 0)))
			fail_msg("story %llu: %s has %lld points of %u who is at home in %s",
				(unsigned long long)world.head.story, store_id(i), (long long)has, person,
				store_id(p->home));
		reply = ask_ok(&world.sites[i].w, "card.lookup", "'card':'%s'", p->card);
		assert_field(reply, "result.member", id);
		assert_field(reply, "result.name", p->name);
	}
}

static void all_agree(void)
{
	for (unsigned i = 0; i < world.head.person_count; i++)
		person_is_at_home(i);
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
static bool round_heal(void)
{
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
	memset(world.reversed, 0, sizeof(world.reversed));
	world.sale_count = world.comeback_count = 0;
	world.seed = story * UINT64_C(0x9E3779B97F4A7C15) + 1;
	world.playing = world.count > 4 && world.count <= SITES ? 4 + (unsigned)draw_below(&world.seed, world.count - 3)
	                                                        : world.count;
	people_come();
}

/* What is given up in a night is told at the close after it. */
static void story_end(void)
{
	unsigned left = 16, quiet = 0;

	while (quiet < 2 && left--)
		quiet = round_heal() ? 0 : quiet + 1;
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
	uint64_t count = one ? 1 : getenv("PALIER_LONG") ? LONG : STORIES;

	(void)state;
	for (uint64_t story = first; story < first + count; story++) {
		if ((story - first) % STORIES == 0)
			world_open(SITES, 0);
		story_play(story, ROUNDS, 8);
		if ((story - first) % STORIES == STORIES - 1 || story + 1 == first + count)
			world_close(); /* each close has the whole ledger checked: it must not grow for long */
	}
}

static void twenty_stores_come_to_rest(void **state)
{
	(void)state;
	world_open(HEAD_STORES, 0);
	story_play(1, ROUNDS, 40);
	world_close();
}

/* A backup that is older than what the office has read: what the store gave up since may be spent elsewhere already. Nothing the store then
 * says is taken, until somebody has looked. */
static void a_store_that_forgot_is_not_believed(void **state)
{
	struct site *s = &world.sites[0];

	(void)state;
	world_open(1, 0);
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
	assert_int_equal(world.head.people[0].ledger[0],
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
	world.expected[person] += 1 - CUP;
	world.sale_count++;
	return true;
}

/* What a chain can lose in a day with `roaming-credit`: that many points of each member in each store that hears of no other. It is there to
 * be seen, and what comes next fills it. */
static void what_is_lost_is_bounded(void **state)
{
	unsigned cups = 0;
	int64_t has = 0, lost = 0;

	(void)state;
	world_open(4, ROAMING);
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
			assert_true(balance(site, person, &has));
			assert_in_range(-has, 0, ROAMING);
			lost -= has;
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
			assert_true(balance(site, person, &has));
			assert_int_equal(has, 0);
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

/* Each ledger, as the database has it, is that of the daemon; all are at home. */
static void hq_agrees(unsigned person)
{
	const struct head_person *p = &world.head.people[person];
	char id[PALIER_ID_TEXT + 1], sql[256], expected[32];

	palier_id_format(p->id, id);
	for (unsigned i = 0; i < world.count; i++) {
		int64_t has = 0;

		if (!balance(i, person, &has))
			continue;
		snprintf(sql, sizeof(sql),
			"SELECT coalesce(sum(points), 0) FROM balances WHERE unit = 'points' AND member = '%s' AND store = '%s'",
			id, store_id(i));
		snprintf(expected, sizeof(expected), "%lld", (long long)has);
		assert_sql(&server, sql, expected);
		assert_int_equal(has, i == p->home ? world.expected[person] : 0);
	}
	snprintf(sql, sizeof(sql), "SELECT points FROM v_balances WHERE unit = 'points' AND member = '%s'", id);
	snprintf(expected, sizeof(expected), "%lld", (long long)world.expected[person]);
	assert_sql(&server, sql, expected);
}

static void the_office_itself_agrees(void **state)
{
	(void)state;
	world_open(3, 0);
	hq_open();
	head_story(&world.head, 1);
	world.seed = 1;
	world.playing = world.count;
	for (unsigned i = 0; i < 4; i++) {
		char card[32];
		unsigned home = i % world.count;

		snprintf(card, sizeof(card), "CARD-%u", i);
		head_person_add(&world.head,
			field(ask_ok(&world.sites[home].w, "member.enroll", "'request':'e-%u','card':'%s'", i, card),
				"result.member"),
			card, "", home);
	}
	for (int round = 0; round < 7; round++) {
		for (int i = 0; round < 3 && i < 20; i++) {
			unsigned site = (unsigned)draw_below(&world.seed, world.count);
			unsigned person = (unsigned)draw_below(&world.seed, world.head.person_count);

			(draw_below(&world.seed, 3) ? buys : redeems)(site, person);
		}
		hq_round();
		everything_holds();
	}
	for (unsigned i = 0; i < world.head.person_count; i++)
		hq_agrees(i);
	assert_sql(&server, "SELECT count(*) FROM v_on_the_way", "0");
	assert_sql(&server, "SELECT count(*) FROM v_points_check WHERE ledger <> outstanding OR NOT complete", "0");
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
	};

	return cmocka_run_group_tests_name("chain", tests, NULL, NULL);
}
