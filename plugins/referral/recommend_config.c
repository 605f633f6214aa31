/* SPDX-License-Identifier: Apache-2.0 */
/* What the section `referral` says of recommendation: the shop's own list of sources, and when customers are asked. */
#include "plugins/referral/recommend.h"

#define URL_MOST   400 /* a QR code of it is still read from a screen */
#define AFTER_MOST 1000000

cfg_opt_t evoke_options[] = {
	CFG_INT("after", 3, CFGF_NONE),
	CFG_STR("quiet", "90 days", CFGF_NONE),
	CFG_END(),
};

cfg_opt_t review_options[] = {
	CFG_STR("url", "", CFGF_NONE),
	CFG_INT("after", 2, CFGF_NONE),
	CFG_STR("quiet", "180 days", CFGF_NONE),
	CFG_END(),
};

/* --- sources --- */

/* A character of U+00C0 to U+00FF without its accent, in lower case; what has none stays itself. */
static char latin_base(unsigned char second)
{
	static const char bases[] = "aaaaaaaceeeeiiiidnooooo*ouuuuypsaaaaaaaceeeeiiiidnooooo/ouuuuypy";

	return bases[second - 0x80];
}

/* As it is compared: without case and accents of Latin letters. @param out text.len bytes */
static size_t source_fold(struct palier_bytes text, char *out)
{
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		unsigned char b = (unsigned char)text.at[i], next = i + 1 < text.len ? (unsigned char)text.at[i + 1] : 0;

		if (b == 0xC3 && next >= 0x80 && next < 0xC0) {
			out[len++] = latin_base(next);
			i++;
		} else {
			out[len++] = (char)(b >= 'A' && b <= 'Z' ? b - 'A' + 'a' : b);
		}
	}
	return len;
}

static struct palier_bytes trimmed(struct palier_bytes text)
{
	while (text.len > 0 && text.at[0] == ' ')
		text = palier_bytes_of(text.at + 1, text.len - 1);
	while (text.len > 0 && text.at[text.len - 1] == ' ')
		text.len--;
	return text;
}

static bool source_same(struct palier_bytes a, struct palier_bytes b)
{
	char folded_a[SOURCE_MOST], folded_b[SOURCE_MOST];

	if (a.len > SOURCE_MOST || b.len > SOURCE_MOST)
		return false;
	return palier_equal(palier_bytes_of(folded_a, source_fold(a, folded_a)),
		palier_bytes_of(folded_b, source_fold(b, folded_b)));
}

struct palier_bytes source_of(const struct recommend_config *cfg, struct palier_bytes said)
{
	said = trimmed(said);
	for (size_t i = 0; i < cfg->source_count; i++)
		if (source_same(cfg->sources[i], said))
			return cfg->sources[i];
	return PALIER_LIT(SOURCE_OTHER);
}

static bool source_read(struct palier_setup *s, cfg_t *section, const char *text, struct recommend_config *out)
{
	struct palier_bytes name = palier_str(text);

	if (name.len == 0 || name.len > SOURCE_MOST || trimmed(name).len != name.len) {
		palier_setup_error(s, section, "heard-from \"%s\": a source has 1 to %d bytes, and no blanks around them",
			text, SOURCE_MOST);
		return false;
	}
	if (!palier_is(source_of(out, name), SOURCE_OTHER) || source_same(name, PALIER_LIT(SOURCE_OTHER))) {
		palier_setup_error(s, section, "heard-from \"%s\" is counted already%s", text,
			source_same(name, PALIER_LIT(SOURCE_OTHER)) ? ": it is what none of the list is" : "");
		return false;
	}
	out->sources[out->source_count++] = palier_str(palier_setup_string(s, text));
	return true;
}

static bool sources_read(struct palier_setup *s, cfg_t *section, struct recommend_config *out)
{
	unsigned count = cfg_size(section, "heard-from");
	bool ok = true;

	if (count > SOURCES_MOST) {
		palier_setup_error(s, section, "heard-from: at most %d sources are counted", SOURCES_MOST);
		return false;
	}
	out->sources = palier_setup_alloc(s, (count + 1) * sizeof(*out->sources));
	for (unsigned i = 0; i < count; i++)
		ok = source_read(s, section, cfg_getnstr(section, "heard-from", i), out) && ok;
	return ok;
}

/* --- when customers are asked --- */

static bool asking_read(struct palier_setup *s, cfg_t *section, struct asking *out)
{
	out->set = true;
	return palier_setup_figure(s, section, "after", 1, AFTER_MOST, &out->after) &&
	       palier_setup_span(s, section, "quiet", &out->quiet);
}

static bool review_url_read(struct palier_setup *s, cfg_t *section, struct recommend_config *out)
{
	const char *url = cfg_getstr(section, "url");

	out->review_url = palier_str(palier_setup_string(s, url));
	if (out->review_url.len > 0 && out->review_url.len <= URL_MOST)
		return true;
	palier_setup_error(s, section, "review: url says where reviews are written, in 1 to %d bytes", URL_MOST);
	return false;
}

bool recommend_read(struct palier_setup *s, cfg_t *section, struct recommend_config *out)
{
	cfg_t *evoke = cfg_size(section, "evoke") > 0 ? cfg_getsec(section, "evoke") : NULL;
	cfg_t *review = cfg_size(section, "review") > 0 ? cfg_getsec(section, "review") : NULL;
	bool ok = sources_read(s, section, out);

	if (evoke)
		ok = asking_read(s, evoke, &out->evoke) && ok;
	if (review)
		ok = review_url_read(s, review, out) && asking_read(s, review, &out->review) && ok;
	return ok;
}
