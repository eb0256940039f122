// A 64-bit hash for content: four lanes of multiply and fold, 32 bytes a step.
#include "ckernels.h"
#include <string.h>

static uint64_t word(const uint8_t *p) {
  uint64_t w;
  memcpy(&w, p, 8);
  return w;
}
static uint64_t mix(uint64_t h) {
  h ^= h >> 32;
  h *= 0xd6e8feb86659fd93u;
  h ^= h >> 32;
  h *= 0xd6e8feb86659fd93u;
  return h ^ h >> 32;
}
// One word more: the rotation carries high bits down, where the next product spreads them again.
static uint64_t add(uint64_t h, uint64_t w) {
  h = (h ^ w) * 0x9e3779b97f4a7c15u;
  return h << 29 | h >> 35;
}

uint64_t ck_hash(size_t bytes, const void *x, uint64_t seed) {
  const uint8_t *p = x;
  const uint64_t start = mix(seed ^ mix(bytes + 0x9e3779b97f4a7c15u));
  uint64_t h[4] = {start, start + 0x632be59bd9b4e019u, start ^ 0xe220a8397b1dcdafu, ~start};
  size_t left = bytes;
  for (; left >= 32; left -= 32, p += 32)
    for (int i = 0; i < 4; i++) h[i] = add(h[i], word(p + 8 * i));
  for (int i = 0; left >= 8; left -= 8, p += 8, i++) h[i] = add(h[i], word(p));
  if (left) {
    uint64_t w = 0;
    memcpy(&w, p, left);
    h[3] = add(h[3], w);
  }
  return mix(add(add(add(mix(h[0]), mix(h[1])), mix(h[2])), mix(h[3])));
}
