/* SPDX-License-Identifier: Apache-2.0 */
/* palier-hq load with a real PostgreSQL: exactly once whatever happens to the loaders, refusals in words, balances as the stores' daemons have
 * them, and the views' figures on a small chain reckoned by hand. */
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol/archive.h"
#include "tests/e2e/harness.h"
#include "tests/hq/batches.h"
#include "tests/hq/made.h"
#include "tests/hq/server.h"

static const struct shop_options no_shop = { .config = "", .empty = true, .broken = true };

/* --- a head office: hq.conf and hq/ in the shop's directory, and a database of its own --- */

struct office {
	const struct shop *s;
	struct server db; /* the one server, another database */
	char config[128], directory[128];
};

static void office_open(struct office *o, const struct shop *s, const char *database)
{
	char text[512];
	int n;

	snprintf(text, sizeof(text), "CREATE DATABASE %s", database);
	server_text(&server, text);
	*o = (struct office){ .s = s, .db = server };
	snprintf(o->db.conninfo, sizeof(o->db.conninfo), "host=%s user=office dbname=%s", server.dir, database);
	snprintf(o->config, sizeof(o->config), "%s/%s.conf", s->dir, database);
	snprintf(o->directory, sizeof(o->directory), "%s/%s", s->dir, database);
	assert_int_equal(mkdir(o->directory, 0755), 0);
	n = snprintf(text, sizeof(text), "directory = \"%s\"\ndatabase = \"%s\"\n", o->directory, o->db.conninfo);
	file_write(o->config, text, (size_t)n);
}

static pid_t load_start(const struct office *o)
{
	return program_start(o->s, (const char *const[]){ "palier-hq", "--config", o->config, "load", NULL });
}

/* @param expected what it says, in part */
static void loads(const struct office *o, int expected, const char *what)
{
	char *said;
	int code = program_wait(o->s, load_start(o), &said);

	if (code != expected || !strstr(said, what))
		fail_msg("palier-hq load ended with %d, not %d, or without \"%s\": %s", code, expected, what, said);
	free(said);
}

/* The same with --verify. */
static void loads_verified(const struct office *o, int expected, const char *what)
{
	char *said;
	int code = program_run(o->s, (const char *const[]){ "palier-hq", "--config", o->config, "load", "--verify", NULL },
		&said);

	if (code != expected || !strstr(said, what))
		fail_msg("palier-hq load --verify ended with %d, not %d, or without \"%s\": %s", code, expected, what, said);
	free(said);
}

/* Everything that was loaded, as one text: the tables' rows in sums that no order changes. */
static char *all_of(const struct office *o)
{
	struct palier_buffer out = { .len = 0 };
	char *names = server_rows(&o->db,
		"SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename !~ '_20' AND tablename <> 'batches' AND "
		"tablename <> 'schema_version' ORDER BY 1");

	for (char *name = strtok(names, "\n"); name; name = strtok(NULL, "\n")) {
		char sql[256];
		const char *sum;

		snprintf(sql, sizeof(sql),
			"SELECT '%s ' || count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0) FROM %s t", name,
			name);
		sum = server_text(&o->db, sql);
		palier_buffer_add(&out, sum, strlen(sum));
		palier_buffer_add(&out, "\n", 1);
	}
	palier_buffer_add(&out, "", 1);
	free(names);
	return out.at;
}

static void assert_points_fit(const struct office *o)
{
	assert_sql(&o->db, "SELECT count(*) FROM v_points_check WHERE ledger <> outstanding OR NOT complete", "0");
	assert_sql(&o->db, "SELECT count(*) FROM v_points_check_daily WHERE ledger <> said", "0");
}

/* --- exactly once ---------------------------------------------------------------------------------------------------- */

#define CHAIN ((struct made_plan){ .stores = 4, .days = 15, .sales = 40, .members = 200, .seed = 7 })

static void loaded_once(void **state)
{
	struct office one, many;
	char *expected, *got;
	uint64_t seed = 11;
	int64_t events;

	office_open(&one, *state, "one");
	office_open(&many, *state, "many");
	events = made_write(one.directory, &CHAIN);
	assert_int_equal(made_write(many.directory, &CHAIN), events);
	loads(&one, 0, "loaded: 60 batches with 2460 events; 0 were there already, 0 refused");
	expected = all_of(&one);
	loads(&one, 0, "loaded: 0 batches with 0 events; 60 were there already, 0 refused");
	got = all_of(&one);
	assert_string_equal(got, expected);
	free(got);
	assert_points_fit(&one);
	assert_sql(&one.db, "SELECT count(*) FROM events", "2460");

	assert_int_equal(program_run(many.s, (const char *const[]){ "palier-hq", "--config", many.config, "migrate", NULL },
				 NULL),
		0);
	for (int round = 0; round < 6; round++) {
		pid_t loaders[4];

		for (int i = 0; i < 4; i++)
			loaders[i] = load_start(&many);
		/* The last round is left in peace. */
		for (int64_t until = now_ms() + DEADLINE_MS;
			round < 5 && now_ms() < until &&
			atoi(server_text(&many.db, "SELECT count(*) FROM batches")) < (round + 1) * 8;)
			sleep_ms(1);
		for (int i = 0; i < 4 && round < 5; i++)
			if (draw_below(&seed, 4) > 0)
				kill(loaders[i], SIGKILL);
		for (int i = 0; i < 4; i++)
			(void)program_wait(many.s, loaders[i], NULL);
	}
	loads(&many, 0, "loaded: 0 batches with 0 events; 60 were there already");
	got = all_of(&many);
	assert_string_equal(got, expected);
	assert_points_fit(&many);
	free(got);
	free(expected);
}

/* --- compressed -------------------------------------------------------------------------------------------------------- */

/* As a store's archive has them, palier's frames; or one frame, as zstd alone makes it. */
static void archived(const struct office *o, const char *store, int batch, bool ours)
{
	char path[192], packed[224];
	int from, to;

	snprintf(path, sizeof(path), "%s/%s/batches/%d/events.jsonl", o->directory, store, batch);
	snprintf(packed, sizeof(packed), "%s.zst", path);
	if (!ours) {
		assert_int_equal(program_run(o->s, (const char *const[]){ "zstd", "-q", "--rm", path, NULL }, NULL), 0);
		return;
	}
	from = open(path, O_RDONLY | O_CLOEXEC);
	to = open(packed, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(from >= 0 && to >= 0);
	assert_int_equal(archive_write(from, to, NULL), PALIER_OK);
	close(from);
	close(to);
	assert_int_equal(unlink(path), 0);
}

static void loaded_compressed(void **state)
{
	struct made_plan plan = { .stores = 2, .days = 4, .sales = 300, .members = 50, .seed = 5 };
	struct office plain, packed;
	char path[192], away[192], *expected, *got, *text;
	size_t len;

	office_open(&plain, *state, "plain");
	office_open(&packed, *state, "packed");
	made_write(plain.directory, &plan);
	made_write(packed.directory, &plan);
	for (int batch = 1; batch <= 3; batch++)
		archived(&packed, "store-0001", batch, batch != 2);
	archived(&packed, "store-0002", 1, true);
	/* The batches may lie in the store's folder itself. */
	for (int batch = 1; batch <= 4; batch++) {
		snprintf(path, sizeof(path), "%s/store-0002/batches/%d", packed.directory, batch);
		snprintf(away, sizeof(away), "%s/store-0002/%d", packed.directory, batch);
		assert_int_equal(rename(path, away), 0);
	}
	snprintf(path, sizeof(path), "%s/store-0002/batches", packed.directory);
	assert_int_equal(rmdir(path), 0);
	loads(&plain, 0, "loaded: 8 batches with 2408 events");
	expected = all_of(&plain);

	/* What was cut on its way, or is another batch's, is refused; the rest is loaded. */
	snprintf(path, sizeof(path), "%s/store-0001/batches/2/events.jsonl.zst", packed.directory);
	text = file_read(path, &len);
	file_write(path, text, len / 2);
	loads(&packed, 76, "store-0001, batch 2: ");
	snprintf(away, sizeof(away), "%s/store-0001/batches/1/events.jsonl.zst", packed.directory);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(link(away, path), 0);
	loads(&packed, 76, "store-0001, batch 2: the file of events ");
	assert_sql(&packed.db, "SELECT count(*) FROM batches", "7");
	assert_int_equal(unlink(path), 0);
	file_write(path, text, len);
	free(text);
	loads(&packed, 0, "loaded: 1 batches with 301 events; 7 were there already, 0 refused");
	got = all_of(&packed);
	assert_string_equal(got, expected);
	assert_points_fit(&packed);

	/* In both forms it counts once; and what was loaded plain is the same when it is compressed since. */
	archived(&plain, "store-0001", 4, true);
	snprintf(path, sizeof(path), "%s/store-0001/batches/4/events.jsonl.zst", plain.directory);
	assert_int_equal(program_run(plain.s, (const char *const[]){ "zstd", "-q", "-d", path, NULL }, NULL), 0);
	archived(&plain, "store-0002", 4, true);
	loads(&plain, 0, "loaded: 0 batches with 0 events; 8 were there already, 0 refused");
	free(got);
	free(expected);
}

/* --- a small chain, reckoned by hand ----------------------------------------------------------------------------------- */

#define ANN  "m_aaaaaaaaaaaaaaaa"
#define BOB  "m_bbbbbbbbbbbbbbbb"
#define CLEO "m_cccccccccccccccc"
#define DORA "m_dddddddddddddddd"

#define BOOKED(sale, day, payable, returned) \
	"{'kind':'sale.booked','sale':'" sale "','date':'" day "','total':" #payable ",'payable':" #payable \
	",'due':" #payable ",'base':" #payable returned "}"
#define EARNED(member, sale, points) \
	"{'kind':'points.move','member':'" member "','unit':'points','cause':'earn','points':" #points \
	",'balance':0,'rule':'base','sale':'" sale "','expires':'2027-01-31'}"
#define LOT(at, seq, points) \
	"'lots':[{'expires':'2027-01-31','at':'" at "','seq':" #seq ",'cause':'earn','points':" #points "}]"
#define VISITED(member, held, spend) \
	",{'kind':'ladder.visited','member':'" member "','epoch':1" held ",'spend':" #spend ",'visits':1}"
/* A visit that was undone. */
#define UNDONE(member) \
	VISITED(member, "", 700) ",{'kind':'ladder.visited','member':'" member "','epoch':1,'spend':-700,'visits':-1}"
#define GAINED(margin, known, estimated) ",'margin':" #margin ",'known':" #known ",'estimated':" #estimated
#define STAGE(member, from, stage, day) \
	",{'kind':'journey.stage','member':'" member "'" from ",'stage':'" stage "','day':'" day "'}"
#define LINE(sku, amount) "'lines':[{'sku':'" sku "','category':'cheese','quantity':0.415,'amount':" #amount "}]"

static void lyon_january(struct chain *c)
{
	chain_day(c, "2026-01-10");
	chain_event(c, "member.enroll", ANN, "",
		"{'kind':'member.enrolled','member':'" ANN "','slot':1,'since':'2026-01-10'},"
		"{'kind':'recommendation.counted','of':'spontaneous','step':'enrolled','day':'2026-01-10'}");
	chain_event(c, "sale.commit", ANN, LINE("comte\\t18", 3000),
		EARNED(ANN, "L1", 30) "," BOOKED("L1", "2026-01-10", 3000, "") VISITED(ANN, GAINED(900, 3000, 500), 3000)
			STAGE(ANN, "", "first_purchase", "2026-01-10"));
	chain_event(c, "sale.commit", NULL, LINE("bread", 500), BOOKED("L2", "2026-01-10", 500, ""));
	chain_event(c, "sale.commit", CLEO, LINE("bread", 100), BOOKED("L3", "2026-01-10", 100, "") VISITED(CLEO, "", 100));
	chain_close(c, "'sales':3,'payable':3600,'units':{'points':{'earn':30,'outstanding':30}}",
		"'units':{'points':{'earn':30,'outstanding':30}}");
}

static void lyon_february(struct chain *c)
{
	chain_day(c, "2026-02-15");
	chain_event(c, "sale.commit", ANN, LINE("brie", 1000),
		"{'kind':'points.move','member':'" ANN
		"','unit':'points','cause':'spend','points':-20,'balance':10,'reward':'two-off',"
		"'sale':'L4'," LOT("2026-01-10T08:00:01.000Z", 2, 20) "}," EARNED(ANN, "L4",
			10) ",{'kind':'sale.discount','source':'two-off','label':'2 off','amount':200,'redeemed':true,'lines':[]}," BOOKED("L4",
			"2026-02-15", 800, "") VISITED(ANN, GAINED(-100, 700, 0), 800)
			STAGE(ANN, ",'from':'first_purchase'", "repeat", "2026-02-15"));
	chain_event(c, "sale.return", ANN, "",
		"{'kind':'points.move','member':'" ANN
		"','unit':'points','cause':'reverse','points':-10,'balance':10,'sale':'L1'," LOT("2026-01-10T08:00:01.000Z",
			2, 10) ",'requested':10,'collected':10},"
			       "{'kind':'sale.returned','sale':'L1','return':'L5','member':'" ANN
			       "','date':'2026-01-10','amount':1000,'base':1000}");
	chain_event(c, "sale.void", NULL, "", "{'kind':'sale.voided','sale':'L2','date':'2026-01-10','spend':500}");
	chain_event(c, "member.merge", CLEO, "", "{'kind':'member.merged','member':'" CLEO "','into':'" ANN "'}");
	chain_event(c, "survey.answer", ANN, "",
		"{'kind':'survey.answered','member':'" ANN "','question':'nps','score':9,'day':'2026-02-15'},"
		"{'kind':'tiers.standing','member':'" ANN
		"','step':{'tier':'silver','from':500,'at':'2026-02-15T00:00:00.000Z'}}");
	chain_close(c, "'sales':1,'units':{'points':{'earn':10,'spend':-20,'reverse':-10,'outstanding':10}}",
		"'units':{'points':{'earn':40,'spend':-20,'reverse':-10,'outstanding':10}}");
}

static void paris_january(struct chain *c)
{
	chain_day(c, "2026-01-20");
	chain_event(c, "sale.commit", BOB, LINE("brie", 2000),
		EARNED(BOB, "P1", 20) "," BOOKED("P1", "2026-01-20", 2000, "")
			VISITED(BOB, ",'held':true" GAINED(500, 2000, 2000), 2000));
	chain_event(c, "sale.commit", ANN, LINE("brie", 400),
		EARNED(ANN, "P2", 4) "," BOOKED("P2", "2026-01-20", 400, "") VISITED(ANN, "", 400) UNDONE(DORA));
	chain_event(c, "job.points", ANN, "",
		"{'kind':'points.move','member':'" ANN
		"','unit':'points','cause':'give','points':-3,'balance':1," LOT("2026-01-20T08:00:01.000Z", 2,
			3) "},"
			   "{'kind':'points.given','member':'" ANN "','unit':'points','points':3,'to':'lyon-03'},"
			   "{'kind':'tiers.standing','member':'" ANN
			   "','step':{'tier':'bronze','from':100,'at':'2026-01-20T00:00:00.000Z'}}");
	chain_event(c, "referral.claim", BOB, "",
		"{'kind':'referral.step','friend':'" BOB "','referral':4,'cause':'claim','sponsor':'" ANN
		"','phase':'claimed'}");
	chain_close(c, "'units':{'points':{'earn':24,'give':-3,'outstanding':21}}",
		"'units':{'points':{'earn':24,'give':-3,'outstanding':21}}");
}

static void paris_march(struct chain *c)
{
	chain_day(c, "2026-03-02");
	chain_event(c, "job.points", BOB, "",
		"{'kind':'points.move','member':'" BOB
		"','unit':'points','cause':'expire','points':-20,'balance':0," LOT("2026-01-20T08:00:00.000Z", 1, 20) "}");
	chain_event(c, "sale.return", BOB, "",
		"{'kind':'points.move','member':'" BOB
		"','unit':'points','cause':'reverse','points':-5,'balance':-5,'hole':5},"
		"{'kind':'referral.step','friend':'" BOB "','referral':4,'cause':'sale','sponsor':'" ANN
		"','phase':'purchased',"
		"'friend_gift':{'paid':true}}");
	chain_close(c, "'units':{'points':{'expire':-20,'reverse':-5,'outstanding':-4}}",
		"'units':{'points':{'earn':24,'give':-3,'expire':-20,'reverse':-5,'outstanding':-4}}");
}

static void lyon_march(struct chain *c)
{
	chain_day(c, "2026-03-05");
	chain_event(c, "office.directive", NULL, "",
		"{'kind':'points.move','member':'" ANN "','unit':'points','cause':'grant','points':3,'balance':13},"
		"{'kind':'points.granted','member':'" ANN "','unit':'points','points':3,'source':'paris-01/3/1'}");
	chain_close(c, "'units':{'points':{'grant':3,'outstanding':13}}",
		"'units':{'points':{'earn':40,'spend':-20,'reverse':-10,'grant':3,'outstanding':13}}");
}

static void assert_rows(const struct office *o, const char *sql, const char *expected)
{
	char *rows = server_rows(&o->db, sql);

	assert_string_equal(rows, expected);
	free(rows);
}

static void reckoned_by_hand(void **state)
{
	struct chain lyon, paris;
	struct office o;

	office_open(&o, *state, "hand");
	chain_begin(&lyon, o.directory, "lyon-03");
	chain_begin(&paris, o.directory, "paris-01");
	lyon_january(&lyon);
	lyon_february(&lyon);
	paris_january(&paris);
	paris_march(&paris);
	loads(&o, 0, "loaded: 4 batches with 19 events");
	assert_points_fit(&o);
	assert_rows(&o, "SELECT member, unit, ledger, coming, points FROM v_balances ORDER BY 1",
		ANN "|points|11|3|14\n" BOB "|points|-5|0|-5\n");
	assert_rows(&o, "SELECT cohort, outstanding FROM v_liability WHERE cohort IS NULL", "|3\n");

	lyon_march(&lyon);
	loads(&o, 0, "loaded: 1 batches with 2 events; 4 were there already");
	assert_points_fit(&o);
	assert_rows(&o, "SELECT member, unit, ledger, coming, points FROM v_balances ORDER BY 1",
		ANN "|points|14|0|14\n" BOB "|points|-5|0|-5\n");
	assert_rows(&o,
		"SELECT unit, cohort, issued, redeemed, expired, withdrawn, outstanding, debt, expected, breakage, face FROM v_liability "
		"ORDER BY cohort",
		"points|2026-01-01|54|20|20|13|1|0|1|0|\npoints|2026-02-01|10|0|0|0|10|0|10|0|\npoints|2026-03-01|3|0|0|0|3|-5|3|0|\n");
	assert_rows(&o,
		"SELECT store, day, sales, of_members, payable, voids, returns, refunded, discount, redeemed FROM v_sales_daily ORDER BY 1, 2",
		"lyon-03|2026-01-10|3|2|3600|0|0|0|0|0\nlyon-03|2026-02-15|1|1|300|1|1|1000|200|200\n"
		"paris-01|2026-01-20|2|2|2400|0|0|0|0|0\n");
	assert_rows(&o, "SELECT held, sum(n), sum(sum), sum(squares) FROM v_ladder_uplift GROUP BY held ORDER BY held",
		"f|2|4300|15370000\nt|1|2000|4000000\n"); /* Ann 3000 + 800 + Cleo's 100 in Lyon, 400 in Paris */
	assert_rows(&o,
		"SELECT store, held, margin, margin_squares, known, estimated FROM v_ladder_uplift ORDER BY store, held",
		"lyon-03|f|800|640000|3700|500\nparis-01|f|0|0|0|0\nparis-01|t|500|250000|2000|2000\n");
	assert_rows(&o, "SELECT member, tier, store FROM v_tiers", ANN "|silver|lyon-03\n");
	assert_rows(&o, "SELECT store, referral, friend, sponsor, phase, friend_paid, sponsor_paid FROM v_referrals",
		"paris-01|4|" BOB "|" ANN "|purchased|t|f\n");
	assert_rows(&o, "SELECT stage, store, entries, members, there FROM v_journey ORDER BY 1",
		"first_purchase|lyon-03|1|1|0\nrepeat|lyon-03|1|1|1\n");
	assert_rows(&o, "SELECT store, date, sort, step, count FROM v_funnel",
		"lyon-03|2026-01-10|spontaneous|enrolled|1\n");
	assert_rows(&o, "SELECT question, asked, answered, sum, promoters, detractors FROM v_surveys", "nps|0|1|9|1|0\n");
	assert_rows(&o, "SELECT sku, category, quantity, amount FROM sale_lines WHERE seq = 2 AND store = 'lyon-03'",
		"comte\t18|cheese|415|3000\n");
	chain_end(&lyon);
	chain_end(&paris);
}

/* --- breakage -------------------------------------------------------------------------------------------------------- */

/* Cohorts of 1000, of which 100 are redeemed in their own month and 50 in the next, from `first` on; it is March 2026. */
#define COHORTS(unit, first) \
	"INSERT INTO lot_months SELECT 's', '" unit \
	"', c, c + make_interval(months => a), CASE a WHEN 0 THEN 1000 ELSE 0 END, " \
	"CASE a WHEN 0 THEN 100 ELSE 50 END, 0, 0, 0 FROM generate_series('" first \
	"'::date, '2026-02-01', '1 month') AS c, " \
	"generate_series(0, 1) AS a WHERE c + make_interval(months => a) < '2026-03-01'; "

static void breakage_by_age(void **state)
{
	struct office o;

	office_open(&o, *state, "breakage");
	loads(&o, 0, "loaded: 0 batches");
	server_text(&o.db,
		"INSERT INTO batches VALUES ('s', 1, '', '2026-03-15', 1, 1, 1, now(), '{}', '{}'); " COHORTS("old",
			"2025-01-01") COHORTS("young",
			"2025-05-01") "INSERT INTO lot_months VALUES ('s', 'old', '2026-03-01', '2026-03-01', 500, 0, 0, 0, 0); "
				      "INSERT INTO units VALUES ('old', 2, 0.6)");
	assert_rows(&o,
		"SELECT age, redeemed, issued, cohorts FROM v_redemption WHERE unit = 'old' AND age IN (0, 1, 2, 13) ORDER BY 1",
		"0|1400|14000|14\n1|650|13000|13\n2|0|12000|12\n13|0|1000|1\n");
	/* What March has issued will see 10 % and 5 %, what February has 5 %, the rest nothing. */
	assert_rows(&o,
		"SELECT cohort, outstanding, expected, breakage, face, expected_money, cost FROM v_liability WHERE unit = 'old' AND "
		"cohort >= '2026-01-01' ORDER BY 1",
		"2026-01-01|850|0|850|1700|0|0\n2026-02-01|900|50|850|1800|100|60\n2026-03-01|500|75|425|1000|150|90\n");
	assert_rows(&o, "SELECT sum(breakage), sum(expected) FROM v_liability WHERE unit = 'young'",
		"0|8550\n"); /* 10 months */
}

/* --- a real shop: it sells, closes and seals its days, and the office loads them ---------------------------------------- */

static const struct shop_options sealing = { .config = "signing { certificate = \"store.pem\"  key = \"store.key\" }\n" };

/* A key, and a certificate that it has signed itself, made by stock tools. */
static void key_make(const struct shop *s)
{
	char line[640];

	snprintf(line, sizeof(line),
		"cd %s && openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out store.key && chmod 400 store.key && "
		"openssl req -x509 -new -key store.key -subj /CN=lyon-03 -days 3650 -addext keyUsage=critical,digitalSignature "
		"-addext extendedKeyUsage=emailProtection -out store.pem",
		s->dir);
	assert_int_equal(program_run(s, (const char *const[]){ "sh", "-c", line, NULL }, NULL), 0);
}

static void day_do(struct wire *w, int day)
{
	static const char *const cards[] = { "CARD-1", "CARD-2", "CARD-3" };

	for (int i = 0; i < 9; i++)
		ask_ok(w, "sale.commit",
			"'request':'s%d-%d','sale':'S%d-%d','card':'%s','lines':[{'sku':'a','amount':%d00}],'payable':%d00",
			day, i, day, i, cards[i % 3], 10 + i, 10 + i);
	ask_ok(w, "sale.return", "'request':'r%d','return':'R%d','sale':'S%d-4','lines':[{'line':0,'amount':500}]", day, day,
		day);
	ask_ok(w, "sale.void", "'request':'v%d','sale':'S%d-5'", day, day);
	ask_ok(w, "balance.adjust", "'request':'a%d','card':'CARD-3','unit':'points','points':-%d,'reason':'x'", day,
		10 * day);
	ask_ok(w, "day.close", "'request':'c%d'", day);
}

static void sealed_to(const struct office *o)
{
	char from[96], to[192];

	assert_int_equal(program_run(o->s, (const char *const[]){ "palier-seal", "--config", o->s->config, NULL }, NULL), 0);
	snprintf(from, sizeof(from), "%s/outbox", o->s->dir);
	snprintf(to, sizeof(to), "%s/lyon-03", o->directory);
	assert_true(mkdir(to, 0755) == 0 || access(to, F_OK) == 0);
	snprintf(to, sizeof(to), "%s/lyon-03/batches", o->directory);
	tree_copy(from, to);
}

/* What the office has of each member is what the shop's daemon says. */
static void assert_balances(const struct office *o, struct wire *w)
{
	for (int i = 1; i <= 3; i++) {
		const char *reply = ask_ok(w, "card.lookup", "'card':'CARD-%d'", i);
		char sql[256];

		snprintf(sql, sizeof(sql), "SELECT points FROM v_balances WHERE member = '%s' AND unit = 'points'",
			field(reply, "result.member"));
		assert_sql(&o->db, sql, field(reply, "result.balances.points"));
	}
}

static void as_the_daemon_says(void **state)
{
	const struct shop *s = *state;
	struct office o;
	struct wire w;
	char text[512], path[192];
	const char *reply;
	int n;

	key_make(s);
	office_open(&o, s, "real");
	connect_to(&w, s, DOOR_TRUST);
	for (int i = 1; i <= 3; i++)
		ask_ok(&w, "member.enroll", "'request':'e%d','card':'CARD-%d'", i, i);
	for (int day = 1; day <= 3; day++)
		day_do(&w, day);
	sealed_to(&o);
	loads_verified(&o, 79, "nothing says whose signature counts for lyon-03");
	assert_sql(&o.db, "SELECT count(*) FROM batches", "0");
	n = snprintf(text, sizeof(text),
		"directory = \"%s\"\ndatabase = \"%s\"\nstore \"lyon-03\" { certificate = \"store.pem\" }\n", o.directory,
		o.db.conninfo);
	file_write(o.config, text, (size_t)n);
	snprintf(path, sizeof(path), "%s/lyon-03/batches/2/events.jsonl", o.directory);
	assert_int_equal(chmod(path, 0600), 0);
	archived(&o, "lyon-03", 2, true);
	loads_verified(&o, 0, "loaded: 3 batches");
	assert_points_fit(&o);
	assert_balances(&o, &w);
	reply = ask_ok(&w, "batch.show", "'batch':3");
	snprintf(text, sizeof(text), "%s|%s|%s|%s|%s\n", field(reply, "result.perpetual.sales"),
		field(reply, "result.perpetual.payable"), field(reply, "result.perpetual.voids"),
		field(reply, "result.perpetual.returns"), field(reply, "result.perpetual.refunded"));
	assert_rows(&o, "SELECT sum(sales), sum(payable), sum(voids), sum(returns), sum(refunded) FROM v_sales_daily", text);
	wire_close(&w);
}

/* --- what is refused ------------------------------------------------------------------------------------------------- */

static void refused_in_words(void **state)
{
	struct made_plan other = { .stores = 1, .days = 3, .sales = 5, .members = 10, .seed = 1 };
	const struct shop *s = *state;
	struct office o;
	char path[192], kept[224], *text, *letter;
	size_t len;

	office_open(&o, s, "refusing");
	made_write(o.directory, &other);
	snprintf(path, sizeof(path), "%s/store-0001/batches/2/events.jsonl", o.directory);
	text = file_read(path, &len);
	letter = strstr(text, "Product of");
	*letter ^= 1;
	file_write(path, text, len);
	loads(&o, 76, "store-0001, batch 2: the file of events is not the one of the manifest");
	assert_sql(&o.db, "SELECT string_agg(batch::text, ' ' ORDER BY batch) FROM batches", "1 3");
	assert_sql(&o.db, "SELECT string_agg(store || batch, ' ') FROM v_gaps", "store-00012");
	assert_sql(&o.db, "SELECT bool_or(complete) FROM v_points_check", "f");
	assert_sql(&o.db, "SELECT count(*) FROM events", "12");
	*letter ^= 1;
	file_write(path, text, len - 1);
	loads(&o, 76, "batch 2: ");
	file_write(path, text, len);
	free(text);

	snprintf(path, sizeof(path), "%s/store-0001/batches/2/manifest.json", o.directory);
	snprintf(kept, sizeof(kept), "%s.kept", path);
	assert_int_equal(rename(path, kept), 0);
	loads(&o, 76, "store-0001, batch 2: it has no manifest.json: it is not sealed, or has not all come");
	assert_int_equal(rename(kept, path), 0);
	loads(&o, 0, "loaded: 1 batches with 6 events; 2 were there already, 0 refused");
	assert_points_fit(&o);

	/* Another ledger under the same name. */
	other.seed = 2;
	made_write(o.directory, &other);
	loads(&o, 76,
		"store-0001, batch 3: another batch of this number has been loaded: one of the two is not the store's");
	snprintf(path, sizeof(path), "%s/store-0002", o.directory);
	snprintf(kept, sizeof(kept), "%s/store-0001", o.directory);
	tree_copy(kept, path);
	loads(&o, 76, "store-0002, batch 1: it is another store's");
}

static void refused_without_database(void **state)
{
	struct office o;
	char text[256], *said;
	int n;

	office_open(&o, *state, "gone");
	n = snprintf(text, sizeof(text), "directory = \"%s\"\n", o.directory);
	file_write(o.config, text, (size_t)n);
	loads(&o, 79, "the configuration has no database");
	n = snprintf(text, sizeof(text), "directory = \"%s\"\ndatabase = \"host=%s dbname=x user=y\"\n", o.directory,
		o.directory);
	file_write(o.config, text, (size_t)n);
	loads(&o, 69, "the database cannot be reached: ");
	n = snprintf(text, sizeof(text), "directory = \"%s\"\ndatabase = \"%s\"\n", o.directory, o.db.conninfo);
	file_write(o.config, text, (size_t)n);
	loads(&o, 0, "loaded: 0 batches");
	server_text(&o.db, "INSERT INTO schema_version VALUES (99)");
	loads(&o, 79, "the database's schema is of version 99, that of a later palier-hq");
	assert_int_equal(program_run(o.s,
				 (const char *const[]){ "palier-hq", "--config", o.config, "migrate", "--print", NULL },
				 &said),
		0);
	assert_non_null(strstr(said, "CREATE TABLE batches"));
	assert_non_null(strstr(said, "CREATE VIEW v_liability"));
	free(said);
}

/* --- it can be distributed ------------------------------------------------------------------------------------------- */

/* Citus asks one thing of a table: every key holds the distribution column. A stand-in asks the same. */
static void distributed_by_member(void **state)
{
	struct office o;

	office_open(&o, *state, "citus");
	loads(&o, 0, "loaded: 0 batches");
	server_text(&o.db,
		"CREATE FUNCTION create_reference_table(t text) RETURNS void LANGUAGE sql AS 'SELECT';"
		"CREATE TABLE distributed (name text, by text);"
		"CREATE FUNCTION create_distributed_table(t text, c text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN "
		"IF EXISTS (SELECT FROM pg_index i WHERE i.indrelid = t::regclass AND i.indisunique AND NOT EXISTS (SELECT FROM pg_attribute a "
		"WHERE a.attrelid = t::regclass AND a.attname = c AND a.attnum = ANY (i.indkey))) THEN RAISE 'a key of % is without %', t, c; END "
		"IF; IF EXISTS (SELECT FROM pg_constraint WHERE conrelid = t::regclass AND contype = 'f') THEN RAISE 'foreign key'; END IF; "
		"INSERT INTO distributed VALUES (t, c); END $$;"
		"SELECT palier_distribute()");
	assert_sql(&o.db, "SELECT count(*) FROM distributed WHERE by = 'member'", "26");
	assert_sql(&o.db,
		"SELECT string_agg(tablename, ' ') FROM pg_tables WHERE schemaname = 'public' AND tablename !~ '_20' AND tablename NOT IN (SELECT "
		"name FROM distributed) AND tablename NOT IN ('units', 'orders', 'directives', 'withdrawn', 'homes', 'servers', 'schema_version', 'distributed')",
		"");
	/* The member leads every key, so that what is asked of one member is found at once. */
	assert_sql(&o.db,
		"SELECT count(*) FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] "
		"WHERE i.indrelid IN (SELECT name::regclass FROM distributed WHERE by = 'member') AND a.attname <> 'member'",
		"0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("four loaders at once, killed again and again, load each batch once", loaded_once, &no_shop),
		IN_SHOP("compressed batches are loaded as if they were not", loaded_compressed, &no_shop),
		IN_SHOP("the views say of a small chain what was reckoned by hand", reckoned_by_hand, &no_shop),
		IN_SHOP("breakage follows from what earlier cohorts redeemed at each age", breakage_by_age, &no_shop),
		IN_SHOP("balances and days are what the shop's daemon says", as_the_daemon_says, &sealing),
		IN_SHOP("what does not fit is refused in words, and the rest is loaded", refused_in_words, &no_shop),
		IN_SHOP("it says what is wrong with the database", refused_without_database, &no_shop),
		IN_SHOP("every table can be distributed by member", distributed_by_member, &no_shop),
	};

	return cmocka_run_group_tests_name("load", tests, server_up, server_down);
}
