// The kernels for x86-64-v3: AVX2 and fused multiply-add (Haswell, 2013, and Zen).
#include "table.h"
#if defined(__x86_64__)
#include <immintrin.h>
#define CK_ISA 3
#define CK_ISA_NAME "x86-64-v3"
#define CK_TABLE ck_ops_v3
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#include "table.inc"
#pragma clang attribute pop
#endif
