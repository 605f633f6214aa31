/* SPDX-License-Identifier: Apache-2.0 */
/* Whose line it is: a card, a phone, an e-mail or a member's id becomes what a command can name. */
#pragma once

#include "tools/import.h"

/** Fields at the beginning of a table, in this order. */
enum { WHO_CARD, WHO_PHONE, WHO_EMAIL, WHO_MEMBER, WHO_FIELDS };
#define WHO_COLUMNS \
	{ "card", "customer customer_id customerid customer_code card_number loyalty_card user_id client" }, \
		{ "phone", "customer_phone telephone mobile" }, { "email", "e_mail mail customer_email" }, \
	{ \
		"member", "member_id" \
	}

#define WHO_NAME_MAX 256

struct who {
	char *params; /* of the call that finds or enrols them; NULL: none is needed; owned */
	bool enrols, asked;
	const char *key;             /* "card" or "member"; NULL: nobody, or not known yet */
	char name[WHO_NAME_MAX + 1]; /* the card as it stands, or the member's id */
};

/** How somebody who is not known yet is enrolled. */
struct who_enrolment {
	int64_t at_ms;
	bool training;
	int consents; /* the first of three fields: email, sms, profiling */
};

/** @param found find them before anything is booked: a card that nobody has is refused
 * @param how enrol those who are not known; NULL: they are not
 * @return false: refused */
bool who_read(struct who *w, const struct import_columns *c, const struct csv_record *r, bool found,
	const struct who_enrolment *how, struct palier_arena *a, struct import_refusal *why);
/** Whom does the file's line name? The first of their cells, empty where there is none. */
struct palier_bytes who_cell(const struct import_columns *c, const struct csv_record *r);
/** The call that must be answered first. @return false: there is none, or it was */
bool who_next(const struct who *w, struct import_call *out);
/** @return false: refused, as the reply says */
bool who_answered(struct who *w, const struct palier_reply *reply);
/** The params of a command: `card` or `member`, of who is known by now, and what else there is.
 * @param fields an object with a member or more @return NUL-terminated, in the arena */
const char *who_params(const struct who *w, const char *fields, struct palier_arena *a);
void who_drop(struct who *w);
