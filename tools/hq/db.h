/* SPDX-License-Identifier: Apache-2.0 */
/* The head office's database: PostgreSQL, or what speaks as it does. One connection, one command at a time; libpq is known here alone. */
#pragma once

#include "protocol/bytes.h"

struct db;

/** Connect. @param conninfo as libpq takes it @param out also on failure, for db_why @return PALIER_OK; PALIER_EUNREACHABLE */
int db_open(const char *conninfo, struct db **out);
void db_close(struct db *db);
/** What the database said last, on one line. */
const char *db_why(const struct db *db);

/** Why the last command failed, as far as it matters what is done next. */
enum db_fault {
	DB_OTHER,
	DB_AGAIN, /* another transaction was in the way: the same may go well when done again */
	DB_TWICE, /* a row of that key is there already */
	DB_GONE,  /* the connection is lost */
};
enum db_fault db_fault(const struct db *db);

/** Statements without arguments, as many as there are. @return PALIER_OK; PALIER_ESTORE */
int db_run(struct db *db, const char *sql);
/** One statement; $1, $2, ... are the texts. Its rows are read with db_rows and db_text until the next command. @return PALIER_OK; PALIER_ESTORE */
int db_ask(struct db *db, const char *sql, const char *const *args, int count);
#define DB_ASK(db, sql, ...) \
	db_ask(db, sql, (const char *const[]){ __VA_ARGS__ }, \
		(int)(sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *)))

int db_rows(const struct db *db);
int db_columns(const struct db *db);
/** Rows that the last statement wrote. */
int64_t db_changed(const struct db *db);
/** @return "" where it is null */
const char *db_text(const struct db *db, int row, int column);
int64_t db_int(const struct db *db, int row, int column);
bool db_bool(const struct db *db, int row, int column);

/** Rows by COPY, as text. @param copy the statement @return PALIER_OK; PALIER_ESTORE */
int db_copy(struct db *db, const char *copy, struct palier_bytes rows);
