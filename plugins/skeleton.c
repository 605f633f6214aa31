/* SPDX-License-Identifier: Apache-2.0 */
/* skeleton - the least that a plugin can be, to copy from: every nth sale of a member is thanked with points.
 *
 * Outside palier's tree: cc -shared -fPIC $(pkg-config --cflags palier-plugin) skeleton.c -o skeleton.so
 * and the configuration's `plugins = "DIR"` names where it lies. */
#include "plugins/points.h" /* brings palier_plugin.h, the contract, and the helpers that points offers to others */

/* What the tables hold, by index into .tables below. */
enum { T_VISITS };

/* What the section of the configuration becomes; nothing changes it afterwards. */
struct settings {
	int64_t every, points;
	struct palier_bytes unit;
};

static cfg_opt_t options[] = {
	CFG_INT("every", 10, CFGF_NONE),
	CFG_STR("unit", "points", CFGF_NONE),
	CFG_INT("points", 1, CFGF_NONE),
	CFG_END(),
};

/* Check the section and compile it. Without a section the plugin is loaded, so that old journals fold, but decides nothing.
 */
static int configure(struct palier_setup *s, cfg_t *section, const void **out)
{
	struct settings *set;

	if (!section)
		return PALIER_OK;
	set = palier_setup_alloc(s, sizeof(*set));
	set->every = cfg_getint(section, "every");
	set->points = cfg_getint(section, "points");
	set->unit = palier_str(palier_setup_string(s, cfg_getstr(section, "unit")));
	if (set->every < 1 || set->points < 1) {
		palier_setup_error(s, section, "every and points must be at least 1");
		return PALIER_ECONFIG;
	}
	*out = set;
	return PALIER_OK;
}

/* An effect: what the event line keeps. Once released its meaning is frozen. */
#define PALIER_FIELDS_skeleton_visit(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "who came") \
	F(M, INT, visits, "visits", PALIER_REQUIRED, PALIER_RANGE(1, PALIER_FIGURE_MAX), "how often by now")
PALIER_MESSAGE(skeleton_visit);
PALIER_SCHEMA(skeleton_visit);

static struct palier_key visits_key(struct palier_id member)
{
	struct palier_key k = { 0 };

	palier_key_id(&k, member);
	return k;
}

/* Decide: reads configuration, clock and tables, and adds effects. The same for a quote and a commit. */
static int on_sale(struct palier_ctx *c, const struct palier_sale *s)
{
	const struct settings *set = palier_config(c);
	struct skeleton_visit v = { 0 };
	struct palier_key k;
	struct palier_bytes value;
	int err;

	if (!set || !s->has_member)
		return PALIER_OK;
	k = visits_key(s->member);
	err = palier_get(palier_tables(c), T_VISITS, &k, &value);
	if (err == PALIER_OK) {
		struct palier_cut cut = palier_cut_of(value);

		v.visits = palier_cut_i64(&cut);
	} else if (err != PALIER_ENOENT) {
		return err;
	}
	PALIER_SET(&v, skeleton_visit, member, s->member);
	PALIER_SET(&v, skeleton_visit, visits, v.visits + 1);
	err = palier_effect_add(c, "skeleton.visit", &v);
	if (err != PALIER_OK || v.visits % set->every != 0)
		return err;
	return points_grant(c, s->member, set->unit, set->points);
}

/* Apply: from the effect and this plugin's tables alone, so that a rebuild folds to the same rows. */
static int visit_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct skeleton_visit *v = body;
	struct palier_key k = visits_key(v->member);
	struct palier_value value = { 0 };

	(void)ev;
	palier_value_i64(&value, v->visits);
	return palier_put(t, T_VISITS, &k, palier_value_bytes(&value));
}

PALIER_PLUGIN(skeleton) = {
	.abi = PALIER_PLUGIN_ABI,
	.name = "skeleton",
	.options = options,
	.configure = configure,
	.tables = (const struct palier_table[]){ { "visits", "member id", "visits i64", PALIER_BY_MEMBER }, { 0 } },
	.effects = (const struct palier_effect_kind[]){ { "skeleton.visit", &skeleton_visit_schema, NULL, visit_apply },
		{ 0 } },
	.on_sale = on_sale,
};
