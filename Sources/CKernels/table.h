#pragma once
// What every table's source needs before its instruction set is switched on.
#include "ops.h"
#include <string.h>

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

// Vectors wider than the machine's are passed to inlined functions only: their calling convention is no
// concern.
#pragma clang diagnostic ignored "-Wpsabi"
