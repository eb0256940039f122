import Engine
import Networks
import Options
import Training

extension Functions {
  /// What happens at a place, on the batch that the next step will use.
  static var ofPlaces: [Function] {
    [
      Function("act(place)", "What a site gives: [rows, time, width].", sites: true) { call in
        let (subject, site) = try call.site()
        let trace = Trace { $0 === site }
        _ = try Loss(subject.model, subject.batch(), Pass(trace: trace))
        guard let y = trace.outputs[site.name] else {
          throw Failure("\(site.name) did not run on this batch.")
        }
        return .tensor(y.plain, nil)
      },
      Function(
        "attn(place)", "Attention probabilities [rows, heads, queries, keys] of an attention site.",
        sites: true
      ) { call in
        let (subject, site) = try call.site()
        let trace = Trace { $0 === site }
        _ = try Loss(subject.model, subject.batch(), Pass(trace: trace))
        guard let p = trace.attention[site.name] else {
          throw Failure("\(site.name) is not an attention site.", cure: "For example attn(blocks.0.attn)")
        }
        return .tensor(p, nil)
      },
      Function(
        "gate(place)", "How far a gate lets image values in: [image tokens of the batch, heads].", sites: true
      ) { call in
        let (subject, site) = try call.site()
        guard let found = try Gates(subject, only: site).open.first else {
          throw Failure("\(site.name) has no gate.", cure: "For example gate(blocks.0.attn.v)")
        }
        return .tensor(found.values, nil)
      },
      Function("looks(place)", "The share of attention that text pays to image tokens there.", sites: true) {
        call in
        let (subject, site) = try call.site()
        guard let found = try Gates(subject).mass.first(where: { $0.site === site }) else {
          throw Failure("\(site.name) is not an attention site.", cure: "For example looks(blocks.0.attn)")
        }
        return .number(found.share)
      },
      Function(
        "grad(w)", "The gradient of the loss for a parameter, or for a part of one; 0 where none reaches it."
      ) { call in
        let (place, shape) = try parameter(call)
        let all = try gradient(place)
        guard let indices = place.indices else { return .tensor(all, nil) }
        let values = all.scalars
        return .tensor(try Tensor(shape, indices.map { values[$0] }), nil)
      },
      Function(
        "fd(w)",
        "The same by central differences of the loss: (loss(w + h) − loss(w − h))/2h, at most 256 numbers."
      ) { call in
        let (place, shape) = try parameter(call)
        return .tensor(try Tensor(shape, try differences(place)), nil)
      },
    ]
  }

  private static func parameter(_ call: FunctionCall) throws -> (place: Value.Place, shape: [Int]) {
    guard case .tensor(let t, let place?) = call.arguments[0],
      place.subject.model.parameter(place.name) != nil
    else {
      throw Failure(
        "this needs a parameter by name, such as blocks.0.attn.q.lora.B, or a part of one: …B[0,:]")
    }
    return (place, t.shape)
  }

  private static func gradient(_ place: Value.Place) throws -> Tensor {
    let model = place.subject.model
    guard let parameter = model.parameter(place.name) else { throw Failure("there is no \(place.name).") }
    let tape = Tape()
    let loss = try place.subject.loss(Pass(tape: tape))
    return try tape.gradients(of: loss.loss)[parameter.value] ?? .zeros(parameter.shape)
  }

  private static func differences(_ place: Value.Place) throws -> [Float] {
    let subject = place.subject
    guard let parameter = subject.model.parameter(place.name) else {
      throw Failure("there is no \(place.name).")
    }
    let indices = place.indices ?? Array(0..<parameter.count)
    guard indices.count <= 256 else {
      throw Failure(
        "differences for \(indices.count) numbers take \(2 * indices.count) forward passes.",
        cure: "Take a part: fd(\(place.name)[0,:])")
    }
    let value = parameter.value, numbers = value.scalars, batch = try subject.batch()
    defer { parameter.value = value }
    func total(_ i: Int, _ x: Float) throws -> Double {
      var changed = numbers
      changed[i] = x
      parameter.value = try Tensor(value.shape, changed)
      let loss = try Loss(subject.model, batch, Pass())
      return loss.each.reduce(0.0) { $0 + Double($1) } / Double(max(loss.each.count, 1))
    }
    return try indices.map { i in
      let h = Float(1e-2) * max(1, abs(numbers[i]))
      let (up, down) = (numbers[i] + h, numbers[i] - h)
      return Float((try total(i, up) - total(i, down)) / Double(up - down))
    }
  }
}
