/* SPDX-License-Identifier: Apache-2.0 */
/* Folding by table over Latin-1 Supplement and Latin Extended-A (U+00C0..U+017F), which is what names in the shops' languages need. */
#include "daemon/names.h"

/* What each letter from U+00C0 on becomes; '*' stays, a digit names a pair. */
static const char fold[] =
	"aaaaaa1ceeeeiiiidnooooo*ouuuuy52aaaaaa1ceeeeiiiidnooooo*ouuuuy5y"
	"aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii33jjkkkllllllllllnnnnnnnnnoooooo44rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
static const char *const pairs[] = { "", "ae", "ss", "ij", "oe", "th" };

_Static_assert(sizeof(fold) == 0x180 - 0xC0 + 1, "a letter is missing");

static size_t char_len(unsigned char c)
{
	return c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
}

/* An accent that stands behind its letter, as some keyboards send it: U+0300..U+036F. */
static bool is_accent(const char *at, size_t len)
{
	unsigned char c = (unsigned char)at[0];

	return len == 2 && (c == 0xCC || (c == 0xCD && (unsigned char)at[1] < 0xB0));
}

/* Apostrophes, dashes and spaces beyond ASCII: U+2000..U+206F. */
static bool is_punctuation(const char *at, size_t len)
{
	unsigned char second = len == 3 ? (unsigned char)at[1] : 0;

	return (unsigned char)at[0] == 0xE2 && (second == 0x80 || (second == 0x81 && (unsigned char)at[2] < 0xB0));
}

/* @return characters written to out (at most 4), 0 for a separator */
static size_t char_fold(const char *at, size_t len, char *out)
{
	unsigned char c = (unsigned char)*at;
	unsigned code;

	if (len == 1) {
		out[0] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
		return (c >= '0' && c <= '9') || (out[0] >= 'a' && out[0] <= 'z');
	}
	if (is_punctuation(at, len))
		return 0;
	code = len == 2 ? (c & 0x1Fu) << 6 | ((unsigned char)at[1] & 0x3Fu) : 0;
	if (code < 0xC0 || code >= 0x180 || fold[code - 0xC0] == '*') {
		memcpy(out, at, len);
		return code >= 0xC0 || len > 2 ? len : 0;
	}
	if (fold[code - 0xC0] < '0' || fold[code - 0xC0] >= '0' + (int)(sizeof(pairs) / sizeof(*pairs))) {
		out[0] = fold[code - 0xC0];
		return 1;
	}
	memcpy(out, pairs[fold[code - 0xC0] - '0'], 2);
	return 2;
}

void name_fold(struct palier_bytes name, struct palier_arena *a, struct name_words *out)
{
	char *text = palier_alloc(a, name.len * 2 + 4);
	size_t begin = 0, n = 0;

	out->count = 0;
	for (size_t i = 0; i <= name.len;) {
		size_t len = i < name.len ? char_len((unsigned char)name.at[i]) : 1;
		bool whole = i < name.len && i + len <= name.len, accent = whole && is_accent(name.at + i, len);
		size_t folded = whole && !accent ? char_fold(name.at + i, len, text + n) : 0;

		n += folded;
		i += len;
		if (accent)
			continue;
		if (folded == 0 && n > begin && out->count < NAME_WORDS) {
			out->at[out->count++] = palier_bytes_of(text + begin, n - begin);
			begin = n;
		}
	}
}

struct palier_bytes name_index(struct palier_bytes word)
{
	size_t n = 0;

	for (unsigned i = 0; i < NAME_INDEX && n < word.len; i++)
		n += char_len((unsigned char)word.at[n]);
	return palier_bytes_of(word.at, n < word.len ? n : word.len);
}

bool name_matches(const struct name_words *name, const struct name_words *query)
{
	for (unsigned q = 0; q < query->count; q++) {
		unsigned n = 0;

		while (n < name->count && (name->at[n].len < query->at[q].len ||
						  memcmp(name->at[n].at, query->at[q].at, query->at[q].len) != 0))
			n++;
		if (n == name->count)
			return false;
	}
	return query->count > 0;
}

struct palier_bytes name_mask(struct palier_bytes name, struct palier_arena *a)
{
	const char *space = name.len ? memchr(name.at, ' ', name.len) : NULL;
	size_t first = space ? (size_t)(space - name.at) : name.len, rest = first, initial;

	while (rest < name.len && name.at[rest] == ' ')
		rest++;
	if (rest == name.len)
		return palier_bytes_of(name.at, first);
	initial = char_len((unsigned char)name.at[rest]);
	if (initial > name.len - rest)
		initial = name.len - rest;
	return palier_str(palier_format(a, "%.*s %.*s.", (int)first, name.at, (int)initial, name.at + rest));
}
