/* SPDX-License-Identifier: Apache-2.0 */
/* backup and restore, of shops that run, stand still or were killed. */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/e2e/harness.h"

/* --- kit ----------------------------------------------------------------------------------------------------------- */

static const char *in(const struct shop *s, const char *name)
{
	static char paths[8][256];
	static unsigned next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", s->dir, name);
	return path;
}

/* @param keys NULL: beside the rest */
static int back_up(const struct shop *s, const char *dir, const char *keys, char **said)
{
	const char *args[] = { "backup", in(s, dir), keys ? "--keys" : NULL, keys ? in(s, keys) : NULL, NULL };

	return shop_verb_with(s, args, said);
}

static int restore(const struct shop *s, const char *dir, const char *keys, char **said)
{
	const char *args[] = { "restore", in(s, dir), keys ? "--keys" : NULL, keys ? in(s, keys) : NULL, NULL };

	return shop_verb_with(s, args, said);
}

static void must(int code, const char *what)
{
	if (code != 0)
		fail_msg("%s ended with %d", what, code);
}

/* The ledger is lost. */
static void lose(const struct shop *s)
{
	tree_remove(in(s, "lost"));
	assert_int_equal(rename(s->data, in(s, "lost")), 0);
}

static void sell(struct wire *w, int n)
{
	ask_ok(w, "sale.commit",
		"'request':'r-%d','sale':'R-%d','card':'CARD-1','lines':[{'sku':'a','amount':1000}],'payable':1000", n, n);
}

static void enroll(struct wire *w)
{
	ask_ok(w, "member.enroll", "'request':'c-1','card':'CARD-1','name':'Zoubida Quicampoix'");
}

static int64_t points(struct wire *w)
{
	return figure(ask_ok(w, "card.lookup", "'card':'CARD-1'"), "result.balances.points");
}

static unsigned count_in(const char *text, const char *what)
{
	unsigned n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

static unsigned restores_booked(const struct shop *s)
{
	size_t len;
	char *text = journal_text(s, &len);
	unsigned n = count_in(text, "\"kind\":\"ledger.restored\"");

	free(text);
	return n;
}

/* --- a backup and back --------------------------------------------------------------------------------------------- */

static void runs(void **state)
{
	struct shop *s = *state;
	struct wire w;

	connect_to(&w, s, DOOR_TRUST);
	enroll(&w);
	for (int i = 0; i < 5; i++)
		sell(&w, i);
	must(back_up(s, "copy", NULL, NULL), "backup");
	sell(&w, 5); /* after it */
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
	lose(s);
	must(restore(s, "copy", NULL, NULL), "restore");
	shop_sound(s);
	assert_int_equal(restores_booked(s), 0);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	assert_int_equal(points(&w), 50);
	assert_field(ask_ok(&w, "card.lookup", "'card':'CARD-1'"), "result.name", "Zoubida Quicampoix");
	assert_int_equal(restores_booked(s), 1);
	/* What was lost is sold again by the till's queue, once. */
	sell(&w, 5);
	sell(&w, 4);
	assert_int_equal(points(&w), 60);
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
	shop_start(s);
	assert_int_equal(restores_booked(s), 1);
}

static void stands(void **state)
{
	struct shop *s = *state;
	struct wire w;

	connect_to(&w, s, DOOR_TRUST);
	enroll(&w);
	sell(&w, 1);
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
	must(back_up(s, "copy", NULL, NULL), "backup");
	lose(s);
	must(restore(s, "copy", NULL, NULL), "restore");
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	assert_int_equal(points(&w), 10);
	wire_close(&w);
}

static void was_killed(void **state)
{
	struct shop *s = *state;
	struct wire w;

	connect_to(&w, s, DOOR_TRUST);
	enroll(&w);
	sell(&w, 1);
	shop_kill(s); /* before the index has followed */
	wire_close(&w);
	must(back_up(s, "copy", NULL, NULL), "backup");
	lose(s);
	must(restore(s, "copy", NULL, NULL), "restore");
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	assert_int_equal(points(&w), 10);
	wire_close(&w);
}

static void is_new(void **state)
{
	struct shop *s = *state;
	struct wire w;

	must(back_up(s, "copy", NULL, NULL), "backup");
	assert_int_equal(shop_stop(s), 0);
	lose(s);
	must(restore(s, "copy", NULL, NULL), "restore");
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	assert_int_equal(last_seq(&w), 1); /* the restore itself */
	wire_close(&w);
}

static void has_closed_days(void **state)
{
	struct shop *s = *state;
	struct stat st;
	struct wire w;

	connect_to(&w, s, DOOR_TRUST);
	enroll(&w);
	sell(&w, 1);
	ask_ok(&w, "day.close", "'request':'d-1'");
	must(back_up(s, "closed", NULL, NULL), "backup between two days");
	sell(&w, 2);
	ask_ok(&w, "day.close", "'request':'d-2'");
	sell(&w, 3);
	must(back_up(s, "copy", NULL, NULL), "backup");
	wire_close(&w);
	assert_int_equal(stat(in(s, "copy/journal/1.jsonl"), &st), 0);
	assert_int_equal(st.st_nlink, 3); /* a closed file never changes: no second copy of it is needed */
	assert_int_equal(stat(in(s, "copy/journal/3.open"), &st), 0);
	assert_int_equal(st.st_nlink, 1);
	assert_int_equal(shop_stop(s), 0);
	lose(s);
	must(restore(s, "copy", NULL, NULL), "restore");
	assert_int_equal(stat(in(s, "shop/journal/1.jsonl"), &st), 0);
	assert_int_equal(st.st_nlink, 1); /* but what is restored stands alone */
	shop_sound(s);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	assert_int_equal(points(&w), 30);
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
	lose(s);
	must(restore(s, "closed", NULL, NULL), "restore");
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	assert_int_equal(points(&w), 10);
	wire_close(&w);
}

/* --- under load ---------------------------------------------------------------------------------------------------- */

struct till {
	pthread_t thread;
	const struct shop *shop;
	int index, sold;
	volatile bool stop;
};

static void *till_run(void *arg)
{
	struct till *t = arg;
	struct wire w;

	if (!wire_open(&w, t->shop, DOOR_TRUST))
		return NULL;
	while (!t->stop &&
		wire_ask(&w, "sale.commit",
			"'request':'%d|%d','sale':'%d-%d','card':'CARD-1','lines':[{'sku':'a','amount':100}],'payable':100",
			t->index, t->sold, t->index, t->sold))
		__atomic_add_fetch(&t->sold, 1, __ATOMIC_RELEASE);
	wire_close(&w);
	return NULL;
}

static int64_t sold_by(struct till *tills, int n)
{
	int64_t sum = 0;

	for (int i = 0; i < n; i++)
		sum += __atomic_load_n(&tills[i].sold, __ATOMIC_ACQUIRE);
	return sum;
}

static void sells_on(void **state)
{
	static const char *const names[] = { "copy-1", "copy-2", "copy-3" };
	struct shop *s = *state;
	struct till tills[4] = { { .shop = NULL } };
	int64_t before[3];
	struct wire w;

	connect_to(&w, s, DOOR_TRUST);
	enroll(&w);
	for (int i = 0; i < 4; i++) {
		tills[i] = (struct till){ .shop = s, .index = i };
		assert_int_equal(pthread_create(&tills[i].thread, NULL, till_run, &tills[i]), 0);
	}
	for (int i = 0; i < 3; i++) {
		while (sold_by(tills, 4) < 40 * (i + 1))
			sleep_ms(1);
		before[i] = sold_by(tills, 4);
		must(back_up(s, names[i], NULL, NULL), "backup");
	}
	for (int i = 0; i < 4; i++)
		tills[i].stop = true;
	for (int i = 0; i < 4; i++)
		pthread_join(tills[i].thread, NULL);
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
	for (int i = 0; i < 3; i++) {
		lose(s);
		must(restore(s, names[i], NULL, NULL), "restore");
		shop_sound(s);
		shop_start(s);
		connect_to(&w, s, DOOR_TRUST);
		/* All that was answered before it began is in it. */
		assert_true(points(&w) >= before[i]);
		wire_close(&w);
		assert_int_equal(shop_stop(s), 0);
	}
}

/* --- keys apart ---------------------------------------------------------------------------------------------------- */

/* Does a file of this directory hold the text? */
static bool holds(const char *dir, const char *text)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	bool found = false;

	assert_non_null(d);
	while ((e = readdir(d)) && !found) {
		char path[600], *at;
		size_t len;

		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		at = file_read(path, &len);
		found = at && memmem(at, len, text, strlen(text));
		free(at);
	}
	closedir(d);
	return found;
}

static void keeps_keys_apart(void **state)
{
	struct shop *s = *state;
	struct wire w;
	char *said;

	connect_to(&w, s, DOOR_TRUST);
	enroll(&w);
	sell(&w, 1);
	wire_close(&w);
	must(back_up(s, "copy", "keys", NULL), "backup");
	assert_int_not_equal(access(in(s, "copy/keys-apart"), F_OK), 0);
	assert_false(holds(in(s, "copy/journal"), "Zoubida") || holds(in(s, "copy/index"), "Zoubida") ||
		     holds(in(s, "copy"), "Zoubida"));
	assert_int_equal(shop_stop(s), 0);
	lose(s);
	assert_true(restore(s, "copy", NULL, &said) > 0);
	assert_non_null(strstr(said, "--keys"));
	free(said);
	assert_int_not_equal(access(s->data, F_OK), 0); /* nothing was made */
	must(restore(s, "copy", "keys", NULL), "restore");
	shop_start(s);
}

static void takes_older_keys(void **state)
{
	struct shop *s = *state;
	struct wire w;
	char *said;

	connect_to(&w, s, DOOR_TRUST);
	enroll(&w);
	must(back_up(s, "early", "early-keys", NULL), "backup");
	ask_ok(&w, "member.enroll", "'request':'c-2','card':'CARD-2','name':'Ada Lovelace'");
	sell(&w, 1);
	ask_ok(&w, "sale.commit",
		"'request':'r-2','sale':'R-2','card':'CARD-2','lines':[{'sku':'a','amount':700}],'payable':700");
	wire_close(&w);
	must(back_up(s, "late", "late-keys", NULL), "backup");
	assert_int_equal(shop_stop(s), 0);
	lose(s);
	must(restore(s, "late", "early-keys", &said), "restore");
	assert_non_null(strstr(said, "1 members"));
	free(said);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	assert_int_equal(points(&w), 10);
	assert_figure(ask_ok(&w, "card.lookup", "'card':'CARD-2'"), "result.balances.points", 7);
	assert_null(field(ask_ok(&w, "card.lookup", "'card':'CARD-2'"), "result.name"));
	wire_close(&w);
}

/* The first member's, slot 1. */
static bool key_is_there(const struct shop *s, const char *file)
{
	static const char blank[32];
	size_t len;
	char *at = file_read(in(s, file), &len);
	bool there;

	assert_non_null(at);
	assert_true(len >= 64);
	there = memcmp(at + 32, blank, 32) != 0;
	free(at);
	return there;
}

static void erases_again(void **state)
{
	struct shop *s = *state;
	struct wire w;
	char member[32];

	connect_to(&w, s, DOOR_TRUST);
	enroll(&w);
	snprintf(member, sizeof(member), "%s", field(ask_ok(&w, "card.lookup", "'card':'CARD-1'"), "result.member"));
	must(back_up(s, "early", "early-keys", NULL), "backup");
	ask_ok(&w, "member.erase", "'request':'e-1','member':'%s'", member);
	must(back_up(s, "late", "late-keys", NULL), "backup");
	wire_close(&w);
	assert_true(key_is_there(s, "early-keys/keys"));
	assert_false(key_is_there(s, "late-keys/keys"));
	assert_int_equal(shop_stop(s), 0);
	lose(s);
	must(restore(s, "late", "early-keys", NULL), "restore");
	assert_false(key_is_there(s, "shop/keys")); /* before anybody is served */
	shop_start(s);
}

/* --- what is refused ----------------------------------------------------------------------------------------------- */

static void damage(const char *path)
{
	size_t len;
	char *at = file_read(path, &len);

	assert_non_null(at);
	assert_true(len > 0);
	at[len / 2] ^= 1;
	file_write(path, at, len);
	free(at);
}

static void cut(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, st.st_size - 1), 0);
}

static void drop(const char *path)
{
	assert_int_equal(unlink(path), 0);
}

static void refuses_damage(void **state)
{
	static const char *const files[] = { "FORMAT", "MANIFEST", "index/data.mdb", "journal/1.open", "keys-apart/keys",
		"keys-apart/MANIFEST" };
	static void (*const harms[])(const char *path) = { damage, cut, drop };
	struct shop *s = *state;
	struct wire w;
	char path[600], *said;

	connect_to(&w, s, DOOR_TRUST);
	enroll(&w);
	wire_close(&w);
	must(back_up(s, "good", NULL, NULL), "backup");
	assert_int_equal(shop_stop(s), 0);
	lose(s);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		for (size_t h = 0; h < sizeof(harms) / sizeof(*harms); h++) {
			tree_copy(in(s, "good"), in(s, "bad"));
			snprintf(path, sizeof(path), "%s/%s", in(s, "bad"), files[i]);
			harms[h](path);
			if (restore(s, "bad", NULL, &said) == 0)
				fail_msg("harm %zu to %s was not seen", h, files[i]);
			assert_non_null(strstr(said, "palierd: "));
			free(said);
			assert_int_not_equal(access(s->data, F_OK), 0); /* nothing was made */
		}
	must(restore(s, "good", NULL, NULL), "restore");
}

static void refuses_what_is_there(void **state)
{
	struct shop *s = *state;
	struct wire w;
	char *said;

	must(back_up(s, "copy", NULL, NULL), "backup");
	assert_true(back_up(s, "copy", NULL, &said) > 0);
	assert_non_null(strstr(said, "is not empty"));
	free(said);
	assert_int_equal(shop_stop(s), 0);
	assert_true(restore(s, "copy", NULL, &said) > 0);
	assert_non_null(strstr(said, "there is a ledger"));
	free(said);
	lose(s);
	assert_int_equal(mkdir(s->data, 0700), 0);
	must(restore(s, "copy", NULL, NULL), "restore into an empty directory");
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	wire_close(&w);
}

static void refuses_others(void **state)
{
	static const char other[] =
		"data = \"shop\"\nstore { id = \"paris-01\"  name = \"C\"  currency = \"EUR\"  timezone = \"Europe/Paris\"  "
		"language = \"fr\"  country = \"FR\" }\nlisten \"unix:palier.sock\" { auth = peer }\n";
	struct shop *s = *state;
	char *said;

	must(back_up(s, "copy", NULL, NULL), "backup");
	assert_int_equal(shop_stop(s), 0);
	lose(s);
	file_write(s->config, other, strlen(other));
	assert_true(restore(s, "copy", NULL, &said) > 0);
	assert_non_null(strstr(said, "lyon-03"));
	free(said);
	shop_configure(s, s->options);
	must(restore(s, "copy", NULL, NULL), "restore");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("a shop that runs is backed up with all it has answered, and restored", runs, NULL),
		IN_SHOP("a shop that stands still is backed up and restored", stands, NULL),
		IN_SHOP("a shop that was killed is backed up with what its index lacks", was_killed, NULL),
		IN_SHOP("a shop that has sold nothing is backed up and restored", is_new, NULL),
		IN_SHOP("closed days are linked in a backup, and copied back", has_closed_days, NULL),
		IN_SHOP("sales go on during a backup, and it is whole", sells_on, NULL),
		IN_SHOP("without the keys no name is in a backup, and it is not restored", keeps_keys_apart, NULL),
		IN_SHOP("keys older than the backup give what they can", takes_older_keys, NULL),
		IN_SHOP("who was erased is erased again in a key file from before", erases_again, NULL),
		IN_SHOP("a backup that was harmed is refused, and nothing is made", refuses_damage, NULL),
		IN_SHOP("neither backup nor restore writes over what is there", refuses_what_is_there, NULL),
		IN_SHOP("a backup of another store is refused", refuses_others, NULL),
	};

	return cmocka_run_group_tests_name("backup", tests, NULL, NULL);
}
