/* SPDX-License-Identifier: Apache-2.0 */
/* What plugins may ask about who a member is: no more than a programme needs, and a name only as others may see it. */
#include "daemon/core.h"

int palier_person(struct palier_ctx *c, struct palier_id member, struct palier_person *out)
{
	struct palier_person person = { .since = 0 };
	struct consent_given consent;
	struct palier_bytes birthday;
	struct member_row row;
	int err = member_row(core_tables(c), member, &row);

	if (err == PALIER_OK)
		err = profile_text(c, member, 'b', &birthday);
	if (err != PALIER_OK)
		return err;
	person.since = row.flags & MEMBER_PROVISIONAL ? 0 : row.since;
	if (birthday.len && !day_parse(birthday, &person.birthday))
		return PALIER_ESTORE;
	err = profile_consent(c, member, CONSENT_PROFILING, &consent);
	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	person.profiling = err == PALIER_OK && consent.given;
	*out = person;
	return PALIER_OK;
}

int palier_first_name(struct palier_ctx *c, struct palier_id member, struct palier_bytes *out)
{
	struct palier_bytes name;
	struct member_row row;
	const char *space;
	int err = member_row(core_tables(c), member, &row);

	if (err == PALIER_OK)
		err = profile_text(c, member, 'n', &name);
	if (err != PALIER_OK)
		return err;
	space = name.len ? memchr(name.at, ' ', name.len) : NULL;
	*out = palier_bytes_of(name.at, space ? (size_t)(space - name.at) : name.len);
	return PALIER_OK;
}

int palier_address(struct palier_ctx *c, struct palier_id member, enum palier_post by, struct palier_bytes *out)
{
	const bool email = by == PALIER_POST_EMAIL;
	struct consent_given consent;
	struct palier_bytes text;
	int err = profile_consent(c, member, email ? CONSENT_EMAIL : CONSENT_SMS, &consent);

	if (err == PALIER_OK)
		err = consent.given ? profile_text(c, member, email ? 'e' : 'p', &text) : PALIER_ENOENT;
	if (err != PALIER_OK)
		return err;
	if (text.len == 0)
		return PALIER_ENOENT;
	*out = text;
	return PALIER_OK;
}

/* Where an address leads: what stands from "+" to "@" does not matter. */
static struct palier_bytes mailbox(struct palier_ctx *c, struct palier_bytes email)
{
	const char *plus, *at;

	if (email.len == 0)
		return email;
	plus = memchr(email.at, '+', email.len);
	at = memchr(email.at, '@', email.len);
	if (!plus || !at || plus > at)
		return email;
	return palier_str(palier_format(c->arena, "%.*s%.*s", (int)(plus - email.at), email.at,
		(int)(email.len - (size_t)(at - email.at)), at));
}

int palier_contact_shared(struct palier_ctx *c, struct palier_id a, struct palier_id b, struct palier_contact *out)
{
	struct palier_bytes phones[2], emails[2];
	int err = profile_text(c, a, 'p', &phones[0]);

	if (err == PALIER_OK)
		err = profile_text(c, b, 'p', &phones[1]);
	if (err == PALIER_OK)
		err = profile_text(c, a, 'e', &emails[0]);
	if (err == PALIER_OK)
		err = profile_text(c, b, 'e', &emails[1]);
	if (err != PALIER_OK)
		return err;
	out->phone = phones[0].len && palier_equal(phones[0], phones[1]);
	out->email = emails[0].len && palier_equal(mailbox(c, emails[0]), mailbox(c, emails[1]));
	return PALIER_OK;
}

bool palier_member_tagged(struct palier_ctx *c, struct palier_id member, struct palier_bytes tag)
{
	struct palier_strings tags;

	if (member_tags(c, member, &tags) != PALIER_OK)
		return false;
	for (uint32_t i = 0; i < tags.count; i++)
		if (palier_equal(tags.at[i], tag))
			return true;
	return false;
}
