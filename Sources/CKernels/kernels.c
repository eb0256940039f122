// Which table runs: chosen once, at first use, by what the processor can do.
#include "ops.h"
#include <stdatomic.h>
#include <string.h>

static _Atomic(const ck_ops *) chosen;
static _Thread_local const ck_ops *forced;      // by ck_use, on its own thread alone

// The tables this machine can run, best first, then NULL.
static const ck_ops *runnable(size_t i) {
  const ck_ops *found[5] = {0};
  size_t n = 0;
#if defined(__x86_64__)
  __builtin_cpu_init();
  const int has_v4 = __builtin_cpu_supports("x86-64-v4");
  if (has_v4 && __builtin_cpu_supports("avx512bf16")) found[n++] = &ck_ops_v4_bf16;
  if (has_v4) found[n++] = &ck_ops_v4;
  if (__builtin_cpu_supports("x86-64-v3")) found[n++] = &ck_ops_v3;
#endif
  found[n] = &ck_ops_base;
  return found[i];
}

// Two threads that meet here at first use find the same answer, so no lock is needed.
static const ck_ops *table(void) {
  if (forced) return forced;
  const ck_ops *t = atomic_load_explicit(&chosen, memory_order_relaxed);
  if (t) return t;
  t = runnable(0);
  atomic_store_explicit(&chosen, t, memory_order_relaxed);
  return t;
}

const char *ck_name(void) { return table()->isa; }

int ck_use(const char *name) {
  const ck_ops *t;
  if (!name) {
    forced = NULL;
    return 1;
  }
  for (size_t i = 0; (t = runnable(i)); i++) {
    if (strcmp(t->isa, name)) continue;
    forced = t;
    return 1;
  }
  return 0;
}

#define CK_PUBLIC(result, name, parameters, arguments) \
  result ck_##name parameters { return table()->name arguments; }
CK_EACH_OP(CK_PUBLIC)

// Two tiles of queries (16 wide) turned on their side, two of scores, and room to align them.
size_t ck_attention_scratch(size_t tq, size_t tk, size_t extra, size_t d) {
  (void)tq;
  return 16 * (2 * d + 2 * (extra + tk)) + 16;
}
