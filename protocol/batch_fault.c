/* SPDX-License-Identifier: Apache-2.0 */
/* The words and sentences of the table. */
#include "protocol/batch_fault.h"

static const struct {
	const char *word, *text;
} faults[] = { { "ok", "nothing is wrong" },
#define F(name, word, text) { word, text },
	BATCH_FAULTS(F)
#undef F
};

const char *batch_fault_word(enum batch_fault fault)
{
	return faults[fault < BATCH_FAULT_COUNT ? fault : BATCH_FINE].word;
}

const char *batch_fault_text(enum batch_fault fault)
{
	return faults[fault < BATCH_FAULT_COUNT ? fault : BATCH_FINE].text;
}
