/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/hq/db.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

#define COPY_PART ((size_t)1 << 20) /* at most at once, so that libpq's own buffer stays small */

struct db {
	PGconn *conn;
	PGresult *result; /* the last one's */
	enum db_fault fault;
	char why[512];
};

/* The first line of what was said; what follows it is the statement's business. */
static int failed(struct db *db, const char *said, int err)
{
	size_t n = strcspn(said, "\n");

	snprintf(db->why, sizeof(db->why), "%.*s", (int)n, said);
	return err;
}

int db_open(const char *conninfo, struct db **out)
{
	struct db *db = calloc(1, sizeof(*db));

	if (!db)
		abort();
	*out = db;
	db->conn = PQconnectdb(conninfo);
	if (PQstatus(db->conn) != CONNECTION_OK)
		return failed(db, PQerrorMessage(db->conn), PALIER_EUNREACHABLE);
	PQclear(PQexec(db->conn, "SET client_min_messages = warning; SET datestyle = iso; SET timezone = UTC"));
	return PALIER_OK;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	PQclear(db->result);
	PQfinish(db->conn);
	free(db);
}

const char *db_why(const struct db *db)
{
	return db->why;
}

enum db_fault db_fault(const struct db *db)
{
	return db->fault;
}

/* SQLSTATE, as PostgreSQL's manual lists them in appendix A. */
static enum db_fault fault_of(const struct db *db, const PGresult *result)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	if (PQstatus(db->conn) != CONNECTION_OK)
		return DB_GONE;
	if (!state)
		return DB_OTHER;
	if (strcmp(state, "40001") == 0 || strcmp(state, "40P01") == 0)
		return DB_AGAIN;
	return strcmp(state, "23505") == 0 ? DB_TWICE : DB_OTHER;
}

static int result_take(struct db *db, PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);
	const char *said;

	PQclear(db->result);
	db->result = result;
	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_COPY_IN)
		return PALIER_OK;
	db->fault = fault_of(db, result);
	said = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	return failed(db, said ? said : PQerrorMessage(db->conn), PALIER_ESTORE);
}

int db_run(struct db *db, const char *sql)
{
	return result_take(db, PQexec(db->conn, sql));
}

int db_ask(struct db *db, const char *sql, const char *const *args, int count)
{
	return result_take(db, PQexecParams(db->conn, sql, count, NULL, args, NULL, NULL, 0));
}

int db_rows(const struct db *db)
{
	return PQntuples(db->result);
}

int db_columns(const struct db *db)
{
	return PQnfields(db->result);
}

int64_t db_changed(const struct db *db)
{
	return strtoll(PQcmdTuples(db->result), NULL, 10);
}

const char *db_text(const struct db *db, int row, int column)
{
	return PQgetvalue(db->result, row, column);
}

int64_t db_int(const struct db *db, int row, int column)
{
	return strtoll(db_text(db, row, column), NULL, 10);
}

bool db_bool(const struct db *db, int row, int column)
{
	return db_text(db, row, column)[0] == 't';
}

int db_copy(struct db *db, const char *copy, struct palier_bytes rows)
{
	int err = result_take(db, PQexec(db->conn, copy)), sent = 1, end;

	if (err != PALIER_OK)
		return err;
	for (size_t at = 0; at < rows.len && sent == 1; at += COPY_PART) {
		size_t left = rows.len - at;

		sent = PQputCopyData(db->conn, rows.at + at, (int)(left < COPY_PART ? left : COPY_PART));
	}
	end = PQputCopyEnd(db->conn, sent == 1 ? NULL : "the loader gave up");
	err = result_take(db, PQgetResult(db->conn));
	for (PGresult *more; (more = PQgetResult(db->conn));)
		PQclear(more);
	return err == PALIER_OK && (sent != 1 || end != 1) ? failed(db, PQerrorMessage(db->conn), PALIER_ESTORE) : err;
}
