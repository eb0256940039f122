import CKernels
import Foundation
import Testing

/// One case of attention: its sizes, what is switched on, and its inputs.
struct AttentionCase {
  var tq: Int, tk: Int, extra: Int, d: Int
  var causal = false, masked = false, blind = false, sloped = false, biased = false
  var label: String {
    let flags = [
      causal ? "causal" : "", masked ? "keep" : "", blind ? "blind" : "", sloped ? "alibi" : "",
      biased ? "bias" : "",
    ]
    return "tq=\(tq) tk=\(tk) extra=\(extra) d=\(d) " + flags.joined(separator: " ")
  }
  let q: [Float], k: [Float], v: [Float], ek: [Float], ev: [Float], bias: [Float], dout: [Float]
  let keep: [UInt8]
  var ld: Int { d + 3 }
  var keys: Int { extra + tk }
  var scale: Float { 0.5 }
  var slope: Float { sloped ? 0.25 : 0 }

  init(_ tq: Int, _ tk: Int, _ extra: Int, _ d: Int, _ flags: Int) {
    (self.tq, self.tk, self.extra, self.d) = (tq, tk, extra, d)
    causal = flags & 1 != 0
    masked = flags & 2 != 0
    sloped = flags & 4 != 0
    biased = flags & 8 != 0
    blind = flags & 16 != 0
    var chance = Sequence64(UInt64(tq * 1_000_003 + tk * 1009 + extra * 31 + d))
    let ld = d + 3
    q = chance.values(tq * ld)
    k = chance.values(tk * ld)
    v = chance.values(tk * ld)
    ek = chance.values(extra * ld + 1)
    ev = chance.values(extra * ld + 1)
    bias = chance.values(tq * (extra + tk + 1))
    dout = chance.values(tq * ld)
    let hideAll = blind
    keep = (0..<tk).map { hideAll || $0 % 3 == 1 ? 0 : 1 }
  }

  func key(_ j: Int, _ c: Int) -> Double { Double(j < extra ? ek[j * ld + c] : k[(j - extra) * ld + c]) }
  func value(_ j: Int, _ c: Int) -> Double { Double(j < extra ? ev[j * ld + c] : v[(j - extra) * ld + c]) }
  func sees(_ i: Int, _ j: Int) -> Bool {
    guard j >= extra else { return true }
    if masked || blind, keep[j - extra] == 0 { return false }
    return !causal || j - extra <= i + tk - tq
  }
  func score(_ i: Int, _ j: Int) -> Double {
    var s = 0.0
    for c in 0..<d { s += Double(q[i * ld + c]) * key(j, c) }
    s = s * Double(scale) + (biased ? Double(bias[i * (keys + 1) + j]) : 0)
    return j < extra ? s : s + Double(slope) * Double(j - extra - (tk - 1))
  }

  /// Probabilities [tq, keys] and log Σ exp(score), by the definition.
  func reference() -> (p: [Double], lse: [Double]) {
    var p = [Double](repeating: 0, count: tq * keys), lse: [Double] = []
    for i in 0..<tq {
      let seen = (0..<keys).filter { sees(i, $0) }
      let s = seen.map { score(i, $0) }
      guard let top = s.max() else {
        lse.append(-1e30)
        continue
      }
      let sum = s.reduce(0) { $0 + exp($1 - top) }
      for (j, x) in zip(seen, s) { p[i * keys + j] = exp(x - top) / sum }
      lse.append(top + log(sum))
    }
    return (p, lse)
  }

  /// Calls `body` with the kernel's view of this case.
  func withInput(_ body: (inout ck_attention_in) -> Void) {
    q.withUnsafeBufferPointer { q in
      k.withUnsafeBufferPointer { k in
        v.withUnsafeBufferPointer { v in
          ek.withUnsafeBufferPointer { ek in
            ev.withUnsafeBufferPointer { ev in
              bias.withUnsafeBufferPointer { bias in
                keep.withUnsafeBufferPointer { keep in
                  var input = ck_attention_in()
                  (input.tq, input.tk, input.extra, input.d) = (tq, tk, extra, d)
                  (input.q, input.ldq) = (q.baseAddress, ld)
                  (input.k, input.ldk) = (k.baseAddress, ld)
                  (input.v, input.ldv) = (v.baseAddress, ld)
                  if extra > 0 {
                    (input.ek, input.ldek) = (ek.baseAddress, ld)
                    (input.ev, input.ldev) = (ev.baseAddress, ld)
                  }
                  input.scale = scale
                  input.causal = causal ? 1 : 0
                  input.slope = slope
                  if masked || blind { input.keep = keep.baseAddress }
                  if biased { (input.bias, input.ldbias) = (bias.baseAddress, keys + 1) }
                  body(&input)
                }
              }
            }
          }
        }
      }
    }
  }
}

/// Rows of width d out of rows of width ld.
func packed(_ x: [Float], _ rows: Int, _ d: Int, _ ld: Int) -> [Float] {
  (0..<rows).flatMap { r in (0..<d).map { x[r * ld + $0] } }
}

extension KernelTests {
  @Suite struct AttentionTests {
    static func check(_ table: String, _ a: AttentionCase) {
      let (tq, tk, extra, d, ld, keys) = (a.tq, a.tk, a.extra, a.d, a.ld, a.keys)
      let (p, lse) = a.reference()
      var out = [Double](repeating: 0, count: tq * d)
      for i in 0..<tq {
        for j in 0..<keys where p[i * keys + j] != 0 {
          for c in 0..<d { out[i * d + c] += p[i * keys + j] * a.value(j, c) }
        }
      }

      let room = ck_attention_scratch(tq, tk, extra, d)
      var scratch = Guarded(room, .nan)
      var o = Guarded(tq * ld), l = Guarded(tq), w = Guarded(tq * keys), again = Guarded(tq * ld)
      a.withInput { input in
        ck_attention(&input, &o.all, ld, &l.all, &w.all, &scratch.all)
        ck_attention(&input, &again.all, ld, &l.all, nil, &scratch.all)
      }
      let label = "\(table) \(a.label)"
      #expect(distance(packed(o.all, tq, d, ld), out) < 2e-6 && o.intact, "\(label) out")
      #expect(distance(l.values, lse) < 1e-6 && l.intact, "\(label) lse")
      #expect(distance(w.values, p) < 1e-6 && w.intact && scratch.intact, "\(label) weights")
      #expect(again.values == o.values, "\(label): asking for weights changes the output")
      for i in 0..<tq { for c in d..<ld { #expect(o.all[i * ld + c] == 777, "\(label) beyond the width") } }
      checkBack(label, a, p, out, o.all, l.all, room)
    }

    static func checkBack(
      _ label: String, _ a: AttentionCase, _ p: [Double], _ out: [Double], _ o: [Float], _ l: [Float],
      _ room: Int
    ) {
      let (tq, tk, extra, d, ld, keys) = (a.tq, a.tk, a.extra, a.d, a.ld, a.keys)
      var dq = [Double](repeating: 0, count: tq * d), dk = [Double](repeating: 0, count: keys * d), dv = dk
      var dbias = [Double](repeating: 0, count: tq * keys)
      for i in 0..<tq {
        var delta = 0.0
        for c in 0..<d { delta += Double(a.dout[i * ld + c]) * out[i * d + c] }
        for j in 0..<keys where p[i * keys + j] != 0 {
          var dp = 0.0
          for c in 0..<d { dp += Double(a.dout[i * ld + c]) * a.value(j, c) }
          let ds = p[i * keys + j] * (dp - delta)
          dbias[i * keys + j] = ds
          for c in 0..<d {
            dv[j * d + c] += p[i * keys + j] * Double(a.dout[i * ld + c])
            dq[i * d + c] += ds * Double(a.scale) * a.key(j, c)
            dk[j * d + c] += ds * Double(a.scale) * Double(a.q[i * ld + c])
          }
        }
      }
      var scratch = Guarded(room, .nan)
      var gq = Guarded(tq * ld), gk = Guarded(tk * ld), gv = Guarded(tk * ld), gek = Guarded(extra * ld)
      var gev = Guarded(extra * ld), gb = Guarded(tq * keys), alone = Guarded(tk * ld)
      a.withInput { input in
        ck_attention_back(
          &input, o, ld, l, a.dout, ld, &gq.all, ld, &gk.all, ld, &gv.all, ld, &gek.all, ld, &gev.all, ld,
          &gb.all, &scratch.all)
        ck_attention_back(
          &input, o, ld, l, a.dout, ld, nil, 0, nil, 0, &alone.all, ld, nil, 0, nil, 0, nil, &scratch.all)
      }
      let limit = 5e-6
      #expect(distance(packed(gq.all, tq, d, ld), dq) < limit && gq.intact, "\(label) dq")
      #expect(
        distance(packed(gk.all, tk, d, ld), Array(dk[(extra * d)...])) < limit && gk.intact, "\(label) dk")
      #expect(
        distance(packed(gv.all, tk, d, ld), Array(dv[(extra * d)...])) < limit && gv.intact, "\(label) dv")
      #expect(
        distance(packed(gek.all, extra, d, ld), Array(dk[..<(extra * d)])) < limit && gek.intact,
        "\(label) dek")
      #expect(
        distance(packed(gev.all, extra, d, ld), Array(dv[..<(extra * d)])) < limit && gev.intact,
        "\(label) dev")
      #expect(distance(gb.values, dbias) < limit && gb.intact && scratch.intact, "\(label) dbias")
      #expect(alone.values == gv.values, "\(label) dv alone")
    }

    @Test func everyCombination() {
      onEveryTable { table in
        for flags in 0..<32 {
          for (tq, tk, extra, d) in [
            (5, 5, 0, 4), (17, 17, 3, 8), (7, 23, 0, 12), (20, 9, 2, 16), (1, 19, 1, 24),
          ] {
            Self.check(table, AttentionCase(tq, tk, extra, d, flags))
          }
        }
      }
    }

    @Test func sizes() {
      onEveryTable { table in
        for (tq, tk) in [
          (1, 1), (3, 3), (15, 16), (16, 16), (16, 48), (31, 33), (64, 64), (33, 100), (100, 33),
        ] {
          for d in [1, 4, 8, 12, 16, 17, 24, 64] {
            Self.check(table, AttentionCase(tq, tk, d % 3, d, tq % 2 == 0 ? 1 : 0))
          }
        }
      }
    }

    /// No queries: nothing is written but the zero gradients of the keys.
    @Test func noQueries() {
      onEveryTable { table in
        let a = AttentionCase(0, 5, 2, 4, 0)
        Self.check(table, a)
      }
    }

    /// A long row of equal keys: the output is the mean of the values, even where scores are large.
    @Test func largeScores() {
      onEveryTable { table in
        let n = 300, d = 16
        let q = [Float](repeating: 30, count: d), k = [Float](repeating: 30, count: n * d)
        let v = (0..<(n * d)).map { Float($0 / d % 2) }
        var out = [Float](repeating: 0, count: d), lse: [Float] = [0]
        var scratch = [Float](repeating: 0, count: ck_attention_scratch(1, n, 0, d))
        q.withUnsafeBufferPointer { q in
          k.withUnsafeBufferPointer { k in
            v.withUnsafeBufferPointer { v in
              var input = ck_attention_in()
              (input.tq, input.tk, input.d, input.scale, input.causal) = (1, n, d, 1, 1)
              (input.q, input.k, input.v) = (q.baseAddress, k.baseAddress, v.baseAddress)
              (input.ldq, input.ldk, input.ldv) = (d, d, d)
              ck_attention(&input, &out, d, &lse, nil, &scratch)
            }
          }
        }
        #expect(out.allSatisfy { abs($0 - 0.5) < 1e-6 }, "\(table) \(out)")
        #expect(abs(Double(lse[0]) - 14400 - log(300)) < 0.002, "\(table) \(lse)")
      }
    }
  }
}
