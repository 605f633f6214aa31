/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a configuration, read with a plugin of the shape of points: refused with a sentence, or loaded, and nothing
 * leaks. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/condition.h"
#include "daemon/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Conditions are compiled here and never judged: what judging asks of the daemon is not there. */
#define NEVER_ASKED(type, name, ...) \
	type name(__VA_ARGS__) \
	{ \
		abort(); \
	}

NEVER_ASKED(int64_t, palier_at, const struct palier_ctx *c __attribute__((unused)))
NEVER_ASKED(int64_t, palier_received, const struct palier_ctx *c __attribute__((unused)))
NEVER_ASKED(uint32_t, palier_today, const struct palier_ctx *c __attribute__((unused)))
NEVER_ASKED(int, palier_facts, struct palier_ctx *c __attribute__((unused)), struct palier_id member __attribute__((unused)),
	struct palier_facts *out __attribute__((unused)))
NEVER_ASKED(int, palier_facts_between, struct palier_ctx *c __attribute__((unused)),
	struct palier_id member __attribute__((unused)), uint32_t from __attribute__((unused)),
	uint32_t to __attribute__((unused)), struct palier_facts *out __attribute__((unused)))
NEVER_ASKED(int, palier_fact, struct palier_ctx *c __attribute__((unused)), struct palier_id member __attribute__((unused)),
	const char *name __attribute__((unused)), struct palier_bytes *out __attribute__((unused)))
NEVER_ASKED(int, member_tags, struct palier_ctx *c __attribute__((unused)), struct palier_id member __attribute__((unused)),
	struct palier_strings *out __attribute__((unused)))
NEVER_ASKED(int, member_consents, struct palier_ctx *c __attribute__((unused)),
	struct palier_id member __attribute__((unused)), struct consent *out __attribute__((unused)))

static cfg_opt_t earn_options[] = {
	CFG_STR("unit", "points", CFGF_NONE),
	CFG_STR("per", NULL, CFGF_NODEFAULT),
	CFG_INT("points", 1, CFGF_NONE),
	CFG_STR("expires", "12 months", CFGF_NONE),
	CFG_STR_LIST("skus", NULL, CFGF_NODEFAULT),
	CFG_SEC("when", palier_when_options, CFGF_NODEFAULT),
	CFG_END(),
};
static cfg_opt_t points_options[] = { CFG_SEC("earn", earn_options, CFGF_MULTI | CFGF_TITLE), CFG_END() };

static int configure(struct palier_setup *s, cfg_t *section, const void **out)
{
	static const char *const units[] = { "points", "coffee", NULL };
	int64_t per = 0;
	struct span expires;
	int unit;

	(void)out;
	for (unsigned i = 0; section && i < cfg_size(section, "earn"); i++) {
		cfg_t *earn = cfg_getnsec(section, "earn", i);

		palier_setup_choice(s, earn, "unit", units, &unit);
		palier_setup_amount(s, earn, "per", &per);
		palier_setup_span(s, earn, "expires", &expires);
		palier_condition_compile(s, cfg_size(earn, "when") > 0 ? cfg_getsec(earn, "when") : NULL);
	}
	return PALIER_OK;
}

static void say(const char *error)
{
	if (!error || !*error)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct palier_plugin points = { .abi = PALIER_PLUGIN_ABI,
		.name = "points",
		.options = points_options,
		.configure = configure };
	static const struct palier_plugin *const plugins[] = { &points, NULL };
	int fd = memfd_create("config", MFD_CLOEXEC);
	char file[32];

	snprintf(file, sizeof(file), "/proc/self/fd/%d", fd);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	config_free(config_load(file, plugins, say));
	free(config_plugin_dir(file));
	close(fd);
	return 0;
}
