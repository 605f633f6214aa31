/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/hq/world.h"

#include <fcntl.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "tests/e2e/clock.h"

/* Days have an end of their own: points lapse within a story. */
#define POINTS_SECTION \
	"points {\n" \
	"	unit \"points\" { kind = points  expires = \"2 days\" }\n" \
	"	unit \"credit\" { kind = money }\n" \
	"	earn \"base\" { unit = points  per = \"1.00\"  points = 1 }\n" \
	"}\n"

#define CONFIG \
	"limits { misses-per-minute = 100000 }\n" \
	"signing { certificate = \"store.pem\"  key = \"store.key\"  office = {\"office.pem\"} }\n" \
	"rewards { reward \"cup\" { unit = points  cost = 5  kind = amount  value = \"1.00\"  of = order } }\n"

struct world world;

const char *store_id(unsigned site)
{
	return world.head.stores[site].id;
}

uint32_t today(void)
{
	return zone_day(clock_ms());
}

/* --- stores --- */

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
	s->options =
		(struct shop_options){ .id = store_id(i), .stopped = true, .store = s->store, .points = POINTS_SECTION };
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

void world_open(unsigned count, int credit, bool clock)
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
	world.clock = clock;
	assert_int_equal(zone_set("Europe/Paris"), PALIER_OK);
	for (unsigned i = 0; i < HEAD_PEOPLE; i++)
		world.into[i] = i;
	if (clock) {
		clock_take();
		clock_to_noon();
	}
	for (unsigned i = 0; i < count; i++)
		site_open(i);
}

void world_close(void)
{
	for (unsigned i = 0; i < world.count; i++) {
		void *state = world.sites[i].shop;

		wire_close(&world.sites[i].w);
		assert_int_equal(shop_close(&state), 0);
	}
	clock_give_back();
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

void backed_up(struct site *s)
{
	wire_close(&s->w);
	assert_int_equal(shop_stop(s->shop), 0);
	tree_copy(s->shop->data, backup_of(s));
	serve(s);
}

void restored(struct site *s)
{
	dies(s);
	tree_copy(backup_of(s), s->shop->data);
	serve(s);
}

void day_ends(struct site *s)
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

void night_falls(void)
{
	assert_true(world.clock);
	clock_to_noon();
	world.nights++;
	for (unsigned i = 0; i < world.count; i++)
		day_ends(&world.sites[i]);
}
