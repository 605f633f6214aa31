/* SPDX-License-Identifier: Apache-2.0 */
/* Log lines on stderr: a stable name, then key=value. Never a card number, code, token, key or personal datum: log card_tag(). */
#pragma once

void log_info(const char *name, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_warn(const char *name, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** Something that stops the daemon, or would: one line that says what to do. */
void log_error(const char *name, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
