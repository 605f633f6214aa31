/* SPDX-License-Identifier: Apache-2.0 */
/* What a printer says of itself, where it can: paper, cover, faults. */
#pragma once

#include "protocol/messages.h"
#include "tools/print/port.h"

struct printer_status {
	bool answers; /* it speaks at all; the others mean nothing otherwise */
	bool paper_low;
};

/** Ask whether it could print now. Printers that do not answer are taken at their word.
 * @return PALIER_OK; PALIER_EIO with p->why: no paper, an open cover, a fault, or the connection has ended */
int printer_ready(struct port *p, enum qr_format language, struct printer_status *out);
/** Wait until it has printed what it was sent. @param s as printer_ready gave it @param confirmed does the printer say so?
 * @return PALIER_OK; PALIER_EIO with p->why */
int printer_done(struct port *p, enum qr_format language, struct printer_status *s, bool *confirmed);
