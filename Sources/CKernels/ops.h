#pragma once
// The table of kernels: every function of ckernels.h that is compiled once per instruction set.
// One list makes the struct, the three tables and the public functions, so they cannot drift apart.
#include "ckernels.h"

// F(result, name, parameters, arguments)
#define CK_EACH_OP(F) \
  F(void, exp, (size_t n, const float *x, float *y), (n, x, y)) \
  F(void, log, (size_t n, const float *x, float *y), (n, x, y)) \
  F(void, tanh, (size_t n, const float *x, float *y), (n, x, y)) \
  F(void, sigmoid, (size_t n, const float *x, float *y), (n, x, y)) \
  F(void, silu, (size_t n, const float *x, float *y), (n, x, y)) \
  F(void, gelu_tanh, (size_t n, const float *x, float *y), (n, x, y)) \
  F(void, gelu_erf, (size_t n, const float *x, float *y), (n, x, y)) \
  F(void, silu_curve, (size_t n, const float *x, float *y, float *slope), (n, x, y, slope)) \
  F(void, gelu_tanh_curve, (size_t n, const float *x, float *y, float *slope), (n, x, y, slope)) \
  F(void, gelu_erf_curve, (size_t n, const float *x, float *y, float *slope), (n, x, y, slope)) \
  F(void, multiply, (size_t n, const float *a, const float *b, float *y), (n, a, b, y)) \
  F(float, sum, (size_t n, const float *x), (n, x)) \
  F(float, dot, (size_t n, const float *x, const float *y), (n, x, y)) \
  F(float, max, (size_t n, const float *x), (n, x)) \
  F(double, sum_squares, (size_t n, const float *x), (n, x)) \
  F(void, axpy, (size_t n, float a, const float *x, float *y), (n, a, x, y)) \
  F(void, sum_rows, (size_t rows, size_t n, const float *x, float *y), (rows, n, x, y)) \
  F(void, add_sum_rows, (size_t rows, size_t n, const float *x, float *y), (rows, n, x, y)) \
  F(void, add_row, (size_t rows, size_t n, const float *x, const float *b, float *y), (rows, n, x, b, y)) \
  F(void, layer_norm, (size_t rows, size_t n, float eps, const float *x, const float *w, const float *b, \
    float *y, float *mean, float *rstd), (rows, n, eps, x, w, b, y, mean, rstd)) \
  F(void, layer_norm_back, (size_t rows, size_t n, const float *x, const float *w, const float *mean, \
    const float *rstd, const float *dy, float *dx, float *dw, float *db), \
    (rows, n, x, w, mean, rstd, dy, dx, dw, db)) \
  F(void, rms_norm, \
    (size_t rows, size_t n, float eps, const float *x, const float *w, float *y, float *rstd), \
    (rows, n, eps, x, w, y, rstd)) \
  F(void, rms_norm_back, (size_t rows, size_t n, const float *x, const float *w, const float *rstd, \
    const float *dy, float *dx, float *dw), (rows, n, x, w, rstd, dy, dx, dw)) \
  F(void, softmax, (size_t rows, size_t n, const float *x, float *y), (rows, n, x, y)) \
  F(void, softmax_back, (size_t rows, size_t n, const float *y, const float *dy, float *dx), \
    (rows, n, y, dy, dx)) \
  F(void, log_softmax, (size_t rows, size_t n, const float *x, float *y), (rows, n, x, y)) \
  F(void, log_softmax_back, (size_t rows, size_t n, const float *y, const float *dy, float *dx), \
    (rows, n, y, dy, dx)) \
  F(void, cross_entropy, (size_t rows, size_t n, const float *logits, const int32_t *labels, \
    float scale, float *loss, float *grad), (rows, n, logits, labels, scale, loss, grad)) \
  F(void, adamw, (size_t n, float lr, float b1, float b2, float eps, float decay, double c1, double c2, \
    float gscale, const float *g, const float *p, const float *m, const float *v, \
    float *p2, float *m2, float *v2), (n, lr, b1, b2, eps, decay, c1, c2, gscale, g, p, m, v, p2, m2, v2)) \
  F(void, sgd, (size_t n, float lr, float momentum, float decay, float gscale, int first, const float *g, \
    const float *p, const float *buf, float *p2, float *buf2), \
    (n, lr, momentum, decay, gscale, first, g, p, buf, p2, buf2)) \
  F(void, bf16_to_f32, (size_t n, const uint16_t *x, float *y), (n, x, y)) \
  F(void, dots, (size_t m, size_t n, size_t k, const float *x, const float *w, float *y, size_t ldy), \
    (m, n, k, x, w, y, ldy)) \
  F(void, dots_bf16, (size_t m, size_t n, size_t k, const float *x, const uint16_t *w, float *y, size_t ldy), \
    (m, n, k, x, w, y, ldy)) \
  F(void, f32_to_bf16, (size_t n, const float *x, uint16_t *y), (n, x, y)) \
  F(void, f16_to_f32, (size_t n, const uint16_t *x, float *y), (n, x, y)) \
  F(void, f32_to_f16, (size_t n, const float *x, uint16_t *y), (n, x, y)) \
  F(void, round_to_bf16, (size_t n, const float *x, float *y), (n, x, y)) \
  F(void, unpack_pairs, (size_t n, size_t block, const uint8_t *codes, const float *pairs, \
    const float *scales, float *y), (n, block, codes, pairs, scales, y)) \
  F(void, transpose, (size_t rows, size_t cols, const float *x, size_t ldx, float *y, size_t ldy), \
    (rows, cols, x, ldx, y, ldy)) \
  F(int, all_finite, (size_t n, const float *x), (n, x)) \
  F(void, uniform, (size_t n, uint64_t key, uint64_t stream, uint64_t start, float *y), \
    (n, key, stream, start, y)) \
  F(void, normal, (size_t n, uint64_t key, uint64_t stream, uint64_t start, float *y), \
    (n, key, stream, start, y)) \
  F(void, product_onto, (size_t m, size_t n, size_t k, float alpha, const float *a, size_t ra, size_t ca, \
    const float *b, size_t ldb, const float *onto, size_t ldonto, float *c, size_t ldc), \
    (m, n, k, alpha, a, ra, ca, b, ldb, onto, ldonto, c, ldc)) \
  F(void, bf16_panel, (size_t k, size_t n, const float *b, size_t ldb, uint32_t *y), (k, n, b, ldb, y)) \
  F(void, bf16_product, (size_t m, size_t n, size_t k, const float *a, size_t lda, const uint32_t *b, \
    float *c, size_t ldc, uint32_t *scratch), (m, n, k, a, lda, b, c, ldc, scratch)) \
  F(void, attention, (const ck_attention_in *in, float *out, size_t ldout, float *lse, float *weights, \
    float *scratch), (in, out, ldout, lse, weights, scratch)) \
  F(void, attention_back, (const ck_attention_in *in, const float *out, size_t ldout, const float *lse, \
    const float *dout, size_t lddout, float *dq, size_t lddq, float *dk, size_t lddk, \
    float *dv, size_t lddv, float *dek, size_t lddek, float *dev, size_t lddev, float *dbias, \
    float *scratch), \
    (in, out, ldout, lse, dout, lddout, dq, lddq, dk, lddk, dv, lddv, dek, lddek, dev, lddev, dbias, scratch))

#define CK_FIELD(result, name, parameters, arguments) result (*name) parameters;
typedef struct {
  const char *isa;
  CK_EACH_OP(CK_FIELD)
} ck_ops;
#undef CK_FIELD

extern const ck_ops ck_ops_base;
#if defined(__x86_64__)
extern const ck_ops ck_ops_v3, ck_ops_v4, ck_ops_v4_bf16;
#endif
