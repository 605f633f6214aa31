/* SPDX-License-Identifier: Apache-2.0 */
/* Directives of the head office, carried out by real stores: what is signed, in its order, whole or not at all. And what they are for: one
 * member in many stores. */
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "protocol/crypto_cms.h"
#include "protocol/directive.h"
#include "tests/e2e/harness.h"
#include "tests/unit/protocol/office.h"

#define SIGNING "signing { certificate = \"store.pem\"  key = \"store.key\"  office = {\"office.pem\"} }\n"
#define DAY_MS  INT64_C(86400000)
#define M1      "m_0000000000000001" /* members whom the office knows */
#define M2      "m_0000000000000002"

/* The office, its certificate, and a stranger's. */
static struct bench {
	struct office authority;
	struct crypto_key *key, *strange;
	struct crypto_certificate *certificate, *strange_certificate;
} bench;

static int bench_open(void **state)
{
	struct office_wish wish = { .store = "Office" };

	(void)state;
	wish.from_ms = ((int64_t)time(NULL) * 1000) - 30 * DAY_MS;
	wish.to_ms = ((int64_t)time(NULL) * 1000) + 30 * DAY_MS;
	office_make(&bench.authority, "Authority");
	bench.key = crypto_key_make();
	bench.strange = crypto_key_make();
	bench.certificate = office_certify(&bench.authority, bench.key, wish);
	bench.strange_certificate = office_certify(&bench.authority, bench.strange, wish);
	return 0;
}

static int bench_close(void **state)
{
	(void)state;
	crypto_certificate_free(bench.certificate);
	crypto_certificate_free(bench.strange_certificate);
	crypto_key_free(bench.key);
	crypto_key_free(bench.strange);
	office_free(&bench.authority);
	return 0;
}

/* --- a store of the chain --- */

struct store {
	struct shop *shop;
	struct wire w;
	struct directive_before last;
	struct shop_options options; /* with the office's certificate */
};

static void pem_write(const struct shop *s, const char *name, const struct crypto_certificate *c)
{
	struct palier_buffer text = { 0 };
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", s->dir, name);
	crypto_certificate_write(c, &text);
	file_write(path, text.at, text.len);
	palier_buffer_deinit(&text);
}

/* A store serves, and takes the office's directives. @param more of its configuration */
static struct store *store_open(const char *id, const char *more, const char *store)
{
	static char config[4][4096];
	static unsigned turn;
	struct store *s = calloc(1, sizeof(*s));
	char *text = config[turn++ % 4];
	void *state;

	assert_non_null(s);
	snprintf(text, sizeof(config[0]), SIGNING "%s", more);
	s->options = (struct shop_options){ .id = id, .stopped = true, .store = store };
	state = &s->options;
	assert_int_equal(shop_open(&state), 0);
	s->shop = state;
	pem_write(s->shop, "office.pem", bench.certificate);
	s->options.config = text;
	shop_configure(s->shop, &s->options);
	shop_start(s->shop);
	connect_to(&s->w, s->shop, DOOR_TRUST);
	return s;
}

static void store_close(struct store *s)
{
	void *state = s->shop;

	wire_close(&s->w);
	assert_int_equal(shop_close(&state), 0);
	free(s);
}

static void store_restart(struct store *s)
{
	wire_close(&s->w);
	assert_int_equal(shop_stop(s->shop), 0);
	shop_start(s->shop);
	connect_to(&s->w, s->shop, DOOR_TRUST);
}

/* --- directives --- */

struct sent {
	struct palier_buffer text, signature; /* as a JSON string holds it; base64url */
	struct palier_hash sha256;
	uint32_t number;
};

static void sent_free(struct sent *d)
{
	palier_buffer_deinit(&d->text);
	palier_buffer_deinit(&d->signature);
}

static void escaped(struct palier_bytes text, struct palier_buffer *out)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i] == '\n' ? 'n' : text.at[i];

		if (c != text.at[i] || c == '"' || c == '\\')
			palier_buffer_add(out, "\\", 1);
		palier_buffer_add(out, &c, 1);
	}
	palier_buffer_add(out, "", 1);
}

static void document(const char *id, const struct directive_before *before, const char *orders, struct palier_buffer *out)
{
	char text[DIRECTIVE_MAX + 1], prev[2 * SHA256_LEN + 1];
	int n;

	palier_hex(before->sha256.b, SHA256_LEN, prev);
	n = snprintf(text, sizeof(text),
		"{'format':1,'store':'%s','directive':%u,'prev_sha256':'%s','issued':'2026-11-26T09:00:00.000Z','orders':[%s]}\n",
		id, before->number + 1, prev, orders);
	assert_true(n > 0 && (size_t)n < sizeof(text));
	for (int i = 0; i < n; i++)
		text[i] = text[i] == '\'' ? '"' : text[i];
	palier_buffer_add(out, text, (size_t)n);
}

/* @param orders with ' for " @param key,c whose signature it bears */
static void directive_make(const char *id, const struct directive_before *before, const char *orders,
	const struct crypto_key *key, const struct crypto_certificate *c, struct sent *out)
{
	struct palier_buffer text = { 0 }, der = { 0 };

	*out = (struct sent){ .number = before->number + 1 };
	document(id, before, orders, &text);
	crypto_sha256(palier_buffer_bytes(&text), &out->sha256);
	crypto_cms_sign(key, c, palier_buffer_bytes(&text), (int64_t)time(NULL) * 1000, &der);
	escaped(palier_buffer_bytes(&text), &out->text);
	palier_buffer_reserve(&out->signature, der.len * 2);
	palier_base64(der.at, der.len, out->signature.at);
	palier_buffer_deinit(&text);
	palier_buffer_deinit(&der);
}

static char *send(struct store *s, const struct sent *d)
{
	static unsigned request;

	return ask(&s->w, "directive.apply", "'request':'d-%u','directive':'%s','signature':'%s'", ++request, d->text.at,
		d->signature.at);
}

/* The next directive of a store. @return the reply */
static char *order(struct store *s, const char *orders)
{
	struct sent d;
	char *reply;

	directive_make(s->options.id, &s->last, orders, bench.key, bench.certificate, &d);
	reply = send(s, &d);
	if (field(reply, "result"))
		s->last = (struct directive_before){ d.number, d.sha256 };
	sent_free(&d);
	return reply;
}

static void ordered(struct store *s, const char *orders)
{
	char *reply = order(s, orders);

	if (!field(reply, "result"))
		fail_msg("%s was refused: %s", orders, reply);
}

static void order_refused(struct store *s, const char *reason, const char *where, const char *orders)
{
	int64_t seq = last_seq(&s->w);
	char *reply = order(s, orders);

	assert_field(reply, "error.data.reason", reason);
	assert_field(reply, "error.data.field", where);
	assert_int_equal(last_seq(&s->w), seq);
}

/* --- what is seen of it --- */

static void sells(struct store *s, const char *number, const char *card, int euros)
{
	ask_ok(&s->w, "sale.commit",
		"'request':'%s','sale':'%s','card':'%s','lines':[{'sku':'a','amount':%d00}],'payable':%d00", number, number,
		card, euros, euros);
}

static int64_t balance(struct store *s, const char *card)
{
	return figure(ask_ok(&s->w, "card.lookup", "'card':'%s'", card), "result.balances.points");
}

/* What the jobs after a close do takes its time. */
static void balance_becomes(struct store *s, const char *card, int64_t points)
{
	int64_t until = now_ms() + DEADLINE_MS;

	while (balance(s, card) != points && now_ms() < until)
		sleep_ms(5);
	assert_int_equal(balance(s, card), points);
}

/* A day ends; the first command of the next one lets the jobs begin. */
static void day_passes(struct store *s, const char *request)
{
	ask_ok(&s->w, "day.close", "'request':'%s'", request);
	ask_ok(&s->w, "sale.commit", "'request':'%s-open','sale':'%s-open','lines':[{'sku':'a','amount':100}],'payable':100",
		request, request);
}

/* Where a store gave points up: store/seq/index of the effect. */
static const char *given_source(struct store *s)
{
	static char source[96];
	size_t len;
	char *text = journal_text(s->shop, &len), *line, *effect, *at;
	long long seq = 0;
	int index = 0;

	effect = strstr(text, "{\"kind\":\"points.given\"");
	assert_non_null(effect);
	line = effect;
	while (line > text && line[-1] != '\n')
		line--;
	assert_int_equal(sscanf(line, "{\"seq\":%lld,", &seq), 1);
	for (at = strstr(line, "\"effects\":["); at && at < effect; at = strstr(at + 1, "{\"kind\":"))
		index++;
	snprintf(source, sizeof(source), "%s/%lld/%d", s->options.id, seq, index - 1);
	free(text);
	return source;
}

/* --- tests: the document --- */

static void a_directive_is_carried_out_once(void **state)
{
	struct store *s = store_open("lyon-03", "", "");
	struct sent d;
	char *reply;

	(void)state;
	assert_figure(ask_ok(&s->w, "directive.status", "%s", ""), "result.directive", 0);
	directive_make("lyon-03", &s->last, "{'order':'member','member':'" M1 "','card':'CARD-1','name':'Zoe'}", bench.key,
		bench.certificate, &d);
	reply = send(s, &d);
	assert_figure(reply, "result.directive", 1);
	assert_figure(reply, "result.orders", 1);
	reply = ask_ok(&s->w, "card.lookup", "'card':'CARD-1'");
	assert_field(reply, "result.member", M1);
	assert_field(reply, "result.name", "Zoe");
	for (int again = 0; again < 2; again++) {
		int64_t seq = last_seq(&s->w);

		reply = send(s, &d);
		assert_figure(reply, "result.directive", 1);
		assert_int_equal(last_seq(&s->w), seq);
		reply = ask_ok(&s->w, "directive.status", "%s", "");
		assert_figure(reply, "result.directive", 1);
		assert_non_null(field(reply, "result.at"));
		store_restart(s);
	}
	sent_free(&d);
	assert_int_equal(tree_holds(s->shop->data, "Zoe", 3), 0);
	store_close(s);
}

static void what_is_wrong_is_refused(void **state)
{
	static const struct directive_before none, far = { .number = 2 };
	struct directive_before fork = { .number = 1 };
	const char *freeze = "{'order':'freeze','member':'" M1 "'}";
	struct store *s = store_open("lyon-03", "", "");
	struct sent d;
	const struct {
		const char *id;
		const struct directive_before *before;
		const char *orders;
		bool strange;
		const char *reason, *where;
	} cases[] = {
		{ "lyon-04", &s->last, freeze, false, "params_invalid", "directive" },
		{ "lyon-03", &far, freeze, false, "params_invalid", "directive" },
		{ "lyon-03", &fork, freeze, false, "request_conflict", "directive" },
		{ "lyon-03", &none, freeze, false, "request_conflict", "directive" },
		{ "lyon-03", &s->last, freeze, true, "params_invalid", "signature" },
		{ "lyon-03", &s->last, "{'order':'freeze'}", false, "params_invalid", "orders[0].member" },
	};

	(void)state;
	ordered(s, "{'order':'member','member':'" M1 "','card':'CARD-1'}");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int64_t seq = last_seq(&s->w);
		char *reply;

		directive_make(cases[i].id, cases[i].before, cases[i].orders, cases[i].strange ? bench.strange : bench.key,
			cases[i].strange ? bench.strange_certificate : bench.certificate, &d);
		reply = send(s, &d);
		assert_field(reply, "error.data.reason", cases[i].reason);
		assert_field(reply, "error.data.field", cases[i].where);
		assert_int_equal(last_seq(&s->w), seq);
		sent_free(&d);
	}
	directive_make("lyon-03", &s->last, freeze, bench.key, bench.certificate, &d);
	memcpy(d.text.at + d.text.len - 3, "  ", 2); /* no LF: another text than was signed */
	assert_field(send(s, &d), "error.data.field", "signature");
	sent_free(&d);
	order_refused(s, "params_invalid", "orders[1].order", "{'order':'freeze','member':'" M1 "'},{'order':'wave'}");
	order_refused(s, "member_unknown", "orders[1].member",
		"{'order':'member','member':'" M2 "','name':'Nobody'},"
		"{'order':'grant','member':'"
		"m_0000000000000009"
		"','unit':'points','points':5,'source':'a/1/0'}");
	ask_refused(&s->w, "member_unknown", "card.lookup", "'member':'" M2 "'");
	ordered(s, "{'order':'freeze','member':'" M1 "'}");
	ask_refused(&s->w, "member_frozen", "sale.hold", "'request':'h','member':'" M1 "','unit':'points','points':1");
	store_close(s);
}

static void a_store_without_an_office_says_what_to_set(void **state)
{
	static const struct shop_options plain = { .config = "" };
	struct wire w;
	char *reply;
	void *shop = (void *)(uintptr_t)&plain;

	(void)state;
	assert_int_equal(shop_open(&shop), 0);
	connect_to(&w, shop, DOOR_TRUST);
	reply = ask_refused(&w, "forbidden", "directive.apply", "'request':'1','directive':'{}','signature':'AA'");
	assert_non_null(strstr(reply, "signing { office"));
	wire_close(&w);
	assert_int_equal(shop_close(&shop), 0);
}

/* --- tests: one member, many stores --- */

static void points_go_home(void **state)
{
	struct store *a = store_open("lyon-03", "", ""), *b = store_open("lyon-04", "", "");
	char orders[512], *reply;

	(void)state;
	ordered(b, "{'order':'member','member':'" M1 "','home':'lyon-04','card':'CARD-1'}");
	ordered(a, "{'order':'member','member':'" M1 "','home':'lyon-04','card':'CARD-1'}");
	sells(a, "S-1", "CARD-1", 100);
	assert_int_equal(balance(a, "CARD-1"), 100);
	ask_ok(&a->w, "sale.hold", "'request':'h','card':'CARD-1','unit':'points','points':30,'ttl':3600");
	day_passes(a, "c-1");
	balance_becomes(a, "CARD-1", 30);
	reply = ask_ok(&a->w, "balance.history", "'card':'CARD-1'");
	assert_field(reply, "result.entries[0].kind", "give");
	assert_figure(reply, "result.entries[0].points", -70);
	snprintf(orders, sizeof(orders),
		"{'order':'grant','member':'" M1 "','unit':'points','points':70,"
		"'expires':'2036-11-26T23:00:00.000Z','source':'%s'}",
		given_source(a));
	ordered(b, orders);
	assert_int_equal(balance(b, "CARD-1"), 70);
	ordered(b, orders); /* in another directive: granted once */
	assert_int_equal(balance(b, "CARD-1"), 70);
	reply = ask_ok(&b->w, "balance.history", "'card':'CARD-1'");
	assert_field(reply, "result.entries[0].kind", "grant");
	assert_field(reply, "result.entries[0].expires", "2036-11-26");
	ask_ok(&b->w, "sale.hold", "'request':'h','card':'CARD-1','unit':'points','points':70");
	reply = ask_ok(&a->w, "day.close", "'request':'c-2'");
	assert_figure(reply, "result.totals.units.points.given", -70);
	reply = ask_ok(&b->w, "day.close", "'request':'c-2'");
	assert_figure(reply, "result.totals.units.points.granted", 70);
	assert_figure(reply, "result.totals.units.points.outstanding", 70);
	store_close(a);
	store_close(b);
}

static void cards_and_members_are_told(void **state)
{
	struct store *s = store_open("lyon-03", "", "unknown-cards = earn");
	char *reply;

	(void)state;
	sells(s, "S-1", "CARD-1", 10); /* of nobody yet */
	ordered(s, "{'order':'member','member':'" M1 "','card':'CARD-1','name':'Zoe','language':'en'}");
	reply = ask_ok(&s->w, "card.lookup", "'card':'CARD-1'");
	assert_field(reply, "result.member", M1);
	assert_field(reply, "result.language", "en");
	assert_figure(reply, "result.balances.points", 10);
	ordered(s, "{'order':'member','member':'" M1 "','name':'Chloe'}");
	reply = ask_ok(&s->w, "card.lookup", "'card':'CARD-1'");
	assert_field(reply, "result.name", "Chloe");
	assert_field(reply, "result.language", "en");
	/* Somebody else's card stays that one's, and somebody should look at it. */
	ordered(s, "{'order':'member','member':'" M2 "','card':'CARD-1'}");
	assert_field(ask_ok(&s->w, "card.lookup", "'card':'CARD-1'"), "result.member", M1);
	assert_field(ask_ok(&s->w, "system.alerts", "'after':0"), "result.alerts[0].kind", "card_in_use");
	ordered(s, "{'order':'block-card','card':'CARD-1','instead':'CARD-2','reason':'lost'}");
	ask_refused(&s->w, "card_blocked", "sale.hold", "'request':'h','card':'CARD-1','unit':'points','points':1");
	reply = ask_ok(&s->w, "card.lookup", "'card':'CARD-2'");
	assert_field(reply, "result.member", M1);
	assert_figure(reply, "result.balances.points", 10);
	ordered(s, "{'order':'block-card','card':'CARD-1','instead':'CARD-2'}"); /* again: it is so */
	/* A card lost elsewhere: of nobody there is nothing to block; whose it is makes it known. */
	ordered(s, "{'order':'block-card','card':'CARD-8'}");
	ask_refused(&s->w, "card_unknown", "card.lookup", "'card':'CARD-8'");
	ordered(s, "{'order':'block-card','member':'" M2 "','card':'CARD-9'}");
	assert_field(ask_ok(&s->w, "card.lookup", "'card':'CARD-9'"), "result.card.status", "blocked");
	store_close(s);
}

static void members_join(void **state)
{
	struct store *s = store_open("lyon-03", "", "unknown-cards = earn");
	char orders[256], provisional[32];
	int64_t alerts;

	(void)state;
	sells(s, "S-1", "CARD-1", 10);
	snprintf(provisional, sizeof(provisional), "%s",
		field(ask_ok(&s->w, "card.lookup", "'card':'CARD-1'"), "result.member"));
	/* Who it is, is known here only from now on, and is at home elsewhere. */
	snprintf(orders, sizeof(orders), "{'order':'join','member':'%s','into':'" M1 "','home':'lyon-04'}", provisional);
	ordered(s, orders);
	assert_field(ask_ok(&s->w, "card.lookup", "'card':'CARD-1'"), "result.member", M1);
	assert_int_equal(balance(s, "CARD-1"), 10);
	ordered(s, orders);
	assert_int_equal(balance(s, "CARD-1"), 10);
	assert_int_equal(count_of(ask_ok(&s->w, "system.alerts", "'after':0"), "result.alerts"), 0);
	/* The other way round, they are one already. */
	snprintf(orders, sizeof(orders), "{'order':'join','member':'" M1 "','into':'%s'}", provisional);
	ordered(s, orders);
	assert_field(ask_ok(&s->w, "card.lookup", "'card':'CARD-1'"), "result.member", M1);
	/* Another store merged them otherwise, and first: this one cannot take them apart. */
	snprintf(orders, sizeof(orders), "{'order':'join','member':'%s','into':'" M2 "'}", provisional);
	ordered(s, orders);
	assert_field(ask_ok(&s->w, "card.lookup", "'card':'CARD-1'"), "result.member", M1);
	assert_field(ask_ok(&s->w, "system.alerts", "'after':0"), "result.alerts[0].kind", "merge_collision");
	alerts = count_of(ask_ok(&s->w, "system.alerts", "'after':0"), "result.alerts");
	assert_int_equal(alerts, 1);
	/* What the office says of him as whom he was is late: it is said of nobody. */
	snprintf(orders, sizeof(orders), "{'order':'member','member':'%s','name':'Nobody'}", provisional);
	ordered(s, orders);
	assert_null(field(ask_ok(&s->w, "card.lookup", "'card':'CARD-1'"), "result.name"));
	/* The first sale here of somebody at home elsewhere: it goes home at the close. */
	day_passes(s, "c-1");
	balance_becomes(s, "CARD-1", 0);
	store_restart(s);
	assert_int_equal(balance(s, "CARD-1"), 0);
	store_close(s);
}

static void the_erased_are_gone(void **state)
{
	struct store *s = store_open("lyon-03", "", "unknown-cards = earn");
	char orders[256], provisional[32];

	(void)state;
	ordered(s, "{'order':'member','member':'" M1 "','card':'CARD-1','name':'Bartholomea'}");
	sells(s, "S-1", "CARD-1", 10);
	ordered(s, "{'order':'erase','member':'" M1 "'},{'order':'erase','member':'" M2 "'}");
	ask_refused(&s->w, "member_erased", "card.lookup", "'card':'CARD-1'");
	ordered(s, "{'order':'erase','member':'" M1 "'}");
	/* What comes late brings nobody back. */
	ordered(s, "{'order':'member','member':'" M1 "','card':'CARD-1','name':'Bartholomea'}");
	ask_refused(&s->w, "member_erased", "card.lookup", "'card':'CARD-1'");
	sells(s, "S-2", "CARD-2", 10);
	snprintf(provisional, sizeof(provisional), "%s",
		field(ask_ok(&s->w, "card.lookup", "'card':'CARD-2'"), "result.member"));
	snprintf(orders, sizeof(orders), "{'order':'join','member':'%s','into':'" M1 "'}", provisional);
	ordered(s, orders);
	ask_refused(&s->w, "member_erased", "card.lookup", "'card':'CARD-2'");
	store_restart(s);
	ask_refused(&s->w, "member_erased", "card.lookup", "'card':'CARD-1'");
	assert_int_equal(tree_holds(s->shop->data, "Bartholomea", 11), 0);
	assert_int_equal(count_of(ask_ok(&s->w, "member.find", "'query':'Bartholomea'"), "result.members"), 0);
	store_close(s);
}

static void returns_made_elsewhere_are_settled(void **state)
{
	static const char whole[] = "{'order':'settle','store':'lyon-04','sale':'S-1','return':'R-2'}";
	struct store *s = store_open("lyon-03", "", "");
	char *reply;
	int64_t seq;

	(void)state;
	ordered(s, "{'order':'member','member':'" M1 "','card':'CARD-1'}");
	ask_ok(&s->w, "sale.commit",
		"'request':'S-1','sale':'S-1','card':'CARD-1','lines':[{'sku':'a','quantity':4,'amount':10000}],'payable':10000");
	ordered(s, "{'order':'settle','store':'lyon-04','sale':'S-1','return':'R-1','lines':[{'line':0,'quantity':1}]}");
	assert_int_equal(balance(s, "CARD-1"), 75);
	reply = ask_ok(&s->w, "sale.show", "'sale':'lyon-04/R-1'");
	assert_figure(reply, "result.payable", -2500);
	assert_field(reply, "result.returns[0].sale", "S-1");
	assert_figure(reply, "result.returns[0].reversed[0].points", 25);
	ordered(s, "{'order':'settle','store':'lyon-04','sale':'S-1','return':'R-1','lines':[{'line':0,'quantity':1}]}");
	assert_int_equal(balance(s, "CARD-1"), 75);
	ask_refused(&s->w, "forbidden", "sale.void", "'request':'v','sale':'lyon-04/R-1'");
	ask_refused(&s->w, "return_exceeds_sale", "sale.void", "'request':'v','sale':'S-1'");
	ordered(s, whole);
	assert_int_equal(balance(s, "CARD-1"), 0);
	assert_int_equal(figure(ask_ok(&s->w, "sale.show", "'sale':'S-1'"), "result.returned"), 10000);
	ask_refused(&s->w, "return_exceeds_sale", "sale.return", "'request':'r','return':'R-9','sale':'S-1'");
	/* Its own receipt may bear the same number. */
	sells(s, "R-2", "CARD-1", 1);
	/* What is not known here is looked at by somebody, and holds up nothing. */
	seq = last_seq(&s->w);
	ordered(s, "{'order':'settle','store':'lyon-04','sale':'S-404','return':'R-3'}");
	reply = ask_ok(&s->w, "system.alerts", "'after':%lld", (long long)seq);
	assert_field(reply, "result.alerts[0].kind", "sale_unknown");
	assert_field(reply, "result.alerts[0].sale", "S-404");
	order_refused(s, "params_invalid", "orders[0].lines",
		"{'order':'settle','store':'lyon-04','sale':'S-1','return':'R-4','lines':[{'line':0}]}");
	store_close(s);
}

/* A till that was offline sends the sale after the office has settled what came back of it elsewhere. */
static void what_came_back_before_its_sale_waits_for_it(void **state)
{
	static const char part[] =
		"{'order':'settle','store':'lyon-04','sale':'S-1','return':'R-1','lines':[{'line':0,'quantity':0.415}]}";
	struct store *s = store_open("lyon-03", "", "");
	char *reply;

	(void)state;
	ordered(s, "{'order':'member','member':'" M1 "','card':'CARD-1'}");
	ordered(s, part);
	ordered(s, "{'order':'settle','store':'nice-01','sale':'S-1','return':'R-1','lines':[{'line':0,'quantity':0.085}]},"
		   "{'order':'settle','store':'nice-01','sale':'S-2','return':'R-2'}");
	reply = ask_ok(&s->w, "sale.show", "'sale':'lyon-04/R-1'");
	assert_figure(reply, "result.payable", 0);
	assert_field(reply, "result.state", "waiting");
	ask_refused(&s->w, "forbidden", "sale.void", "'request':'v','sale':'lyon-04/R-1'");
	store_restart(s);
	ordered(s, part);
	ask_ok(&s->w, "sale.commit",
		"'request':'S-1','sale':'S-1','card':'CARD-1','lines':[{'sku':'a','quantity':1,'amount':10000}],'payable':10000,"
		"'offline':true");
	assert_int_equal(balance(s, "CARD-1"), 50);
	reply = ask_ok(&s->w, "sale.show", "'sale':'lyon-04/R-1'");
	assert_figure(reply, "result.payable", -4150);
	assert_null(field(reply, "result.state"));
	assert_field(reply, "result.returns[0].sale", "S-1");
	assert_figure(ask_ok(&s->w, "sale.show", "'sale':'nice-01/R-1'"), "result.payable", -850);
	assert_field(ask_ok(&s->w, "sale.show", "'sale':'nice-01/R-2'"), "result.state", "waiting");
	ordered(s, part);
	assert_int_equal(balance(s, "CARD-1"), 50);
	sells(s, "S-2", "CARD-1", 30);
	assert_int_equal(balance(s, "CARD-1"), 50);
	assert_figure(ask_ok(&s->w, "sale.show", "'sale':'nice-01/R-2'"), "result.payable", -3000);
	store_close(s);
}

static void the_offices_files_are_written(void **state)
{
	struct store *s = store_open("lyon-03", "", "");
	char path[160], *text;

	(void)state;
	snprintf(path, sizeof(path), "%s/office/points.conf", s->shop->data);
	ordered(s,
		"{'order':'programme','name':'points.conf','text':'# one'},{'order':'programme','name':'points.conf','text':'# two'}");
	text = file_read(path, NULL);
	assert_string_equal(text, "# two");
	free(text);
	order_refused(s, "params_invalid", "orders[0].name",
		"{'order':'programme','name':'../points.conf','text':'# three'}");
	order_refused(s, "params_invalid", "orders[0].name", "{'order':'programme','name':'.conf','text':'# three'}");
	file_write(path, "# by hand", 9);
	store_restart(s);
	text = file_read(path, NULL);
	assert_string_equal(text, "# two");
	free(text);
	unlink(path);
	store_restart(s);
	text = file_read(path, NULL);
	assert_string_equal(text, "# two");
	free(text);
	/* And the configuration may include it. */
	ordered(s, "{'order':'programme','name':'points.conf',"
		   "'text':'rewards { reward cup { unit = points cost = 5 kind = amount value = 1.00 of = order } }'}");
	s->options.config = SIGNING "include = {\"shop/office/points.conf\"}\n";
	shop_configure(s->shop, &s->options);
	store_restart(s);
	ordered(s, "{'order':'member','member':'" M1 "','card':'CARD-1'}");
	sells(s, "S-1", "CARD-1", 5);
	assert_field(ask_ok(&s->w, "card.lookup", "'card':'CARD-1'"), "result.rewards[0].reward", "cup");
	store_close(s);
}

#define REFERRAL "referral { url = \"HTTPS://EX.FR/P/\"  minimum = \"25.00\"  friend { unit = points  points = 3 } }\n"
#define KEY1     "1111111111111111111111111111111111111111111111111111111111111111"
#define KEY2     "2222222222222222222222222222222222222222222222222222222222222222"

static void codes_are_genuine_in_the_whole_chain(void **state)
{
	struct store *a = store_open("lyon-03", REFERRAL, ""), *b = store_open("lyon-04", REFERRAL, "");
	char code[32], orders[128];

	(void)state;
	ask_ok(&a->w, "member.enroll", "'request':'1','card':'CARD-1'");
	ask_ok(&a->w, "member.enroll", "'request':'2','card':'CARD-2'");
	ordered(a, "{'order':'referral-key','id':1,'key':'" KEY1 "'},{'order':'referral-range','first':1000,'last':1999}");
	ordered(b, "{'order':'referral-key','id':1,'key':'" KEY1 "'}");
	snprintf(code, sizeof(code), "%s",
		field(ask_ok(&a->w, "referral.issue", "'request':'i','card':'CARD-1'"), "result.code"));
	assert_field(ask_ok(&b->w, "referral.check", "'code':'%s'", code), "result.valid", "true");
	ask_ok(&b->w, "member.enroll", "'request':'1','card':'CARD-9','referral':'%s'", code);
	assert_field(ask_ok(&b->w, "referral.queue", "%s", ""), "result.referrals[0].flags[0]", "sponsor_unknown");
	/* Once it has serials of its own, it knows that this one is another store's: who sponsors is known in the chain. */
	ordered(b, "{'order':'referral-range','first':2000,'last':2999}");
	ask_ok(&b->w, "member.enroll", "'request':'2','card':'CARD-8','referral':'%s'", code);
	assert_int_equal(count_of(ask_ok(&b->w, "referral.queue", "%s", ""), "result.referrals"), 1);
	/* A new key: codes of both are genuine. */
	ordered(a, "{'order':'referral-key','id':2,'key':'" KEY2 "'}");
	ordered(b, "{'order':'referral-key','id':2,'key':'" KEY2 "'}");
	assert_field(ask_ok(&b->w, "referral.check", "'code':'%s'", code), "result.valid", "true");
	snprintf(code, sizeof(code), "%s",
		field(ask_ok(&a->w, "referral.issue", "'request':'j','card':'CARD-2'"), "result.code"));
	assert_field(ask_ok(&b->w, "referral.check", "'code':'%s'", code), "result.valid", "true");
	order_refused(b, "request_conflict", "orders[0].id", "{'order':'referral-key','id':2,'key':'" KEY1 "'}");
	snprintf(orders, sizeof(orders), "{'order':'block-code','code':'%s'}", code);
	ordered(b, orders);
	assert_field(ask_ok(&b->w, "referral.check", "'code':'%s'", code), "result.reason", "code_expired");
	assert_int_equal(tree_holds(a->shop->data, KEY1, strlen(KEY1)), 0);
	store_restart(b);
	assert_field(ask_ok(&b->w, "referral.check", "'code':'%s'", code), "result.reason", "code_expired");
	store_close(a);
	store_close(b);
}

/* Whoever is told of is as old a customer here as in the chain. */
static void an_old_customer_is_no_new_friend(void **state)
{
	struct store *s = store_open("lyon-03", REFERRAL, "unknown-cards = earn");
	char code[32], orders[256], today[16];

	(void)state;
	ask_ok(&s->w, "member.enroll", "'request':'1','card':'CARD-1'");
	snprintf(today, sizeof(today), "%s", field(ask_ok(&s->w, "card.lookup", "'card':'CARD-1'"), "result.since"));
	snprintf(code, sizeof(code), "%s",
		field(ask_ok(&s->w, "referral.issue", "'request':'i','card':'CARD-1'"), "result.code"));
	ordered(s, "{'order':'member','member':'" M1 "','card':'CARD-7','since':'2020-02-29'}");
	assert_field(ask_ok(&s->w, "card.lookup", "'card':'CARD-7'"), "result.since", "2020-02-29");
	ask_refused(&s->w, "not_a_new_customer", "sale.commit",
		"'request':'2','sale':'S-2','card':'CARD-7','lines':[{'sku':'a','amount':3000}],'payable':3000,'referral':'%s'",
		code);
	/* A stranger who turns out to be one. */
	sells(s, "S-1", "CARD-8", 10);
	snprintf(orders, sizeof(orders), "{'order':'join','member':'%s','into':'" M2 "','since':'2020-02-29'}",
		field(ask_ok(&s->w, "card.lookup", "'card':'CARD-8'"), "result.member"));
	ordered(s, orders);
	assert_field(ask_ok(&s->w, "card.lookup", "'card':'CARD-8'"), "result.since", "2020-02-29");
	/* Somebody whose age as a customer nobody says, or whose enrolment is still to come by this store's clock, is new. */
	ordered(s, "{'order':'member','member':'m_0000000000000003','card':'CARD-9','since':'2999-12-31'}");
	assert_field(ask_ok(&s->w, "card.lookup", "'card':'CARD-9'"), "result.since", today);
	ask_ok(&s->w, "sale.commit",
		"'request':'3','sale':'S-3','card':'CARD-9','lines':[{'sku':'a','amount':3000}],'payable':3000,'referral':'%s'",
		code);
	store_close(s);
}

static void a_little_may_be_spent_before_a_grant_arrives(void **state)
{
	static const char cup[] =
		"rewards { reward \"cup\" { unit = points  cost = 15  kind = amount  value = \"1.00\"  of = order } }\n";
	struct store *s = store_open("lyon-03", cup, "roaming-credit = 20");
	char *reply;

	(void)state;
	ordered(s, "{'order':'member','member':'" M1 "','home':'lyon-04','card':'CARD-1'}");
	reply = ask_ok(&s->w, "sale.quote",
		"'card':'CARD-1','lines':[{'sku':'a','amount':1000}],'redeem':[{'reward':'cup'}]");
	assert_figure(reply, "result.payable", 900);
	ask_ok(&s->w, "sale.commit",
		"'request':'1','sale':'S-1','card':'CARD-1','lines':[{'sku':'a','amount':1000}],'payable':900,'redeem':[{'reward':'cup'}]");
	assert_int_equal(balance(s, "CARD-1"), -15 + 10);
	reply = ask_ok(&s->w, "system.alerts", "'after':0");
	assert_field(reply, "result.alerts[0].kind", "shortfall");
	assert_figure(reply, "result.alerts[0].figure", 15);
	ask_refused(&s->w, "insufficient_points", "sale.commit",
		"'request':'2','sale':'S-2','card':'CARD-1','lines':[{'sku':'a','amount':1000}],'payable':900,'redeem':[{'reward':'cup'}]");
	ordered(s, "{'order':'grant','member':'" M1 "','unit':'points','points':50,'source':'lyon-04/1/0'}");
	assert_int_equal(balance(s, "CARD-1"), 45);
	store_close(s);
}

static void der_write(const struct shop *s, const char *name, struct palier_bytes text)
{
	struct palier_buffer der = { 0 };
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", s->dir, name);
	crypto_cms_sign(bench.key, bench.certificate, text, (int64_t)time(NULL) * 1000, &der);
	file_write(path, der.at, der.len);
	palier_buffer_deinit(&der);
}

static int palier(const struct store *s, char **said, const char *a, const char *b, const char *option, const char *value)
{
	return program_run(s->shop,
		(const char *const[]){ "palier", "--config", s->shop->config, "directive", a, b, option, value, NULL },
		said);
}

static void the_command_line_carries_them_out(void **state)
{
	struct store *s = store_open("lyon-03", "", "");
	struct palier_buffer text = { 0 };
	char path[128], signature[128], *said;

	(void)state;
	assert_int_equal(palier(s, &said, "status", NULL, NULL, NULL), 0);
	assert_string_equal(said, "No directive was carried out yet.\n");
	free(said);
	document("lyon-03", &s->last, "{'order':'member','member':'" M1 "','card':'CARD-1'}", &text);
	snprintf(path, sizeof(path), "%s/0001.json", s->shop->dir);
	snprintf(signature, sizeof(signature), "%s/other.p7s", s->shop->dir);
	file_write(path, text.at, text.len);
	assert_int_not_equal(palier(s, &said, "apply", path, NULL, NULL), 0);
	assert_non_null(strstr(said, "0001.p7s cannot be read"));
	free(said);
	der_write(s->shop, "other.p7s", PALIER_LIT("another text"));
	assert_int_equal(palier(s, &said, "apply", path, "--signature", signature), 64);
	assert_non_null(strstr(said, "signature"));
	free(said);
	der_write(s->shop, "0001.p7s", palier_buffer_bytes(&text));
	for (int i = 0; i < 2; i++) {
		assert_int_equal(palier(s, &said, "apply", path, NULL, NULL), 0);
		assert_string_equal(said, "Directive 1 is carried out; orders: 1\n");
		free(said);
	}
	assert_int_equal(palier(s, &said, "status", NULL, NULL, NULL), 0);
	assert_non_null(strstr(said, "directive 1\nsha256    "));
	free(said);
	assert_field(ask_ok(&s->w, "card.lookup", "'card':'CARD-1'"), "result.member", M1);
	palier_buffer_deinit(&text);
	store_close(s);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_directive_is_carried_out_once),
		cmocka_unit_test(what_is_wrong_is_refused),
		cmocka_unit_test(a_store_without_an_office_says_what_to_set),
		cmocka_unit_test(points_go_home),
		cmocka_unit_test(cards_and_members_are_told),
		cmocka_unit_test(members_join),
		cmocka_unit_test(the_erased_are_gone),
		cmocka_unit_test(returns_made_elsewhere_are_settled),
		cmocka_unit_test(what_came_back_before_its_sale_waits_for_it),
		cmocka_unit_test(the_offices_files_are_written),
		cmocka_unit_test(codes_are_genuine_in_the_whole_chain),
		cmocka_unit_test(an_old_customer_is_no_new_friend),
		cmocka_unit_test(a_little_may_be_spent_before_a_grant_arrives),
		cmocka_unit_test(the_command_line_carries_them_out),
	};

	return cmocka_run_group_tests_name("directives", tests, bench_open, bench_close);
}
