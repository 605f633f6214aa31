/* SPDX-License-Identifier: Apache-2.0 */
/* Scans become card numbers; phones and e-mails become the form in which they are compared. */
#include "protocol/scan.h"

#include <strings.h>

const char *const card_symbology_names[CARD_SYMBOLOGIES + 1] = { "ean13", "gsrn", "luhn", "code128", NULL };

/* ASCII only, whatever the locale. */
static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct palier_bytes bytes_skip(struct palier_bytes b, size_t n)
{
	return n > 0 ? palier_bytes_of(b.at + n, b.len - n) : b;
}

static struct palier_bytes bytes_trim(struct palier_bytes b)
{
	while (b.len > 0 && is_space(b.at[0]))
		b = bytes_skip(b, 1);
	while (b.len > 0 && is_space(b.at[b.len - 1]))
		b.len--;
	return b;
}

static bool bytes_begin(struct palier_bytes b, const char *with)
{
	size_t n = strlen(with);

	return b.len >= n && strncasecmp(b.at, with, n) == 0;
}

/* --- check digits --- */

char card_gs1_check(const char *digits, size_t n)
{
	unsigned sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (unsigned)(digits[n - 1 - i] - '0') * (i % 2 == 0 ? 3 : 1);
	return (char)('0' + (10 - sum % 10) % 10);
}

char card_luhn_check(const char *digits, size_t n)
{
	static const uint8_t doubled[] = { 0, 2, 4, 6, 8, 1, 3, 5, 7, 9 };
	unsigned sum = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned d = (unsigned)(digits[n - 1 - i] - '0');

		sum += i % 2 == 0 ? doubled[d] : d;
	}
	return (char)('0' + (10 - sum % 10) % 10);
}

/* --- cards --- */

#define CARD_CODE_LEN 6U /* RFC 6238, as authenticators show it */

/* ISO/IEC 15424: "]", a letter for the symbology, a modifier. @return its length, 0 without one */
static size_t aim_length(struct palier_bytes b)
{
	return b.len >= 3 && b.at[0] == ']' && is_letter(b.at[1]) && (is_letter(b.at[2]) || is_digit(b.at[2])) ? 3 : 0;
}

/* @return the length of "http://" or "https://" at the beginning, 0 without one */
static size_t url_length(struct palier_bytes b)
{
	return bytes_begin(b, "http://") ? 7 : bytes_begin(b, "https://") ? 8 : 0;
}

/* The last segment of a URL's path that is not empty; empty without one. A percent sign stays, and is refused later. */
static struct palier_bytes url_segment(struct palier_bytes url)
{
	struct palier_bytes rest = bytes_skip(url, url_length(url)), segment = { rest.at, 0 };
	size_t end = 0, start, host = 0;

	while (end < rest.len && rest.at[end] != '?' && rest.at[end] != '#')
		end++;
	while (host < end && rest.at[host] != '/')
		host++;
	while (end > host && rest.at[end - 1] == '/')
		end--;
	for (start = end; start > host && rest.at[start - 1] != '/';)
		start--;
	if (start > host)
		segment = palier_bytes_of(rest.at + start, end - start);
	return segment;
}

/* Copy without separators, in upper case. @return false for what no card bears: controls, non-ASCII, too much */
static bool card_clean(struct palier_bytes raw, struct card_number *out)
{
	for (size_t i = 0; i < raw.len; i++) {
		char c = raw.at[i];

		if (is_space(c) || c == '-')
			continue;
		if (c <= ' ' || c > '~' || out->len == CARD_NUMBER_MAX)
			return false;
		out->text[out->len++] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
	}
	return true;
}

static bool prefix_matches(const struct card_format *f, const char *text)
{
	if (!f->prefixes)
		return true;
	for (const char *const *p = f->prefixes; *p; p++)
		if (strncasecmp(text, *p, strlen(*p)) == 0)
			return true;
	return false;
}

static bool card_claimed(const struct card_number *n, enum card_symbology as, const struct card_format *formats,
	size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (formats[i].symbology == as && prefix_matches(&formats[i], n->text))
			return true;
	return false;
}

/* The symbology of digits, or CARD_SYMBOLOGIES when a check digit is wrong. */
static enum card_symbology digits_symbology(const struct card_number *n, const struct card_format *formats, size_t count)
{
	char last = n->text[n->len - 1];
	size_t rest = n->len - 1U;

	if (n->len == 13)
		return card_gs1_check(n->text, rest) == last ? CARD_EAN13 : CARD_SYMBOLOGIES;
	if (n->len == 18)
		return card_gs1_check(n->text, rest) == last ? CARD_GSRN : CARD_SYMBOLOGIES;
	if (rest == 0 || card_luhn_check(n->text, rest) != last)
		return card_claimed(n, CARD_LUHN, formats, count) ? CARD_SYMBOLOGIES : CARD_CODE128;
	/* One in ten plain numbers passes Luhn by chance: where only Code 128 accepts it, that is what it is. */
	if (count > 0 && !card_claimed(n, CARD_LUHN, formats, count))
		return CARD_CODE128;
	return CARD_LUHN;
}

static bool all_digits(const struct card_number *n)
{
	return strspn(n->text, "0123456789") == n->len;
}

static bool any_alphanumeric(const struct card_number *n)
{
	for (size_t i = 0; i < n->len; i++)
		if (is_digit(n->text[i]) || is_letter(n->text[i]))
			return true;
	return false;
}

bool scan_text(struct palier_bytes raw, struct palier_bytes *out)
{
	struct palier_bytes text = bytes_trim(raw);
	bool url;

	text = bytes_trim(bytes_skip(text, aim_length(text)));
	url = url_length(text) > 0;
	*out = url ? url_segment(text) : text;
	return url;
}

bool card_code(struct palier_bytes raw, struct palier_bytes *card, struct palier_bytes *code)
{
	struct palier_bytes text;
	size_t star;

	(void)scan_text(raw, &text);
	if (text.len <= CARD_CODE_LEN || text.at[text.len - CARD_CODE_LEN - 1] != '*')
		return false;
	star = text.len - CARD_CODE_LEN - 1;
	for (size_t i = star + 1; i < text.len; i++)
		if (!is_digit(text.at[i]))
			return false;
	*card = palier_bytes_of(text.at, star);
	*code = palier_bytes_of(text.at + star + 1, CARD_CODE_LEN);
	return true;
}

struct palier_bytes card_bare(struct palier_bytes raw)
{
	struct palier_bytes card, code;

	return card_code(raw, &card, &code) ? card : raw;
}

int card_scan(struct palier_bytes raw, const struct card_format *formats, size_t count, struct card_number *out)
{
	struct palier_bytes text, code;
	struct card_number n = { .symbology = CARD_CODE128 };
	bool retail = bytes_begin(bytes_trim(raw), "]E0"), url = scan_text(raw, &text);

	(void)card_code(raw, &text, &code);
	if (!card_clean(text, &n) || !any_alphanumeric(&n) || (url && strchr(n.text, '%')))
		return PALIER_ECARD_MALFORMED;
	/* What still begins like an identifier or an address, or ends like a code, would be read otherwise the next time. */
	if (n.text[0] == ']' || url_length(palier_bytes_of(n.text, n.len)) > 0 ||
		card_code(palier_bytes_of(n.text, n.len), &text, &code))
		return PALIER_ECARD_MALFORMED;
	if (all_digits(&n)) {
		if (n.len == 12 && retail && !url) { /* UPC-A */
			memmove(n.text + 1, n.text, n.len++);
			n.text[0] = '0';
		}
		n.symbology = digits_symbology(&n, formats, count);
	}
	if (n.symbology == CARD_SYMBOLOGIES || (count > 0 && !card_claimed(&n, n.symbology, formats, count)))
		return PALIER_ECARD_MALFORMED;
	*out = n;
	return PALIER_OK;
}

/* --- phones --- */

/* ITU-T E.164 and its national numbering plans: what is dialled before a number inside the country, what to dial abroad,
 * and how many digits a national (significant) number has. */
struct phone_plan {
	char country[3], code[4], trunk[3], abroad[4];
	uint8_t least, most;
};

static const struct phone_plan phone_plans[] = {
	{ "AD", "376", "", "00", 6, 9 },
	{ "AT", "43", "0", "00", 6, 13 },
	{ "BE", "32", "0", "00", 8, 9 },
	{ "BF", "226", "", "00", 8, 8 },
	{ "BG", "359", "0", "00", 7, 9 },
	{ "BJ", "229", "", "00", 8, 10 },
	{ "CA", "1", "1", "011", 10, 10 },
	{ "CH", "41", "0", "00", 9, 9 },
	{ "CI", "225", "", "00", 10, 10 },
	{ "CM", "237", "", "00", 9, 9 },
	{ "CY", "357", "", "00", 8, 8 },
	{ "CZ", "420", "", "00", 9, 9 },
	{ "DE", "49", "0", "00", 6, 13 },
	{ "DK", "45", "", "00", 8, 8 },
	{ "DZ", "213", "0", "00", 8, 9 },
	{ "EE", "372", "", "00", 7, 8 },
	{ "ES", "34", "", "00", 9, 9 },
	{ "FI", "358", "0", "00", 5, 12 },
	{ "FR", "33", "0", "00", 9, 9 },
	{ "GB", "44", "0", "00", 9, 10 },
	{ "GF", "594", "0", "00", 9, 9 },
	{ "GN", "224", "", "00", 9, 9 },
	{ "GP", "590", "0", "00", 9, 9 },
	{ "GR", "30", "", "00", 10, 10 },
	{ "HR", "385", "0", "00", 8, 9 },
	{ "HU", "36", "06", "00", 8, 9 },
	{ "IE", "353", "0", "00", 7, 9 },
	{ "IS", "354", "", "00", 7, 9 },
	{ "IT", "39", "", "00", 6, 12 },
	{ "LI", "423", "", "00", 7, 9 },
	{ "LT", "370", "0", "00", 8, 8 },
	{ "LU", "352", "", "00", 5, 11 },
	{ "LV", "371", "", "00", 8, 8 },
	{ "MA", "212", "0", "00", 9, 9 },
	{ "MC", "377", "", "00", 8, 9 },
	{ "MG", "261", "0", "00", 9, 9 },
	{ "ML", "223", "", "00", 8, 8 },
	{ "MQ", "596", "0", "00", 9, 9 },
	{ "MT", "356", "", "00", 8, 8 },
	{ "NC", "687", "", "00", 6, 6 },
	{ "NE", "227", "", "00", 8, 8 },
	{ "NL", "31", "0", "00", 9, 11 },
	{ "NO", "47", "", "00", 8, 8 },
	{ "PF", "689", "", "00", 8, 8 },
	{ "PL", "48", "", "00", 9, 9 },
	{ "PT", "351", "", "00", 9, 9 },
	{ "RE", "262", "0", "00", 9, 9 },
	{ "RO", "40", "0", "00", 9, 9 },
	{ "SE", "46", "0", "00", 7, 10 },
	{ "SI", "386", "0", "00", 8, 8 },
	{ "SK", "421", "0", "00", 9, 9 },
	{ "SN", "221", "", "00", 9, 9 },
	{ "TG", "228", "", "00", 8, 8 },
	{ "TN", "216", "", "00", 8, 8 },
	{ "TR", "90", "0", "00", 10, 10 },
	{ "US", "1", "1", "011", 10, 10 },
	{ "YT", "262", "0", "00", 9, 9 },
};
#define PHONE_PLANS (sizeof(phone_plans) / sizeof(*phone_plans))

static const struct phone_plan *plan_of_country(const char *country)
{
	for (size_t i = 0; country && i < PHONE_PLANS; i++)
		if (strcmp(phone_plans[i].country, country) == 0)
			return &phone_plans[i];
	return NULL;
}

/* Countries that share a code share the trunk prefix too, so the first one does. */
static const struct phone_plan *plan_of_code(const char *digits)
{
	for (size_t i = 0; i < PHONE_PLANS; i++)
		if (strncmp(phone_plans[i].code, digits, strlen(phone_plans[i].code)) == 0)
			return &phone_plans[i];
	return NULL;
}

bool phone_country_known(const char *country)
{
	return plan_of_country(country) != NULL;
}

/* What was dialled, without separators. */
struct dialled {
	bool plus;
	size_t len, optional; /* `optional`: where "(0)" stood, 0 without one; its 0 is among the digits */
	char digits[32];
};

static bool dialled_read(struct palier_bytes text, struct dialled *out)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		if (is_digit(c) && out->len < sizeof(out->digits) - 1) {
			if (c == '0' && i > 0 && text.at[i - 1] == '(' && i + 1 < text.len && text.at[i + 1] == ')')
				out->optional = out->len;
			out->digits[out->len++] = c;
		} else if (c == '+' && out->len == 0 && !out->plus) {
			out->plus = true;
		} else if (c == '\0' || !strchr(" .-/()", c)) {
			return false;
		}
	}
	return out->len > 0;
}

/* Take n digits out at `at`. */
static void dialled_cut(struct dialled *d, size_t at, size_t n)
{
	memmove(d->digits + at, d->digits + at + n, d->len + 1 - at - n);
	d->len -= n;
}

/* After a country's code its trunk prefix is only dialled inside the country. */
static void trunk_cut(struct dialled *d, const struct phone_plan *plan)
{
	size_t code = strlen(plan->code), trunk = strlen(plan->trunk);

	while (trunk > 0 && strncmp(d->digits + code, plan->trunk, trunk) == 0)
		dialled_cut(d, code, trunk);
}

/* Digits after "+" to E.164: a code in the table knows what to do with a "(0)", after any other it is dropped. */
static void abroad_clean(struct dialled *d)
{
	const struct phone_plan *plan = plan_of_code(d->digits);

	if (!plan && d->optional > 0) {
		dialled_cut(d, d->optional, 1);
		plan = plan_of_code(d->digits); /* the digits may have closed up to a code */
	}
	if (plan)
		trunk_cut(d, plan);
}

/* National digits to E.164. */
static bool home_clean(struct dialled *d, const struct phone_plan *home)
{
	size_t code = home ? strlen(home->code) : 0;

	if (!home || d->len + code >= sizeof(d->digits))
		return false;
	memmove(d->digits + code, d->digits, d->len + 1);
	memcpy(d->digits, home->code, code);
	d->len += code;
	trunk_cut(d, home);
	return d->len >= code + home->least && d->len <= code + home->most && (!home->trunk[0] || d->digits[code] != '0');
}

int phone_normalize(struct palier_bytes text, const char *country, char *out)
{
	const struct phone_plan *home = plan_of_country(country);
	const char *abroad = home ? home->abroad : "00";
	struct dialled d = { 0 };

	if (!dialled_read(bytes_trim(text), &d))
		return PALIER_EINVAL;
	if (!d.plus && strncmp(d.digits, abroad, strlen(abroad)) == 0) {
		d.plus = true;
		dialled_cut(&d, 0, strlen(abroad));
		d.optional = d.optional > strlen(abroad) ? d.optional - strlen(abroad) : 0;
	}
	if (d.plus)
		abroad_clean(&d);
	else if (!home_clean(&d, home))
		return PALIER_EINVAL;
	if (d.len < 8 || d.len >= PHONE_MAX || d.digits[0] == '0')
		return PALIER_EINVAL;
	out[0] = '+';
	memcpy(out + 1, d.digits, d.len + 1);
	return PALIER_OK;
}

/* --- e-mails --- */

/* A dot inside, no empty label. */
static bool domain_ok(struct palier_bytes domain)
{
	size_t dots = 0;

	for (size_t i = 0; i < domain.len; i++)
		if (domain.at[i] == '.') {
			if (i == 0 || i + 1 == domain.len || domain.at[i - 1] == '.')
				return false;
			dots++;
		}
	return dots > 0;
}

int email_normalize(struct palier_bytes text, char *out)
{
	struct palier_bytes mail = bytes_trim(text);
	const char *sign = mail.len ? memchr(mail.at, '@', mail.len) : NULL;
	struct palier_bytes domain;

	if (!sign || sign == mail.at || mail.len > EMAIL_MAX)
		return PALIER_EINVAL;
	domain = bytes_skip(mail, (size_t)(sign + 1 - mail.at));
	if (!domain_ok(domain) || memchr(domain.at, '@', domain.len))
		return PALIER_EINVAL;
	for (size_t i = 0; i < mail.len; i++)
		if ((unsigned char)mail.at[i] <= ' ' || mail.at[i] == 0x7f)
			return PALIER_EINVAL;
	for (size_t i = 0; i < mail.len; i++)
		out[i] = mail.at[i] >= 'A' && mail.at[i] <= 'Z' ? (char)(mail.at[i] - 'A' + 'a') : mail.at[i];
	out[mail.len] = '\0';
	return PALIER_OK;
}
