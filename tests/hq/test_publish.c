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

static void pem_write(const struct shop *s)
{
	struct palier_buffer text = { 0 };

	crypto_certificate_write(bench.certificate, &text);
	file_write(path_of(s, "office.pem"), text.at, text.len);
	text.len = 0;
	crypto_key_write(bench.key, &text);
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
	pem_write(s);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("points given up in one store are granted at home, once, in a directive that the office signs",
			grants, &no_shop),
	};

	return cmocka_run_group_tests_name("publish", tests, bench_open, bench_close);
}
