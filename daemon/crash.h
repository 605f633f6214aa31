/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a daemon whose index is damaged. */
#pragma once

/** From now on a SIGBUS or SIGSEGV ends the process with the exit code of PALIER_EDAMAGED and a line in the log: LMDB believes its pages, so a
 * damaged one may lead a reader anywhere. Nothing is lost: what was acknowledged is in the journal. A handler that is there, a sanitizer's,
 * stays. */
void crash_catch(void);
