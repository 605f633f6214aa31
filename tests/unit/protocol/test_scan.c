/* SPDX-License-Identifier: Apache-2.0 */
/* Card numbers, phones and e-mails as people and scanners give them. */
#include "protocol/scan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static const char *const shop_29[] = { "29", NULL }, *const bank[] = { "60", "636", NULL }, *const club[] = { "vip", NULL };
static const struct card_format ean_29[] = { { CARD_EAN13, shop_29 } };
static const struct card_format luhn_bank[] = { { CARD_LUHN, bank }, { CARD_CODE128, NULL } };
static const struct card_format luhn_all[] = { { CARD_LUHN, NULL }, { CARD_CODE128, NULL } };
static const struct card_format code_club[] = { { CARD_CODE128, club } };
static const struct card_format code_all[] = { { CARD_CODE128, NULL } };
#define FORMATS(f) (f), COUNT(f)
#define ALL        NULL, 0
#define TEN        "1234567890"

static const struct card_case {
	const char *name, *raw;
	const struct card_format *formats;
	size_t count;
	const char *text; /* NULL: malformed */
	enum card_symbology symbology;
} card_cases[] = {
	{ "thirteen digits are an EAN-13", "4006381333931", ALL, "4006381333931", CARD_EAN13 },
	{ "a scanner's identifier and line end are cut", "]E04006381333931\r\n", ALL, "4006381333931", CARD_EAN13 },
	{ "a tab before and after is cut", "\t4006381333931\t", ALL, "4006381333931", CARD_EAN13 },
	{ "spaces and hyphens are cut", "4-006381 333931", ALL, "4006381333931", CARD_EAN13 },
	{ "an identifier after a space", " ]C1 AB12", ALL, "AB12", CARD_CODE128 },
	{ "a wrong check digit of an EAN-13", "4006381333932", ALL, NULL, 0 },
	{ "eighteen digits are a GSRN", "123456789012345675", ALL, "123456789012345675", CARD_GSRN },
	{ "a wrong check digit of a GSRN", "123456789012345674", ALL, NULL, 0 },
	{ "sixteen digits that pass Luhn", "4111 1111 1111 1111", ALL, "4111111111111111", CARD_LUHN },
	{ "eleven digits that pass Luhn", "79927398713", ALL, "79927398713", CARD_LUHN },
	{ "digits that fail Luhn are Code 128 text", "79927398714", ALL, "79927398714", CARD_CODE128 },
	{ "a single digit is Code 128 text", "0", ALL, "0", CARD_CODE128 },
	{ "twelve digits of a retail scan are an EAN-13", "]E0036000291452", ALL, "0036000291452", CARD_EAN13 },
	{ "twelve digits of a retail scan with a wrong check digit", "]E0036000291453", ALL, NULL, 0 },
	{ "twelve digits typed are no EAN-13", "036000291452", ALL, "036000291452", CARD_CODE128 },
	{ "thirteen digits of a retail scan stay", "]E00036000291452", ALL, "0036000291452", CARD_EAN13 },
	{ "letters become upper case", "vip-00x", ALL, "VIP00X", CARD_CODE128 },
	{ "signs are Code 128 text", "A/B?C%", ALL, "A/B?C%", CARD_CODE128 },
	{ "a URL's last segment counts", "https://club.example/c/4006381333931", ALL, "4006381333931", CARD_EAN13 },
	{ "a URL in capitals", "HTTP://CLUB.EXAMPLE/AB12", ALL, "AB12", CARD_CODE128 },
	{ "a URL's query and fragment are cut", "https://club.example/m/ab12?x=/1#/f", ALL, "AB12", CARD_CODE128 },
	{ "a URL's fragment before a question mark", "https://club.example/m/ab12#f?x", ALL, "AB12", CARD_CODE128 },
	{ "a URL's trailing slash is passed over", "https://club.example/m/ab12/", ALL, "AB12", CARD_CODE128 },
	{ "a URL behind an identifier", "]Q1https://club.example/ab12\r", ALL, "AB12", CARD_CODE128 },
	{ "a URL without a path", "https://club.example", ALL, NULL, 0 },
	{ "a URL with nothing but a slash", "https://club.example/?c=4006381333931", ALL, NULL, 0 },
	{ "a URL with a percent sign", "https://club.example/AB%2012", ALL, NULL, 0 },
	{ "an identifier in a URL", "https://club.example/]E0123", ALL, NULL, 0 },
	{ "an identifier twice", "]C1]C1AB12", ALL, NULL, 0 },
	{ "an address that cleaning reveals", "h-ttp://club.example/1", ALL, NULL, 0 },
	{ "nothing", "", ALL, NULL, 0 },
	{ "only what is cut", " -\r\n\t", ALL, NULL, 0 },
	{ "an identifier alone", "]E0", ALL, NULL, 0 },
	{ "no letter and no digit", "*/+", ALL, NULL, 0 },
	{ "a control character",
		"AB\x1d"
		"12",
		ALL, NULL, 0 },
	{ "a DEL", "AB\x7f", ALL, NULL, 0 },
	{ "beyond ASCII", "AB\xc3\xa9", ALL, NULL, 0 },
	{ "the longest", "A" TEN TEN TEN TEN "1234567", ALL, "A" TEN TEN TEN TEN "1234567", CARD_CODE128 },
	{ "one too long", "A" TEN TEN TEN TEN "12345678", ALL, NULL, 0 },
	{ "a virtual card's code is dropped", "4006381333931*123456", ALL, "4006381333931", CARD_EAN13 },
	{ "a virtual card behind an identifier", "]Q14006381333931*123456\r\n", ALL, "4006381333931", CARD_EAN13 },
	{ "a virtual card in a URL", "https://club.example/c/ab12*123456?x", ALL, "AB12", CARD_CODE128 },
	{ "a virtual card of text", "vip-7*000000", ALL, "VIP7", CARD_CODE128 },
	{ "five digits behind a star are no code", "VIP7*12345", ALL, "VIP7*12345", CARD_CODE128 },
	{ "seven digits behind a star are no code", "VIP7*1234567", ALL, "VIP7*1234567", CARD_CODE128 },
	{ "letters behind a star are no code", "VIP7*12345A", ALL, "VIP7*12345A", CARD_CODE128 },
	{ "a code alone is no card", "*123456", ALL, NULL, 0 },
	{ "two codes", "VIP7*123456*123456", ALL, NULL, 0 },
	{ "a code that cleaning reveals", "VIP7*123-456", ALL, NULL, 0 },
	{ "a virtual card's slip is found", "4006381333932*123456", ALL, NULL, 0 },
	{ "a shop's EAN-13 prefix", "2900000000018", FORMATS(ean_29), "2900000000018", CARD_EAN13 },
	{ "another EAN-13 prefix", "4006381333931", FORMATS(ean_29), NULL, 0 },
	{ "another symbology than the shop's", "VIP1", FORMATS(ean_29), NULL, 0 },
	{ "a retail scan of twelve digits meets prefixes as thirteen", "]E0290000000018", FORMATS(ean_29), NULL, 0 },
	{ "a Luhn prefix", "6011000990139424", FORMATS(luhn_bank), "6011000990139424", CARD_LUHN },
	{ "a Luhn prefix claims a slip", "6011000990139425", FORMATS(luhn_bank), NULL, 0 },
	{ "other digits that fail Luhn", "79927398714", FORMATS(luhn_bank), "79927398714", CARD_CODE128 },
	{ "other digits that pass Luhn are what the shop accepts", "79927398713", FORMATS(luhn_bank), "79927398713",
		CARD_CODE128 },
	{ "a Luhn format without prefixes claims every slip", "79927398714", FORMATS(luhn_all), NULL, 0 },
	{ "where only Code 128 is accepted, digits pass as such", "79927398713", FORMATS(code_all), "79927398713",
		CARD_CODE128 },
	{ "where only Code 128 is accepted, an EAN-13 is not", "4006381333931", FORMATS(code_all), NULL, 0 },
	{ "a Code 128 prefix in either case", "Vip7", FORMATS(code_club), "VIP7", CARD_CODE128 },
	{ "another Code 128 prefix", "VI7", FORMATS(code_club), NULL, 0 },
};

static void test_card(void **state)
{
	const struct card_case *c = *state;
	struct card_number n = { .symbology = CARD_SYMBOLOGIES }, again;
	int err = card_scan(palier_str(c->raw), c->formats, c->count, &n);

	assert_int_equal(err, c->text ? PALIER_OK : PALIER_ECARD_MALFORMED);
	if (!c->text) {
		assert_int_equal(n.symbology, CARD_SYMBOLOGIES);
		return;
	}
	assert_string_equal(n.text, c->text);
	assert_int_equal(n.len, strlen(c->text));
	assert_int_equal(n.symbology, c->symbology);
	assert_int_equal(card_scan(palier_str(n.text), c->formats, c->count, &again), PALIER_OK);
	assert_string_equal(again.text, n.text);
}

static void the_code_is_told_from_the_card(void **state)
{
	struct palier_bytes card = PALIER_LIT("as it was"), code = card;

	(void)state;
	assert_true(card_code(PALIER_LIT(" 2977-000000010*012345\r"), &card, &code));
	assert_true(palier_is(card, "2977-000000010"));
	assert_true(palier_is(code, "012345"));
	assert_true(palier_is(card_bare(PALIER_LIT("VIP7*123456")), "VIP7"));
	assert_true(palier_is(card_bare(PALIER_LIT(" VIP7 ")), " VIP7 "));
	assert_false(card_code(PALIER_LIT("VIP7*12345"), &card, &code));
	assert_false(card_code(PALIER_LIT("123456"), &card, &code));
	assert_false(card_code(PALIER_LIT(""), &card, &code));
	assert_true(palier_is(code, "012345"));
}

static void test_nul(void **state)
{
	struct card_number n;
	char out[EMAIL_MAX + 1];

	(void)state;
	assert_int_equal(card_scan(PALIER_LIT("AB\0"
					      "12"),
				 NULL, 0, &n),
		PALIER_ECARD_MALFORMED);
	assert_int_equal(phone_normalize(PALIER_LIT("06 12\0 34 56 78"), "FR", out), PALIER_EINVAL);
	assert_int_equal(email_normalize(PALIER_LIT("a\0b@c.fr"), out), PALIER_EINVAL);
	assert_int_equal(card_scan(palier_bytes_of(NULL, 0), NULL, 0, &n), PALIER_ECARD_MALFORMED);
	assert_int_equal(phone_normalize(palier_bytes_of(NULL, 0), "FR", out), PALIER_EINVAL);
	assert_int_equal(email_normalize(palier_bytes_of(NULL, 0), out), PALIER_EINVAL);
}

static const struct slip_case {
	const char *name, *digits;
	const struct card_format *formats;
	size_t count;
} slip_cases[] = {
	{ "every slip of one digit of an EAN-13 is caught", "4006381333931", ALL },
	{ "every slip of one digit of a shop's EAN-13 is caught", "2900000000018", ALL },
	{ "every slip of one digit of a GSRN is caught", "123456789012345675", ALL },
	{ "every slip of one digit of a Luhn number is caught", "4111111111111111", FORMATS(luhn_all) },
	{ "every slip of one digit of an odd Luhn number is caught", "79927398713", FORMATS(luhn_all) },
};

static void test_slip(void **state)
{
	const struct slip_case *c = *state;
	char digits[CARD_NUMBER_MAX + 1];
	struct card_number n;

	strcpy(digits, c->digits);
	assert_int_equal(card_scan(palier_str(digits), c->formats, c->count, &n), PALIER_OK);
	for (size_t i = 0; digits[i]; i++) {
		char right = digits[i];

		for (char d = '0'; d <= '9'; d++) {
			digits[i] = d;
			assert_int_equal(card_scan(palier_str(digits), c->formats, c->count, &n),
				d == right ? PALIER_OK : PALIER_ECARD_MALFORMED);
		}
		digits[i] = right;
	}
}

static const struct phone_case {
	const char *name, *text, *country;
	const char *out; /* NULL: refused */
} phone_cases[] = {
	{ "a French mobile", "06 12 34 56 78", "FR", "+33612345678" },
	{ "dots", "06.12.34.56.78", "FR", "+33612345678" },
	{ "hyphens, slashes and blanks around", " 06-12/34-56-78\r\n", "FR", "+33612345678" },
	{ "the trunk prefix in parentheses", "(06) 12 34 56 78", "FR", "+33612345678" },
	{ "without the trunk prefix", "612345678", "FR", "+33612345678" },
	{ "with 00", "0033612345678", "DE", "+33612345678" },
	{ "with +", "+33 6 12 34 56 78", "DE", "+33612345678" },
	{ "with + in parentheses", "(+33) 6 12 34 56 78", "DE", "+33612345678" },
	{ "with (0)", "+33 (0)6 12 34 56 78", "FR", "+33612345678" },
	{ "with 00 and (0)", "0033 (0)6 12 34 56 78", "FR", "+33612345678" },
	{ "with the trunk prefix after the country's code", "+33 06 12 34 56 78", "FR", "+33612345678" },
	{ "with (0) after a code that is not in the table", "+86 (0)10 1234 5678", "FR", "+861012345678" },
	{ "with 00, (0) and a code that is not in the table", "0086 (0)10 1234 5678", "FR", "+861012345678" },
	{ "an Italian 0 is part of the number", "06 6988 1234", "IT", "+390669881234" },
	{ "an Italian 0 stays after the code", "+39 (0)6 6988 1234", "IT", "+390669881234" },
	{ "an Ivorian 0 is part of the number", "07 12 34 56 78", "CI", "+2250712345678" },
	{ "a German number", "030/901820", "DE", "+4930901820" },
	{ "a British mobile", "07400 123456", "GB", "+447400123456" },
	{ "a Swiss mobile", "079 123 45 67", "CH", "+41791234567" },
	{ "a Belgian number", "02 555 12 12", "BE", "+3225551212" },
	{ "a Hungarian number", "06 30 123 4567", "HU", "+36301234567" },
	{ "a Spanish mobile", "612 34 56 78", "ES", "+34612345678" },
	{ "a Luxembourg mobile", "621 123 456", "LU", "+352621123456" },
	{ "a Norwegian number", "22 12 34 56", "NO", "+4722123456" },
	{ "an American number", "(212) 555-0123", "US", "+12125550123" },
	{ "an American number with its 1", "1-212-555-0123", "US", "+12125550123" },
	{ "a Canadian number", "514 555 0123", "CA", "+15145550123" },
	{ "from America with 011", "011 33 6 12 34 56 78", "US", "+33612345678" },
	{ "a Moroccan mobile", "0612-345678", "MA", "+212612345678" },
	{ "a Tunisian mobile", "20 123 456", "TN", "+21620123456" },
	{ "an Algerian mobile", "0551 23 45 67", "DZ", "+213551234567" },
	{ "a Senegalese mobile", "77 123 45 67", "SN", "+221771234567" },
	{ "the longest number", "+861234567890123", "FR", "+861234567890123" },
	{ "a number with + from a country that is not in the table", "+33612345678", "XX", "+33612345678" },
	{ "a national number in a country that is not in the table", "0612345678", "XX", NULL },
	{ "an American number that begins with 0", "021 255 5012", "US", NULL },
	{ "a (0) within what becomes a code", "+26(0)101217345", "FR", "+2611217345" },
	{ "a digit too few", "06 12 34 56 7", "FR", NULL },
	{ "a digit too many", "06 12 34 56 789", "FR", NULL },
	{ "sixteen digits", "+8612345678901234", "FR", NULL },
	{ "seven digits", "+8612345", "FR", NULL },
	{ "a code that begins with 0", "+0612345678", "FR", NULL },
	{ "00 and a code that begins with 0", "00 0612345678", "FR", NULL },
	{ "a + within", "06+12345678", "FR", NULL },
	{ "two +", "++33612345678", "FR", NULL },
	{ "letters", "06 12 34 56 7x", "FR", NULL },
	{ "a + alone", "+", "FR", NULL },
	{ "no digit", "()", "FR", NULL },
	{ "nothing", "", "FR", NULL },
	{ "a very long line of digits", TEN TEN TEN TEN, "FR", NULL },
};

static void test_phone(void **state)
{
	const struct phone_case *c = *state;
	char out[PHONE_MAX + 1] = "untouched", again[PHONE_MAX + 1] = "";

	assert_int_equal(phone_normalize(palier_str(c->text), c->country, out), c->out ? PALIER_OK : PALIER_EINVAL);
	assert_string_equal(out, c->out ? c->out : "untouched");
	if (c->out) {
		assert_int_equal(phone_normalize(palier_str(out), c->country, again), PALIER_OK);
		assert_string_equal(again, out);
	}
}

static void test_countries(void **state)
{
	static const char *const known[] = { "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR",
		"HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "CH", "GB", "NO", "US",
		"CA", "MA", "TN", "DZ", "SN", "CI" };

	(void)state;
	for (size_t i = 0; i < COUNT(known); i++)
		assert_true(phone_country_known(known[i]));
	assert_false(phone_country_known("XX"));
	assert_false(phone_country_known("F"));
	assert_false(phone_country_known("FRA"));
	assert_false(phone_country_known(""));
	assert_false(phone_country_known(NULL));
}

#define FIFTY "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee"

static const struct email_case {
	const char *name, *text;
	const char *out; /* NULL: refused */
} email_cases[] = {
	{ "an address", "lea@example.fr", "lea@example.fr" },
	{ "case is folded", "Lea.Martin@Example.FR", "lea.martin@example.fr" },
	{ "blanks around are cut", "\t lea@example.fr \r\n", "lea@example.fr" },
	{ "a plus stays", "lea+shop@mail.example.fr", "lea+shop@mail.example.fr" },
	{ "beyond ASCII stays as it is",
		"L\xc3\x89"
		"a@example.fr",
		"l\xc3\x89"
		"a@example.fr" },
	{ "the longest", FIFTY FIFTY FIFTY FIFTY FIFTY "@b.c", FIFTY FIFTY FIFTY FIFTY FIFTY "@b.c" },
	{ "one too long", "x" FIFTY FIFTY FIFTY FIFTY FIFTY "@b.c", NULL },
	{ "no @", "lea.example.fr", NULL },
	{ "two @", "lea@home@example.fr", NULL },
	{ "nothing before the @", "@example.fr", NULL },
	{ "nothing after the @", "lea@", NULL },
	{ "a domain without a dot", "lea@localhost", NULL },
	{ "a domain that begins with a dot", "lea@.example.fr", NULL },
	{ "a domain that ends with a dot", "lea@example.", NULL },
	{ "two dots in a row", "lea@example..fr", NULL },
	{ "a space within", "lea martin@example.fr", NULL },
	{ "a control within", "lea\t@example.fr", NULL },
	{ "a DEL within", "lea\x7f@example.fr", NULL },
	{ "nothing", "", NULL },
};

static void test_email(void **state)
{
	const struct email_case *c = *state;
	char out[EMAIL_MAX + 1] = "untouched";

	assert_int_equal(email_normalize(palier_str(c->text), out), c->out ? PALIER_OK : PALIER_EINVAL);
	assert_string_equal(out, c->out ? c->out : "untouched");
}

#define ADD(cases, test) \
	for (size_t i = 0; i < COUNT(cases); i++) \
		tests[n++] = (struct CMUnitTest) \
		{ \
			(cases)[i].name, test, NULL, NULL, (void *)(uintptr_t) & (cases)[i] \
		}

int main(void)
{
	static struct CMUnitTest tests[COUNT(card_cases) + COUNT(slip_cases) + COUNT(phone_cases) + COUNT(email_cases) + 3];
	size_t n = 0;

	ADD(card_cases, test_card);
	ADD(slip_cases, test_slip);
	ADD(phone_cases, test_phone);
	ADD(email_cases, test_email);
	tests[n++] = (struct CMUnitTest){ "a virtual card's code is told from its number", the_code_is_told_from_the_card,
		NULL, NULL, NULL };
	tests[n++] = (struct CMUnitTest){ "a NUL within, or no bytes at all, is refused", test_nul, NULL, NULL, NULL };
	tests[n++] = (struct CMUnitTest){ "the countries whose numbers are understood", test_countries, NULL, NULL, NULL };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
