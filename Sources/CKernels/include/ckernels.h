#pragma once
// Vector kernels, compiled for several instruction sets and chosen once, at first use.
// All matrices are row-major float32; a "row" is contiguous. ld* are in elements. Nothing here allocates,
// keeps state, or starts threads. Outputs never overlap inputs unless a comment says "in place".
// Results of one build are the same bits on every run, whatever the alignment (loads are unaligned).
#include <stddef.h>
#include <stdint.h>

// Which table is in use: "x86-64-v4+bf16", "x86-64-v4", "x86-64-v3", "base" …; ck_use forces one by name on the calling thread (tests), 0 if
// it cannot run here; NULL ends that.
const char *ck_name(void);
int ck_use(const char *name);

// ---- elementwise; y may be x -----------------------------------------------------------------------------------
void ck_exp(size_t n, const float *x, float *y);
void ck_log(size_t n, const float *x, float *y);
void ck_tanh(size_t n, const float *x, float *y);
void ck_sigmoid(size_t n, const float *x, float *y);
void ck_silu(size_t n, const float *x, float *y);
void ck_gelu_tanh(size_t n, const float *x, float *y);   // GPT-2's form
void ck_gelu_erf(size_t n, const float *x, float *y);    // exact form
// The same y, and dy/dx beside it for the way back; slope may be x
void ck_silu_curve(size_t n, const float *x, float *y, float *slope);
void ck_gelu_tanh_curve(size_t n, const float *x, float *y, float *slope);
void ck_gelu_erf_curve(size_t n, const float *x, float *y, float *slope);
void ck_multiply(size_t n, const float *a, const float *b, float *y);

// ---- reductions (one fixed order of summation per table) ---------------------------------------------------------
float ck_sum(size_t n, const float *x);
float ck_dot(size_t n, const float *x, const float *y);
float ck_max(size_t n, const float *x);                  // n ≥ 1
double ck_sum_squares(size_t n, const float *x);
void ck_axpy(size_t n, float a, const float *x, float *y);             // y += a·x
void ck_sum_rows(size_t rows, size_t n, const float *x, float *y);     // y[n] = Σ rows (overwrites y)
void ck_add_sum_rows(size_t rows, size_t n, const float *x, float *y); // y[n] += Σ rows
// y[rows, n] = x[rows, n] + b[n]; y may be x
void ck_add_row(size_t rows, size_t n, const float *x, const float *b, float *y);

// ---- rows: normalisation and softmax -----------------------------------------------------------------------------
// y = (x − mean)·rstd·w + b; mean and rstd [rows] are kept for the way back. w, b may be NULL (1 and 0).
void ck_layer_norm(size_t rows, size_t n, float eps, const float *x, const float *w, const float *b,
                   float *y, float *mean, float *rstd);
// dx (NULL: not wanted); dw, db are ADDED to (each NULL: not wanted).
void ck_layer_norm_back(size_t rows, size_t n, const float *x, const float *w, const float *mean, const float *rstd,
                        const float *dy, float *dx, float *dw, float *db);
// y = x·rstd·w, rstd = 1/√(mean(x²)+eps)
void ck_rms_norm(size_t rows, size_t n, float eps, const float *x, const float *w, float *y, float *rstd);
void ck_rms_norm_back(size_t rows, size_t n, const float *x, const float *w, const float *rstd,
                      const float *dy, float *dx, float *dw);
void ck_softmax(size_t rows, size_t n, const float *x, float *y);                       // in place allowed
void ck_softmax_back(size_t rows, size_t n, const float *y, const float *dy, float *dx);
void ck_log_softmax(size_t rows, size_t n, const float *x, float *y);
void ck_log_softmax_back(size_t rows, size_t n, const float *y, const float *dy, float *dx);
// Softmax cross-entropy of `rows` rows of logits; labels < 0 are ignored (loss 0, gradient 0); a label ≥ n gets
// loss NaN and gradient 0.
// loss[rows] gets −log p(label). If grad is not NULL it gets (softmax − onehot)·scale, and may be `logits` itself.
void ck_cross_entropy(size_t rows, size_t n, const float *logits, const int32_t *labels, float scale,
                      float *loss, float *grad);

// ---- optimisers (out-of-place: immutable values; out pointers may equal the inputs) ---------------------------------
// PyTorch's AdamW: p·(1 − lr·decay) − lr·m̂/(√v̂ + eps); c1 = 1 − β1^t, c2 = 1 − β2^t; the gradient is first times gscale.
void ck_adamw(size_t n, float lr, float b1, float b2, float eps, float decay, double c1, double c2, float gscale,
              const float *g, const float *p, const float *m, const float *v, float *p2, float *m2, float *v2);
// PyTorch's SGD: g += decay·p; buf = momentum·buf + g (first step: buf = g); p −= lr·buf. buf2 NULL: no momentum.
// In the first step buf is not read and may be NULL.
void ck_sgd(size_t n, float lr, float momentum, float decay, float gscale, int first,
            const float *g, const float *p, const float *buf, float *p2, float *buf2);

// ---- conversions and moves ------------------------------------------------------------------------------------------
void ck_bf16_to_f32(size_t n, const uint16_t *x, float *y);
void ck_f32_to_bf16(size_t n, const float *x, uint16_t *y);   // round to nearest, ties to even; NaN stays NaN
void ck_f16_to_f32(size_t n, const uint16_t *x, float *y);
void ck_f32_to_f16(size_t n, const float *x, uint16_t *y);    // round to nearest even; overflow to infinity
void ck_round_to_bf16(size_t n, const float *x, float *y);    // to bf16 and back; y may be x
// y[i] = value of code i · scale of its block. codes: two a byte, the first in the upper half; pairs[256, 2]: the two
// values of each byte; block: even. x begins at a block; the last one may be short.
void ck_unpack_pairs(size_t n, size_t block, const uint8_t *codes, const float *pairs, const float *scales, float *y);
void ck_transpose(size_t rows, size_t cols, const float *x, size_t ldx, float *y, size_t ldy);  // y[c,r] = x[r,c]
// 1 if every value is finite (tested by exponent bits; compiled without fast-math).
int ck_all_finite(size_t n, const float *x);
// A 64-bit hash of the bytes, chained by `seed`; the same on every machine of one endianness.
uint64_t ck_hash(size_t bytes, const void *x, uint64_t seed);

// ---- chance: Philox 4×32-10, counter-based: value i depends on (key, stream, i) alone ---------------------------------
// Uniform in [0, 1) with 24 bits; normal by Box–Muller on pairs. `start` is the index of the first value.
void ck_uniform(size_t n, uint64_t key, uint64_t stream, uint64_t start, float *y);
void ck_normal(size_t n, uint64_t key, uint64_t stream, uint64_t start, float *y);

// ---- small products -----------------------------------------------------------------------------------------------------
// y[r, o] = Σ x[r, i]·w[o, i]: m rows of x [m, k] (a few) with n rows of w [n, k], of which each number is read once.
// y has ldy numbers a row.
void ck_dots(size_t m, size_t n, size_t k, const float *x, const float *w, float *y, size_t ldy);
void ck_dots_bf16(size_t m, size_t n, size_t k, const float *x, const uint16_t *w, float *y, size_t ldy);
// C[m,n] = alpha·A·B + onto[i·ldonto + j]. A[i,p] = a[i·ra + p·ca] (so a transposed A costs nothing), B[p,j] = b[p·ldb + j].
// Written for what BLAS does badly: thin, small, strided. onto: C itself, or elsewhere; ldonto 0: one row, a bias; NULL: zeros.
void ck_product_onto(size_t m, size_t n, size_t k, float alpha, const float *a, size_t ra, size_t ca,
                     const float *b, size_t ldb, const float *onto, size_t ldonto, float *c, size_t ldc);

// ---- products of bfloat16 ---------------------------------------------------------------------------------------------
// Up to 32 columns of B[k, n], rounded to bfloat16, as a panel of 32·⌈k/2⌉ words: word 32p + j holds rows 2p (lower half)
// and 2p + 1 of column j, zeros where there are none.
void ck_bf16_panel(size_t k, size_t n, const float *b, size_t ldb, uint32_t *y);
// C[m,n] = A·B: A[i,p] = a[i·lda + p] is rounded to bfloat16, b: ⌈n/32⌉ panels one after the other; sums in float32.
// scratch: m·(⌈k/2⌉ + 16) words. Tables differ in the order of sums, and where AVX512_BF16 takes subnormals for zero.
void ck_bf16_product(size_t m, size_t n, size_t k, const float *a, size_t lda, const uint32_t *b, float *c, size_t ldc,
                     uint32_t *scratch);

// ---- attention ----------------------------------------------------------------------------------------------------------
// One (batch row, head) at a time, one block of query rows at a time; exact softmax; no T×T matrix.
typedef struct {
  size_t tq, tk, extra, d;          // queries; keys; extra keys (prefix) before them, seen by every query; head width
  const float *q; size_t ldq;       // [tq, d]
  const float *k; size_t ldk;       // [tk, d]
  const float *v; size_t ldv;       // [tk, d]
  const float *ek; size_t ldek;     // [extra, d], or NULL
  const float *ev; size_t ldev;     // [extra, d], or NULL
  float scale;                      // multiplies q·k
  int causal;                       // query i sees keys j with j ≤ i + (tk − tq)
  const uint8_t *keep;              // [tk]: 0 hides that key (padding); NULL: all are seen
  int blind;                        // 1: a query that sees no key reads all tk alike; 0: it gives 0
  float slope;                      // ALiBi: adds slope·(j − (tk − 1)) to key j (0: none); extra keys get none
  const float *places;              // [extra + tk]: with it slope·places[j], extra keys too; NULL: as above
  size_t window;                    // query i sees keys j with j > i + (tk − tq) − window; extra keys always; 0: all
  const float *bias; size_t ldbias; // [tq, extra + tk] added to the scores, or NULL
} ck_attention_in;
// Floats of scratch that forward, or forward and back, need for one (batch row, head).
size_t ck_attention_scratch(size_t tq, size_t tk, size_t extra, size_t d);
// out [tq, d]; lse[tq] = log Σ exp(score) per query (a query that sees no key: out 0, lse −1e30);
// weights, if not NULL, gets the probabilities [tq, extra + tk] (only asked for by inspection).
void ck_attention(const ck_attention_in *in, float *out, size_t ldout, float *lse, float *weights, float *scratch);
// dq, dk, dv, dek, dev (each NULL: not wanted) are overwritten; dbias [tq, extra + tk] is overwritten.
void ck_attention_back(const ck_attention_in *in, const float *out, size_t ldout, const float *lse,
                       const float *dout, size_t lddout, float *dq, size_t lddq, float *dk, size_t lddk,
                       float *dv, size_t lddv, float *dek, size_t lddek, float *dev, size_t lddev,
                       float *dbias, float *scratch);
