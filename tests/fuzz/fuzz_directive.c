/* SPDX-License-Identifier: Apache-2.0 */
/* A directive as it comes: what is accepted is within its limits, and is written again in the same bytes. */
#include <stdlib.h>

#include "protocol/directive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* assert() would vanish with NDEBUG. */
static void ensure(bool ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct directive_before none;
	struct palier_bytes text = palier_bytes_of(data, size);
	struct palier_arena a = { .used = 0 };
	struct palier_buffer again = { 0 };
	struct palier_problem why;
	struct directive d;

	if (directive_read(text, &a, &d, &why) == PALIER_OK) {
		ensure(d.store.len > 0 && d.orders.count > 0 && d.orders.count <= DIRECTIVE_ORDERS_MAX);
		for (uint32_t i = 0; i < d.orders.count; i++)
			ensure(!directive_order_wrong(&d.orders.at[i]));
		ensure(directive_place(&d, &none) != DIRECTIVE_BEFORE);
		ensure(directive_write(&d, &again) == PALIER_OK && palier_equal(palier_buffer_bytes(&again), text));
	} else {
		ensure(why.text[0] != 0);
	}
	palier_buffer_deinit(&again);
	palier_arena_deinit(&a);
	return 0;
}
