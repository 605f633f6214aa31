/* SPDX-License-Identifier: Apache-2.0 */
/* palier-hq publish, order and erase: what the office orders by what stores have booked, signed, chained, once whatever happens; and real stores
 * that carry it out. */
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "protocol/crypto_cms.h"
#include "protocol/directive.h"
#include "tests/e2e/harness.h"
#include "tests/hq/batches.h"
#include "tests/hq/server.h"
#include "tests/unit/protocol/office.h"

#define DAY_MS INT64_C(86400000)
#define ANN    "m_aaaaaaaaaaaaaaaa"
#define BOB    "m_bbbbbbbbbbbbbbbb"
#define CLEO   "m_cccccccccccccccc"
#define DORA   "m_dddddddddddddddd"

static const struct shop_options no_shop = { .config = "", .empty = true, .broken = true };

/* --- a head office that signs --- */

static struct bench {
	struct office authority;
	struct crypto_key *key;
	struct crypto_certificate *certificate;
} bench;

static int bench_open(void **state)
{
	struct office_wish wish = { .store = "Office" };

	wish.from_ms = ((int64_t)time(NULL) * 1000) - 30 * DAY_MS;
	wish.to_ms = ((int64_t)time(NULL) * 1000) + 30 * DAY_MS;
	office_make(&bench.authority, "Authority");
	bench.key = crypto_key_make();
	bench.certificate = office_certify(&bench.authority, bench.key, wish);
	return server_up(state);
}

static int bench_close(void **state)
{
	crypto_certificate_free(bench.certificate);
	crypto_key_free(bench.key);
	office_free(&bench.authority);
	return server_down(state);
}

struct hq {
	const struct shop *s;
	struct server db; /* the one server, another database */
	char config[128], directory[128];
	struct chain stores[4];
	int count;
};

static const char *path_of(const struct shop *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
static const char *path_of(const struct shop *s, const char *format, ...)
{
	static char paths[16][256];
	static unsigned turn;
	char *out = paths[turn++ % 16];
	va_list args;
	int n = snprintf(out, sizeof(paths[0]), "%s/", s->dir);

	va_start(args, format);
	vsnprintf(out + n, sizeof(paths[0]) - (size_t)n, format, args);
	va_end(args);
	return out;
}

/* The office that signs from now on. */
static void signer_write(const struct shop *s, const struct crypto_key *key, const struct crypto_certificate *certificate)
{
	struct palier_buffer text = { 0 };

	crypto_certificate_write(certificate, &text);
	file_write(path_of(s, "office.pem"), text.at, text.len);
	text.len = 0;
	crypto_key_write(key, &text);
	file_write(path_of(s, "office.key"), text.at, text.len);
	palier_buffer_deinit(&text);
}

/* @param stores of the configuration, a section each */
static void hq_open(struct hq *h, const struct shop *s, const char *database, const char *stores)
{
	char text[1024];
	int n;

	snprintf(text, sizeof(text), "CREATE DATABASE %s", database);
	server_text(&server, text);
	*h = (struct hq){ .s = s, .db = server };
	snprintf(h->db.conninfo, sizeof(h->db.conninfo), "host=%s user=office dbname=%s", server.dir, database);
	snprintf(h->config, sizeof(h->config), "%s", path_of(s, "%s.conf", database));
	snprintf(h->directory, sizeof(h->directory), "%s", path_of(s, "%s", database));
	assert_int_equal(mkdir(h->directory, 0755), 0);
	signer_write(s, bench.key, bench.certificate);
	n = snprintf(text, sizeof(text),
		"directory = \"%s\"\ndatabase = \"%s\"\nsigning { certificate = \"office.pem\"  key = \"office.key\" }\n%s",
		h->directory, h->db.conninfo, stores);
	file_write(h->config, text, (size_t)n);
}

static void hq_close(struct hq *h)
{
	for (int i = 0; i < h->count; i++)
		chain_end(&h->stores[i]);
}

/* palier-hq ARGS ends with this code and says so. @param args at most eight, NULL-terminated */
static void runs(const struct hq *h, const char *const *args, int expected, const char *what)
{
	const char *argv[12] = { "palier-hq", "--config", h->config };
	char *said;
	int n = 3, code;

	for (; *args; args++)
		argv[n++] = *args;
	code = program_run(h->s, argv, &said);
	if (code != expected || !strstr(said, what))
		fail_msg("palier-hq %s ended with %d, not %d, or without \"%s\": %s", argv[3], code, expected, what, said);
	free(said);
}

#define RUNS(h, expected, what, ...) runs(h, (const char *const[]){ __VA_ARGS__, NULL }, expected, what)

/* A store's next day. */
static struct chain *day(struct hq *h, const char *store, const char *date)
{
	int i = 0;

	while (i < h->count && strcmp(h->stores[i].store, store) != 0)
		i++;
	if (i == h->count)
		chain_begin(&h->stores[h->count++], h->directory, store);
	chain_day(&h->stores[i], date);
	return &h->stores[i];
}

static void closed(struct chain *c)
{
	chain_close(c, "'sales':0", "'sales':0");
}

#define ENROLLED(member) "{'kind':'member.enrolled','member':'" member "','slot':1,'since':'2026-10-01'}"
#define PROVISIONAL(member) \
	"{'kind':'member.enrolled','member':'" member "','slot':1,'since':'2026-10-01','provisional':true}"
#define GIVEN(member, points, more) "{'kind':'points.given','member':'" member "','unit':'points','points':" #points more "}"

static void enrolled(struct hq *h, const char *store, const char *date, const char *effects)
{
	struct chain *c = day(h, store, date);

	chain_event(c, "member.enroll", ANN, "", effects);
	closed(c);
}

static void assert_rows(const struct hq *h, const char *sql, const char *expected)
{
	char *rows = server_rows(&h->db, sql);

	if (strcmp(rows, expected) != 0)
		fail_msg("%s\ngives\n%sinstead of\n%s", sql, rows, expected);
	free(rows);
}

#define ALL_ORDERS "SELECT store, cause FROM orders ORDER BY id"

/* --- grants, chain and signatures --- */

/* The files of a store's directives must be whole, in one chain, and signed by the office, as palier and as openssl see it. @return orders in all */
static int64_t chain_check(const struct hq *h, const char *store, uint32_t count)
{
	const struct cms_trust office = { .pinned = (const struct crypto_certificate *const *)&bench.certificate,
		.pinned_count = 1 };
	struct directive_before last = { .number = 0 };
	struct palier_arena a = { .used = 0 };
	int64_t orders = 0;

	for (uint32_t i = 1; i <= count; i++) {
		char text_path[256], der_path[256];
		struct palier_problem why;
		struct cms_signed by;
		struct directive d;
		size_t len, der_len;
		char *text, *der;

		snprintf(text_path, sizeof(text_path), "%s/%s/directives/%u.json", h->directory, store, i);
		snprintf(der_path, sizeof(der_path), "%s/%s/directives/%u.p7s", h->directory, store, i);
		text = file_read(text_path, &len);
		der = file_read(der_path, &der_len);
		assert_non_null(text);
		assert_non_null(der);
		if (directive_read(palier_bytes_of(text, len), &a, &d, &why) != PALIER_OK)
			fail_msg("%s: %s: %s", text_path, why.field, why.text);
		assert_int_equal(directive_place(&d, &last), DIRECTIVE_NEXT);
		assert_true(palier_is(d.store, store));
		assert_int_equal(crypto_cms_verify(palier_bytes_of(text, len), palier_bytes_of(der, der_len), &office, &by),
			BATCH_FINE);
		assert_int_equal(program_run(h->s,
					 (const char *const[]){ "openssl", "cms", "-verify", "-binary", "-inform", "DER",
						 "-in", der_path, "-content", text_path, "-certfile",
						 path_of(h->s, "office.pem"), "-noverify", "-out", "/dev/null", NULL },
					 NULL),
			0);
		orders += d.orders.count;
		last.number = i;
		crypto_sha256(palier_bytes_of(text, len), &last.sha256);
		free(text);
		free(der);
	}
	palier_arena_deinit(&a);
	return orders;
}

static void grants(void **state)
{
	struct chain *c;
	struct hq h;

	hq_open(&h, *state, "grants", "");
	enrolled(&h, "lyon-03", "2026-10-01", ENROLLED(ANN));
	enrolled(&h, "paris-01", "2026-10-02", ENROLLED(ANN));
	c = day(&h, "paris-01", "2026-10-03");
	chain_event(c, "job.points", ANN, "",
		GIVEN(ANN, 3, ",'to':'lyon-03'") "," GIVEN(ANN, 4, ",'to':'lyon-03','expires':'2027-01-31T23:00:00.000Z'"));
	chain_event(c, "job.points", BOB, "", GIVEN(BOB, 5, ",'to':'nowhere'"));
	chain_event(c, "job.points", BOB, "", GIVEN(BOB, 6, ",'to':'lyon-03'"));
	chain_event(c, "job.points", ANN, "", GIVEN(ANN, 7, ""));
	closed(c);
	RUNS(&h, 0, "loaded: 3 batches", "load");
	RUNS(&h, 0, "to be carried", "publish");
	assert_rows(&h, "SELECT member, store FROM homes", ANN "|lyon-03\n");
	assert_rows(&h, ALL_ORDERS,
		"lyon-03|member/" BOB
		"\nlyon-03|grant/paris-01/3/0\nlyon-03|grant/paris-01/3/1\nlyon-03|grant/paris-01/5/0\n"
		"lyon-03|grant/paris-01/6/0\n");
	assert_rows(&h,
		"SELECT body::json ->> 'points', body::json ->> 'expires' FROM orders WHERE cause = 'grant/paris-01/3/1'",
		"4|2027-01-31T23:00:00.000Z\n");
	assert_int_equal(chain_check(&h, "lyon-03", 1), 5);
	RUNS(&h, 0, "", "publish");
	assert_rows(&h, "SELECT count(*), max(directive) FROM directives", "1|1\n");
	assert_rows(&h, "SELECT count(*) FROM orders WHERE directive = 1", "5\n");

	/* What is granted is not on its way any more, even if the orders were lost. */
	c = day(&h, "lyon-03", "2026-10-04");
	chain_event(c, "directive.apply", NULL, "",
		"{'kind':'points.granted','member':'" ANN "','unit':'points','points':3,'source':'paris-01/3/0'}");
	closed(c);
	RUNS(&h, 0, "loaded: 1 batches", "load");
	server_text(&h.db, "DELETE FROM orders WHERE cause IN ('grant/paris-01/3/0', 'grant/paris-01/3/1')");
	RUNS(&h, 0, "to be carried", "publish");
	assert_rows(&h, "SELECT cause FROM orders WHERE directive = 2", "grant/paris-01/3/1\n");
	assert_int_equal(chain_check(&h, "lyon-03", 2), 6);
	hq_close(&h);
}

/* --- what else follows from the books --- */

/* What a store has told of its members. @param lines with ' for " */
static void profiles(const struct hq *h, const char *store, const char *lines)
{
	char path[256], text[2048];
	size_t n = strlen(lines);

	snprintf(path, sizeof(path), "%s/%s/profiles.jsonl", h->directory, store);
	assert_true(n < sizeof(text));
	for (size_t i = 0; i <= n; i++)
		text[i] = lines[i];
	for (size_t i = 0; i < n; i++)
		text[i] = text[i] == '\'' ? '"' : text[i];
	file_write(path, text, n);
}

#define PERSON(member, more, number, status) \
	"{'member':'" member "','seq':1,'language':'fr'" more ",'cards':[{'number':'" number "','status':'" status "'}]}\n"

/* The orders of one store, each as its body's figures in a line. */
#define BODIES(store) \
	"SELECT concat_ws(' ', b ->> 'order', b ->> 'member', b ->> 'into', b ->> 'home', b ->> 'card', b ->> 'store', b ->> 'sale', " \
	"b ->> 'return', b ->> 'lines') FROM (SELECT id, body::json AS b FROM orders WHERE store = '" store \
	"') AS o ORDER BY id"

/* Since when those who are told of are members, wherever that was. */
#define SINCES \
	"SELECT body::json ->> 'order', body::json ->> 'since' FROM orders WHERE body::json ->> 'order' IN ('member', 'join') ORDER BY id"

static void cards_of_others(void **state)
{
	struct hq h;

	hq_open(&h, *state, "cards", "");
	enrolled(&h, "lyon-03", "2026-10-01", ENROLLED(ANN) "," ENROLLED(CLEO));
	enrolled(&h, "paris-01", "2026-10-02", PROVISIONAL(BOB) "," ENROLLED(CLEO) "," PROVISIONAL(DORA));
	profiles(&h, "lyon-03", PERSON(ANN, "", "7", "active") PERSON(CLEO, "", "back\\\\slash", "blocked"));
	profiles(&h, "paris-01",
		PERSON(BOB, ",'provisional':true", "7", "active") PERSON(DORA, ",'provisional':true", "8", "active"));
	RUNS(&h, 0, "loaded: 2 batches", "load");
	RUNS(&h, 0, "to be carried", "publish");
	assert_rows(&h, "SELECT member, store FROM homes ORDER BY 1", ANN "|lyon-03\n" CLEO "|lyon-03\n");
	assert_rows(&h, BODIES("paris-01"),
		"member " ANN " lyon-03\njoin " BOB " " ANN " lyon-03\nblock-card " CLEO " back\\slash\n");
	assert_rows(&h, BODIES("lyon-03"), "");
	assert_rows(&h, SINCES, "member|2026-10-01\njoin|2026-10-01\n");
	RUNS(&h, 0, "to be carried", "publish");
	assert_rows(&h, "SELECT count(*) FROM directives", "1\n");
	hq_close(&h);
}

#define MERGED(member, into) "{'kind':'member.merged','member':'" member "','into':'" into "'}"

/* Paris merged Bob into Cleo earlier than Lyon merged him into Ann, though its batch comes later; Dora is erased in Lyon. */
static void merges_and_erasures(void **state)
{
	struct hq h;

	hq_open(&h, *state, "merges", "");
	enrolled(&h, "lyon-03", "2026-10-01", ENROLLED(ANN) "," ENROLLED(BOB) "," ENROLLED(DORA));
	enrolled(&h, "lyon-03", "2026-10-05", MERGED(BOB, ANN) ",{'kind':'member.erased','member':'" DORA "'}");
	enrolled(&h, "paris-01", "2026-10-02", ENROLLED(BOB) "," ENROLLED(CLEO));
	enrolled(&h, "paris-01", "2026-10-03", MERGED(BOB, CLEO));
	enrolled(&h, "nice-02", "2026-10-04", ENROLLED(BOB) "," ENROLLED(DORA));
	RUNS(&h, 0, "loaded: 5 batches", "load");
	RUNS(&h, 0, "to be carried", "publish");
	assert_rows(&h, BODIES("nice-02"), "erase " DORA "\njoin " BOB " " CLEO " paris-01\n");
	assert_rows(&h, BODIES("lyon-03"), "join " BOB " " CLEO " paris-01\n");
	assert_rows(&h, BODIES("paris-01"), "");
	assert_rows(&h, SINCES, "join|2026-10-01\njoin|2026-10-01\n");
	hq_close(&h);
}

/* Paris merged Bob into Cleo first; Lyon merged him into Ann, and Ann into Dora. Bob is Cleo, and what he gives up in Nice goes to her home. */
static void colliding_merges(void **state)
{
	struct hq h;

	hq_open(&h, *state, "collisions", "");
	enrolled(&h, "lyon-03", "2026-10-01", ENROLLED(ANN) "," ENROLLED(BOB) "," ENROLLED(DORA));
	enrolled(&h, "lyon-03", "2026-10-05", MERGED(BOB, ANN));
	enrolled(&h, "lyon-03", "2026-10-06", MERGED(ANN, DORA));
	enrolled(&h, "paris-01", "2026-10-02", ENROLLED(BOB) "," ENROLLED(CLEO));
	enrolled(&h, "paris-01", "2026-10-03", MERGED(BOB, CLEO));
	enrolled(&h, "nice-02", "2026-10-04", ENROLLED(BOB) "," GIVEN(BOB, 5, ""));
	RUNS(&h, 0, "loaded: 6 batches", "load");
	assert_rows(&h, "SELECT member, now FROM v_merged ORDER BY 1", ANN "|" DORA "\n" BOB "|" CLEO "\n");
	RUNS(&h, 0, "to be carried", "publish");
	assert_rows(&h, BODIES("lyon-03"), "join " BOB " " CLEO " paris-01\n");
	assert_rows(&h, BODIES("nice-02"), "join " BOB " " CLEO " paris-01\n");
	assert_rows(&h, BODIES("paris-01"), "grant " BOB "\n");
	hq_close(&h);
}

static void returns_elsewhere(void **state)
{
	struct chain *c;
	struct hq h;

	hq_open(&h, *state, "settles", "store \"lyon-03\" {}\nstore \"paris-01\" {}\n");
	c = day(&h, "paris-01", "2026-10-02");
	chain_event(c, "sale.return", NULL,
		"'store':'lyon-03','sale':'L1','return':'P7','lines':[{'line':0,'quantity':0.415}]",
		"{'kind':'return.settling','return':'P7','sale':'L1'}");
	chain_event(c, "sale.return", NULL, "'store':'lyon-03','sale':'L2','return':'P8'",
		"{'kind':'return.settling','return':'P8','sale':'L2'}");
	closed(c);
	RUNS(&h, 0, "loaded: 1 batches", "load");
	RUNS(&h, 0, "to be carried", "publish");
	assert_rows(&h, BODIES("lyon-03"),
		"settle paris-01 L1 P7 [{\"line\":0,\"quantity\":0.415}]\nsettle paris-01 L2 P8\n");
	assert_int_equal(chain_check(&h, "lyon-03", 1), 2);
	hq_close(&h);
}

/* --- replaced cards --- */

#define CARDS(member, cards) "{'member':'" member "','seq':1,'language':'fr','cards':[" cards "]}\n"
#define ONE(number, status)  "{'number':'" number "','status':'" status "'}"

/* Ann's 1 was blocked, then replaced by 2, after which she took 3, too. Cleo's was blocked, and never replaced. */
static void replaced_cards(void **state)
{
	static const char orders[] =
		"SELECT body::json ->> 'card', body::json ->> 'instead' FROM orders WHERE store = 'paris-01' "
		"ORDER BY id";
	struct chain *c;
	struct hq h;

	hq_open(&h, *state, "replaced", "");
	enrolled(&h, "lyon-03", "2026-10-01", ENROLLED(ANN) "," ENROLLED(CLEO));
	enrolled(&h, "paris-01", "2026-10-02", ENROLLED(ANN) "," ENROLLED(CLEO));
	profiles(&h, "lyon-03", CARDS(ANN, ONE("1", "blocked")) CARDS(CLEO, ONE("5", "active") "," ONE("4", "blocked")));
	profiles(&h, "paris-01", CARDS(ANN, ONE("1", "active")) CARDS(CLEO, ONE("4", "active")));
	RUNS(&h, 0, "loaded: 2 batches", "load");
	RUNS(&h, 0, "to be carried", "publish");
	assert_rows(&h, orders, "1|\n4|\n");
	c = day(&h, "lyon-03", "2026-10-03");
	chain_event(c, "card.replace", ANN, "", "");
	closed(c);
	profiles(&h, "lyon-03",
		CARDS(ANN, ONE("3", "active") "," ONE("2", "active") "," ONE("1", "blocked"))
			CARDS(CLEO, ONE("5", "active") "," ONE("4", "blocked")));
	profiles(&h, "paris-01", CARDS(ANN, ONE("1", "blocked")) CARDS(CLEO, ONE("4", "blocked")));
	RUNS(&h, 0, "loaded: 1 batches", "load");
	for (int again = 0; again < 2; again++)
		RUNS(&h, 0, "to be carried", "publish");
	assert_rows(&h, orders, "1|\n4|\n1|2\n");
	hq_close(&h);
}

/* --- holes --- */

#define MOVED(member, cause, points, more) \
	"{'kind':'points.move','member':'" member "','unit':'points','cause':'" cause "','points':" #points \
	",'balance':0" more "}"
#define PART(points) ",'lots':[{'at':'2026-10-01T08:00:00.000Z','seq':1,'cause':'earn','points':" #points "}]"
#define TAKES \
	"SELECT store, cause, body::json ->> 'member', body::json ->> 'points' FROM orders WHERE cause LIKE 'take/%' ORDER BY id"
#define GRANTS \
	"SELECT store, body::json ->> 'source', body::json ->> 'points' FROM orders WHERE cause LIKE 'grant/%' ORDER BY id"

/* A day on which a store carries out its directive M. */
static void carries_out(struct hq *h, const char *store, const char *date, int number, const char *effects)
{
	struct chain *c = day(h, store, date);
	char text[2048], sql[128];

	snprintf(sql, sizeof(sql), "SELECT sha256 FROM directives WHERE store = '%s' AND directive = %d", store, number);
	snprintf(text, sizeof(text), "{'kind':'directive.applied','number':%d,'sha256':'%s'}%s%s", number,
		server_text(&h->db, sql), effects[0] ? "," : "", effects);
	chain_event(c, "directive.apply", NULL, "", text);
	closed(c);
}

static void publishes_twice(struct hq *h)
{
	RUNS(h, 0, "loaded: 1 batches", "load");
	for (int again = 0; again < 2; again++)
		RUNS(h, 0, "carried", "publish");
}

/* Goods that came back elsewhere were taken off what Ann has in Nice and Oslo; she is at home in Lyon. */
static void holes_are_filled(void **state)
{
	struct chain *c;
	struct hq h;

	hq_open(&h, *state, "holes", "");
	enrolled(&h, "lyon-03", "2026-10-01", ENROLLED(ANN) "," MOVED(ANN, "earn", 12, ""));
	enrolled(&h, "nice-02", "2026-10-02", ENROLLED(ANN) "," MOVED(ANN, "reverse", -10, ",'hole':10"));
	enrolled(&h, "oslo-04", "2026-10-02", ENROLLED(ANN) "," MOVED(ANN, "reverse", -5, ",'hole':5"));
	RUNS(&h, 0, "loaded: 3 batches", "load");
	for (int again = 0; again < 2; again++)
		RUNS(&h, 0, "to be carried", "publish");
	assert_rows(&h, TAKES, "lyon-03|take/" ANN "/points/1|" ANN "|12\n");

	/* What home could give up goes where it is owed: to the first store, and on to the next. */
	carries_out(&h, "lyon-03", "2026-10-03", 1,
		MOVED(ANN, "give", -11, PART(11)) "," GIVEN(ANN, 4, "") "," GIVEN(ANN, 6, "") "," GIVEN(ANN, 1, ""));
	publishes_twice(&h);
	assert_rows(&h, "SELECT directive, taken_at FROM directives WHERE store = 'lyon-03' ORDER BY 1",
		"1|2026-10-03 08:00:00+00\n2|\n");
	assert_rows(&h, GRANTS, "nice-02|lyon-03/3/2|4\nnice-02|lyon-03/3/3|6\noslo-04|lyon-03/3/4|1\n");
	/* There is one more at home, and four are still wanted. */
	assert_rows(&h, TAKES, "lyon-03|take/" ANN "/points/1|" ANN "|12\nlyon-03|take/" ANN "/points/2|" ANN "|1\n");

	/* Oslo's hole is filled before that one comes: it goes back home. */
	c = day(&h, "oslo-04", "2026-10-04");
	chain_event(c, "sale.commit", ANN, "", MOVED(ANN, "earn", 9, ",'hole':5"));
	closed(c);
	RUNS(&h, 0, "loaded: 1 batches", "load");
	carries_out(&h, "lyon-03", "2026-10-04", 2, MOVED(ANN, "give", -1, PART(1)) "," GIVEN(ANN, 1, ""));
	publishes_twice(&h);
	assert_rows(&h, GRANTS,
		"nice-02|lyon-03/3/2|4\nnice-02|lyon-03/3/3|6\noslo-04|lyon-03/3/4|1\nlyon-03|lyon-03/5/2|1\n");
	assert_rows(&h, "SELECT count(*) FROM orders WHERE cause LIKE 'take/%'", "2\n");
	hq_close(&h);
}

/* Nobody knows where Bob is at home: what he has anywhere fills it. */
static void holes_of_the_homeless_are_filled(void **state)
{
	struct hq h;

	hq_open(&h, *state, "homeless", "");
	enrolled(&h, "lyon-03", "2026-10-01", PROVISIONAL(BOB) "," MOVED(BOB, "earn", 4, ""));
	enrolled(&h, "nice-02", "2026-10-01", PROVISIONAL(BOB) "," MOVED(BOB, "earn", 4, ""));
	enrolled(&h, "oslo-04", "2026-10-01", PROVISIONAL(BOB) "," MOVED(BOB, "reverse", -5, ",'hole':5"));
	RUNS(&h, 0, "loaded: 3 batches", "load");
	RUNS(&h, 0, "to be carried", "publish");
	assert_rows(&h, TAKES, "lyon-03|take/" BOB "/points/1|" BOB "|4\nnice-02|take/" BOB "/points/1|" BOB "|1\n");
	carries_out(&h, "nice-02", "2026-10-02", 1, MOVED(BOB, "give", -1, PART(1)) "," GIVEN(BOB, 1, ""));
	publishes_twice(&h);
	assert_rows(&h, GRANTS, "oslo-04|nice-02/3/2|1\n");
	assert_rows(&h, "SELECT count(*) FROM orders WHERE cause LIKE 'take/%'", "2\n");

	/* Whom somebody spares is not asked again; another is. */
	RUNS(&h, 0, "dropped: 1", "orders", "drop", "--refused",
		server_text(&h.db, "SELECT id FROM orders WHERE store = 'lyon-03'"));
	enrolled(&h, "lyon-03", "2026-10-03", ENROLLED(CLEO));
	publishes_twice(&h);
	assert_rows(&h,
		"SELECT store, cause, body::json ->> 'points' FROM orders WHERE cause LIKE 'take/%' ORDER BY id DESC LIMIT 1",
		"nice-02|take/" BOB "/points/2|3\n");
	assert_rows(&h, "SELECT count(*) FROM orders WHERE cause LIKE 'take/%'", "3\n");
	hq_close(&h);
}

/* --- what stores without a door have done --- */

#define OTHERS "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static void batches_tell_what_is_done(void **state)
{
	struct chain *c;
	struct hq h;

	hq_open(&h, *state, "applied", "store \"lyon-03\" {}\n");
	for (int i = 0; i < 3; i++) {
		char order[64];

		snprintf(order, sizeof(order), "{\"order\":\"block-code\",\"code\":\"C%d\"}", i);
		RUNS(&h, 0, "queued for 1 stores", "order", "--all", order);
		RUNS(&h, 0, "to be carried", "publish");
	}
	carries_out(&h, "lyon-03", "2026-10-02", 2, "");
	RUNS(&h, 0, "loaded: 1 batches", "load");
	RUNS(&h, 0, "to be carried", "publish");
	assert_rows(&h, "SELECT directive, taken_at FROM directives ORDER BY 1",
		"1|2026-10-02 08:00:00+00\n2|2026-10-02 08:00:00+00\n3|\n");
	carries_out(&h, "lyon-03", "2026-10-03", 3, "");
	RUNS(&h, 0, "loaded: 1 batches", "load");
	RUNS(&h, 0, "carried out", "publish");

	/* An office that was restored may have numbered otherwise. */
	RUNS(&h, 0, "queued for 1 stores", "order", "--all", "{\"order\":\"block-code\",\"code\":\"C4\"}");
	RUNS(&h, 0, "to be carried", "publish");
	c = day(&h, "lyon-03", "2026-10-04");
	chain_event(c, "directive.apply", NULL, "", "{'kind':'directive.applied','number':4,'sha256':'" OTHERS "'}");
	closed(c);
	RUNS(&h, 0, "loaded: 1 batches", "load");
	RUNS(&h, 76, "it has carried out another directive of this number", "publish");

	/* Somebody has to say that the store is right: then what it has not heard of comes behind. */
	RUNS(&h, 1, "know of no directive that paris-01 has carried out", "orders", "follow", "paris-01");
	RUNS(&h, 0, "followed: 1, with the next palier-hq publish; 0 agreed already", "orders", "follow", "lyon-03");
	RUNS(&h, 0, "followed: 0, with the next palier-hq publish; 1 agreed already", "orders", "follow", "lyon-03");
	RUNS(&h, 0, "to be carried", "publish");
	assert_rows(&h,
		"SELECT directive, taken_at IS NOT NULL, refused, left(document, 1) FROM directives WHERE directive > 2",
		"3|t||{\n4|t||\n5|f||{\n");
	assert_rows(&h,
		"SELECT directive, document::json ->> 'prev_sha256' = '" OTHERS
		"' FROM directives JOIN orders USING (store, directive) "
		"WHERE orders.body LIKE '%C4%'",
		"5|t\n");
	assert_int_not_equal(access(path_of(h.s, "applied/lyon-03/directives/4.json"), F_OK), 0);
	assert_int_equal(access(path_of(h.s, "applied/lyon-03/directives/5.json"), F_OK), 0);
	hq_close(&h);
}

/* --- by hand --- */

static void by_hand(void **state)
{
	struct chain *c;
	struct hq h;
	char path[256];

	hq_open(&h, *state, "hand", "store \"lyon-03\" {}\nstore \"paris-01\" {}\n");
	RUNS(&h, 0, "queued for 2 stores; for 0", "order", "--all", "{\"order\":\"block-code\",\"code\":\"SPRING\"}");
	RUNS(&h, 0, "queued for 0 stores; for 1", "order", "--store", "lyon-03",
		"{\"order\":\"block-code\",\"code\":\"SPRING\"}");
	RUNS(&h, 64, "code: this order must", "order", "--all", "{\"order\":\"block-code\"}");
	RUNS(&h, 64, "there is no such order", "order", "--all", "{\"order\":\"block-cod\"}");
	RUNS(&h, 64, "knows no such store", "order", "--store", "lyon-04", "{\"order\":\"block-code\",\"code\":\"X\"}");
	RUNS(&h, 64, "either --store or --all", "order", "{\"order\":\"block-code\",\"code\":\"X\"}");
	RUNS(&h, 14, "is not known in lyon-03", "order", "--store", "lyon-03",
		"{\"order\":\"take\",\"member\":\"" ANN "\",\"unit\":\"points\",\"points\":5}");
	snprintf(path, sizeof(path), "%s", path_of(h.s, "offers.conf"));
	file_write(path, "offer \"x\" {}\n", 13);
	RUNS(&h, 0, "queued for 1 stores", "order", "--store", "lyon-03", "--file", path);
	assert_rows(&h, "SELECT body FROM orders WHERE body LIKE '%programme%'",
		"{\"order\":\"programme\",\"name\":\"offers.conf\",\"text\":\"offer \\\"x\\\" {}\\n\"}\n");

	/* Whom the office sends home elsewhere, that one's points are granted there, whatever the enrolment was. */
	RUNS(&h, 0, "queued for 2 stores", "order", "--all",
		"{\"order\":\"member\",\"member\":\"" BOB "\",\"home\":\"paris-01\"}");
	c = day(&h, "lyon-03", "2026-10-02");
	chain_event(c, "directive.apply", NULL, "", ENROLLED(BOB) "," GIVEN(BOB, 2, ""));
	closed(c);
	RUNS(&h, 0, "loaded: 1 batches", "load");
	RUNS(&h, 0, "to be carried", "publish");
	assert_rows(&h, "SELECT store FROM orders WHERE cause = 'grant/lyon-03/1/1'", "paris-01\n");
	assert_int_equal(chain_check(&h, "lyon-03", 1), 3);
	hq_close(&h);
}

/* --- killed, and many --- */

#define MANY "SELECT count(*), count(DISTINCT cause), count(directive) FROM orders"

/* At first as it derives orders, then as soon as it has kept one more directive. */
static void killed_at(const struct hq *h, pid_t pid, int round)
{
	for (int64_t until = now_ms() + DEADLINE_MS;
		round >= 3 && now_ms() < until && atoi(server_text(&h->db, "SELECT count(*) FROM directives")) < round - 2;)
		sleep_ms(1);
	if (round < 3)
		sleep_ms(round * 100);
	kill(pid, SIGKILL);
	(void)program_wait(h->s, pid, NULL);
}

/* 2,300 grants are three directives. It is killed again and again: none is lost, none is there twice, and the chain is whole. */
static void killed(void **state)
{
	struct chain *c;
	struct hq h;
	char *rows;

	hq_open(&h, *state, "killed", "");
	enrolled(&h, "lyon-03", "2026-10-01", ENROLLED(ANN));
	c = day(&h, "paris-01", "2026-10-02");
	for (int i = 0; i < 2300; i++)
		chain_event(c, "job.points", ANN, "", GIVEN(ANN, 1, ",'to':'lyon-03'"));
	closed(c);
	RUNS(&h, 0, "loaded: 2 batches", "load");
	for (int round = 0; round < 6; round++) {
		pid_t pid = program_start(h.s, (const char *const[]){ "palier-hq", "--config", h.config, "publish", NULL });

		killed_at(&h, pid, round);
	}
	RUNS(&h, 0, "to be carried", "publish");
	assert_rows(&h, MANY, "2300|2300|2300\n");
	rows = server_rows(&h.db, "SELECT max(directive) FROM directives");
	assert_int_equal(chain_check(&h, "lyon-03", (uint32_t)atoi(rows)), 2300);
	free(rows);
	/* Files are made again from the table, and are the same. */
	tree_remove(h.directory);
	RUNS(&h, 0, "to be carried", "publish");
	rows = server_rows(&h.db, "SELECT max(directive) FROM directives");
	assert_int_equal(chain_check(&h, "lyon-03", (uint32_t)atoi(rows)), 2300);
	free(rows);
	hq_close(&h);
}

/* --- a real store --- */

#define TRUSTING "signing { certificate = \"store.pem\"  key = \"store.key\"  office = {\"office.pem\"} }\n"
#define DOOR     "https:127.0.0.1:"
#define BEHIND   "listen \"" DOOR "0\" { certificate = \"door.pem\"  key = \"door.key\"  client-ca = \"doors-ca.pem\" }\n"
#define BEANS    "points {\n	unit \"points\" {}\n	unit \"beans\" {}\n}\n"

static const struct shop_options not_yet = { .stopped = true };
static const struct shop_options trusting = { .stopped = true, .config = TRUSTING };
static const struct shop_options with_door = { .stopped = true, .config = TRUSTING BEHIND };
static const struct shop_options with_beans = { .stopped = true, .config = TRUSTING BEHIND, .points = BEANS };

#define CARD "2900000000025"
#define BOBS "{\"order\":\"member\",\"member\":\"" BOB "\",\"card\":\"" CARD "\"}"

static void points_are(const struct shop *s, int64_t points)
{
	struct wire w;

	connect_to(&w, s, DOOR_TRUST);
	assert_figure(ask_ok(&w, "card.lookup", "'card':'" CARD "'"), "result.balances.points", points);
	wire_close(&w);
}

static void applied(const struct hq *h, int number)
{
	char path[256], *said;

	snprintf(path, sizeof(path), "%s/lyon-03/directives/%d.json", h->directory, number);
	if (program_run(h->s, (const char *const[]){ "palier", "--config", h->s->config, "directive", "apply", path, NULL },
		    &said) != 0)
		fail_msg("%s: %s", path, said);
	free(said);
}

static void carried_out(void **state)
{
	struct shop *s = *state;
	struct chain *c;
	struct hq h;

	hq_open(&h, s, "real", "");
	c = day(&h, "paris-01", "2026-10-03");
	chain_event(c, "job.points", BOB, "",
		GIVEN(BOB, 30, ",'to':'lyon-03'") "," GIVEN(BOB, 4, ",'to':'lyon-03','expires':'2099-01-31T23:00:00.000Z'"));
	closed(c);
	enrolled(&h, "lyon-03", "2026-10-01", ENROLLED(ANN));
	RUNS(&h, 0, "loaded: 2 batches", "load");
	RUNS(&h, 0, "to be carried", "publish");
	RUNS(&h, 0, "queued for 1 stores", "order", "--store", "lyon-03", BOBS);
	RUNS(&h, 0, "to be carried", "publish");
	shop_configure(s, &trusting);
	shop_start(s);
	for (int again = 0; again < 2; again++)
		for (int number = 1; number <= 2; number++)
			applied(&h, number);
	points_are(s, 34);
	assert_int_equal(shop_stop(s), 0);
	hq_close(&h);
}

static void certified(const struct shop *s, const char *name, struct office_wish wish)
{
	struct crypto_key *k = crypto_key_make();
	struct crypto_certificate *c;
	struct palier_buffer text = { 0 };

	wish.from_ms = (int64_t)time(NULL) * 1000 - 30 * DAY_MS;
	wish.to_ms = (int64_t)time(NULL) * 1000 + 30 * DAY_MS;
	c = office_certify(&bench.authority, k, wish);
	crypto_certificate_write(c, &text);
	file_write(path_of(s, "%s.pem", name), text.at, text.len);
	text.len = 0;
	crypto_key_write(k, &text);
	file_write(path_of(s, "%s.key", name), text.at, text.len);
	assert_int_equal(chmod(path_of(s, "%s.key", name), 0400), 0);
	text.len = 0;
	crypto_certificate_write(bench.authority.ca, &text);
	file_write(path_of(s, "doors-ca.pem"), text.at, text.len);
	palier_buffer_deinit(&text);
	crypto_certificate_free(c);
	crypto_key_free(k);
}

/* The configuration with the door's address of now. */
static void door_known(const struct hq *h)
{
	char text[1024];
	int n = snprintf(text, sizeof(text),
		"directory = \"%s\"\ndatabase = \"%s\"\nsigning { certificate = \"office.pem\"  key = \"office.key\" }\n"
		"tls { certificate = \"hq.pem\"  key = \"hq.key\"  ca = \"doors-ca.pem\" }\n"
		"store \"lyon-03\" { url = \"https://127.0.0.1:%d\" }\nstore \"paris-01\" {}\n",
		h->directory, h->db.conninfo, shop_port(h->s, DOOR));

	file_write(h->config, text, (size_t)n);
}

#define GRANT(unit, source) \
	"{\"order\":\"grant\",\"member\":\"" BOB "\",\"unit\":\"" unit "\",\"points\":5,\"source\":\"" source "\"}"
#define TAKEN "SELECT directive, taken_at IS NOT NULL, refused IS NOT NULL FROM directives ORDER BY 1"

static void delivered(void **state)
{
	struct shop *s = *state;
	struct hq h;

	hq_open(&h, s, "delivered", "");
	certified(s, "hq", (struct office_wish){ .store = "hq", .purpose = "clientAuth" });
	certified(s, "door", (struct office_wish){ .store = "door", .purpose = "serverAuth", .names = "IP:127.0.0.1" });
	shop_configure(s, &with_door);
	shop_start(s);
	door_known(&h);
	RUNS(&h, 0, "queued for 1", "order", "--store", "lyon-03", BOBS);
	RUNS(&h, 0, "carried out", "publish");
	RUNS(&h, 0, "queued for 1", "order", "--store", "lyon-03", GRANT("points", "a/1/0"));
	RUNS(&h, 0, "\"new\":1,\"directive\":2,\"delivered\":1", "--json", "publish");
	RUNS(&h, 0, "\"new\":0,\"directive\":2,\"delivered\":0", "--json", "publish");
	assert_rows(&h, TAKEN, "1|t|f\n2|t|f\n");
	points_are(s, 5);

	/* Carried out, but the answer was lost: it is asked again and counts once. */
	server_text(&h.db, "UPDATE directives SET taken_at = NULL");
	RUNS(&h, 0, "\"delivered\":2", "--json", "publish");
	points_are(s, 5);

	/* What is refused stops the store, and nothing is issued behind it, until it is offered again. */
	RUNS(&h, 0, "queued for 1", "order", "--store", "lyon-03", GRANT("beans", "a/2/0"));
	RUNS(&h, 76, "directive 3, unit_unknown: ", "publish");
	RUNS(&h, 0, "queued for 1", "order", "--store", "lyon-03", GRANT("points", "a/3/0"));
	RUNS(&h, 76, "directive 3, refused before and not resolved: unit_unknown", "publish");
	assert_rows(&h, TAKEN, "1|t|f\n2|t|f\n3|f|t\n");
	assert_int_equal(shop_stop(s), 0);
	RUNS(&h, 69, "not reached", "publish", "--retry");
	shop_configure(s, &with_beans);
	shop_start(s);
	door_known(&h);
	RUNS(&h, 0, "\"delivered\":2", "--json", "publish");
	assert_rows(&h, TAKEN, "1|t|f\n2|t|f\n3|t|f\n4|t|f\n");
	assert_int_equal(shop_stop(s), 0);
	hq_close(&h);
}

/* Another signs, of whom the store knows alone. What the one before has signed reaches it all the same; and so does what that one has signed
 * where the store knows him alone. */
static void signers(void **state)
{
	struct shop *s = *state;
	struct crypto_key *before = bench.key, *key = crypto_key_make();
	struct crypto_certificate *was = bench.certificate;
	struct office_wish wish = { .store = "Office" };
	struct hq h;

	wish.from_ms = (int64_t)time(NULL) * 1000 - 30 * DAY_MS;
	wish.to_ms = (int64_t)time(NULL) * 1000 + 30 * DAY_MS;
	bench.certificate = office_certify(&bench.authority, key, wish);
	bench.key = key;
	hq_open(&h, s, "signers", "");
	certified(s, "hq", (struct office_wish){ .store = "hq", .purpose = "clientAuth" });
	certified(s, "door", (struct office_wish){ .store = "door", .purpose = "serverAuth", .names = "IP:127.0.0.1" });
	shop_configure(s, &with_door);
	shop_start(s);
	door_known(&h);
	signer_write(s, before, was);
	RUNS(&h, 0, "queued for 1", "order", "--store", "lyon-03", BOBS);
	RUNS(&h, 76, "not the office's signature", "publish");
	RUNS(&h, 76, "(signature)", "publish", "--retry"); /* nobody else signs yet */
	signer_write(s, key, bench.certificate);
	RUNS(&h, 0, "\"delivered\":1", "--json", "publish", "--retry");

	RUNS(&h, 0, "queued for 1", "order", "--store", "lyon-03", GRANT("points", "a/1/0"));
	assert_int_equal(shop_stop(s), 0);
	RUNS(&h, 69, "not reached", "publish");
	signer_write(s, before, was);
	shop_start(s);
	door_known(&h);
	RUNS(&h, 0, "\"delivered\":1", "--json", "publish");
	points_are(s, 5);
	assert_int_equal(shop_stop(s), 0);
	hq_close(&h);
	crypto_certificate_free(bench.certificate);
	crypto_key_free(key);
	bench.certificate = was;
	bench.key = before;
}

/* Two grants, of which the store does not know the first one's unit. */
static void dropped(void **state)
{
	struct shop *s = *state;
	struct hq h;

	hq_open(&h, s, "dropped", "");
	certified(s, "hq", (struct office_wish){ .store = "hq", .purpose = "clientAuth" });
	certified(s, "door", (struct office_wish){ .store = "door", .purpose = "serverAuth", .names = "IP:127.0.0.1" });
	shop_configure(s, &with_door);
	shop_start(s);
	door_known(&h);
	RUNS(&h, 0, "queued for 1", "order", "--store", "lyon-03", BOBS);
	RUNS(&h, 0, "queued for 1", "order", "--store", "lyon-03", GRANT("beans", "a/2/0"));
	RUNS(&h, 0, "queued for 1", "order", "--store", "lyon-03", GRANT("points", "a/3/0"));
	RUNS(&h, 0, "waits", "orders", "list");
	RUNS(&h, 76, "(orders[1].unit)", "publish");
	RUNS(&h, 0, "\"state\":\"refused\",\"why\":\"unit_unknown: ", "--json", "orders", "list", "--refused");
	RUNS(&h, 0, "\"state\":\"held up\",\"order\":{", "--json", "orders", "list", "--refused", "--store", "lyon-03");
	RUNS(&h, 64, "is not an order's number", "orders", "drop", "a2");
	RUNS(&h, 1, "there is no order 99", "orders", "drop", "2", "99");
	assert_rows(&h, TAKEN, "1|f|t\n");

	/* Without it the others are issued anew, under the same number. */
	RUNS(&h, 0, "dropped: 1, with the next palier-hq publish; 0 were already", "orders", "drop", "2");
	RUNS(&h, 0, "dropped: 0, with the next palier-hq publish; 1 were already", "orders", "drop", "2");
	RUNS(&h, 0, "\"new\":1,\"directive\":1,\"delivered\":1", "--json", "publish");
	points_are(s, 5);
	assert_int_equal(chain_check(&h, "lyon-03", 1), 2);
	RUNS(&h, 76, "order 3 has been carried out", "orders", "drop", "3");
	RUNS(&h, 0, "beans", "--json", "orders", "list", "--dropped");
	RUNS(&h, 0, "\"orders\":[]", "--json", "orders", "list");
	RUNS(&h, 0, "carried out", "orders", "list", "--done");

	/* Again: what was dropped, and what was carried out. */
	RUNS(&h, 0, "ordered again: 2, ", "orders", "again", "2", "3");
	RUNS(&h, 0, "ordered again: 0, with the next palier-hq publish; 2 waited already", "orders", "again", "2", "3");
	RUNS(&h, 76, "unit_unknown", "publish");
	assert_int_equal(shop_stop(s), 0);
	shop_configure(s, &with_beans);
	shop_start(s);
	door_known(&h);
	RUNS(&h, 0, "ordered again: 1, ", "orders", "again", "2");
	RUNS(&h, 0, "\"delivered\":1", "--json", "publish");
	points_are(s, 5); /* of one source once */
	assert_rows(&h, TAKEN, "1|t|f\n2|t|f\n");
	assert_int_equal(shop_stop(s), 0);

	/* Of a store without a door somebody has to say that it refuses. */
	RUNS(&h, 0, "queued for 1", "order", "--store", "paris-01", "{\"order\":\"block-code\",\"code\":\"X\"}");
	RUNS(&h, 0, "to be carried", "publish");
	RUNS(&h, 76, "where the store has refused that, say --refused", "orders", "drop", "5");
	RUNS(&h, 0, "dropped: 1", "orders", "drop", "--refused", "5");
	RUNS(&h, 0, "dropped", "orders", "list", "--dropped");
	assert_rows(&h, "SELECT count(*) FROM directives WHERE store = 'paris-01'", "0\n");
	assert_int_not_equal(access(path_of(s, "dropped/paris-01/directives/1.json"), F_OK), 0);
	hq_close(&h);
}

/* What a store's day has brought, through palier-seal. */
static void sealed(const struct hq *h)
{
	const struct shop *s = h->s;
	struct wire w;

	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "day.close", "'request':'close'");
	wire_close(&w);
	assert_int_equal(program_run(s, (const char *const[]){ "palier-seal", "--config", s->config, NULL }, NULL), 0);
	assert_int_equal(symlink(path_of(s, "outbox"), path_of(s, "%s/lyon-03/batches", strrchr(h->directory, '/') + 1)), 0);
	RUNS(h, 0, "loaded: 1 batches", "load");
}

/* Somebody thought that a real store had refused it. What took its place is refused, until the store's batches say how it was. */
static void carried_out_after_all(void **state)
{
	static const char standing[] = "SELECT id, directive, dropped_at IS NULL FROM orders ORDER BY id";
	struct shop *s = *state;
	char path[256];
	struct hq h;

	hq_open(&h, s, "forked", "store \"lyon-03\" {}\n");
	certified(s, "store", (struct office_wish){ .store = "lyon-03" });
	shop_configure(s, &trusting);
	shop_start(s);
	RUNS(&h, 0, "queued for 1", "order", "--store", "lyon-03", BOBS);
	RUNS(&h, 0, "queued for 1", "order", "--store", "lyon-03", GRANT("points", "a/1/0"));
	RUNS(&h, 0, "to be carried", "publish");
	applied(&h, 1);
	RUNS(&h, 0, "dropped: 1", "orders", "drop", "--refused", "2");
	RUNS(&h, 0, "queued for 1", "order", "--store", "lyon-03", GRANT("points", "a/2/0"));
	RUNS(&h, 0, "to be carried", "publish");
	assert_rows(&h, standing, "1|1|t\n2||f\n3|1|t\n");
	snprintf(path, sizeof(path), "%s/lyon-03/directives/1.json", h.directory);
	assert_int_not_equal(program_run(s,
				     (const char *const[]){ "palier", "--config", s->config, "directive", "apply", path,
					     NULL },
				     NULL),
		0);

	sealed(&h);
	RUNS(&h, 76, "order 2 has been carried out", "orders", "drop",
		"2"); /* so its batches say; what fails changes nothing */
	assert_rows(&h, standing, "1|1|t\n2||f\n3|1|t\n");
	for (int again = 0; again < 2; again++)
		RUNS(&h, 0, "to be carried", "publish");
	assert_rows(&h, standing, "1|1|t\n2|1|t\n3|2|t\n");
	assert_rows(&h, TAKEN, "1|t|f\n2|f|f\n");
	assert_rows(&h, "SELECT count(*) FROM withdrawn", "0\n");
	assert_int_equal(chain_check(&h, "lyon-03", 2), 3);
	applied(&h, 1);
	applied(&h, 2);
	points_are(s, 10);
	assert_int_equal(shop_stop(s), 0);
	hq_close(&h);
}

/* --- forgetting --- */

static void forgotten(void **state)
{
	struct chain *c;
	char path[256], *text;
	struct hq h;

	hq_open(&h, *state, "erased", "");
	c = day(&h, "lyon-03", "2026-10-01");
	chain_event(c, "member.enroll", ANN, "",
		ENROLLED(ANN) ",{'kind':'journey.touch','member':'" ANN "','touchpoint':'purchase'}");
	chain_event(c, "member.enroll", BOB, "",
		ENROLLED(BOB) ",{'kind':'journey.touch','member':'" BOB "','touchpoint':'purchase'}");
	closed(c);
	enrolled(&h, "paris-01", "2026-10-02", ENROLLED(ANN));
	enrolled(&h, "nice-02", "2026-10-02", ENROLLED(CLEO));
	profiles(&h, "lyon-03", PERSON(ANN, "", "7", "active") PERSON(BOB, "", "9", "active"));
	RUNS(&h, 0, "loaded: 3 batches", "load");
	RUNS(&h, 64, "is not a member's id", "erase", "ann");
	RUNS(&h, 0, "ordered in 2 stores, with the next palier-hq publish; removed here: 1 rows of the database, 1 lines",
		"erase", ANN);
	RUNS(&h, 0, "ordered in 0 stores, with the next palier-hq publish; removed here: 0 rows of the database, 0 lines",
		"erase", ANN);
	assert_rows(&h, ALL_ORDERS, "lyon-03|erase/" ANN "\nparis-01|erase/" ANN "\n");
	assert_rows(&h, "SELECT member FROM touches", BOB "\n");
	snprintf(path, sizeof(path), "%s/lyon-03/profiles.jsonl", h.directory);
	text = file_read(path, NULL);
	assert_null(strstr(text, ANN));
	assert_non_null(strstr(text, BOB));
	free(text);
	RUNS(&h, 0, "to be carried", "publish");
	assert_int_equal(chain_check(&h, "paris-01", 1), 1);
	hq_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("points given up in one store are granted at home, once, in a directive that the office signs",
			grants, &no_shop),
		IN_SHOP("an unknown card in one store is its member's of another, and a blocked card is blocked in all",
			cards_of_others, &no_shop),
		IN_SHOP("the first merge counts in all stores, and so does an erasure", merges_and_erasures, &no_shop),
		IN_SHOP("of merges that collide the first says who a member is", colliding_merges, &no_shop),
		IN_SHOP("goods that came back elsewhere are settled where they were sold", returns_elsewhere, &no_shop),
		IN_SHOP("a replaced card is blocked in other stores, and the one that replaces it is known there",
			replaced_cards, &no_shop),
		IN_SHOP("what is at home fills holes elsewhere, once", holes_are_filled, &no_shop),
		IN_SHOP("of whom no home is known, what there is anywhere fills holes", holes_of_the_homeless_are_filled,
			&no_shop),
		IN_SHOP("a store's batches say which directives it has carried out", batches_tell_what_is_done, &no_shop),
		IN_SHOP("orders by hand are checked, queued once a store, and decide where a member is at home", by_hand,
			&no_shop),
		IN_SHOP("killed again and again, it loses no order and issues none twice", killed, &no_shop),
		IN_SHOP("a real store carries the files out, and has the points", carried_out, &not_yet),
		IN_SHOP("a store with a door is told at once; what it refuses stops it", delivered, &not_yet),
		IN_SHOP("after a change of the office's key a store is given the signature that it can verify", signers,
			&not_yet),
		IN_SHOP("what a store refuses is dropped, and ordered again", dropped, &not_yet),
		IN_SHOP("what was withdrawn and a store has carried out all the same is put back", carried_out_after_all,
			&not_yet),
		IN_SHOP("a member is forgotten in the office, and ordered to be in the stores that know him", forgotten,
			&no_shop),
	};

	return cmocka_run_group_tests_name("publish", tests, bench_open, bench_close);
}
