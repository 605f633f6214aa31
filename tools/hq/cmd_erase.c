/* SPDX-License-Identifier: Apache-2.0 */
/* palier-hq erase: forget a member, in the office and, by order, in every store. What was booked stays, under an id that leads to nobody. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "tools/hq/commands.h"
#include "tools/hq/files.h"
#include "tools/hq/office_db.h"
#include "tools/hq/profiles.h"
#include "tools/hq/shelf.h"

#define PROFILES_MAX ((size_t)1 << 30) /* bytes */

static int run_erase(struct cli *cli);

const struct cli_command command_erase = { "erase", "forget a member, here and in every store",
	(const struct cli_verb[]){ { "", "MEMBER",
					   "order it in every store that knows the member, and remove what the office keeps",
					   1, 1, NULL, run_erase },
		{ .name = NULL } } };

struct erasure {
	struct cli *cli;
	struct hq_config config;
	struct db *db;
	const char **members; /* the one, and who else it was before merges */
	int count;
	int64_t orders, rows, lines;
};

static int db_failed(struct erasure *e)
{
	return cli_fail(e->cli, PALIER_ESTORE, "the database says: %s", db_why(e->db));
}

/* --- the database --- */

static int members_find(struct erasure *e, const char *member)
{
	if (DB_ASK(e->db,
		    "SELECT $1 UNION SELECT now FROM v_merged WHERE member = $1 UNION SELECT member FROM v_merged WHERE now = "
		    "coalesce((SELECT now FROM v_merged WHERE member = $1), $1) ORDER BY 1",
		    member) != PALIER_OK)
		return db_failed(e);
	e->count = db_rows(e->db);
	e->members = palier_alloc(&e->cli->arena, (size_t)e->count * sizeof(*e->members));
	for (int i = 0; i < e->count; i++)
		e->members[i] = palier_cstr(&e->cli->arena, palier_str(db_text(e->db, i, 0)));
	return PALIER_OK;
}

/* Of what a member did, what says something of the person. */
static const char *const private[] = { "touches", "stages", "surveys", "ambassadors", "recommendations" };

static int rows_remove(struct erasure *e, const char *member)
{
	for (size_t i = 0; i < sizeof(private) / sizeof(*private); i++) {
		if (DB_ASK(e->db, palier_format(&e->cli->arena, "DELETE FROM %s WHERE member = $1", private[i]), member) !=
			PALIER_OK)
			return db_failed(e);
		e->rows += db_changed(e->db);
	}
	return PALIER_OK;
}

static int stores_order(struct erasure *e, const char *member)
{
	if (DB_ASK(e->db,
		    "INSERT INTO orders (store, cause, body) "
		    "SELECT DISTINCT k.store, 'erase/' || $1, json_build_object('order', 'erase', 'member', $1::text)::text "
		    "FROM members k WHERE k.member = $1 AND NOT EXISTS "
		    "(SELECT FROM members m WHERE m.member = $1 AND m.store = k.store AND m.what = 'member.erased') "
		    "ON CONFLICT DO NOTHING",
		    member) != PALIER_OK)
		return db_failed(e);
	e->orders += db_changed(e->db);
	return PALIER_OK;
}

static int database_erase(struct erasure *e, const char *member)
{
	int err = db_run(e->db, "BEGIN") == PALIER_OK ? members_find(e, member) : db_failed(e);

	for (int i = 0; i < e->count && err == PALIER_OK; i++) {
		err = stores_order(e, e->members[i]);
		if (err == PALIER_OK)
			err = rows_remove(e, e->members[i]);
	}
	if (err == PALIER_OK && db_run(e->db, "COMMIT") != PALIER_OK)
		err = db_failed(e);
	return err;
}

/* --- the profiles --- */

/* A file that does not name the member stays untouched. */
static int profile_remove(struct erasure *e, const char *path, const char *member)
{
	struct palier_arena a = { .used = 0 };
	struct palier_buffer text = { 0 };
	const char *line = palier_format(&a, "{\"member\":\"%s\"", member);
	int err = files_read(path, PROFILES_MAX, &text);

	if (err == PALIER_OK && text.len && memmem(text.at, text.len, line, strlen(line))) {
		line = palier_format(&a, "%s,\"seq\":0,\"erased\":true}\n", line);
		err = profiles_merge(path, palier_str(line));
		e->lines++;
	}
	if (err != PALIER_OK && err != PALIER_ENOENT)
		err = cli_fail(e->cli, err, "%s: %s", path, err == PALIER_EIO ? strerror(errno) : "it holds something else");
	palier_buffer_deinit(&text);
	palier_arena_deinit(&a);
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static int shelf_erase(void *who, const char *store)
{
	struct erasure *e = who;
	const char *path = palier_format(&e->cli->arena, "%s/%s/profiles.jsonl", e->config.directory, store);
	int err = PALIER_OK;

	for (int m = 0; m < e->count && err == PALIER_OK; m++)
		err = profile_remove(e, path, e->members[m]);
	return err;
}

static int profiles_erase(struct erasure *e)
{
	if (access(e->config.directory, R_OK | X_OK) != 0)
		return cli_fail(e->cli, PALIER_EIO, "%s: %s", e->config.directory, strerror(errno));
	return shelves_each(e->config.directory, shelf_erase, e);
}

/* --- running --- */

static void erasure_show(const struct erasure *e)
{
	if (cli_has(e->cli, "json"))
		fprintf(e->cli->out, "{\"orders\":%lld,\"rows\":%lld,\"profiles\":%lld}\n", (long long)e->orders,
			(long long)e->rows, (long long)e->lines);
	else
		fprintf(e->cli->out,
			"ordered in %lld stores, with the next palier-hq publish; removed here: %lld rows of the database, %lld lines of "
			"profiles\n",
			(long long)e->orders, (long long)e->rows, (long long)e->lines);
}

static int run_erase(struct cli *cli)
{
	struct erasure e = { .cli = cli };
	const char *member = cli_arg(cli, 0);
	struct palier_id id;
	int was, locked, err;

	if (palier_id_parse(palier_str(member), &id) != PALIER_OK)
		return cli_fail(cli, PALIER_EPARAMS, "%s is not a member's id", member);
	err = office_db_open(cli, &e.config, &e.db, &was);
	if (err != PALIER_OK)
		return err;
	err = shelves_lock(cli, &e.config, &locked);
	if (err == PALIER_OK) {
		err = database_erase(&e, member);
		if (err == PALIER_OK)
			err = profiles_erase(&e);
		close(locked);
	}
	if (err == PALIER_OK)
		erasure_show(&e);
	db_close(e.db);
	return err;
}
