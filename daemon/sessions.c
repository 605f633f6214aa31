/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions (protocol.md "Who is speaking"). */
#include "daemon/sessions.h"

#include "daemon/core.h"
#include "daemon/tills.h"

#define WINDOW_MS 60000

/* Counts changes of the till table: a session that has seen fewer looks its till up again. */
static uint64_t tills_epoch = 1;

void sessions_changed(void)
{
	tills_epoch++;
}

struct palier_bytes session_till(const struct session *s)
{
	return palier_bytes_of(s->till, s->till_len);
}

static void till_set(struct session *s, struct palier_bytes till)
{
	s->till_len = (uint8_t)till.len;
	memcpy(s->till, till.at, till.len);
}

void session_begin(struct session *s, const struct door_config *door)
{
	*s = (struct session){ .door = door,
		.open = door->auth != AUTH_TOKEN,
		.role = door->auth == AUTH_TOKEN ? ROLE_DISPLAY : door->role };
	till_set(s, door->auth == AUTH_CERTIFICATE ? PALIER_LIT(TILL_OFFICE) : PALIER_LIT("local"));
}

/* The till's row, when this token is its own. */
static int token_check(struct palier_ctx *c, const struct session_open *p, struct till_row *row)
{
	struct palier_hash hash;
	int err = till_find(c, p->till, row);

	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	crypto_sha256(p->token, &hash);
	if (err == PALIER_OK && !row->revoked && crypto_equal(row->token.b, hash.b, SHA256_LEN))
		return PALIER_OK;
	return palier_refuse(c, PALIER_EUNAUTHORIZED, NULL,
		"till and token do not match: `palier till add` gives a new token");
}

int session_sign_in(struct session *s, struct palier_ctx *c, const struct session_open *p)
{
	struct till_row row = { .role = s->door->role };
	bool by_token = s->door->auth == AUTH_TOKEN || PALIER_HAS(p, session_open, token);
	int err = by_token ? token_check(c, p, &row) : PALIER_OK;

	if (err == PALIER_OK && till_is_reserved(p->till))
		err = palier_refuse(c, PALIER_EPARAMS, "till", "no till is called " TILL_OWN " or " TILL_OFFICE);
	if (err != PALIER_OK)
		return err;
	s->open = true;
	s->by_token = by_token;
	s->epoch = tills_epoch;
	s->role = row.role;
	till_set(s, p->till);
	s->operator_len = (uint8_t)p->operator.len;
	if (p->operator.len)
		memcpy(s->operator, p->operator.at, p->operator.len);
	return PALIER_OK;
}

int session_bear(struct session *s, struct palier_ctx *c, struct palier_bytes token)
{
	struct palier_bytes till;
	struct till_row row;
	int err = till_by_token(c, token, &till, &row);

	if (err != PALIER_OK)
		return err;
	s->open = true;
	s->by_token = true;
	s->epoch = tills_epoch;
	s->role = row.role;
	till_set(s, till);
	return PALIER_OK;
}

bool session_valid(struct session *s, struct palier_ctx *c)
{
	struct till_row row;

	if (!s->open || !s->by_token || s->epoch == tills_epoch)
		return s->open;
	s->open = till_find(c, session_till(s), &row) == PALIER_OK && !row.revoked;
	s->role = s->open ? row.role : ROLE_DISPLAY;
	s->epoch = tills_epoch;
	return s->open;
}

int session_override(struct palier_ctx *c, struct palier_bytes token, enum role *role)
{
	struct palier_bytes till;
	struct till_row row;
	int err = till_by_token(c, token, &till, &row);

	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	if (err == PALIER_ENOENT || row.role < ROLE_SUPERVISOR)
		return palier_refuse(c, PALIER_EFORBIDDEN, "override", "this is no supervisor's badge");
	if (row.role > *role)
		*role = row.role;
	return PALIER_OK;
}

/* --- the brake --- */

static unsigned throttle_row(const struct throttle *t, struct palier_bytes till)
{
	unsigned i = 0;

	while (i < t->used && (t->row[i].till_len != till.len || memcmp(t->row[i].till, till.at, till.len) != 0))
		i++;
	return i;
}

/* When all rows are taken, the oldest window makes room. */
static unsigned throttle_make(struct throttle *t, struct palier_bytes till)
{
	unsigned at = throttle_row(t, till);

	if (at < t->used)
		return at;
	if (t->used < THROTTLE_TILLS)
		at = t->used++;
	else
		for (unsigned i = at = 0; i < t->used; i++)
			if (t->row[i].begin_ms < t->row[at].begin_ms)
				at = i;
	t->row[at].till_len = (uint8_t)till.len;
	memcpy(t->row[at].till, till.at, till.len);
	t->row[at].misses = 0;
	t->row[at].begin_ms = 0;
	return at;
}

void throttle_miss(struct throttle *t, struct palier_bytes till, int64_t now_ms)
{
	unsigned i = throttle_make(t, till);

	if (now_ms - t->row[i].begin_ms >= WINDOW_MS || now_ms < t->row[i].begin_ms) {
		t->row[i].begin_ms = now_ms;
		t->row[i].misses = 0;
	}
	t->row[i].misses++;
}

int64_t throttle_wait(const struct throttle *t, struct palier_bytes till, int64_t limit, int64_t now_ms)
{
	unsigned i = throttle_row(t, till);

	if (i == t->used || t->row[i].misses < limit || now_ms - t->row[i].begin_ms >= WINDOW_MS ||
		now_ms < t->row[i].begin_ms)
		return 0;
	return t->row[i].begin_ms + WINDOW_MS - now_ms;
}
