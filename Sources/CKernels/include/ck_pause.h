#pragma once
// A moment's wait inside a spin loop, which leaves a shared core to its other half.
static inline void ck_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}
