/* SPDX-License-Identifier: Apache-2.0 */
/* `label { fr = "..." en = "..." }`: what a thing is called in each of the customers' languages. Declared in plugins/palier_plugin.h. */
#include "daemon/setup.h"
#include "plugins/palier_plugin.h"

#define LABEL_MOST 128

#define LANGUAGE(name) CFG_STR(name, NULL, CFGF_NODEFAULT)

cfg_opt_t palier_label_options[] = {
	LANGUAGE("fr"),
	LANGUAGE("en"),
	LANGUAGE("de"),
	LANGUAGE("es"),
	LANGUAGE("it"),
	LANGUAGE("nl"),
	LANGUAGE("pt"),
	CFG_END(),
};
#define LANGUAGES (sizeof(palier_label_options) / sizeof(*palier_label_options) - 1)

struct palier_label {
	const char *name;
	const char *texts[LANGUAGES]; /* NULL: none in this language */
};

static bool text_read(struct palier_setup *s, cfg_t *texts, const char *language, const char **out)
{
	const char *text = cfg_getstr(texts, language);

	if (!text)
		return true;
	if (*text == '\0' || strlen(text) > LABEL_MOST) {
		setup_option_error(s, texts, language, "%s: a label has 1 to %d bytes", language, LABEL_MOST);
		return false;
	}
	*out = palier_setup_string(s, text);
	return true;
}

const struct palier_label *palier_label_compile(struct palier_setup *s, cfg_t *section, const char *name)
{
	return palier_wording_compile(s, section, "label", name);
}

const struct palier_label *palier_wording_compile(struct palier_setup *s, cfg_t *section, const char *option,
	const char *name)
{
	struct palier_label *l = palier_setup_alloc(s, sizeof(*l));
	cfg_t *texts = cfg_size(section, option) > 0 ? cfg_getsec(section, option) : NULL;
	bool ok = true;

	l->name = palier_setup_string(s, name);
	for (size_t i = 0; texts && i < LANGUAGES; i++)
		ok = text_read(s, texts, palier_label_options[i].name, &l->texts[i]) && ok;
	return ok ? l : NULL;
}

static const char *text_in(const struct palier_label *l, struct palier_bytes language)
{
	for (size_t i = 0; i < LANGUAGES; i++)
		if (palier_is(language, palier_label_options[i].name))
			return l->texts[i];
	return NULL;
}

const char *palier_label(struct palier_ctx *c, const struct palier_label *l, const struct palier_id *member)
{
	const char *text = text_in(l, palier_language(c, member));

	if (!text)
		text = text_in(l, palier_store_language(c));
	return text ? text : l->name;
}
