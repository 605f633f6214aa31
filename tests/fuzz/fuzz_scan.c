/* SPDX-License-Identifier: Apache-2.0 */
/* Anything as a card, a phone or an e-mail; what is accepted must be clean, and give itself when read again. */
#include "protocol/scan.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* assert() would vanish with NDEBUG. */
static void ensure(bool ok)
{
	if (!ok)
		abort();
}

static void fuzz_card(struct palier_bytes text, const struct card_format *formats, size_t count)
{
	struct card_number n = { 0 }, again = { 0 };

	if (card_scan(text, formats, count, &n) != PALIER_OK)
		return;
	ensure(n.symbology < CARD_SYMBOLOGIES && n.len > 0 && n.len <= CARD_NUMBER_MAX && strlen(n.text) == n.len);
	for (size_t i = 0; i < n.len; i++)
		ensure(n.text[i] > ' ' && n.text[i] <= '~' && n.text[i] != '-' && !(n.text[i] >= 'a' && n.text[i] <= 'z'));
	if (n.symbology != CARD_CODE128)
		ensure(strspn(n.text, "0123456789") == n.len);
	ensure(card_scan(palier_bytes_of(n.text, n.len), formats, count, &again) == PALIER_OK);
	ensure(again.symbology == n.symbology && strcmp(again.text, n.text) == 0);
}

static void fuzz_phone(struct palier_bytes text, const char *country)
{
	char out[PHONE_MAX + 1], again[PHONE_MAX + 1];
	size_t len;

	if (phone_normalize(text, country, out) != PALIER_OK)
		return;
	len = strlen(out);
	ensure(len >= 9 && len <= PHONE_MAX && out[0] == '+' && out[1] != '0');
	ensure(strspn(out + 1, "0123456789") == len - 1);
	ensure(phone_normalize(palier_str(out), country, again) == PALIER_OK && strcmp(out, again) == 0);
}

static void fuzz_email(struct palier_bytes text)
{
	char out[EMAIL_MAX + 1], again[EMAIL_MAX + 1];

	if (email_normalize(text, out) != PALIER_OK)
		return;
	ensure(strlen(out) <= EMAIL_MAX && strpbrk(out, " \t\r\n") == NULL);
	ensure(strchr(out, '@') == strrchr(out, '@') && strchr(strchr(out, '@'), '.') != NULL);
	ensure(email_normalize(palier_str(out), again) == PALIER_OK && strcmp(out, again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const prefixes[] = { "29", "0", "vip", NULL };
	static const struct card_format formats[] = { { CARD_EAN13, prefixes }, { CARD_LUHN, prefixes },
		{ CARD_CODE128, NULL } };
	static const char *const countries[] = { "FR", "US", "IT", "HU", "DE", "XX" };
	struct palier_bytes text;

	if (size == 0)
		return 0;
	text = palier_bytes_of(data + 1, size - 1);
	switch (data[0]) {
	case 'c':
		fuzz_card(text, NULL, 0);
		break;
	case 'f':
		fuzz_card(text, formats, sizeof(formats) / sizeof(*formats));
		break;
	case 'e':
		fuzz_email(text);
		break;
	default: /* '0' to '5' are the countries */
		fuzz_phone(text, countries[data[0] % 6U]);
	}
	return 0;
}
