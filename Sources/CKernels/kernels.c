// Plain loops, correct first: the vector tables replace these one by one.
#include "ckernels.h"
#include <math.h>
#include <string.h>

const char *ck_name(void) { return "base"; }
int ck_use(const char *name) { return strcmp(name, "base") == 0; }

#define EACH(name, expression) \
  void name(size_t n, const float *x, float *y) { for (size_t i = 0; i < n; i++) { float a = x[i]; y[i] = (expression); } }
#define EACH_BACK(name, slope) \
  void name(size_t n, const float *x, const float *dy, float *dx) { \
    for (size_t i = 0; i < n; i++) { float a = x[i]; dx[i] = dy[i] * (slope); } }

static float sigmoid1(float a) { return 1 / (1 + expf(-a)); }
static float gelu_tanh1(float a) { return 0.5f * a * (1 + tanhf(0.7978845608f * (a + 0.044715f * a * a * a))); }
static float gelu_tanh_slope(float a) {
  float t = tanhf(0.7978845608f * (a + 0.044715f * a * a * a));
  return 0.5f * (1 + t) + 0.5f * a * (1 - t * t) * 0.7978845608f * (1 + 3 * 0.044715f * a * a);
}
EACH(ck_exp, expf(a < -1e4f ? -1e4f : a > 88.7f ? 88.7f : a))
EACH(ck_log, logf(a))
EACH(ck_tanh, tanhf(a))
EACH(ck_sigmoid, sigmoid1(a))
EACH(ck_silu, a * sigmoid1(a))
EACH(ck_gelu_tanh, gelu_tanh1(a))
EACH(ck_gelu_erf, 0.5f * a * (1 + erff(a * 0.70710678f)))
EACH_BACK(ck_silu_back, sigmoid1(a) * (1 + a * (1 - sigmoid1(a))))
EACH_BACK(ck_gelu_tanh_back, gelu_tanh_slope(a))
EACH_BACK(ck_gelu_erf_back, 0.5f * (1 + erff(a * 0.70710678f)) + a * 0.39894228f * expf(-0.5f * a * a))

float ck_sum(size_t n, const float *x) { double s = 0; for (size_t i = 0; i < n; i++) s += x[i]; return (float)s; }
float ck_dot(size_t n, const float *x, const float *y) {
  double s = 0; for (size_t i = 0; i < n; i++) s += (double)x[i] * y[i]; return (float)s;
}
float ck_max(size_t n, const float *x) { float m = x[0]; for (size_t i = 1; i < n; i++) m = x[i] > m ? x[i] : m; return m; }
double ck_sum_squares(size_t n, const float *x) {
  double s = 0; for (size_t i = 0; i < n; i++) s += (double)x[i] * x[i]; return s;
}
void ck_axpy(size_t n, float a, const float *x, float *y) { for (size_t i = 0; i < n; i++) y[i] += a * x[i]; }
void ck_sum_rows(size_t rows, size_t n, const float *x, float *y) {
  memset(y, 0, n * sizeof *y); ck_add_sum_rows(rows, n, x, y);
}
void ck_add_sum_rows(size_t rows, size_t n, const float *x, float *y) {
  for (size_t r = 0; r < rows; r++) for (size_t i = 0; i < n; i++) y[i] += x[r * n + i];
}
void ck_add_row(size_t rows, size_t n, const float *x, const float *b, float *y) {
  for (size_t r = 0; r < rows; r++) for (size_t i = 0; i < n; i++) y[r * n + i] = x[r * n + i] + b[i];
}

void ck_layer_norm(size_t rows, size_t n, float eps, const float *x, const float *w, const float *b,
                   float *y, float *mean, float *rstd) {
  for (size_t r = 0; r < rows; r++, x += n, y += n) {
    double s = 0, q = 0;
    for (size_t i = 0; i < n; i++) s += x[i];
    s /= (double)n;
    for (size_t i = 0; i < n; i++) q += (x[i] - s) * (x[i] - s);
    float m = (float)s, k = (float)(1 / sqrt(q / (double)n + eps));
    mean[r] = m; rstd[r] = k;
    for (size_t i = 0; i < n; i++) y[i] = (x[i] - m) * k * (w ? w[i] : 1) + (b ? b[i] : 0);
  }
}
void ck_layer_norm_back(size_t rows, size_t n, const float *x, const float *w, const float *mean, const float *rstd,
                        const float *dy, float *dx, float *dw, float *db) {
  for (size_t r = 0; r < rows; r++, x += n, dy += n, dx = dx ? dx + n : dx) {
    double s = 0, q = 0;
    float m = mean[r], k = rstd[r];
    for (size_t i = 0; i < n; i++) {
      float h = (x[i] - m) * k, g = dy[i] * (w ? w[i] : 1);
      s += g; q += g * h;
      if (dw) dw[i] += dy[i] * h;
      if (db) db[i] += dy[i];
    }
    float a = (float)(s / (double)n), c = (float)(q / (double)n);
    if (dx) for (size_t i = 0; i < n; i++)
      dx[i] = k * (dy[i] * (w ? w[i] : 1) - a - (x[i] - m) * k * c);
  }
}
void ck_rms_norm(size_t rows, size_t n, float eps, const float *x, const float *w, float *y, float *rstd) {
  for (size_t r = 0; r < rows; r++, x += n, y += n) {
    float k = (float)(1 / sqrt(ck_sum_squares(n, x) / (double)n + eps));
    rstd[r] = k;
    for (size_t i = 0; i < n; i++) y[i] = x[i] * k * (w ? w[i] : 1);
  }
}
void ck_rms_norm_back(size_t rows, size_t n, const float *x, const float *w, const float *rstd,
                      const float *dy, float *dx, float *dw) {
  for (size_t r = 0; r < rows; r++, x += n, dy += n, dx = dx ? dx + n : dx) {
    double q = 0;
    float k = rstd[r];
    for (size_t i = 0; i < n; i++) {
      float h = x[i] * k;
      q += dy[i] * (w ? w[i] : 1) * h;
      if (dw) dw[i] += dy[i] * h;
    }
    float c = (float)(q / (double)n);
    if (dx) for (size_t i = 0; i < n; i++) dx[i] = k * (dy[i] * (w ? w[i] : 1) - x[i] * k * c);
  }
}
static float log_sum_exp(size_t n, const float *x) {
  float m = ck_max(n, x); double s = 0;
  for (size_t i = 0; i < n; i++) s += expf(x[i] - m);
  return m + (float)log(s);
}
void ck_softmax(size_t rows, size_t n, const float *x, float *y) {
  for (size_t r = 0; n && r < rows; r++, x += n, y += n) {
    float l = log_sum_exp(n, x);
    for (size_t i = 0; i < n; i++) y[i] = expf(x[i] - l);
  }
}
void ck_softmax_back(size_t rows, size_t n, const float *y, const float *dy, float *dx) {
  for (size_t r = 0; r < rows; r++, y += n, dy += n, dx += n) {
    float s = ck_dot(n, y, dy);
    for (size_t i = 0; i < n; i++) dx[i] = y[i] * (dy[i] - s);
  }
}
void ck_log_softmax(size_t rows, size_t n, const float *x, float *y) {
  for (size_t r = 0; n && r < rows; r++, x += n, y += n) {
    float l = log_sum_exp(n, x);
    for (size_t i = 0; i < n; i++) y[i] = x[i] - l;
  }
}
void ck_log_softmax_back(size_t rows, size_t n, const float *y, const float *dy, float *dx) {
  for (size_t r = 0; r < rows; r++, y += n, dy += n, dx += n) {
    float s = ck_sum(n, dy);
    for (size_t i = 0; i < n; i++) dx[i] = dy[i] - expf(y[i]) * s;
  }
}
void ck_cross_entropy(size_t rows, size_t n, const float *logits, const int32_t *labels, float scale,
                      float *loss, float *grad) {
  for (size_t r = 0; r < rows; r++, logits += n, grad = grad ? grad + n : grad) {
    if (labels[r] < 0) { loss[r] = 0; if (grad) memset(grad, 0, n * sizeof *grad); continue; }
    float l = log_sum_exp(n, logits);
    loss[r] = l - logits[labels[r]];
    if (grad) {
      for (size_t i = 0; i < n; i++) grad[i] = expf(logits[i] - l) * scale;
      grad[labels[r]] -= scale;
    }
  }
}

void ck_adamw(size_t n, float lr, float b1, float b2, float eps, float decay, double c1, double c2, float gscale,
              const float *g, const float *p, const float *m, const float *v, float *p2, float *m2, float *v2) {
  float keep = (float)(1 - (double)lr * decay), step = (float)(lr / c1), root = (float)(1 / sqrt(c2));
  for (size_t i = 0; i < n; i++) {
    float a = g[i] * gscale, mm = b1 * m[i] + (1 - b1) * a, vv = b2 * v[i] + (1 - b2) * a * a;
    m2[i] = mm; v2[i] = vv;
    p2[i] = p[i] * keep - step * mm / (sqrtf(vv) * root + eps);
  }
}
void ck_sgd(size_t n, float lr, float momentum, float decay, float gscale, int first,
            const float *g, const float *p, const float *buf, float *p2, float *buf2) {
  for (size_t i = 0; i < n; i++) {
    float a = g[i] * gscale + decay * p[i];
    if (buf2) a = buf2[i] = first || !buf ? a : momentum * buf[i] + a;
    p2[i] = p[i] - lr * a;
  }
}

static uint32_t bits(float x) { uint32_t u; memcpy(&u, &x, 4); return u; }
static float value(uint32_t u) { float x; memcpy(&x, &u, 4); return x; }
void ck_bf16_to_f32(size_t n, const uint16_t *x, float *y) { for (size_t i = 0; i < n; i++) y[i] = value((uint32_t)x[i] << 16); }
void ck_f32_to_bf16(size_t n, const float *x, uint16_t *y) {
  for (size_t i = 0; i < n; i++) {
    uint32_t u = bits(x[i]);
    uint32_t rounded = (u + 0x7fff + (u >> 16 & 1)) >> 16, quiet = u >> 16 | 0x40;
    y[i] = (uint16_t)((u & 0x7fffffff) > 0x7f800000 ? quiet : rounded);
  }
}
void ck_f16_to_f32(size_t n, const uint16_t *x, float *y) { for (size_t i = 0; i < n; i++) {
  uint32_t h = x[i], sign = (h & 0x8000) << 16, rest = h & 0x7fff;
  float small = (float)rest * 0x1p-24f;
  uint32_t normal = (rest << 13) + (rest >= 0x7c00 ? 0x70000000u : 0x38000000u);
  if (rest > 0x7c00) normal |= 0x400000;
  y[i] = value(sign | (rest < 0x400 ? bits(small) : normal)); } }
void ck_f32_to_f16(size_t n, const float *x, uint16_t *y) { for (size_t i = 0; i < n; i++) {
  uint32_t u = bits(x[i]), sign = u >> 16 & 0x8000, a = u & 0x7fffffff, r;
  if (a > 0x7f800000) r = 0x7e00 | (a >> 13 & 0x3ff);
  else if (a >= 0x477ff000) r = 0x7c00;
  else if (a < 0x38800000) r = bits(value(a) + 0.5f) - 0x3f000000;
  else r = (a - 0x38000000 + 0xfff + (a >> 13 & 1)) >> 13;
  y[i] = (uint16_t)(sign | r); } }
void ck_transpose(size_t rows, size_t cols, const float *x, size_t ldx, float *y, size_t ldy) {
  for (size_t c = 0; c < cols; c++) for (size_t r = 0; r < rows; r++) y[c * ldy + r] = x[r * ldx + c];
}
int ck_all_finite(size_t n, const float *x) {
  uint32_t bad = 0;
  for (size_t i = 0; i < n; i++) bad |= (bits(x[i]) & 0x7f800000) == 0x7f800000;
  return !bad;
}
static uint64_t mix(uint64_t h) { h ^= h >> 32; h *= 0xd6e8feb86659fd93u; h ^= h >> 32; return h * 0xd6e8feb86659fd93u; }
uint64_t ck_hash(size_t bytes, const void *x, uint64_t seed) {
  const uint8_t *p = x;
  uint64_t h = mix(seed ^ (uint64_t)bytes * 0x9e3779b97f4a7c15u), w;
  size_t i = 0;
  for (; i + 8 <= bytes; i += 8) { memcpy(&w, p + i, 8); h = mix(h ^ w) + 0x9e3779b97f4a7c15u; }
  w = 0; if (i < bytes) { memcpy(&w, p + i, bytes - i); h = mix(h ^ w); }
  return h ^ h >> 32;
}

static void philox(uint64_t key, uint64_t stream, uint64_t block, uint32_t c[4]) {
  uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
  c[0] = (uint32_t)block; c[1] = (uint32_t)(block >> 32); c[2] = (uint32_t)stream; c[3] = (uint32_t)(stream >> 32);
  for (int r = 0; r < 10; r++, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) {
    uint64_t a = (uint64_t)0xD2511F53u * c[0], b = (uint64_t)0xCD9E8D57u * c[2];
    uint32_t c1 = c[1], c3 = c[3];
    c[0] = (uint32_t)(b >> 32) ^ c1 ^ k0; c[1] = (uint32_t)b; c[2] = (uint32_t)(a >> 32) ^ c3 ^ k1; c[3] = (uint32_t)a;
  }
}
void ck_uniform(size_t n, uint64_t key, uint64_t stream, uint64_t start, float *y) {
  uint32_t c[4];
  for (size_t i = 0; i < n; i++) {
    uint64_t at = start + i;
    if (i == 0 || at % 4 == 0) philox(key, stream, at / 4, c);
    y[i] = (float)(c[at % 4] >> 8) * 0x1p-24f;
  }
}
void ck_normal(size_t n, uint64_t key, uint64_t stream, uint64_t start, float *y) {
  uint32_t c[4];
  for (size_t i = 0; i < n; i++) {
    uint64_t at = start + i;
    if (i == 0 || at % 4 == 0) philox(key, stream, at / 4, c);
    const uint32_t *pair = c + (at % 4 & 2);
    double radius = sqrt(-2 * log((pair[0] + 0.5) * 0x1p-32)), angle = pair[1] * (6.283185307179586 * 0x1p-32);
    y[i] = (float)(radius * (at & 1 ? sin(angle) : cos(angle)));
  }
}

void ck_small_product(size_t m, size_t n, size_t k, float alpha, const float *a, size_t ra, size_t ca,
                      const float *b, size_t ldb, float beta, float *c, size_t ldc) {
  for (size_t i = 0; i < m; i++) {
    float *row = c + i * ldc;
    if (beta == 0) memset(row, 0, n * sizeof *row);
    for (size_t p = 0; p < k; p++) {
      float s = alpha * a[i * ra + p * ca];
      for (size_t j = 0; j < n; j++) row[j] += s * b[p * ldb + j];
    }
  }
}

size_t ck_attention_scratch(size_t tq, size_t tk, size_t extra, size_t d) { (void)tq; (void)d; return 4 * (extra + tk + 16); }
static const float *key_row(const ck_attention_in *in, size_t j) {
  return j < in->extra ? in->ek + j * in->ldek : in->k + (j - in->extra) * in->ldk;
}
static const float *value_row(const ck_attention_in *in, size_t j) {
  return j < in->extra ? in->ev + j * in->ldev : in->v + (j - in->extra) * in->ldv;
}
// The scores of one query row; hidden keys get −1e30. Answers how many keys are seen.
static size_t score_row(const ck_attention_in *in, size_t i, float *s) {
  size_t seen = 0;
  for (size_t j = 0; j < in->extra + in->tk; j++) {
    ptrdiff_t t = (ptrdiff_t)j - (ptrdiff_t)in->extra;
    s[j] = -1e30f;
    if (t >= 0 && in->keep && !in->keep[t]) continue;
    if (t >= 0 && in->causal && t > (ptrdiff_t)i + (ptrdiff_t)in->tk - (ptrdiff_t)in->tq) continue;
    s[j] = in->scale * ck_dot(in->d, in->q + i * in->ldq, key_row(in, j));
    if (t >= 0) s[j] += in->slope * (float)(t + 1 - (ptrdiff_t)in->tk) + (in->bias ? in->bias[i * in->ldbias + (size_t)t] : 0);
    seen++;
  }
  return seen;
}
void ck_attention(const ck_attention_in *in, float *out, size_t ldout, float *lse, float *weights, float *scratch) {
  size_t keys = in->extra + in->tk;
  for (size_t i = 0; i < in->tq; i++) {
    float *o = out + i * ldout;
    memset(o, 0, in->d * sizeof *o);
    size_t seen = score_row(in, i, scratch);
    lse[i] = seen ? log_sum_exp(keys, scratch) : -1e30f;
    for (size_t j = 0; j < keys; j++) {
      float p = seen && scratch[j] > -1e29f ? expf(scratch[j] - lse[i]) : 0;
      if (weights) weights[i * keys + j] = p;
      if (p != 0) ck_axpy(in->d, p, value_row(in, j), o);
    }
  }
}
static void clear(float *x, size_t rows, size_t d, size_t ld) {
  for (size_t r = 0; x && r < rows; r++) memset(x + r * ld, 0, d * sizeof *x);
}
void ck_attention_back(const ck_attention_in *in, const float *out, size_t ldout, const float *lse,
                       const float *dout, size_t lddout, float *dq, size_t lddq, float *dk, size_t lddk,
                       float *dv, size_t lddv, float *dek, size_t lddek, float *dev, size_t lddev,
                       float *dbias, float *scratch) {
  size_t keys = in->extra + in->tk, d = in->d;
  clear(dq, in->tq, d, lddq); clear(dk, in->tk, d, lddk); clear(dv, in->tk, d, lddv);
  clear(dek, in->extra, d, lddek); clear(dev, in->extra, d, lddev);
  clear(dbias, in->tq, in->tk, in->tk);
  for (size_t i = 0; i < in->tq; i++) {
    const float *g = dout + i * lddout;
    if (!score_row(in, i, scratch)) continue;
    float delta = ck_dot(d, g, out + i * ldout);
    for (size_t j = 0; j < keys; j++) {
      if (scratch[j] < -1e29f) continue;
      float p = expf(scratch[j] - lse[i]), ds = p * (ck_dot(d, g, value_row(in, j)) - delta);
      int extra = j < in->extra;
      size_t t = extra ? j : j - in->extra;
      float *kr = extra ? (dek ? dek + t * lddek : 0) : dk ? dk + t * lddk : 0;
      float *vr = extra ? (dev ? dev + t * lddev : 0) : dv ? dv + t * lddv : 0;
      if (vr) ck_axpy(d, p, g, vr);
      if (kr) ck_axpy(d, ds * in->scale, in->q + i * in->ldq, kr);
      if (dq) ck_axpy(d, ds * in->scale, key_row(in, j), dq + i * lddq);
      if (dbias && !extra) dbias[i * in->tk + t] = ds;
    }
  }
}
