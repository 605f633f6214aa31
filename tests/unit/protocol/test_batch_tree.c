/* SPDX-License-Identifier: Apache-2.0 */
/* The Merkle tree against the vectors of the Certificate Transparency implementations, and every proof of small trees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "protocol/batch_tree.h"

/* github.com/transparency-dev/merkle, testonly/constants.go: eight leaves, and the root of the first 0 to 8 of them. */
static const char *const leaves[] = { "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
	"606162636465666768696a6b6c6d6e6f" };
static const char *const roots[] = {
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
	"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
	"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
	"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
	"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
	"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
	"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
	"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

static const struct path_case {
	const char *name;
	uint64_t index, leaves;
	const char *path[4];
} path_cases[] = {
	{ "the path of the only leaf is empty", 0, 1, { NULL } },
	{ "the path of the first of eight", 0, 8,
		{ "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
			"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
			"6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4" } },
	{ "the path of the sixth of eight", 5, 8,
		{ "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
			"ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
			"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" } },
	{ "the path of the last of three", 2, 3, { "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125" } },
	{ "the path of the second of five", 1, 5,
		{ "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
			"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
			"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b" } },
};

static void leaf_at(unsigned i, struct palier_hash *out)
{
	char text[32];
	size_t n = strlen(leaves[i]) / 2;

	assert_true(palier_unhex(palier_str(leaves[i]), text, n));
	batch_tree_leaf(palier_bytes_of(text, n), out);
}

static void assert_hex(const struct palier_hash *hash, const char *expected)
{
	char text[2 * SHA256_LEN + 1];

	palier_hex(hash->b, SHA256_LEN, text);
	assert_string_equal(text, expected);
}

static void roots_are_those_of_the_vectors(void **state)
{
	struct batch_tree tree = { .leaves = 0 };
	struct palier_hash hash;

	(void)state;
	for (unsigned n = 0;; n++) {
		batch_tree_root(&tree, &hash);
		assert_hex(&hash, roots[n]);
		if (n == 8)
			break;
		leaf_at(n, &hash);
		batch_tree_add(&tree, &hash);
	}
}

static void path_is_that_of_the_vectors(void **state)
{
	const struct path_case *c = *state;
	struct batch_prover p;
	struct batch_proof proof;
	struct palier_hash leaf, root;
	unsigned n = 0;

	assert_int_equal(batch_prover_begin(&p, c->index, c->leaves), PALIER_OK);
	for (unsigned i = 0; i < c->leaves; i++) {
		assert_int_equal(batch_prover_end(&p, &proof), PALIER_ERANGE);
		leaf_at(i, &leaf);
		assert_int_equal(batch_prover_add(&p, &leaf), PALIER_OK);
	}
	assert_int_equal(batch_prover_add(&p, &leaf), PALIER_ERANGE);
	assert_int_equal(batch_prover_end(&p, &proof), PALIER_OK);
	for (; c->path[n]; n++)
		assert_hex(&proof.path[n], c->path[n]);
	assert_int_equal(proof.count, n);
	leaf_at((unsigned)c->index, &leaf);
	assert_true(palier_unhex(palier_str(roots[c->leaves]), root.b, SHA256_LEN));
	assert_true(batch_proof_fits(&proof, &leaf, &root));
}

/* A leaf of a larger tree: its number. */
static void numbered(uint64_t n, struct palier_hash *out)
{
	batch_tree_leaf(palier_bytes_of(&n, sizeof(n)), out);
}

static void prove(uint64_t index, uint64_t size, struct batch_proof *proof, struct palier_hash *root)
{
	struct batch_tree tree = { .leaves = 0 };
	struct batch_prover p;

	assert_int_equal(batch_prover_begin(&p, index, size), PALIER_OK);
	for (uint64_t i = 0; i < size; i++) {
		struct palier_hash leaf;

		numbered(i, &leaf);
		batch_tree_add(&tree, &leaf);
		assert_int_equal(batch_prover_add(&p, &leaf), PALIER_OK);
	}
	assert_int_equal(batch_prover_end(&p, proof), PALIER_OK);
	batch_tree_root(&tree, root);
}

static void every_leaf_is_proved(void **state)
{
	(void)state;
	for (uint64_t size = 1; size <= 40; size++)
		for (uint64_t index = 0; index < size; index++) {
			struct batch_proof proof, wrong;
			struct palier_hash root, leaf, other;

			prove(index, size, &proof, &root);
			numbered(index, &leaf);
			numbered(index + 1, &other);
			assert_true(batch_proof_fits(&proof, &leaf, &root));
			assert_false(batch_proof_fits(&proof, &other, &root));
			assert_false(batch_proof_fits(&proof, &leaf, &other));
			for (unsigned i = 0; i < proof.count; i++) {
				wrong = proof;
				wrong.path[i].b[i] ^= 1;
				assert_false(batch_proof_fits(&wrong, &leaf, &root));
			}
			wrong = proof;
			wrong.count++;
			assert_false(batch_proof_fits(&wrong, &leaf, &root));
			wrong.count = proof.count - 1; /* of the only leaf: more than there can be */
			assert_false(batch_proof_fits(&wrong, &leaf, &root));
			wrong = proof;
			wrong.index = size;
			assert_false(batch_proof_fits(&wrong, &leaf, &root));
		}
}

static void what_cannot_be_proved(void **state)
{
	struct batch_prover p;

	(void)state;
	assert_int_equal(batch_prover_begin(&p, 0, 0), PALIER_ERANGE);
	assert_int_equal(batch_prover_begin(&p, 8, 8), PALIER_ERANGE);
	assert_int_equal(batch_prover_begin(&p, 0, UINT64_MAX), PALIER_ERANGE);
	assert_int_equal(batch_prover_begin(&p, 0, INT64_MAX), PALIER_OK);
	assert_int_equal(p.proof.count, 63);
}

#define PATHS (sizeof(path_cases) / sizeof(*path_cases))

int main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(roots_are_those_of_the_vectors),
		cmocka_unit_test(every_leaf_is_proved),
		cmocka_unit_test(what_cannot_be_proved),
	};
	struct CMUnitTest tests[PATHS + sizeof(others) / sizeof(*others)] = { { 0 } };
	size_t n = 0;

	for (; n < PATHS; n++)
		tests[n] = (struct CMUnitTest){ path_cases[n].name, path_is_that_of_the_vectors, NULL, NULL,
			(void *)(uintptr_t)&path_cases[n] };
	memcpy(tests + n, others, sizeof(others));
	return cmocka_run_group_tests_name("batch tree", tests, NULL, NULL);
}
