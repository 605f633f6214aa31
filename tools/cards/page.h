/* SPDX-License-Identifier: Apache-2.0 */
/* virtual.html, as embed.cmake made it a part of the program. */
#pragma once

#include <stddef.h>

/** One page for any card: the card, as JSON, goes where PAGE_CARD stands. */
extern const unsigned char page_virtual[];
extern const size_t page_virtual_len;

#define PAGE_CARD "@CARD@"
