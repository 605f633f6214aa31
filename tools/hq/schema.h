/* SPDX-License-Identifier: Apache-2.0 */
/* The database's schema: schema/N.sql, as CMake made them parts of the program, done in turn, each once. */
#pragma once

#include "tools/hq/db.h"

extern const unsigned char schema_1[], schema_2[], schema_3[], schema_4[], schema_5[], schema_6[], schema_7[], schema_8[];
extern const size_t schema_1_len, schema_2_len, schema_3_len, schema_4_len, schema_5_len, schema_6_len, schema_7_len,
	schema_8_len;

/* Not of a version: what palier-hq publish runs. */
extern const unsigned char schema_derive[];
extern const size_t schema_derive_len;

/** Of this program. */
#define SCHEMA_VERSION 8

/** The SQL of a version. @param version 1 to SCHEMA_VERSION */
struct palier_bytes schema_text(int version);

/** Bring the database up to this program's version, in one transaction; others that try wait. @param was the version before
 * @return PALIER_OK; PALIER_ESTORE; PALIER_ECONFIG: the database is of a later version than SCHEMA_VERSION */
int schema_migrate(struct db *db, int *was);
