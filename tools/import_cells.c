/* SPDX-License-Identifier: Apache-2.0 */
/* What people and their programs write into cells. */
#include "protocol/crypto.h"
#include "protocol/datetime.h"
#include "tools/import.h"

bool import_refuse(struct import_refusal *why, int err, const char *field, const char *message)
{
	*why = (struct import_refusal){ palier_str(palier_error_info(err)->reason), palier_str(field), palier_str(message) };
	return false;
}

struct palier_bytes import_trim(struct palier_bytes text)
{
	static const char blanks[] = " \t\r\n";

	while (text.len && memchr(blanks, text.at[0], sizeof(blanks) - 1))
		text = palier_bytes_of(text.at + 1, text.len - 1);
	while (text.len && memchr(blanks, text.at[text.len - 1], sizeof(blanks) - 1))
		text.len--;
	return text;
}

char *import_lower(struct palier_arena *a, struct palier_bytes text)
{
	char *out = palier_cstr(a, text);

	for (char *at = out; *at; at++)
		*at += *at >= 'A' && *at <= 'Z' ? 'a' - 'A' : 0;
	return out;
}

bool import_blank(const struct csv_record *r)
{
	for (unsigned i = 0; i < r->count; i++)
		if (import_trim(r->cells[i]).len)
			return false;
	return true;
}

bool import_yes(struct palier_arena *a, struct palier_bytes text, bool *out)
{
	static const struct {
		const char *word;
		bool yes;
	} words[] = { { "1", true }, { "yes", true }, { "true", true }, { "oui", true }, { "0", false }, { "no", false },
		{ "false", false }, { "non", false } };
	const char *word = import_lower(a, text);

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(words[i].word, word) == 0) {
			*out = words[i].yes;
			return true;
		}
	return false;
}

void import_request(struct palier_bytes text, char *out)
{
	struct palier_hash hash;
	char hex[2 * SHA256_LEN + 1];

	crypto_sha256(text, &hash);
	palier_hex(hash.b, sizeof(hash.b), hex);
	snprintf(out, IMPORT_REQUEST_MAX + 1, "import|%.32s", hex);
}

/* What a customer was not asked is not told. */
bool import_consents(struct palier_json *w, struct palier_arena *a, const struct palier_bytes cells[3],
	const char *const names[3], struct import_refusal *why)
{
	static const char *const kinds[] = { "email", "sms", "profiling" };
	bool given = false, yes;

	for (int i = 0; i < 3; i++) {
		if (!cells[i].len)
			continue;
		if (!import_yes(a, cells[i], &yes))
			return import_refuse(why, PALIER_EPARAMS, names[i], "consent is yes or no");
		if (!given) {
			palier_json_key(w, "consent");
			palier_json_object(w);
			given = true;
		}
		palier_json_key(w, kinds[i]);
		palier_json_bool(w, yes);
	}
	if (given) {
		palier_json_key(w, "channel");
		palier_json_str(w, "import");
		palier_json_end_object(w);
	}
	return true;
}

/* --- figures --- */

int64_t import_round(int64_t value, unsigned decimals)
{
	int64_t of = 1;

	while (decimals--)
		of *= 10;
	return value < 0 ? -((-value + of / 2) / of) : (value + of / 2) / of;
}

#define SPARE 4 /* decimals beyond the money's: programs print 548.9715 */

/* A currency's sign, which is no digit: "$", or of several bytes. */
static bool is_sign(char c)
{
	return c == '$' || (unsigned char)c >= 0x80;
}

bool import_decimal(struct palier_arena *a, struct palier_bytes text, unsigned scale, int64_t *out)
{
	char *plain = palier_alloc(a, text.len + 1);
	bool point = memchr(text.len ? text.at : "", '.', text.len) != NULL;
	int64_t value;
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		if (c == ' ' || is_sign(c) || (c == ',' && point))
			continue;
		plain[n++] = c;
		if (c == ',')
			plain[n - 1] = '.';
	}
	if (!decimal_parse(plain, scale + SPARE, &value))
		return false;
	*out = import_round(value, SPARE);
	return true;
}

/* --- times --- */

struct scan {
	struct palier_bytes left;
};

/* @param least, most how many digits */
static bool take_number(struct scan *s, unsigned least, unsigned most, unsigned *out)
{
	unsigned n = 0, value = 0;

	while (n < most && n < s->left.len && s->left.at[n] >= '0' && s->left.at[n] <= '9')
		value = value * 10 + (unsigned)(s->left.at[n++] - '0');
	if (n < least)
		return false;
	s->left = palier_bytes_of(s->left.at + n, s->left.len - n);
	*out = value;
	return true;
}

static bool take(struct scan *s, char c)
{
	if (!s->left.len || s->left.at[0] != c)
		return false;
	s->left = palier_bytes_of(s->left.at + 1, s->left.len - 1);
	return true;
}

/* 2026-11-21, 2026/11/21, 20261121 */
static bool year_first(struct scan s, uint32_t *day, struct scan *rest)
{
	unsigned y, m, d;
	char mark;

	if (!take_number(&s, 4, 4, &y))
		return false;
	mark = take(&s, '-') ? '-' : take(&s, '/') ? '/' : 0;
	if (!take_number(&s, mark ? 1 : 2, 2, &m) || (mark && !take(&s, mark)) || !take_number(&s, mark ? 1 : 2, 2, &d))
		return false;
	*day = y * 10000 + m * 100 + d;
	*rest = s;
	return true;
}

/* 21.11.2026, 21/11/2026, 11/21/2026 */
static bool year_last(struct scan s, enum import_dates dates, uint32_t *day, struct scan *rest)
{
	unsigned a, b, y;
	char mark;

	if (!take_number(&s, 1, 2, &a))
		return false;
	mark = take(&s, '.') ? '.' : take(&s, '-') ? '-' : take(&s, '/') ? '/' : 0;
	if (!mark || !take_number(&s, 1, 2, &b) || !take(&s, mark) || !take_number(&s, 4, 4, &y))
		return false;
	*day = dates == IMPORT_MDY && mark != '.' ? y * 10000 + a * 100 + b : y * 10000 + b * 100 + a;
	*rest = s;
	return true;
}

/* 9:03, 09:03:11, 9:03 PM; nothing is noon. */
static bool clock_read(struct scan s, unsigned *seconds)
{
	unsigned h, m, sec = 0;
	bool pm;

	*seconds = 12 * 3600;
	s.left = import_trim(s.left);
	if (!s.left.len)
		return true;
	if (!take_number(&s, 1, 2, &h) || !take(&s, ':') || !take_number(&s, 2, 2, &m) ||
		(take(&s, ':') && !take_number(&s, 2, 2, &sec)))
		return false;
	s.left = import_trim(s.left);
	if (s.left.len == 2 && (s.left.at[1] | 0x20) == 'm' && h >= 1 && h <= 12) {
		pm = (s.left.at[0] | 0x20) == 'p';
		if (!pm && (s.left.at[0] | 0x20) != 'a')
			return false;
		h = h % 12 + (pm ? 12 : 0);
		s.left.len = 0;
	}
	*seconds = h * 3600 + m * 60 + sec;
	return !s.left.len && h < 24 && m < 60 && sec < 60;
}

/* As the store's clock showed it; on a day of changed clocks minutes since midnight are not those of the clock. */
static int64_t instant(uint32_t day, unsigned seconds)
{
	int64_t at = zone_midnight(day) + (int64_t)seconds * 1000;

	if (zone_day(at) == day)
		at += ((int64_t)seconds / 60 - zone_minute(at)) * 60000;
	return at;
}

bool import_time(struct palier_bytes text, enum import_dates dates, int64_t *out_ms)
{
	struct scan s = { import_trim(text) }, rest;
	unsigned seconds;
	uint32_t day;

	if (time_parse(s.left, out_ms))
		return true;
	if (!year_first(s, &day, &rest) && !year_last(s, dates, &day, &rest))
		return false;
	if (!day_valid(day) || (rest.left.len && rest.left.at[0] != 'T' && rest.left.at[0] != ' '))
		return false;
	take(&rest, 'T');
	if (!clock_read(rest, &seconds))
		return false;
	*out_ms = instant(day, seconds);
	return true;
}
