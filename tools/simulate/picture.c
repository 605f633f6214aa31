/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/simulate/picture.h"

void picture_page(const struct figures *f, const struct cast *cast, const struct words *w, struct page *p)
{
	(void)f;
	(void)cast;
	(void)w;
	page_begin(p, &(struct page_head){ "en", "x", "y", "z" });
	page_end(p, "");
}
