/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/hq/show.h"

void stores_json(struct cli *cli, size_t count, void (*store)(const void *who, size_t i, struct palier_json *w),
	const void *who)
{
	struct palier_buffer text = { 0 };
	struct palier_json w = palier_json_to(&text);

	palier_json_object(&w);
	palier_json_key(&w, "stores");
	palier_json_array(&w);
	for (size_t i = 0; i < count; i++)
		store(who, i, &w);
	palier_json_end_array(&w);
	palier_json_end_object(&w);
	fprintf(cli->out, "%.*s\n", PALIER_ARG(palier_buffer_bytes(&text)));
	palier_buffer_deinit(&text);
}
