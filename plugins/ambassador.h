/* SPDX-License-Identifier: Apache-2.0 */
/* What other plugins tell ambassador: what a member did for the shop, or what came of it. */
#pragma once

#include "plugins/palier_plugin.h"

/** What counts: a qualified referral (the friend bought a second time and the return window has passed), a referral that was undone after
 * it had counted or been paid, a promoter's answer to a survey. */
enum ambassador_deed { AMBASSADOR_REFERRAL, AMBASSADOR_VOID, AMBASSADOR_PROMOTER };
extern const char *const ambassador_deed_names[]; /* within ambassador alone: plugins do not see each other's symbols */

#define PALIER_FIELDS_ambassador_noted(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "who") \
	F(M, ENUM(ambassador_deed), deed, "deed", PALIER_REQUIRED, PALIER_ANY, "what") \
	F(M, DAY, day, "day", PALIER_REQUIRED, PALIER_ANY, "store date of it: its points fade from then on") \
	F(M, DAY, counted, "counted", 0, PALIER_ANY, \
		"of a referral undone: the day from which it had counted; absent: it had not yet") \
	F(M, BOOL, unkept, "unkept", 0, PALIER_ANY, "the member does not agree to be profiled: nothing is kept of it")
PALIER_MESSAGE(ambassador_noted);

/** Note a deed, also where the shop has no ambassadors (yet). ambassador's check fills `unkept`, and lifts the member who reaches the
 * threshold by it. */
static inline int ambassador_note(struct palier_ctx *c, struct palier_id member, enum ambassador_deed deed, uint32_t day)
{
	struct ambassador_noted n = { .set = { 0, 0 } };

	PALIER_SET(&n, ambassador_noted, member, member);
	PALIER_SET(&n, ambassador_noted, deed, (int)deed);
	PALIER_SET(&n, ambassador_noted, day, day);
	return palier_effect_add(c, "ambassador.noted", &n);
}

/** A referral is undone that had counted: what it counted goes, and more.
 * @param counted the day with which it was noted @param day when it was undone */
static inline int ambassador_note_void(struct palier_ctx *c, struct palier_id member, uint32_t counted, uint32_t day)
{
	struct ambassador_noted n = { .set = { 0, 0 } };

	PALIER_SET(&n, ambassador_noted, member, member);
	PALIER_SET(&n, ambassador_noted, deed, (int)AMBASSADOR_VOID);
	PALIER_SET(&n, ambassador_noted, day, day);
	PALIER_SET(&n, ambassador_noted, counted, counted);
	return palier_effect_add(c, "ambassador.noted", &n);
}
