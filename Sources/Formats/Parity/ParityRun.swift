import Engine
import FileSystem
import Methods
import Networks
import Options

/// Our numbers against those that torch, transformers and peft wrote into a folder.
public enum Parity {
  /// Checks a folder; `each` hears of every case as it ends. Throws only where there is nothing to check.
  public static func check(
    _ path: String, files: any Files = .disk, interrupt: Interrupt? = nil,
    each: (ParityCase) -> Void = { _ in }
  ) throws -> ParityReport {
    let folder = try ParityFolder(path, files: files)
    var report = ParityReport()
    for architecture in folder.architectures {
      func add(_ result: ParityCase) {
        report.cases.append(result)
        each(result)
      }
      do {
        let run = try ParityRun(architecture, folder.batch, files)
        if run.base.verdict != .passed { add(run.base) }
        for name in architecture.cases {
          if interrupt?.isRaised == true { return report }
          add(run.check(name))
        }
        for (name, why) in architecture.skipped {
          var result = ParityCase(architecture: architecture.name, name: name)
          (result.verdict, result.reason) = (.skipped, "the reference library cannot run it: \(why)")
          add(result)
        }
      } catch {
        let verdict: ParityCase.Verdict = (error as? Unknown) == nil ? .failed : .skipped
        for name in architecture.cases.isEmpty ? ["base"] : architecture.cases {
          var result = ParityCase(architecture: architecture.name, name: name)
          (result.verdict, result.reason) = (verdict, reason(error))
          add(result)
        }
      }
    }
    return report
  }

  /// Something that Graft does not have: the case is skipped and does not fail.
  struct Unknown: Error { let what: String }

  static func reason(_ error: any Error) -> String {
    switch error {
    case let error as Unknown: return error.what
    case let error as Failure: return error.what
    default: return "\(error)"
    }
  }
}

/// The cases of one model.
struct ParityRun {
  let architecture: ParityFolder.Architecture
  let files: any Files
  let model: Model
  let forward: ParityForward
  /// The model alone.
  private(set) var base: ParityCase

  /// Opens the model and runs it alone; throws `Unknown` for an architecture that Graft does not have.
  init(_ architecture: ParityFolder.Architecture, _ batch: ParityBatch, _ files: any Files) throws {
    self.architecture = architecture
    self.files = files
    let type = try HuggingFaceFolder(architecture.base, files: files).kind
    if case .base(let type) = type, BaseForms.named(type) == nil {
      throw Parity.Unknown(what: "Graft has no architecture \(shown(type)).")
    }
    model = try BaseFolder(architecture.base, chance: Chance(seed: 0), files: files).model
    let expected = try? Safetensors(Path.join(architecture.base, ParityFolder.expectedName), files: files)
    let pixels = try expected.flatMap { file in try file["pixel_values"].map { try file.tensor($0) } }
    forward = ParityForward(model: model, batch: batch, pixels: pixels)
    base = ParityCase(architecture: architecture.name, name: "base")
    base = checkedBase()
  }

  private func checkedBase() -> ParityCase {
    var result = base
    result.settle { checks in
      let path = Path.join(architecture.base, ParityFolder.expectedName)
      try compare(forward(), with: Safetensors(path, files: files), &checks)
    }
    return result
  }

  /// Checks a case. The model is afterwards as it was.
  func check(_ name: String) -> ParityCase {
    var result = ParityCase(architecture: architecture.name, name: name)
    let state = model.state
    defer { model.restore(state) }
    result.settle { checks in
      let folder = Path.join(architecture.path, name)
      let adapter = try AdapterFolder(folder, files: files)
      try checkKnown(adapter)
      try checkLive(adapter, &checks)
      model.restore(state)
      try checkSaved(folder, &checks)
    }
    return result
  }

  /// Throws `Unknown` where Graft has no method of this type, or none that holds these settings.
  private func checkKnown(_ folder: AdapterFolder) throws {
    let settings = AdapterSettings(folder)
    func leftovers<M: TuningMethod>(_ method: M) throws {
      if let form = M.foreign { _ = try settings.leftovers(of: form) }
    }
    do {
      let method = try settings.method()
      try leftovers(method)
    } catch let failure as Failure {
      let file = "\(shown(settings.path)): "
      let what = failure.what.hasPrefix(file) ? String(failure.what.dropFirst(file.count)) : failure.what
      throw Parity.Unknown(what: what)
    }
  }

  private func checkLive(_ folder: AdapterFolder, _ checks: inout [ParityCheck]) throws {
    let attachment = try AdapterFiles.attachLive(folder, to: model, name: "parity")
    let live = try AdapterFiles.live(attachment)
    try LiveValues.fill(live, from: Safetensors(Path.join(folder.path, ParityFolder.startName), files: files))
    let expected = try Safetensors(Path.join(folder.path, ParityFolder.expectedName), files: files)

    let tape = Tape(), result = try forward(tape)
    try compare(result, with: expected, &checks)
    let gradients = try tape.gradients(of: result.loss)
    let pairs = try live.map { tensor in
      let reference = try LiveValues.value(of: tensor, expected.tensor(named: "grad." + tensor.key))
      return (tensor.key, try tensor.joined { gradients[$0.value] ?? .zeros($0.shape) }, reference)
    }
    let largest = pairs.map { $0.2.scalars.reduce(0) { max($0, abs($1)) } }.max() ?? 0
    for (key, own, reference) in pairs {
      checks.append(
        try ParityCheck(
          .gradient, name: key, own: own.scalars, reference: reference.scalars, scale: Double(largest)))
    }
    try checkResiduals(attachment, expected, &checks)
    if expected["logits_merged"] != nil {
      try attachment.fold(model)
      let merged = try forward()
      try compare(.merged, merged.logits, rows: merged.compared, "logits_merged", expected, &checks)
      try attachment.unfold(model)
    }
    let trace = try expected.tensor(named: "loss_trace")
    let losses = try forward.trace(steps: max(0, min(trace.count, 1000) - 1))
    checks.append(try ParityCheck(.trace, own: losses, reference: trace.scalars))
  }

  /// PiSSA's base, which is what of W the factors leave over.
  private func checkResiduals(
    _ attachment: Attachment, _ expected: Safetensors, _ checks: inout [ParityCheck]
  ) throws {
    for name in expected.names where name.hasPrefix("residual.") {
      let module = ParityRun.module(ofResidual: name)
      guard let (site, edit) = attachment.edits.first(where: { $0.site.foreignName == module }),
        let weight = site.matrix, let base = try edit.base?(weight, Pass())
      else { throw Failure("\(name): nothing of ours stands in for that weight.") }
      let isTurned = model.architecture.row(site.name)?.isTransposed == true
      let value = try expected.tensor(named: name)
      let reference = isTurned ? try value.transposed() : value
      guard reference.shape == base.shape else {
        throw Failure("\(name) is \(value.shape), and the weight is \(base.shape).")
      }
      checks.append(
        try ParityCheck(.residual, name: module, own: base.scalars, reference: reference.scalars))
    }
  }

  /// `residual.base_model.model.h.0.c_attn.base_layer.weight`, or less of that: the module's name is what counts.
  private static func module(ofResidual name: String) -> String {
    var text = name.dropFirst("residual.".count)
    if text.hasPrefix("base_model.model.") { text = text.dropFirst("base_model.model.".count) }
    for ending in [".weight", ".base_layer"] where text.hasSuffix(ending) {
      text = text.dropLast(ending.count)
    }
    return String(text)
  }

  /// The file that peft saved must do the same.
  private func checkSaved(_ folder: String, _ checks: inout [ParityCheck]) throws {
    _ = try AdapterFiles.read(folder, onto: model, name: "parity", files: files)
    let expected = try Safetensors(Path.join(folder, ParityFolder.expectedName), files: files)
    let result = try forward()
    try compare(.saved, result.logits, rows: result.compared, "logits", expected, &checks)
  }

  private func compare(
    _ result: ParityForward.Result, with expected: Safetensors, _ checks: inout [ParityCheck]
  ) throws {
    try compare(.logits, result.logits, rows: result.compared, "logits", expected, &checks)
    try compare(.loss, result.loss, "loss", expected, &checks)
  }

  private func compare(
    _ kind: ParityCheck.Kind, _ own: Tensor, rows: [Int]? = nil, _ name: String, _ expected: Safetensors,
    _ checks: inout [ParityCheck]
  ) throws {
    let reference = try expected.tensor(named: name)
    guard own.shape == reference.shape || own.count == 1 && reference.count == 1 else {
      throw Failure("\(name) should be \(reference.shape), and is \(own.shape).")
    }
    func numbers(_ x: Tensor) throws -> [Float] {
      guard let rows, x.width > 0 else { return x.scalars }
      return try x.plain.reshaped([x.rows, x.width]).gather(rows).scalars
    }
    checks.append(try ParityCheck(kind, own: numbers(own), reference: numbers(reference)))
  }
}

extension ParityCase {
  init(architecture: String, name: String) { (self.architecture, self.name) = (architecture, name) }

  /// Runs the comparisons and says how the case ended.
  fileprivate mutating func settle(_ compare: (inout [ParityCheck]) throws -> Void) {
    do {
      try compare(&checks)
      guard let worst = checks.first(where: { !$0.passed }) else { return }
      verdict = .failed
      let name = worst.name.isEmpty ? "" : " of \(worst.name)"
      reason = "\(worst.kind.rawValue)\(name) differs by \(worst.difference), allowed \(worst.allowed)"
    } catch let error as Parity.Unknown {
      (verdict, reason) = (.skipped, error.what)
    } catch { (verdict, reason) = (.failed, Parity.reason(error)) }
  }
}
