import CKernels
import Foundation
import Testing

typealias Map = (Int, UnsafePointer<Float>?, UnsafeMutablePointer<Float>?) -> Void
typealias Curve = (
  Int, UnsafePointer<Float>?, UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?
) -> Void

func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
func normalShare(_ x: Double) -> Double { 0.5 * erfc(-x / 2.squareRoot()) }
func geluAngle(_ x: Double) -> Double { (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x) }
func geluTanhSlope(_ x: Double) -> Double {
  let t = tanh(geluAngle(x))
  let inner = (2 / Double.pi).squareRoot() * (1 + 3 * 0.044715 * x * x)
  return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * inner
}

extension KernelTests {
  @Suite struct ElementwiseTests {
    /// name, kernel, reference, half-width of the inputs, floor of the relative error, tolerance
    static var maps: [(String, Map, (Double) -> Double, Float, Double, Double)] {
      [
        ("exp", ck_exp, exp, 80, 0, 1.2e-7),
        ("exp small", ck_exp, exp, 2, 0, 1.2e-7),
        ("tanh", ck_tanh, tanh, 10, 0, 5e-7),
        ("tanh small", ck_tanh, tanh, 0.01, 0, 5e-7),
        ("sigmoid", ck_sigmoid, sigmoid, 20, 0, 1e-6),
        ("silu", ck_silu, { $0 * sigmoid($0) }, 20, 0.1, 1e-6),
        ("gelu tanh", ck_gelu_tanh, { 0.5 * $0 * (1 + tanh(geluAngle($0))) }, 8, 0.3, 1e-6),
        ("gelu erf", ck_gelu_erf, { $0 * normalShare($0) }, 8, 1, 1e-6),
      ]
    }

    @Test func mapsMatchTheirFormulas() {
      onEveryTable { table in
        for (name, kernel, formula, width, floor, tolerance) in Self.maps {
          for n in lengths + [4099] {
            var chance = Sequence64(UInt64(n))
            let x = chance.values(n, width)
            var y = Guarded(n)
            kernel(n, x, &y.all)
            let error = distance(y.values, x.map { formula(Double($0)) }, floor: floor)
            #expect(error <= tolerance && y.intact, "\(table) \(name) n=\(n): \(error)")
            var inPlace = Guarded(x)
            inPlace.all.withUnsafeMutableBufferPointer { kernel(n, $0.baseAddress, $0.baseAddress) }
            #expect(inPlace.values == y.values && inPlace.intact, "\(table) \(name) n=\(n) in place")
          }
        }
      }
    }

    @Test func logMatches() {
      onEveryTable { table in
        for n in lengths + [4099] {
          var chance = Sequence64(UInt64(n) + 9)
          let x = chance.values(n, 87).map { Foundation.exp($0) } + [1, 0.999_999_94, 1.000_000_1, 0x1p-140]
          var y = Guarded(x.count)
          ck_log(x.count, x, &y.all)
          let error = distance(y.values, x.map { log(Double($0)) }, floor: 1e-3)
          #expect(error <= 3e-7 && y.intact, "\(table) n=\(n): \(error)")
        }
      }
    }

    @Test func farValues() {
      onEveryTable { table in
        let x: [Float] = [
          -1e30, -.greatestFiniteMagnitude, -104, 88.8, 1e30, .greatestFiniteMagnitude, -.infinity, 88.6,
        ]
        var y = [Float](repeating: 7, count: x.count)
        ck_exp(x.count, x, &y)
        #expect(y[0] == 0 && y[1] == 0 && y[2] == 0 && y[6] == 0, "\(table) \(y)")
        for i in 3...5 { #expect(y[i].isFinite && y[i] > 3.3e38, "\(table) \(y)") }
        #expect(abs(Double(y[7]) / exp(Double(Float(88.6))) - 1) < 2e-7)
        let logs: [Float] = [0, -1, .infinity, .nan]
        var l = [Float](repeating: 7, count: 4)
        ck_log(4, logs, &l)
        #expect(l[0] == -.infinity && l[1].isNaN && l[2] == .infinity && l[3].isNaN, "\(table) \(l)")
        let far: [Float] = [-1e38, -1e10, -100, 100, 1e10, 1e38]
        let step: [Float] = [0, 0, 0, 100, 1e10, 1e38]
        for kernel in [ck_silu, ck_gelu_tanh, ck_gelu_erf] as [Map] {
          var y = [Float](repeating: 7, count: 6)
          kernel(6, far, &y)
          for i in 0..<6 { #expect(abs(y[i] - step[i]) <= 1e-6 * (1 + step[i]), "\(table) \(y)") }
        }
        for kernel in [ck_silu_curve, ck_gelu_tanh_curve, ck_gelu_erf_curve] as [Curve] {
          var y = [Float](repeating: 7, count: 6), slope = y
          kernel(6, far, &y, &slope)
          for i in 0..<6 { #expect(abs(slope[i] - (i < 3 ? 0 : 1)) < 1e-6, "\(table) \(slope)") }
        }
      }
    }

    /// A loss that has become NaN must show: no kernel turns NaN into a number.
    @Test func notANumberStays() {
      onEveryTable { table in
        let all: [Map] = [ck_exp, ck_log, ck_tanh, ck_sigmoid, ck_silu, ck_gelu_tanh, ck_gelu_erf]
        for (i, kernel) in all.enumerated() {
          let x = [Float](repeating: .nan, count: 19)
          var y = [Float](repeating: 0, count: 19)
          kernel(19, x, &y)
          #expect(y.allSatisfy { $0.isNaN }, "\(table) map \(i): \(y)")
        }
        for (i, kernel) in ([ck_silu_curve, ck_gelu_tanh_curve, ck_gelu_erf_curve] as [Curve]).enumerated() {
          let x = [Float](repeating: .nan, count: 19)
          var y = [Float](repeating: 0, count: 19), slope = y
          kernel(19, x, &y, &slope)
          #expect((y + slope).allSatisfy { $0.isNaN }, "\(table) slope \(i): \(y) \(slope)")
        }
      }
    }

    @Test func slopesMatch() {
      let density = { (x: Double) in exp(-x * x / 2) / (2 * Double.pi).squareRoot() }
      let curves: [(String, Map, Curve, (Double) -> Double)] = [
        ("silu", ck_silu, ck_silu_curve, { sigmoid($0) * (1 + $0 * (1 - sigmoid($0))) }),
        ("gelu tanh", ck_gelu_tanh, ck_gelu_tanh_curve, geluTanhSlope),
        ("gelu erf", ck_gelu_erf, ck_gelu_erf_curve, { normalShare($0) + $0 * density($0) }),
      ]
      onEveryTable { table in
        for (name, value, kernel, formula) in curves {
          for n in lengths {
            var chance = Sequence64(UInt64(n) + 5)
            let x = chance.values(n, 8)
            var alone = Guarded(n), y = Guarded(n), slope = Guarded(n)
            value(n, x, &alone.all)
            kernel(n, x, &y.all, &slope.all)
            #expect(y.values == alone.values && y.intact, "\(table) \(name) n=\(n)")
            let error = distance(slope.values, x.map { formula(Double($0)) })
            #expect(error < 1.5e-6 && slope.intact, "\(table) \(name) n=\(n): \(error)")
            var same = Guarded(x), again = Guarded(n)
            same.all.withUnsafeMutableBufferPointer { kernel(n, $0.baseAddress, &again.all, $0.baseAddress) }
            #expect(same.values == slope.values, "\(table) \(name) n=\(n) in place")
          }
        }
      }
    }

    @Test func productsMatch() {
      onEveryTable { table in
        for n in lengths {
          var chance = Sequence64(UInt64(n) + 6)
          let a = chance.values(n), b = chance.values(n)
          var y = Guarded(n)
          ck_multiply(n, a, b, &y.all)
          #expect(y.values == zip(a, b).map(*) && y.intact, "\(table) n=\(n)")
        }
      }
    }
  }
}
