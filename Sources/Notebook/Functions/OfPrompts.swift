import Engine
import Networks
import Options
import Training

extension Functions {
  /// What methods put before or into a text.
  static var ofPrompts: [Function] {
    [
      Function("vectors(@m)", "The vectors that methods put into the text at the entry: [n, width].", 0...1) {
        call in
        .tensor(try vectors(call.model().subject.model), nil)
      },
      Function(
        "mass(place)",
        "The share of attention that added keys draw at a site, on the batch of the next step.",
        sites: true
      ) { call in
        let (subject, site) = try call.site(), trace = Trace { $0 === site }
        let batch = try subject.batch()
        _ = try LanguageLoss(subject.model, batch, Pass(trace: trace))
        guard site.kind == .attention else {
          throw Failure("\(site.name) is not an attention site.", cure: "For example mass(blocks.0.attn)")
        }
        let keep = site.stack == .decoder ? batch.written?.keep : batch.keep
        return .number(AddedMass(site, trace, keep?.map { $0.map(UInt8.init) })?.mean ?? 0)
      },
      Function(
        "influence(w)",
        "How far each vector of a prompt moves when a row of a parameter is nudged: [rows, vectors]."
      ) { call in
        guard case .tensor(_, let place?) = call.arguments[0],
          let parameter = place.subject.model.parameter(place.name), place.indices == nil,
          parameter.shape.count == 2
        else {
          throw Failure("this needs a matrix by name.", cure: "For example influence(ptuning.E)")
        }
        return .tensor(try influence(of: parameter, place.subject.model), nil)
      },
    ]
  }

  private static func vectors(_ model: Model) throws -> Tensor {
    guard let found = try model.addedVectors(Pass()) else {
      throw Failure("no method puts vectors into the text.", cure: "attach prompt n=4")
    }
    return found
  }

  /// ‖Δ vector j‖ / ‖Δ row i‖, for a small step of row i in which all its numbers grow alike.
  private static func influence(of parameter: Parameter, _ model: Model) throws -> Tensor {
    let value = parameter.value, numbers = value.scalars, width = value.width,
      before = try vectors(model).scalars
    defer { parameter.value = value }
    let size = Float(0.01)
    var out: [Float] = []
    for i in 0..<value.shape[0] {
      var changed = numbers
      for j in 0..<width { changed[i * width + j] += size }
      parameter.value = try Tensor(value.shape, changed)
      let after = try vectors(model), n = after.shape[0], moved = after.scalars
      for j in 0..<n {
        let squares = (0..<after.width).reduce(0.0) { sum, k in
          let d = Double(moved[j * after.width + k] - before[j * after.width + k])
          return sum + d * d
        }
        out.append(Float(squares.squareRoot()) / (size * Float(width).squareRoot()))
      }
    }
    return try Tensor([value.shape[0], out.count / value.shape[0]], out)
  }
}
