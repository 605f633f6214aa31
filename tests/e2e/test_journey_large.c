/* SPDX-License-Identifier: Apache-2.0 */
/* The map of a made-up year, drawn by palier report journey while palierd serves the tills: a small shop, and with PALIER_LONG one of a million
 * members with twenty million touchpoints. It says how long it took and asserts no time.
 *
 * The large shop's palierd knows the members and the days in which they enrolled: to fold the whole year would take a quarter of an hour. */
#include "tests/e2e/harness.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/e2e/year.h"

#define CONFIG "card \"ean13\" { prefixes = {\"29\"} }\njourney { }\n"
#define POINTS "points { unit \"points\" { kind = points }\n earn \"base\" { unit = points  per = \"1.00\"  points = 1 } }\n"

static const struct shop_options small_shop = { .config = CONFIG, .points = POINTS, .stopped = true };
/* A check and a rebuild at the end would take longer than the harness waits. */
static const struct shop_options large_shop = { .config = CONFIG, .points = POINTS, .stopped = true, .broken = true };

static bool is_large(void)
{
	return getenv("PALIER_LONG") != NULL;
}

static bool has_ended(pid_t pid)
{
	siginfo_t info = { .si_pid = 0 };

	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT), 0);
	return info.si_pid != 0;
}

/* @return KiB at most so far; 0 of a process that has ended */
static long memory_of(pid_t pid)
{
	char path[64], line[256];
	long peak = 0;
	FILE *status;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	status = fopen(path, "re");
	while (status && !peak && fgets(line, sizeof(line), status))
		if (strncmp(line, "VmHWM:", 6) == 0)
			peak = strtol(line + 6, NULL, 10);
	if (status)
		fclose(status);
	return peak;
}

/* The files of the year have a second place, in which they all stay; palierd keeps those of the first days. */
static void year_keep(const struct shop *s, const char *year, unsigned days)
{
	char from[160], to[160];

	snprintf(to, sizeof(to), "%s/journal", year);
	assert_int_equal(mkdir(year, 0700), 0);
	assert_int_equal(mkdir(to, 0700), 0);
	for (unsigned day = 1; day <= YEAR_DAYS; day++) {
		snprintf(from, sizeof(from), "%s/journal/%u.jsonl", s->data, day);
		snprintf(to, sizeof(to), "%s/journal/%u.jsonl", year, day);
		assert_int_equal(link(from, to), 0);
		if (day > days)
			assert_int_equal(unlink(from), 0);
	}
}

static void index_make(const struct shop *s)
{
	int64_t begun = now_ms();
	pid_t pid = program_start(s, (const char *const[]){ "palierd", "--config", s->config, "rebuild", NULL });
	char *said;
	int code;

	while (!has_ended(pid))
		sleep_ms(20);
	code = program_wait(s, pid, &said);
	if (code != 0)
		fail_msg("palierd rebuild: %d: %s", code, said);
	free(said);
	print_message("the index was made in %.1f s\n", (double)(now_ms() - begun) / 1000);
}

/* --- the tills, meanwhile --- */

static int64_t lookup(struct wire *w, uint32_t member)
{
	char card[14], id[PALIER_ID_TEXT + 1];
	int64_t begun = now_ms();
	const char *reply;

	year_card(member, card);
	palier_id_format(year_member(member), id);
	reply = ask_ok(w, "card.lookup", "'card':'%s'", card);
	assert_field(reply, "result.member", id);
	return now_ms() - begun;
}

/* @return what the report said, to be freed */
static char *report(const struct shop *s, struct wire *w, const char *year, uint32_t members)
{
	int64_t begun = now_ms(), lookups = 0, slowest = 0;
	pid_t pid = program_start(s, (const char *const[]){ "palier", "report", "journey", "--config", s->config, "--data",
					     year, "--from", "2025-01-01", "--to", "2025-12-31", "--json", NULL });
	uint64_t seed = 1;
	long peak = 0;
	char *out;
	int code;

	do {
		int64_t took = lookup(w, (uint32_t)draw_below(&seed, members));
		long memory = memory_of(pid);

		peak = memory > peak ? memory : peak;
		slowest = took > slowest ? took : slowest;
		lookups++;
		sleep_ms(5);
	} while (!has_ended(pid));
	print_message("the map was drawn in %.1f s and %ld MiB; %lld lookups meanwhile, the slowest in %lld ms\n",
		(double)(now_ms() - begun) / 1000, peak / 1024, (long long)lookups, (long long)slowest);
	code = program_wait(s, pid, &out);
	if (code != 0)
		fail_msg("palier report journey: %d: %s", code, out);
	return out;
}

/* --- what the map must show --- */

static int64_t figure_at(const char *json, unsigned stage, const char *what)
{
	char path[64];

	snprintf(path, sizeof(path), "stages[%u].%s", stage, what);
	return figure(json, path);
}

static void stage_is(const char *json, unsigned stage, const struct year_stage *told)
{
	int64_t touches = 0;
	char what[32];

	assert_int_equal(figure_at(json, stage, "members"), told->members);
	assert_int_equal(figure_at(json, stage, "entries"), told->entries);
	for (unsigned i = 0; i < CHANNELS; i++) {
		touches += told->touches[i];
		snprintf(what, sizeof(what), "channels.%s", journey_channel_names[i]);
		assert_int_equal(figure_at(json, stage, what), told->touches[i] ? told->touches[i] : INT64_MIN);
	}
	assert_int_equal(figure_at(json, stage, "touches"), touches);
	assert_int_equal(figure_at(json, stage, "emotion.n"), told->moods);
	if (told->moods) {
		char mean[64];
		double said;

		snprintf(what, sizeof(what), "stages[%u].emotion.mean", stage);
		snprintf(mean, sizeof(mean), "%s", field(json, what));
		said = strtod(mean, NULL) - (double)told->mood_sum / (double)told->moods;
		assert_true(said < 0.0001 && said > -0.0001);
	}
}

static void the_year_is_as_it_was_written(void **state)
{
	struct year_plan plan = { .members = is_large() ? 1000000 : 2000, .touches = 20 };
	struct shop *s = *state;
	int64_t begun = now_ms();
	struct year_told told;
	char year[96], *json;
	struct wire w;

	plan.data = s->data;
	plan.cohort = plan.members;
	year_write(&plan, &told);
	print_message("%lld events were written in %.1f s\n", (long long)told.events, (double)(now_ms() - begun) / 1000);
	snprintf(year, sizeof(year), "%s/year", s->dir);
	year_keep(s, year, is_large() ? 20 : YEAR_DAYS);
	index_make(s);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	json = report(s, &w, year, plan.members);
	wire_close(&w);
	assert_figure(json, "members", plan.members);
	for (unsigned i = 0; i < YEAR_STAGES; i++)
		stage_is(json, i, &told.stages[i]);
	assert_figure(json, "kpi.year.buyers", told.buyers);
	assert_figure(json, "kpi.year.spent", told.spent);
	assert_figure(json, "kpi.points[0].earned", told.points);
	free(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("the map of a year is drawn as it was, while tills are served", the_year_is_as_it_was_written,
			is_large() ? &large_shop : &small_shop),
	};

	return cmocka_run_group_tests_name("journey_large", tests, NULL, NULL);
}
