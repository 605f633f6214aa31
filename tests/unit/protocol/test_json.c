/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON reader against a table, a second validator and truncations; the writer against the reader. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "protocol/json.h"

#define TAPE 8192

static struct json_token tape[TAPE];

/* Parse a copy that ends where the text ends, on the promised tape, so that a sanitizer sees every byte too far. */
static int parse(struct json_doc *d, struct palier_bytes text, unsigned depth)
{
	*d = (struct json_doc){ .tokens = tape, .capacity = (uint32_t)(text.len / 2 + 1) };
	assert_true(d->capacity <= TAPE);
	return json_parse(d, text, depth);
}

static int parse_exact(struct palier_bytes text, unsigned depth)
{
	char *copy = malloc(text.len ? text.len : 1);
	struct json_doc d;
	int err;

	assert_non_null(copy);
	if (text.len > 0)
		memcpy(copy, text.at, text.len);
	err = parse(&d, palier_bytes_of(copy, text.len), depth);
	if (err != PALIER_OK)
		assert_true(d.bad_at <= text.len && d.count == 0);
	free(copy);
	return err;
}

/* --- accepted or refused --- */

#define Y(name, text) \
	{ \
		name, PALIER_LIT(text), true \
	}
#define N(name, text) \
	{ \
		name, PALIER_LIT(text), false \
	}

struct verdict {
	const char *name;
	struct palier_bytes text;
	bool accepted;
};

static const struct verdict verdicts[] = {
	/* structure */
	Y("an empty array is a document", "[]"),
	Y("an empty object is a document", "{}"),
	Y("a string alone is a document", "\"asd\""),
	Y("an empty string alone is a document", "\"\""),
	Y("a number alone is a document", "42"),
	Y("a negative number alone is a document", "-0.1"),
	Y("true alone is a document", "true"),
	Y("false alone is a document", "false"),
	Y("null alone is a document", "null"),
	Y("white space may surround a document", " \t\r\n[] \t\r\n"),
	Y("white space may surround every token", "\t{ \"a\"\r:\n[ 1 , 2 ] , \"b\" : { } } "),
	Y("a newline may end a document", "[\"a\"]\n"),
	Y("arrays nest", "[[[],[[]]],[]]"),
	Y("objects nest", "{\"a\":{\"b\":{\"c\":{}}}}"),
	Y("an array holds every type", "[null,1,\"1\",{},[],true,false]"),
	Y("an array of empty strings", "[\"\",\"\",\"\"]"),
	Y("an object of every type", "{\"a\":null,\"b\":1,\"c\":\"1\",\"d\":{},\"e\":[],\"f\":true}"),
	Y("an empty key is a key", "{\"\":0}"),
	Y("a key may hold an escaped NUL", "{\"foo\\u0000bar\":42}"),
	Y("the same key may stand at two levels", "{\"a\":{\"a\":{\"a\":1}}}"),
	Y("the same key may stand in two objects", "[{\"a\":1},{\"a\":1}]"),
	Y("the same value may stand twice", "{\"a\":\"b\",\"c\":\"b\"}"),
	Y("keys that differ in case differ", "{\"a\":1,\"A\":1}"),
	Y("keys of which one begins the other differ", "{\"ab\":1,\"a\":1,\"abc\":1,\"\":1}"),
	Y("keys that differ after eight bytes differ", "{\"abcdefgh1\":1,\"abcdefgh2\":1,\"abcdefgh\":1}"),
	Y("a key and the same with a NUL differ", "{\"a\":1,\"a\\u0000\":1}"),
	Y("an escaped backslash before u is no escape", "{\"\\\\u0061\":1,\"a\":1}"),
	N("no text is no document", ""),
	N("a space is no document", " "),
	N("white space is no document", "\n\t\r "),
	N("an open array alone", "["),
	N("an open object alone", "{"),
	N("a closing bracket alone", "]"),
	N("a closing brace alone", "}"),
	N("an open string alone", "\""),
	N("a comma alone", ","),
	N("a colon alone", ":"),
	N("a minus alone", "-"),
	N("a backslash alone", "\\"),
	N("two documents", "[][]"),
	N("two numbers", "1 2"),
	N("a comma after the document", "[],"),
	N("a brace after the document", "{}}"),
	N("a bracket after the document", "[]]"),
	N("a letter after the document", "[]x"),
	N("a quote after the document", "{\"a\":1}\""),
	N("a comment after the document", "[]/**/"),
	N("a line comment", "[1]//"),
	N("a hash comment", "[1]#"),
	N("a comment inside", "[1,/*x*/2]"),
	N("a closing brace for an array", "[1}"),
	N("a closing bracket for an object", "{\"a\":1]"),
	N("brackets that cross", "[{]}"),
	N("a trailing comma in an array", "[1,]"),
	N("a trailing comma in an object", "{\"a\":1,}"),
	N("two trailing commas in an array", "[1,,]"),
	N("two commas in an array", "[1,,2]"),
	N("two commas in an object", "{\"a\":1,,\"b\":2}"),
	N("a leading comma in an array", "[,1]"),
	N("a leading comma in an object", "{,\"a\":1}"),
	N("only a comma in an array", "[,]"),
	N("only a comma in an object", "{,}"),
	N("no comma in an array", "[1 2]"),
	N("no comma between strings", "[\"a\" \"b\"]"),
	N("no comma between containers", "[[] []]"),
	N("no comma in an object", "{\"a\":1 \"b\":2}"),
	N("a colon in an array", "[1:2]"),
	N("a colon for a comma in an array", "[\"a\":1]"),
	N("a comma for a colon", "{\"a\",1}"),
	N("two colons", "{\"a\"::1}"),
	N("no colon", "{\"a\" 1}"),
	N("no value", "{\"a\":}"),
	N("no value before a comma", "{\"a\":,\"b\":1}"),
	N("no key", "{:1}"),
	N("a key without a colon", "{\"a\"}"),
	N("a key without a quote", "{a:1}"),
	N("a key in single quotes", "{'a':1}"),
	N("a number for a key", "{1:1}"),
	N("null for a key", "{null:1}"),
	N("an array for a key", "{[]:1}"),
	N("an object for a key", "{{}:1}"),
	N("a member that ends in the middle", "{\"a\":"),
	N("a key at the end", "{\"a\""),
	N("an array that ends after a comma", "[1,"),
	N("an array that ends after a value", "[1"),
	N("an array that ends within a string", "[\"a"),
	N("an inner array left open", "[[1]"),
	N("an inner object left open", "[{}"),
	N("a vertical tab as white space", "[\v]"),
	N("a form feed as white space", "[\f]"),
	N("a NUL as white space", "[\0]"),
	N("a NUL after the document", "[]\0"),
	N("a no-break space as white space", "[\xC2\xA0]"),
	N("U+2060 as white space", "[\xE2\x81\xA0]"),
	N("a byte order mark", "\xEF\xBB\xBF[]"),
	N("a byte order mark alone", "\xEF\xBB\xBF"),
	N("UTF-16", "[\0]\0"),
	N("UTF-16 with a byte order mark", "\xFF\xFE[\0]\0"),
	N("parentheses", "(1)"),
	N("a semicolon", "[1;2]"),
	N("an asterisk", "*"),
	N("an XML element", "<null>"),
	/* words */
	N("true in capitals", "TRUE"),
	N("true with a capital", "[True]"),
	N("half of true", "tru"),
	N("half of true in an array", "[tru]"),
	N("half of false", "fals"),
	N("half of null", "nul"),
	N("true with a letter more", "truee"),
	N("null with a digit more", "[null1]"),
	N("two words without a comma", "[truefalse]"),
	N("nil", "nil"),
	N("undefined", "undefined"),
	N("NaN", "NaN"),
	N("negative NaN", "[-NaN]"),
	N("Infinity", "Infinity"),
	N("minus Infinity", "[-Infinity]"),
	N("an unquoted word", "[a]"),
	N("true with its last letter escaped", "tru\\u0065"),
	/* numbers */
	Y("zero", "[0]"),
	Y("minus zero", "[-0]"),
	Y("a digit", "[7]"),
	Y("ten digits", "[1234567890]"),
	Y("a number beyond 64 bits is well-formed", "[123456789012345678901234567890]"),
	Y("a fraction", "[123.456789]"),
	Y("a fraction of zero", "[0.0]"),
	Y("a long fraction", "[-0.000000000000000000000000000000000000000000000000000000000000000001]"),
	Y("an exponent", "[1e2]"),
	Y("an exponent in a capital", "[1E22]"),
	Y("a positive exponent", "[1e+2]"),
	Y("a negative exponent", "[1E-2]"),
	Y("an exponent of zero", "[0e0]"),
	Y("an exponent with a leading zero", "[1e01]"),
	Y("a fraction with an exponent", "[123.456e78]"),
	Y("a huge exponent is well-formed", "[1e999]"),
	Y("a zero with an exponent and sign", "[0e+1]"),
	Y("a space after a number", "[4 ]"),
	N("a leading zero", "[01]"),
	N("a negative leading zero", "[-01]"),
	N("two zeros", "[00]"),
	N("a negative number of two zeros", "[-00]"),
	N("a plus sign", "[+1]"),
	N("two minus signs", "[--1]"),
	N("a minus with a space", "[- 1]"),
	N("a minus with a letter", "[-a]"),
	N("a minus alone in an array", "[-]"),
	N("a minus after a number", "[1-]"),
	N("a sum", "[1+2]"),
	N("a leading point", "[.5]"),
	N("a minus and a leading point", "[-.5]"),
	N("a trailing point", "[1.]"),
	N("a trailing point at the end", "1."),
	N("a point before an exponent", "[1.e1]"),
	N("two points", "[1.2.3]"),
	N("a point and a minus", "[1.-2]"),
	N("an exponent without digits", "[1e]"),
	N("an exponent without digits at the end", "1e"),
	N("a capital exponent without digits", "[1E]"),
	N("an exponent with a bare plus", "[1e+]"),
	N("an exponent with a bare minus", "[1e-]"),
	N("an exponent with two signs", "[1e+-1]"),
	N("an exponent with a fraction", "[1e1.5]"),
	N("two exponents", "[1e1e1]"),
	N("an exponent alone", "[e1]"),
	N("a fraction and an empty exponent", "[1.5e]"),
	N("a zero with an empty exponent", "[0e]"),
	N("a zero with a bare sign", "[0e+]"),
	N("hexadecimal", "[0x1F]"),
	N("octal", "[0o7]"),
	N("a binary number", "[0b1]"),
	N("a digit separator", "[1_000]"),
	N("a thousands space", "[1 000]"),
	N("a decimal comma is two values, in an object refused", "{\"a\":1,5}"),
	N("a letter after a number", "[1a]"),
	N("a float suffix", "[1.0f]"),
	N("a long suffix", "[1L]"),
	N("a full-width digit", "[\xEF\xBC\x91]"),
	N("an Arabic digit", "[\xD9\xA1]"),
	N("a NUL after a number", "[1\0]"),
	N("a colon right after the digits", "[1:]"),
	N("a slash right before the digits", "[/1]"),
	/* strings: escapes */
	Y("every short escape", "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]"),
	Y("a Unicode escape", "[\"\\u0041\"]"),
	Y("a Unicode escape in capitals", "[\"\\u00E9\\uABCD\"]"),
	Y("a Unicode escape in small letters", "[\"\\u00e9\\uabcd\"]"),
	Y("an escaped NUL", "[\"\\u0000\"]"),
	Y("an escaped control character", "[\"\\u001f\"]"),
	Y("an escaped surrogate pair", "[\"\\uD834\\uDD1E\"]"),
	Y("the first surrogate pair", "[\"\\uD800\\uDC00\"]"),
	Y("the last surrogate pair", "[\"\\uDBFF\\uDFFF\"]"),
	Y("two surrogate pairs", "[\"\\ud83d\\ude39\\ud83d\\udc8d\"]"),
	Y("the character before the surrogates", "[\"\\uD7FF\"]"),
	Y("the character after the surrogates", "[\"\\uE000\"]"),
	Y("escaped noncharacters", "[\"\\uFFFF\\uFFFE\\uFDD0\"]"),
	Y("an escaped byte order mark", "[\"\\uFEFF\"]"),
	Y("a backslash escaped before u", "[\"\\\\u12\"]"),
	Y("an escape at the end", "\"\\n\""),
	Y("a slash unescaped", "[\"/\"]"),
	Y("single quotes in a string", "[\"'\"]"),
	Y("brackets in a string", "[\"[{]},:\"]"),
	Y("comments in a string", "[\"a/*b*/c//d#e\"]"),
	Y("DEL raw", "[\"\x7F\"]"),
	Y("a string of more than eight bytes", "[\"abcdefghijklmnopqrstuvwxyz 0123456789\"]"),
	N("an escape of a letter that has none", "[\"\\a\"]"),
	N("an escaped v", "[\"\\v\"]"),
	N("an escaped capital N", "[\"\\N\"]"),
	N("an escaped zero", "[\"\\0\"]"),
	N("an escaped NUL byte", "[\"\\\0\"]"),
	N("an escaped single quote", "[\"\\'\"]"),
	N("an escaped space", "[\"\\ \"]"),
	N("a hex escape", "[\"\\x00\"]"),
	N("an escaped tab byte", "[\"\\\t\"]"),
	N("an escaped newline byte", "[\"\\\n\"]"),
	N("an escaped emoji", "[\"\\\xF0\x9F\x8C\x80\"]"),
	N("an escaped invalid byte", "[\"\\\xE5\"]"),
	N("a capital U", "[\"\\U0041\"]"),
	N("a Unicode escape without digits", "[\"\\u\"]"),
	N("a Unicode escape of one digit", "[\"\\u0\"]"),
	N("a Unicode escape of three digits", "[\"\\u004\"]"),
	N("a Unicode escape with a letter", "[\"\\u004g\"]"),
	N("a Unicode escape with a sign", "[\"\\u+041\"]"),
	N("a Unicode escape with a space", "[\"\\u 041\"]"),
	N("a Unicode escape in braces", "[\"\\u{41}\"]"),
	N("a Unicode escape with an at sign", "[\"\\u00@1\"]"),
	N("a Unicode escape with a backquote", "[\"\\u00`1\"]"),
	N("a Unicode escape at the end", "\"\\u00"),
	N("a backslash at the end", "\"\\"),
	N("an escaped quote at the end", "\"\\\""),
	N("a high surrogate alone", "[\"\\uD800\"]"),
	N("the last high surrogate alone", "[\"\\uDBFF\"]"),
	N("a low surrogate alone", "[\"\\uDC00\"]"),
	N("the last low surrogate alone", "[\"\\uDFFF\"]"),
	N("a pair the wrong way round", "[\"\\uDD1E\\uD834\"]"),
	N("two high surrogates", "[\"\\uD800\\uD800\"]"),
	N("two high and a low surrogate", "[\"\\uD800\\uD800\\uDC00\"]"),
	N("a high surrogate and a letter", "[\"\\uD800abc123\"]"),
	N("a high surrogate and a short escape", "[\"\\uD800\\n\"]"),
	N("a high surrogate and another character", "[\"\\uD800\\u0041\"]"),
	N("a high surrogate and half an escape", "[\"\\uD800\\u\"]"),
	N("a high surrogate and three digits", "[\"\\uD800\\uDC0\"]"),
	N("a high surrogate and a wrong digit", "[\"\\uD800\\uDC0x\"]"),
	N("a high surrogate and a backslash", "[\"\\uD800\\\"]"),
	N("a high surrogate and a raw low one", "[\"\\uD800\xED\xB0\x80\"]"),
	N("a lone surrogate in a key", "{\"\\uD800\":1}"),
	/* strings: control characters */
	N("a raw NUL", "[\"a\0b\"]"),
	N("a raw newline", "[\"a\nb\"]"),
	N("a raw carriage return", "[\"a\rb\"]"),
	N("a raw tab", "[\"\t\"]"),
	N("a raw U+001F", "[\"\x1F\"]"),
	N("a raw control after eight plain characters", "[\"abcdefghi\x01jklmnopqrs\"]"),
	N("a raw control in a key", "{\"\x01\":1}"),
	N("a string in single quotes", "['a']"),
	N("a string without its first quote", "[a\"]"),
	N("a string without its last quote", "[\"a]"),
	/* strings: UTF-8 */
	Y("two bytes", "[\"caf\xC3\xA9\"]"),
	Y("three bytes", "[\"\xE2\x82\xAC\"]"),
	Y("four bytes", "[\"\xF0\x9D\x84\x9E\"]"),
	Y("the first of two bytes", "[\"\xC2\x80\"]"),
	Y("the last of two bytes", "[\"\xDF\xBF\"]"),
	Y("the first of three bytes", "[\"\xE0\xA0\x80\"]"),
	Y("the last of three bytes", "[\"\xEF\xBF\xBF\"]"),
	Y("the first of four bytes", "[\"\xF0\x90\x80\x80\"]"),
	Y("the last of four bytes", "[\"\xF4\x8F\xBF\xBF\"]"),
	Y("the last before the surrogates", "[\"\xED\x9F\xBF\"]"),
	Y("the first after the surrogates", "[\"\xEE\x80\x80\"]"),
	Y("a line separator", "[\"\xE2\x80\xA8\xE2\x80\xA9\"]"),
	Y("a byte order mark within a string", "[\"\xEF\xBB\xBF\"]"),
	Y("UTF-8 in a key", "{\"\xC3\xA9t\xC3\xA9\":1}"),
	N("a lone continuation byte", "[\"\x80\"]"),
	N("the last continuation byte alone", "[\"\xBF\"]"),
	N("a continuation byte too many", "[\"\xC3\xA9\xA9\"]"),
	N("overlong of two bytes", "[\"\xC0\xAF\"]"),
	N("overlong of two bytes, the last", "[\"\xC1\xBF\"]"),
	N("overlong of three bytes", "[\"\xE0\x80\xAF\"]"),
	N("overlong of three bytes, the last", "[\"\xE0\x9F\xBF\"]"),
	N("overlong of four bytes", "[\"\xF0\x80\x80\xAF\"]"),
	N("overlong of four bytes, the last", "[\"\xF0\x8F\xBF\xBF\"]"),
	N("overlong NUL", "[\"\xC0\x80\"]"),
	N("overlong quote", "[\"\xC0\xA2\"]"),
	N("a surrogate in UTF-8", "[\"\xED\xA0\x80\"]"),
	N("the last surrogate in UTF-8", "[\"\xED\xBF\xBF\"]"),
	N("a surrogate pair in UTF-8", "[\"\xED\xA0\xB4\xED\xB4\x9E\"]"),
	N("beyond U+10FFFF", "[\"\xF4\x90\x80\x80\"]"),
	N("a lead byte F5", "[\"\xF5\x80\x80\x80\"]"),
	N("five bytes", "[\"\xF8\x88\x80\x80\x80\"]"),
	N("six bytes", "[\"\xFC\x84\x80\x80\x80\x80\"]"),
	N("FE and FF", "[\"\xFE\xFF\"]"),
	N("one byte of two", "[\"\xC3\"]"),
	N("two bytes of three", "[\"\xE2\x82\"]"),
	N("three bytes of four", "[\"\xF0\x9D\x84\"]"),
	N("one byte of two at the end", "\"\xC3"),
	N("two bytes of three at the end", "\"\xE2\x82"),
	N("three bytes of four at the end", "\"\xF0\x9D\x84"),
	N("a second byte that is no continuation", "[\"\xE2(\xA1\"]"),
	N("a third byte that is no continuation", "[\"\xE2\x82(\"]"),
	N("a fourth byte that is no continuation", "[\"\xF0\x9D\x84(\"]"),
	N("ISO 8859-1", "[\"caf\xE9\"]"),
	N("invalid UTF-8 in a key", "{\"\xFF\":1}"),
	N("invalid UTF-8 outside a string", "[\xFF]"),
	N("UTF-8 outside a string", "[\xC3\xA9]"),
	N("invalid UTF-8 after eight plain characters", "[\"abcdefghijk\xFFlmnopqrst\"]"),
	/* duplicate keys */
	N("a key twice", "{\"a\":1,\"a\":2}"),
	N("a key and its value twice", "{\"a\":1,\"a\":1}"),
	N("an empty key twice", "{\"\":1,\"\":2}"),
	N("a key twice, once escaped", "{\"a\":1,\"\\u0061\":2}"),
	N("a key twice, escaped first", "{\"\\u0061\":1,\"a\":2}"),
	N("a key twice, escaped in both cases of a digit", "{\"\\u00e9\":1,\"\\u00E9\":2}"),
	N("a key twice, short and long escape", "{\"\\n\":1,\"\\u000a\":2}"),
	N("a key twice, a slash escaped", "{\"a/b\":1,\"a\\/b\":2}"),
	N("a key twice, raw and escaped UTF-8", "{\"\xC3\xA9\":1,\"\\u00e9\":2}"),
	N("a key twice, raw and escaped euro", "{\"\xE2\x82\xAC\":1,\"\\u20ac\":2}"),
	N("a key twice, raw and escaped pair", "{\"\xF0\x9D\x84\x9E\":1,\"\\uD834\\uDD1E\":2}"),
	N("a key twice with others between", "{\"a\":1,\"b\":{\"c\":[1,2]},\"d\":[{}],\"a\":2}"),
	N("a long key twice", "{\"abcdefghijklmnop\":1,\"abcdefghijklmnop\":2}"),
	N("a key twice in an inner object", "{\"x\":{\"a\":1,\"a\":2}}"),
	N("a key twice in an array's object", "[1,{\"a\":1,\"b\":2,\"b\":3}]"),
	N("a key with an escaped NUL twice", "{\"a\\u0000\":1,\"a\\u0000\":2}"),
	N("a key twice among seventeen", "{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,"
					 "\"k\":1,\"l\":1,\"m\":1,\"n\":1,"
					 "\"o\":1,\"p\":1,\"\\u0061\":1}"),
	N("so many keys twice that the tape has no room to sort them",
		"{\"\":0,\"a\":0,\"b\":0,\"c\":0,\"d\":0,\"e\":0,\"f\":0,\"\":0,\"d\":0,\"e\":0,\"f\":0,\"k\":0,\"l\":0,"
		"\"m\":0,"
		"\"n\":0,\"o\":0,\"p\":0,\"q\":0,\"r\":0,\"s\":0,\"t\":0}"),
	Y("seventeen keys", "{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,\"k\":1,\"l\":"
			    "1,\"m\":1,\"n\":1,"
			    "\"o\":1,\"p\":1,\"\\u0071\":1}"),
	Y("seventeen keys, one of them empty", "{\"\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,"
					       "\"j\":1,\"k\":1,\"l\":1,\"m\":1,\"n\":1,"
					       "\"o\":1,\"p\":1,\"q\":1}"),
};

static void check_verdict(void **state)
{
	const struct verdict *v = *state;

	assert_int_equal(parse_exact(v->text, 32), v->accepted ? PALIER_OK : PALIER_EPARSE);
}

static void every_single_byte_as_a_document(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++) {
		char text = (char)c;

		assert_int_equal(parse_exact(palier_bytes_of(&text, 1), 32),
			c >= '0' && c <= '9' ? PALIER_OK : PALIER_EPARSE);
	}
}

static void every_single_byte_as_a_string(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++) {
		char text[] = { '"', (char)c, '"' };
		bool plain = c >= 0x20 && c < 0x80 && c != '"' && c != '\\';

		assert_int_equal(parse_exact(palier_bytes_of(text, 3), 32), plain ? PALIER_OK : PALIER_EPARSE);
	}
}

/* The scan by eight bytes must stop at the right one of them, whatever stands beside it. */
static void a_bad_byte_is_found_at_every_place(void **state)
{
	static const char bad[] = { '\0', 0x1F, (char)0x80, (char)0xFF };
	char text[40];
	struct json_doc d;

	(void)state;
	for (size_t at = 1; at < sizeof(text) - 1; at++) {
		for (size_t i = 0; i < sizeof(bad); i++) {
			memset(text, '!', sizeof(text));
			text[0] = text[sizeof(text) - 1] = '"';
			text[at] = bad[i];
			assert_int_equal(parse(&d, palier_bytes_of(text, sizeof(text)), 1), PALIER_EPARSE);
			assert_int_equal(d.bad_at, at);
		}
	}
}

static const char sale[] =
	"{\"jsonrpc\":\"2.0\",\"id\":\"\\u0061-17\",\"method\":\"sale.commit\",\"params\":{\"request\":\"till-1|2026-11-21|"
	"42\",\"sale\":"
	"\"42\",\"card\":\"2900000000017\",\"operator\":null,\"training\":false,\"auto\":true,\"lines\":[{\"sku\":"
	"\"CAF\xC3\x89\",\"label\":"
	"\"Caf\xC3\xA9 "
	"\\\"noir\\\"\",\"quantity\":0.532,\"amount\":1250},{\"sku\":\"\xF0\x9F\x8D\x8E\",\"amount\":-3e0,\"ext\":{\"a\":"
	"[[],{}, "
	"-0.5E+2]}}],\"payable\":9007199254740991,\"1\":1,\"2\":2,\"3\":3,\"4\":4,\"5\":5,\"6\":6,\"7\":7,\"8\":8,\"9\":9,"
	"\"10\":"
	"10,\"11\":11,\"12\":12,\"13\":13}}";

static void every_truncation_is_refused(void **state)
{
	(void)state;
	assert_int_equal(parse_exact(PALIER_LIT(sale), 32), PALIER_OK);
	for (size_t n = 0; n < sizeof(sale) - 1; n++)
		assert_int_equal(parse_exact(palier_bytes_of(sale, n), 32), PALIER_EPARSE);
}

static void the_depth_is_bounded(void **state)
{
	char text[2 * (JSON_DEPTH_MAX + 1)];

	(void)state;
	for (unsigned limit = 1; limit <= JSON_DEPTH_MAX; limit++) {
		memset(text, '[', limit + 1);
		memset(text + limit + 1, ']', limit + 1);
		assert_int_equal(parse_exact(palier_bytes_of(text + 1, 2 * limit), limit), PALIER_OK);
		assert_int_equal(parse_exact(palier_bytes_of(text, 2 * limit + 2), limit), PALIER_EPARSE);
	}
	assert_int_equal(parse_exact(PALIER_LIT("[[],[],{},[]]"), 2), PALIER_OK);
	assert_int_equal(parse_exact(PALIER_LIT("{\"a\":[{}]}"), 2), PALIER_EPARSE);
}

static void a_full_tape_is_refused(void **state)
{
	struct json_doc d = { .tokens = tape };

	(void)state;
	for (d.capacity = 0; d.capacity < 4; d.capacity++)
		assert_int_equal(json_parse(&d, PALIER_LIT("[1,2,3]"), 1), PALIER_EPARSE);
	assert_int_equal(json_parse(&d, PALIER_LIT("[1,2,3]"), 1), PALIER_OK);
}

static void a_tape_without_room_to_sort_is_refused(void **state)
{
	char text[256] = "{";
	struct json_doc d = { .tokens = tape };
	size_t n = 1;

	(void)state;
	for (int i = 0; i < 20; i++)
		n += (size_t)sprintf(text + n, "\"%c\":1,", 'a' + i);
	text[n - 1] = '}';
	for (d.capacity = 0; d.capacity < 61; d.capacity++)
		assert_int_equal(json_parse(&d, palier_bytes_of(text, n), 1), PALIER_EPARSE);
	assert_int_equal(json_parse(&d, palier_bytes_of(text, n), 1), PALIER_OK);
}

/* 256 KiB of keys. Comparing each with each would take minutes under a sanitizer. */
static void an_object_of_many_keys(void **state)
{
	static const char *const prefixes[] = { "", "abcdefghijk", "\\u0061bcdefghijk" };
	static char text[256 * 1024 + 64];
	static struct json_token big[sizeof(text) / 2 + 1];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct json_doc d = { .tokens = big };
		uint32_t count = 0;
		size_t n = 1;

		text[0] = '{';
		for (; n < 256 * 1024; count++)
			n += (size_t)sprintf(text + n, "\"%s%x\":1,", prefixes[i], count * 2654435761u >> 12);
		text[n - 1] = '}';
		d.capacity = (uint32_t)(n / 2 + 1);
		assert_int_equal(json_parse(&d, palier_bytes_of(text, n), 1), PALIER_OK);
		assert_int_equal(d.tokens[0].count, count);
		text[n - 1] = ',';
		n += (size_t)sprintf(text + n, "\"%s\\u0030\":1}", prefixes[i]);
		d.capacity = (uint32_t)(n / 2 + 1);
		assert_int_equal(json_parse(&d, palier_bytes_of(text, n), 1), PALIER_EPARSE);
		assert_int_equal(d.bad_at, n - 10 - strlen(prefixes[i]));
	}
}

/* --- what a tape says --- */

static void tokens_span_and_count(void **state)
{
	static const struct json_token wanted[] = {
		{ 1, 29, 10, 3, JSON_OBJECT, false },
		{ 3, 1, 1, 0, JSON_STRING, false },
		{ 6, 8, 4, 3, JSON_ARRAY, false },
		{ 7, 1, 1, 0, JSON_NUMBER, false },
		{ 9, 2, 1, 0, JSON_OBJECT, false },
		{ 12, 1, 1, 0, JSON_NUMBER, false },
	};
	struct json_doc d;

	(void)state;
	assert_int_equal(parse(&d, PALIER_LIT(" {\"a\":[1,{},2],\"b\\n\":\"\",\"\":[]} "), 3), PALIER_OK);
	assert_int_equal(d.count, 10);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
		assert_int_equal(d.tokens[i].start, wanted[i].start);
		assert_int_equal(d.tokens[i].len, wanted[i].len);
		assert_int_equal(d.tokens[i].span, wanted[i].span);
		assert_int_equal(d.tokens[i].count, wanted[i].count);
		assert_int_equal(d.tokens[i].type, wanted[i].type);
	}
	assert_true(d.tokens[6].escaped);
	assert_true(palier_is(json_text(&d, 6), "\"b\\n\""));
	assert_true(palier_is(json_text(&d, 2), "[1,{},2]"));
	assert_true(palier_is(json_text(&d, 0), "{\"a\":[1,{},2],\"b\\n\":\"\",\"\":[]}"));
	assert_int_equal(json_member(&d, 0, "a"), 2);
	assert_int_equal(json_member(&d, 0, "b\n"), 7);
	assert_int_equal(json_member(&d, 0, ""), 9);
	assert_int_equal(json_member(&d, 0, "c"), 0);
	assert_int_equal(json_member(&d, 2, "a"), 0);
}

static const struct unescaped {
	const char *name;
	struct palier_bytes text, wanted;
} unescaped[] = {
	{ "a string without escapes is borrowed", PALIER_LIT("\"caf\xC3\xA9\""), PALIER_LIT("caf\xC3\xA9") },
	{ "an empty string is empty", PALIER_LIT("\"\""), PALIER_LIT("") },
	{ "short escapes", PALIER_LIT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), PALIER_LIT("\"\\/\b\f\n\r\t") },
	{ "letters around escapes", PALIER_LIT("\"a\\nb\\u0063d\""), PALIER_LIT("a\nbcd") },
	{ "one byte", PALIER_LIT("\"\\u0000\\u007f\""), PALIER_LIT("\0\x7F") },
	{ "two bytes", PALIER_LIT("\"\\u0080\\u00e9\\u07FF\""), PALIER_LIT("\xC2\x80\xC3\xA9\xDF\xBF") },
	{ "three bytes", PALIER_LIT("\"\\u0800\\u20AC\\uffff\""), PALIER_LIT("\xE0\xA0\x80\xE2\x82\xAC\xEF\xBF\xBF") },
	{ "four bytes", PALIER_LIT("\"\\ud800\\udc00\\uD834\\uDD1E\\uDBFF\\uDFFF\""),
		PALIER_LIT("\xF0\x90\x80\x80\xF0\x9D\x84\x9E\xF4\x8F\xBF\xBF") },
};

static void check_unescaped(void **state)
{
	const struct unescaped *u = *state;
	struct palier_arena arena = { 0 };
	struct json_doc d;

	assert_int_equal(parse(&d, u->text, 1), PALIER_OK);
	assert_true(palier_equal(json_string(&d, 0, &arena), u->wanted));
	assert_true(json_string_is(&d, 0, u->wanted));
	assert_false(json_string_is(&d, 0, PALIER_LIT("other")));
	if (u->wanted.len > 0)
		assert_false(json_string_is(&d, 0, palier_bytes_of(u->wanted.at, u->wanted.len - 1)));
	palier_arena_deinit(&arena);
}

#define NOT INT64_MIN

static const struct figure {
	const char *name, *text;
	unsigned decimals;
	int64_t wanted;
} figures[] = {
	{ "an integer", "1250", 0, 1250 },
	{ "a negative integer", "-17", 0, -17 },
	{ "minus zero is zero", "-0", 0, 0 },
	{ "the largest figure", "9007199254740991", 0, PALIER_FIGURE_MAX },
	{ "the smallest figure", "-9007199254740991", 0, -PALIER_FIGURE_MAX },
	{ "one more than the largest is none", "9007199254740992", 0, NOT },
	{ "one less than the smallest is none", "-9007199254740992", 0, NOT },
	{ "2^64 is none", "18446744073709551616", 0, NOT },
	{ "a fraction is no integer", "1.5", 0, NOT },
	{ "a fraction of zero is no integer", "1.0", 0, NOT },
	{ "an exponent is no integer", "1e2", 0, NOT },
	{ "a string is no integer", "\"1\"", 0, NOT },
	{ "null is no integer", "null", 0, NOT },
	{ "an array is no integer", "[1]", 0, NOT },
	{ "three decimals", "0.532", 3, 532 },
	{ "fewer decimals than allowed", "1.5", 3, 1500 },
	{ "no decimals", "2", 3, 2000 },
	{ "more decimals than allowed", "0.5321", 3, NOT },
	{ "a zero as one decimal too many", "0.5320", 3, NOT },
	{ "a negative fraction", "-0.05", 2, -5 },
	{ "minus zero with decimals", "-0.00", 2, 0 },
	{ "an exponent is no decimal", "1.5e1", 3, NOT },
	{ "the largest figure in thousandths", "9007199254740.991", 3, PALIER_FIGURE_MAX },
	{ "one more in thousandths is none", "9007199254740.992", 3, NOT },
	{ "an integer too large once scaled", "9007199254741", 3, NOT },
};

static void check_figure(void **state)
{
	const struct figure *f = *state;
	int64_t v = 4711;
	struct json_doc d;

	assert_int_equal(parse(&d, palier_str(f->text), 1), PALIER_OK);
	assert_int_equal(json_scaled(&d, 0, f->decimals, &v), f->wanted != NOT);
	assert_int_equal(v, f->wanted != NOT ? f->wanted : 4711);
	if (f->decimals == 0)
		assert_int_equal(json_integer(&d, 0, &v), f->wanted != NOT);
}

/* --- a second opinion: a recursive descent that shares nothing with the reader --- */

struct oracle {
	const unsigned char *s;
	size_t at, len;
};

static int peek(const struct oracle *o)
{
	return o->at < o->len ? o->s[o->at] : -1;
}

static bool take(struct oracle *o, const char *word)
{
	size_t n = strlen(word);

	if (o->len - o->at < n || memcmp(o->s + o->at, word, n) != 0)
		return false;
	o->at += n;
	return true;
}

static void spaces(struct oracle *o)
{
	while (take(o, " ") || take(o, "\t") || take(o, "\n") || take(o, "\r"))
		;
}

static long oracle_unit(struct oracle *o)
{
	char digits[5] = { 0 };

	if (o->len - o->at < 4)
		return -1;
	memcpy(digits, o->s + o->at, 4);
	if (strspn(digits, "0123456789abcdefABCDEF") != 4)
		return -1;
	o->at += 4;
	return strtol(digits, NULL, 16);
}

/* One character as a code point, -1 when malformed. */
static long oracle_character(struct oracle *o)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	int c = peek(o);
	long point, low;
	int more;

	if (c < 0x20)
		return -1;
	o->at++;
	if (c == '\\') {
		int letter = peek(o);

		o->at++;
		if (letter > 0 && letter != 'u')
			return strchr(from, letter) ? to[strchr(from, letter) - from] : -1;
		point = letter == 'u' ? oracle_unit(o) : -1;
		if (point < 0xD800 || point > 0xDFFF)
			return point;
		low = point < 0xDC00 && take(o, "\\u") ? oracle_unit(o) : -1;
		return low >= 0xDC00 && low <= 0xDFFF ? 0x10000 + (point - 0xD800) * 0x400 + low - 0xDC00 : -1;
	}
	if (c < 0x80)
		return c;
	more = c >= 0xF8 ? -1 : c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : c >= 0xC0 ? 1 : -1;
	if (more < 0)
		return -1;
	point = c & (0x3F >> more);
	for (int i = 0; i < more; i++) {
		c = peek(o);
		if (c < 0x80 || c > 0xBF)
			return -1;
		point = point * 64 + (c - 0x80);
		o->at++;
	}
	if (point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
		return -1;
	return point < (more == 1 ? 0x80 : more == 2 ? 0x800 : 0x10000) ? -1 : point;
}

#define ORACLE_STRING 512

struct oracle_string {
	long points[ORACLE_STRING];
	size_t n;
};

static bool oracle_string(struct oracle *o, struct oracle_string *out)
{
	out->n = 0;
	if (!take(o, "\""))
		return false;
	while (!take(o, "\"")) {
		long point = oracle_character(o);

		if (point < 0)
			return false;
		assert_true(out->n < ORACLE_STRING);
		out->points[out->n++] = point;
	}
	return true;
}

static bool oracle_digits(struct oracle *o)
{
	size_t start = o->at;

	while (peek(o) >= '0' && peek(o) <= '9')
		o->at++;
	return o->at > start;
}

static bool oracle_number(struct oracle *o)
{
	take(o, "-");
	if (!take(o, "0") && !oracle_digits(o))
		return false;
	if (take(o, ".") && !oracle_digits(o))
		return false;
	if (take(o, "e") || take(o, "E")) {
		if (!take(o, "+"))
			take(o, "-");
		return oracle_digits(o);
	}
	return true;
}

static bool oracle_value(struct oracle *o, unsigned depth);

static bool oracle_object(struct oracle *o, unsigned depth)
{
	static struct oracle_string read;
	struct oracle_string **keys = NULL;
	size_t n = 0;
	bool ok = false;

	spaces(o);
	if (take(o, "}"))
		return true;
	do {
		spaces(o);
		if (!oracle_string(o, &read))
			goto out;
		for (size_t i = 0; i < n; i++)
			if (keys[i]->n == read.n && memcmp(keys[i]->points, read.points, read.n * sizeof(long)) == 0)
				goto out;
		keys = realloc(keys, (n + 1) * sizeof(*keys));
		assert_non_null(keys);
		keys[n] = malloc(sizeof(**keys));
		assert_non_null(keys[n]);
		*keys[n++] = read;
		spaces(o);
		if (!take(o, ":") || !oracle_value(o, depth))
			goto out;
	} while (take(o, ","));
	ok = take(o, "}");
out:
	while (n > 0)
		free(keys[--n]);
	free(keys);
	return ok;
}

static bool oracle_array(struct oracle *o, unsigned depth)
{
	spaces(o);
	if (take(o, "]"))
		return true;
	do {
		if (!oracle_value(o, depth))
			return false;
	} while (take(o, ","));
	return take(o, "]");
}

static bool oracle_value(struct oracle *o, unsigned depth)
{
	static struct oracle_string scratch;
	bool ok;

	spaces(o);
	if (take(o, "{"))
		ok = depth > 0 && oracle_object(o, depth - 1);
	else if (take(o, "["))
		ok = depth > 0 && oracle_array(o, depth - 1);
	else if (peek(o) == '"')
		ok = oracle_string(o, &scratch);
	else
		ok = take(o, "true") || take(o, "false") || take(o, "null") || oracle_number(o);
	spaces(o);
	return ok;
}

static bool oracle_accepts(struct palier_bytes text, unsigned depth)
{
	struct oracle o = { (const unsigned char *)text.at, 0, text.len };

	return oracle_value(&o, depth) && o.at == o.len;
}

static uint64_t random_state;

/* xorshift64* (Vigna 2016). */
static uint32_t draw(uint32_t below)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (uint32_t)((random_state * UINT64_C(2685821657736338717)) >> 33) % below;
}

static const char *const seeds[] = {
	sale,
	"{\"a\":1,\"b\":[true,false,null],\"c\":{\"d\":\"\\u00e9\\n\"},\"a\\u0000\":-1.5e-3}",
	"[{\"\\ud834\\udd1e\":0},{\"\xF0\x9D\x84\x9E\":0},\"\xE2\x82\xAC\xC3\xA9\",[[[[]]]]]",
	"{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,\"k\":1,\"l\":1,\"m\":1,\"n\":1,"
	"\"o\":1,"
	"\"p\":1,\"q\":1,\"\\u0072\":1}",
	"{\"aa\":1,\"ab\":2,\"\\u0061c\":3}",
	"[0,-0,1,10,1.0,1e1,1E+1,1e-1,0.5]",
};

/* Overwrite, insert, delete, copy or cut, mostly with bytes that mean something. */
static size_t mutate(char *text, size_t n, size_t max)
{
	static const char alphabet[] = "{}[]\",:\\/ubn01aeE+-. \t\n\x80\xC3\xED\xA0\xF0\x9F\xFF\x1F"
				       "dDcC8fF";
	uint32_t at = draw((uint32_t)n), span;
	char byte = draw(4) ? alphabet[draw(sizeof(alphabet) - 1)] : (char)draw(256);

	switch (draw(5)) {
	case 0:
		text[at] = byte;
		return n;
	case 1:
		if (n == max)
			return n;
		memmove(text + at + 1, text + at, n - at);
		text[at] = byte;
		return n + 1;
	case 2:
		memmove(text + at, text + at + 1, n - at - 1);
		return n > 1 ? n - 1 : n;
	case 3:
		span = 1 + draw((uint32_t)(n - at) < 8 ? (uint32_t)(n - at) : 8);
		memmove(text + draw((uint32_t)(n - span + 1)), text + at, span);
		return n;
	default:
		return draw(20) ? n : at + 1;
	}
}

static void agrees_with_a_second_validator(void **state)
{
	enum { ROUNDS = 200000, MAX = 1024 };
	const uint64_t first = UINT64_C(0x9E3779B97F4A7C15);
	unsigned accepted = 0;

	(void)state;
	random_state = first;
	for (unsigned round = 0; round < ROUNDS; round++) {
		const char *seed = seeds[draw(sizeof(seeds) / sizeof(*seeds))];
		size_t n = strlen(seed);
		uint32_t times = 1 + draw(3);
		char text[MAX];
		bool ours, theirs;
		struct json_doc d;

		memcpy(text, seed, n);
		for (; times > 0; times--)
			n = mutate(text, n, MAX);
		theirs = oracle_accepts(palier_bytes_of(text, n), 6);
		ours = parse(&d, palier_bytes_of(text, n), 6) == PALIER_OK;
		accepted += ours;
		if (ours != theirs)
			fail_msg("seed %llx round %u: reader %d, oracle %d: %.*s", (unsigned long long)first, round, ours,
				theirs, (int)n, text);
	}
	assert_in_range(accepted, ROUNDS / 20, ROUNDS / 2 + ROUNDS / 4);
}

/* --- writer --- */

static struct palier_buffer written;

static void finish(const char *wanted)
{
	struct json_doc d;

	assert_int_equal(written.len, strlen(wanted));
	assert_memory_equal(written.at, wanted, written.len);
	assert_int_equal(parse(&d, palier_buffer_bytes(&written), 8), PALIER_OK);
	palier_buffer_deinit(&written);
}

static void containers_and_commas(void **state)
{
	struct palier_json w = palier_json_to(&written);

	(void)state;
	palier_json_object(&w);
	palier_json_key(&w, "a");
	palier_json_array(&w);
	palier_json_int(&w, 1);
	palier_json_object(&w);
	palier_json_end_object(&w);
	palier_json_array(&w);
	palier_json_end_array(&w);
	palier_json_bool(&w, true);
	palier_json_end_array(&w);
	palier_json_key(&w, "b");
	palier_json_null(&w);
	palier_json_key_bytes(&w, PALIER_LIT("c\"\n"));
	palier_json_str(&w, "x");
	palier_json_key(&w, "d");
	palier_json_raw(&w, PALIER_LIT("{\"e\":false}"));
	palier_json_key(&w, "f");
	palier_json_bool(&w, false);
	palier_json_key(&w, "g");
	palier_json_hex(&w, "\x01\xAB", 2);
	palier_json_key(&w, "h");
	palier_json_id(&w, (struct palier_id){ { 0 } });
	palier_json_key(&w, "i");
	palier_json_time(&w, INT64_C(1795251791120));
	palier_json_key(&w, "j");
	palier_json_day(&w, 20261121);
	palier_json_end_object(&w);
	finish("{\"a\":[1,{},[],true],\"b\":null,\"c\\\"\\n\":\"x\",\"d\":{\"e\":false},\"f\":false,\"g\":\"01ab\","
	       "\"h\":\"m_0000000000000000\",\"i\":\"2026-11-21T09:03:11.120Z\",\"j\":\"2026-11-21\"}");
}

static const struct escaped {
	const char *name;
	struct palier_bytes plain;
	const char *wanted;
} escaped[] = {
	{ "an empty string is written", PALIER_LIT(""), "\"\"" },
	{ "plain text is written as it is", PALIER_LIT("a/b'c\x7F"), "\"a/b'c\x7F\"" },
	{ "short forms are written", PALIER_LIT("\"\\\b\f\n\r\t"), "\"\\\"\\\\\\b\\f\\n\\r\\t\"" },
	{ "other controls are written as \\u00xx", PALIER_LIT("\0\x01\x0B\x1F"), "\"\\u0000\\u0001\\u000b\\u001f\"" },
	{ "UTF-8 is written as it is", PALIER_LIT("caf\xC3\xA9 \xE2\x82\xAC \xF0\x9D\x84\x9E"),
		"\"caf\xC3\xA9 \xE2\x82\xAC \xF0\x9D\x84\x9E\"" },
	{ "invalid UTF-8 is written as U+FFFD", PALIER_LIT("a\xFF\x80z\xC3"), "\"a\xEF\xBF\xBD\xEF\xBF\xBDz\xEF\xBF\xBD\"" },
	{ "escapes within a long text", PALIER_LIT("0123456789\n0123456789\"0123456789"),
		"\"0123456789\\n0123456789\\\"0123456789\"" },
};

static void check_escaped(void **state)
{
	const struct escaped *e = *state;
	struct palier_json w = palier_json_to(&written);

	palier_json_string(&w, e->plain);
	finish(e->wanted);
}

static const struct written_figure {
	const char *name;
	int64_t v;
	unsigned decimals;
	const char *wanted;
} written_figures[] = {
	{ "zero is written", 0, 0, "0" },
	{ "a negative figure is written", -17, 0, "-17" },
	{ "ten is written", 10, 0, "10" },
	{ "the largest integer is written", INT64_MAX, 0, "9223372036854775807" },
	{ "the smallest integer is written", INT64_MIN, 0, "-9223372036854775808" },
	{ "thousandths are written", 532, 3, "0.532" },
	{ "trailing zeros are dropped", 1500, 3, "1.5" },
	{ "a whole number loses its point", 2000, 3, "2" },
	{ "zero decimals of zero", 0, 3, "0" },
	{ "leading zeros after the point", 5, 3, "0.005" },
	{ "a negative fraction is written", -5, 2, "-0.05" },
	{ "the smallest integer with decimals", INT64_MIN, 18, "-9.223372036854775808" },
};

static void check_written_figure(void **state)
{
	const struct written_figure *f = *state;
	struct palier_json w = palier_json_to(&written);

	palier_json_scaled(&w, f->v, f->decimals);
	finish(f->wanted);
}

static void what_is_written_reads_back(void **state)
{
	struct palier_arena arena = { 0 };

	(void)state;
	random_state = 42;
	for (unsigned round = 0; round < 20000; round++) {
		static const char *const pieces[] = { "a", "\"", "\\", "\n", "\x01", "\xC3\xA9", "\xE2\x82\xAC",
			"\xF0\x9D\x84\x9E", "01234567", "/" };
		struct palier_json w = palier_json_to(&written);
		struct palier_bytes text;
		int64_t v = (int64_t)draw(UINT32_MAX) * draw(2097152) * (draw(2) ? 1 : -1), back;
		char plain[256];
		size_t n = 0;
		struct json_doc d;

		for (uint32_t i = draw(20); i > 0; i--)
			n += (size_t)sprintf(plain + n, "%s", pieces[draw(sizeof(pieces) / sizeof(*pieces))]);
		text = palier_bytes_of(plain, n);
		palier_json_array(&w);
		palier_json_int(&w, v);
		palier_json_scaled(&w, v, 3);
		palier_json_string(&w, text);
		palier_json_end_array(&w);
		assert_int_equal(parse(&d, palier_buffer_bytes(&written), 1), PALIER_OK);
		assert_true(json_integer(&d, 1, &back) && back == v);
		assert_true(json_scaled(&d, 2, 3, &back) && back == v);
		assert_true(palier_equal(json_string(&d, 3, &arena), text));
		written.len = 0;
		palier_arena_reset(&arena);
	}
	palier_buffer_deinit(&written);
	palier_arena_deinit(&arena);
}

#define ROWS(table) (sizeof(table) / sizeof(*(table)))
#define ADD(table, check) \
	for (size_t i = 0; i < ROWS(table); i++) \
		tests[n++] = (struct CMUnitTest) \
		{ \
			(table)[i].name, check, NULL, NULL, (void *)&(table)[i] \
		}

static const struct CMUnitTest others[] = {
	cmocka_unit_test(every_single_byte_as_a_document),
	cmocka_unit_test(every_single_byte_as_a_string),
	cmocka_unit_test(a_bad_byte_is_found_at_every_place),
	cmocka_unit_test(every_truncation_is_refused),
	cmocka_unit_test(the_depth_is_bounded),
	cmocka_unit_test(a_full_tape_is_refused),
	cmocka_unit_test(a_tape_without_room_to_sort_is_refused),
	cmocka_unit_test(an_object_of_many_keys),
	cmocka_unit_test(tokens_span_and_count),
	cmocka_unit_test(agrees_with_a_second_validator),
	cmocka_unit_test(containers_and_commas),
	cmocka_unit_test(what_is_written_reads_back),
};

int main(void)
{
	static struct CMUnitTest tests[ROWS(verdicts) + ROWS(unescaped) + ROWS(figures) + ROWS(escaped) +
				       ROWS(written_figures) + ROWS(others)];
	size_t n = 0;

	ADD(verdicts, check_verdict);
	ADD(unescaped, check_unescaped);
	ADD(figures, check_figure);
	ADD(escaped, check_escaped);
	ADD(written_figures, check_written_figure);
	memcpy(tests + n, others, sizeof(others));
	return _cmocka_run_group_tests("json", tests, ROWS(tests), NULL, NULL);
}
