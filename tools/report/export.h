/* SPDX-License-Identifier: Apache-2.0 */
/* The journey for tools of process mining: what each customer did, when and where, under a name that only who has the key can tell. */
#pragma once

#include <stdio.h>

#include "tools/report/planned.h"

#define EXPORT_KEY_LEN 32
struct export_key {
	uint8_t b[EXPORT_KEY_LEN];
};

/** The first half of HMAC-SHA-256, as hex. */
#define EXPORT_NAME 17
void export_name(const struct export_key *key, struct palier_bytes of, char out[EXPORT_NAME]);
void export_customer(const struct journey *j, const struct export_key *key, uint32_t member, char out[EXPORT_NAME]);

/** Text for XML's content and attributes. */
void export_xml(FILE *out, const char *text);

/* @param j folded with `more` @return PALIER_OK; PALIER_EIO, errno says why */

/** XES (IEEE 1849): a trace a customer. */
int export_xes(const struct journey *j, const struct export_key *key, FILE *out);
/** case,activity,timestamp,resource: a row a touch. */
int export_csv(const struct journey *j, const struct export_key *key, FILE *out);
/** CJML 2.0: what was planned, and a journey a customer with what each touchpoint is against the plan. */
int export_cjml(const struct journey *j, const struct export_key *key, const struct plans *plans, FILE *out);
/** OCEL 2.0 as JSON: touches with their customer, receipt, items, offers, coupons and referral; and sales without a customer. The files are
 * read once more.
 * @param why after another error than PALIER_EIO on `out` a sentence, 256 bytes */
int export_ocel(const struct journey *j, const struct export_key *key, const struct event_files *files, struct progress *bar,
	FILE *out, char *why);
