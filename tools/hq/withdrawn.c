/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/hq/withdrawn.h"

#include <errno.h>
#include <unistd.h>

#include "tools/cli.h"

static int db_failed(const struct withdrawal *w)
{
	return cli_fail(w->cli, PALIER_ESTORE, "the database says: %s", db_why(w->db));
}

/* Rows of one column, kept. @return how many */
static int column_keep(const struct withdrawal *w, int column, const char ***out)
{
	int count = db_rows(w->db);

	*out = palier_alloc(&w->cli->arena, ((size_t)count + 1) * sizeof(**out));
	for (int row = 0; row < count; row++)
		(*out)[row] = palier_cstr(&w->cli->arena, palier_str(db_text(w->db, row, column)));
	return count;
}

/* --- withdraw --- */

static int file_drop(const struct withdrawal *w, const char *store, const char *number, const char *ending)
{
	const char *path =
		palier_format(&w->cli->arena, "%s/%s/directives/%s.%s", w->config->directory, store, number, ending);

	return unlink(path) == 0 || errno == ENOENT ? PALIER_OK
	                                            : cli_fail(w->cli, PALIER_EIO, "%s: %s", path, strerror(errno));
}

static int files_drop(const struct withdrawal *w, const char *store, const char *number)
{
	const char **numbers;
	int err = PALIER_OK, count;

	if (DB_ASK(w->db, "SELECT directive FROM directives WHERE store = $1 AND directive >= $2 ORDER BY 1 DESC", store,
		    number) != PALIER_OK)
		return db_failed(w);
	count = column_keep(w, 0, &numbers);
	for (int i = 0; i < count && err == PALIER_OK; i++) {
		err = file_drop(w, store, numbers[i], "json");
		if (err == PALIER_OK)
			err = file_drop(w, store, numbers[i], "p7s");
	}
	return err;
}

/* Each of these names what comes from $1, the store, and $2, the number. */
static int all_do(const struct withdrawal *w, const char *const *sql, const char *store, const char *number)
{
	for (; *sql; sql++)
		if (DB_ASK(w->db, *sql, store, number) != PALIER_OK)
			return db_failed(w);
	return PALIER_OK;
}

int directives_withdraw(struct withdrawal *w, const char *store, const char *number)
{
	static const char *const sql[] = {
		"INSERT INTO withdrawn SELECT d.store, d.directive, d.sha256, d.document, d.signature, d.issued, "
		"coalesce((SELECT array_agg(o.id) FROM orders o WHERE o.store = d.store AND o.directive = d.directive), '{}') "
		"FROM directives d WHERE d.store = $1 AND d.directive >= $2 AND d.document <> '' ON CONFLICT DO NOTHING",
		"UPDATE orders SET directive = NULL WHERE store = $1 AND directive >= $2",
		"DELETE FROM directives WHERE store = $1 AND directive >= $2", NULL
	};
	int err = files_drop(w, store, number);

	return err == PALIER_OK ? all_do(w, sql, store, number) : err;
}

/* --- what stores have carried out --- */

/* From where on a store's directives are other ones than the office's. @param known only where the office has withdrawn all of them */
#define FORKS(known) \
	"SELECT DISTINCT ON (a.store) a.store, a.directive FROM applied a LEFT JOIN directives d USING (store, directive) " \
	"WHERE d.sha256 IS DISTINCT FROM a.sha256 AND " known " ORDER BY a.store, a.directive"
#define WITHDRAWN \
	"NOT EXISTS (SELECT FROM applied b WHERE b.store = a.store AND b.directive >= a.directive AND NOT EXISTS " \
	"(SELECT FROM withdrawn w WHERE w.store = b.store AND w.sha256 = b.sha256))"

/* What it carried out holds, from this number on. */
static int fork_mend(struct withdrawal *w, const char *store, const char *number)
{
	static const char *const sql[] = {
		"INSERT INTO directives (store, directive, sha256, document, signature, issued, taken_at) "
		"SELECT a.store, a.directive, a.sha256, coalesce(w.document, ''), coalesce(w.signature, ''), coalesce(w.issued, a.at), a.at "
		"FROM applied a LEFT JOIN withdrawn w ON w.store = a.store AND w.sha256 = a.sha256 "
		"WHERE a.store = $1 AND a.directive >= $2 ON CONFLICT DO NOTHING",
		"UPDATE orders o SET directive = w.directive, dropped_at = NULL FROM withdrawn w JOIN directives d USING (store, sha256) "
		"WHERE w.store = $1 AND w.directive >= $2 AND o.id = ANY (w.orders)",
		NULL
	};
	int err = directives_withdraw(w, store, number);

	w->stores++;
	return err == PALIER_OK ? all_do(w, sql, store, number) : err;
}

/* Kept no longer: what is in force again, and what came before something that a store has carried out in its place. */
static int kept_forget(const struct withdrawal *w)
{
	return db_run(w->db, "DELETE FROM withdrawn w WHERE EXISTS (SELECT FROM applied a JOIN directives d "
			     "USING (store, directive, sha256) WHERE a.store = w.store AND a.directive >= w.directive)") ==
	                       PALIER_OK
	               ? PALIER_OK
	               : db_failed(w);
}

/* @param found of db_ask */
static int forks_mend(struct withdrawal *w, int found)
{
	const char **stores, **numbers;
	int count, err = found == PALIER_OK ? PALIER_OK : db_failed(w);

	if (err != PALIER_OK)
		return err;
	count = column_keep(w, 0, &stores);
	(void)column_keep(w, 1, &numbers);
	for (int i = 0; i < count && err == PALIER_OK; i++)
		err = fork_mend(w, stores[i], numbers[i]);
	return err == PALIER_OK ? kept_forget(w) : err;
}

int directives_put_back(struct withdrawal *w)
{
	return forks_mend(w, db_run(w->db, FORKS(WITHDRAWN)));
}

int directives_follow(struct withdrawal *w, const char *store)
{
	return forks_mend(w, DB_ASK(w->db, FORKS("a.store = $1"), store));
}
