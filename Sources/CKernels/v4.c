// The kernels for x86-64-v4: AVX-512 (Skylake-X, Zen 4). Without tune=znver4 clang keeps to 256 bits.
#include "table.h"
#if defined(__x86_64__)
#include <immintrin.h>
#define CK_ISA 4
#define CK_ISA_NAME "x86-64-v4"
#define CK_TABLE ck_ops_v4
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4,tune=znver4"))), apply_to = function)
#include "table.inc"
#pragma clang attribute pop
#endif
