/* SPDX-License-Identifier: Apache-2.0 */
/* Instants and days as JSON strings. */
#include "protocol/datetime.h"
#include "protocol/json.h"

void palier_json_time(struct palier_json *w, int64_t at_ms)
{
	char text[32];

	time_format(at_ms, text);
	palier_json_str(w, text);
}

void palier_json_day(struct palier_json *w, uint32_t day)
{
	char text[11];

	day_format(day, text);
	palier_json_str(w, text);
}
