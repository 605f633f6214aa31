/* SPDX-License-Identifier: Apache-2.0 */
/* Why a batch is refused: one table, for the library, its callers and the manual. */
#pragma once

/* F(name, word for logs and scripts, sentence) */
/* clang-format off */
#define BATCH_FAULTS(F) \
	F(SIGNATURE_FORM,      "signature_form",      "the signature is not a CMS of the one form that palier-seal writes") \
	F(SIGNATURE_TRAILED,   "signature_trailed",   "something is appended to the signature") \
	F(SIGNATURE_ATTACHED,  "signature_attached",  "the signature brings a text of its own along") \
	F(SIGNATURE_NONE,      "signature_none",      "nobody has signed") \
	F(SIGNATURE_SEVERAL,   "signature_several",   "more than one has signed") \
	F(SIGNATURE_BARE,      "signature_bare",      "the signature has no signed attributes") \
	F(SIGNATURE_ALGORITHM, "signature_algorithm", "the signature is not ECDSA on P-256 with SHA-256") \
	F(SIGNATURE_WRONG,     "signature_wrong",     "the signature is not one of this manifest by this certificate") \
	F(CERTIFICATE_UNKNOWN, "certificate_unknown", "the certificate is neither an expected one nor issued by the office") \
	F(CERTIFICATE_STORE,   "certificate_store",   "the certificate is another store's") \
	F(CERTIFICATE_PURPOSE, "certificate_purpose", "the certificate was issued for something else than signing documents") \
	F(CERTIFICATE_EARLY,   "certificate_early",   "it was signed before the certificate was valid") \
	F(CERTIFICATE_EXPIRED, "certificate_expired", "it was signed after the certificate had expired") \
	F(MANIFEST_FORM,       "manifest_form",       "the manifest is not of the form that palier-seal writes") \
	F(MANIFEST_STORE,      "manifest_store",      "it is another store's") \
	F(MANIFEST_KEY,        "manifest_key",        "it names another key than the one that signed it") \
	F(KEY_UNANNOUNCED,     "key_unannounced",     "it is signed with a key that no batch before it has announced") \
	F(BATCH_REPLAYED,      "batch_replayed",      "this batch was taken before") \
	F(BATCH_GAP,           "batch_gap",           "a batch before it is missing") \
	F(BATCH_FORK,          "batch_fork",          "it does not follow the batch before it") \
	F(FILE_UNREADABLE,     "file_unreadable",     "the file of events cannot be read") \
	F(FILE_SIZE,           "file_size",           "the file of events has not the size of the manifest") \
	F(FILE_SHA256,         "file_sha256",         "the file of events is not the one of the manifest") \
	F(FILE_CHAIN,          "file_chain",          "the events do not follow each other") \
	F(FILE_MANIFEST,       "file_manifest",       "the manifest does not say what is in the file of events")
/* clang-format on */

enum batch_fault {
	BATCH_FINE,
#define F(name, word, text) BATCH_##name,
	BATCH_FAULTS(F)
#undef F
		BATCH_FAULT_COUNT,
};

/** @return "signature_wrong", "ok" for BATCH_FINE */
const char *batch_fault_word(enum batch_fault fault);
/** @return a sentence in English */
const char *batch_fault_text(enum batch_fault fault);
