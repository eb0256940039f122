// The kernels for x86-64-v4 with AVX512_BF16 (Cooper Lake, Zen 4): as v4, but bfloat16 products have their instruction.
#include "table.h"
#if defined(__x86_64__)
#include <immintrin.h>
#define CK_ISA 4
#define CK_BF16 1
#define CK_ISA_NAME "x86-64-v4+bf16"
#define CK_TABLE ck_ops_v4_bf16
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4,tune=znver4,avx512bf16"))), apply_to = function)
#include "table.inc"
#pragma clang attribute pop
#endif
