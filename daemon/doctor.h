/* SPDX-License-Identifier: Apache-2.0 */
/* palierd doctor: is this shop fit? A row a check, in plain words; it changes nothing, whether palierd runs or not. */
#pragma once

#include "daemon/config.h"

/** @param file of the configuration @param config NULL: it could not be loaded, and has been complained about
 * @return 0; 1 when something is to be done */
int doctor_run(const char *file, const struct config *config, bool json);
