import Engine
import Options

extension Functions {
  /// Numbers in four bits, and numbers to try them on.
  static var ofCodes: [Function] {
    [
      Function(
        "quant(x, \"nf4\", 64)",
        "x packed into four bits and unpacked again: by a code (nf4 fp4 int4 e2m1), in blocks.", 1...3
      ) { call in
        let name = call.arguments.count > 1 ? try call.text(1) : "nf4"
        guard let code = FourBitCode(rawValue: name) else {
          throw unknown("code", name, among: FourBitCode.allCases.map(\.rawValue))
        }
        let block = call.arguments.count > 2 ? try whole(call, 2, in: 1...65_536) : 64
        let form = FourBit.Form(code, block: block, double: false)
        return .tensor(try form.packed(call.tensor()).packed(as: .f32), nil)
      },
      Function("codes(place)", "The codes of a packed weight, 0 to 15, in its shape.", sites: true) { call in
        let site = try call.site().site
        guard let weight = site.weight, let codes = weight.value.codes else {
          throw Failure("\(site.name) has no packed weight.", cure: "quantize, or attach qlora, packs it")
        }
        return .tensor(try Tensor(weight.shape, codes.map { Float($0) }), nil)
      },
      Function(
        "normal(rows, columns)", "Normal numbers of mean 0 and deviation 1; always the same ones.", 1...2
      ) {
        call in
        let shape = try shape(call)
        return .tensor(call.session.chance.normal(shape, purpose: "normal \(shape)"), nil)
      },
      Function("uniform(rows, columns)", "Numbers spread evenly from −1 to 1; always the same ones.", 1...2) {
        call in
        let shape = try shape(call)
        return .tensor(call.session.chance.uniform(shape, -1, 1, purpose: "uniform \(shape)"), nil)
      },
      Function("outliers(x, 8, 64)", "x with one number of every 64 made 8 times as large.", 1...3) { call in
        let x = try call.tensor(), factor = call.arguments.count > 1 ? Float(try call.number(1)) : 8
        let step = call.arguments.count > 2 ? try whole(call, 2, in: 1...1_000_000) : 64
        var numbers = x.scalars
        for i in stride(from: 0, to: numbers.count, by: step) { numbers[i] *= factor }
        return .tensor(try Tensor(x.shape, numbers), nil)
      },
    ]
  }

  private static func whole(_ call: FunctionCall, _ i: Int, in range: ClosedRange<Int>) throws -> Int {
    let x = try call.number(i)
    guard let n = Int(exactly: x), range.contains(n) else {
      throw Failure("this needs a whole number from \(range.lowerBound) to \(range.upperBound), not \(x).")
    }
    return n
  }

  private static func shape(_ call: FunctionCall) throws -> [Int] {
    let shape = try call.arguments.indices.map { try whole(call, $0, in: 1...4096) }
    return shape.count == 1 ? [1, shape[0]] : shape
  }
}
