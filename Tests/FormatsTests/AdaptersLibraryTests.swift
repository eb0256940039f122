import Data
import Engine
import FileSystem
import Methods
import Networks
import Options
import TestSupport
import Testing

@testable import Formats

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Both directions of exchange with the `adapters` library.
@Suite struct AdaptersLibraryTests {
  private static let folder = Path.join(golden, "adapters")
  private static let names = ["houlsby", "pfeiffer", "parallel", "tanh"]

  private static func base(_ kind: String) throws -> Model {
    try BaseFolder(Path.join(folder, kind), chance: Engine.Chance(seed: 0)).model
  }

  /// Logits on the ids, or on two pictures that a formula draws.
  private static func answer(_ model: Model) throws -> Tensor {
    guard model.architecture.type == "vit" else { return try logits(model, ids()) }
    let pixels = (0..<128).map { Float(sin(0.37 * Double($0))) }
    return try model.logits(Input(pixels: Tensor([2, 1, 8, 8], pixels)), Pass())
  }

  private static func ids() throws -> [[Int]] {
    let rows = try JSON.read(Path.join(folder, "ids.json"), files: .disk).asArray
    return try #require(rows).map { try #require($0.asArray).compactMap(\.asInteger) }
  }

  /// What Python wrote (Scripts/adapters_parity.py) gives Python's logits.
  @Test(arguments: ["gpt2", "bert", "vit"], names) func readsWhatPythonWrote(kind: String, name: String)
    throws
  {
    let model = try Self.base(kind)
    let loaded = try AdapterFiles.read(Path.join(Self.folder, "\(kind)-\(name)"), onto: model)
    #expect(loaded.report.unexpected.isEmpty && loaded.report.warning == nil)
    #expect(loaded.report.difference > 0.01)
    let expected = try Safetensors(Path.join(Self.folder, "logits.safetensors"))
    let wanted = try expected.tensor(named: "\(kind)-\(name)")
    let difference = try Self.answer(model).largestDifference(from: wanted)
    #expect(difference < 1e-4)
    let method = try #require(loaded.attachment.method as? Adapter)
    #expect(method.like == .adapters && method.kind.rawValue == (name == "tanh" ? "houlsby" : name))
    #expect(loaded.attachment.edits.count == ["houlsby": 4, "pfeiffer": 1, "parallel": 2, "tanh": 2][name])
  }

  @Test(arguments: names) func whatWasReadIsWrittenAlike(name: String) throws {
    try withScratch { scratch in
      let model = try Self.base("gpt2"), from = Path.join(Self.folder, "gpt2-\(name)")
      let loaded = try AdapterFiles.read(from, onto: model, name: name)
      let written = try AdapterFiles.write(loaded.attachment, of: model, to: scratch + "/out")
      #expect(written.tensors.count == loaded.report.matched.count)
      for file in [AdapterFolder.configName, LibraryFiles.weightsName] {
        #expect(try DiskFiles().exists(Path.join(scratch + "/out", file)))
      }
      let old = try JSON.read(Path.join(from, AdapterFolder.configName), files: .disk).asObject
      let new = try JSON.read(Path.join(scratch + "/out", AdapterFolder.configName), files: .disk).asObject
      for member in new?["config"]?.asObject?.members ?? [] {
        let was = old?["config"]?.asObject?[member.key]
        #expect(was == member.value || was?.asNumber == member.value.asNumber, "\(member.key)")
      }
      #expect(Set(old?.members.map(\.key) ?? []) == Set(new?.members.map(\.key) ?? []))
      let again = try Self.base("gpt2")
      _ = try AdapterFiles.read(scratch + "/out", onto: again)
      let ids = try Self.ids()
      #expect(try logits(again, ids).hash() == logits(model, ids).hash())
    }
  }

  /// Any bottleneck becomes a factor from which the library makes it again.
  @Test func factorsGiveTheBottleneckBack() throws {
    let model = try Self.base("gpt2")
    for width in 1...40 {
      var method = Adapter()
      (method.width, method.like) = (width, .adapters)
      let one = try Attachment(method, to: model, name: "a")
      try withScratch { scratch in
        try AdapterFiles.write(one, of: model, to: scratch + "/out")
        try one.detach(from: model)
        let read = try AdapterFiles.read(scratch + "/out", onto: model).attachment
        #expect(read.parameters.first?.shape == [width, 16])
        try read.detach(from: model)
      }
    }
  }

  /// A classification's head goes along in files of its own.
  @Test func headsGoAlong() throws {
    let model = try Self.base("bert")
    var method = Adapter()
    method.like = .adapters
    let it = try Attachment(method, to: model, name: "it")
    #expect(it.head.count == 2)
    for parameter in it.parameters + it.head { parameter.value = try parameter.value.shifted(by: 0.2) }
    try withScratch { scratch in
      try AdapterFiles.write(it, of: model, to: scratch + "/out")
      let other = try Self.base("bert"), start = try Self.answer(other).hash()
      let loaded = try AdapterFiles.read(scratch + "/out", onto: other)
      #expect(loaded.report.matched.count == 16 + 2 && loaded.report.notes.isEmpty)
      #expect(try Self.answer(other).hash() == Self.answer(model).hash())
      try loaded.attachment.detach(from: other)
      #expect(try Self.answer(other).hash() == start)
      // Without it the model's own head stays, and does not train.
      for name in ["model_head.safetensors", "head_config.json"] {
        try DiskFiles().remove(Path.join(scratch + "/out", name))
      }
      #expect(try AdapterFiles.read(scratch + "/out", onto: other).attachment.head.isEmpty)
    }
  }

  // MARK: What cannot be

  @Test(arguments: [
    ("use_gating", "true"), ("ln_before", "true"), ("ln_after", "true"), ("phm_layer", "true"),
    ("original_ln_after", "false"), ("residual_before_ln", "false"), ("residual_before_ln", "\"post_add\""),
    ("stochastic_depth", "0.1"), ("inv_adapter", "\"nice\""), ("scaling", "\"learned\""),
    ("reduction_factor", "0"), ("reduction_factor", "{\"1\": 8, \"default\": 16}"), ("dropout", "2"),
    ("reduction_factor", "1e-3"), ("non_linearity", "\"leakyrelu\""), ("architecture", "\"lora\""),
    ("leave_out", "[0, 1]"), ("reduction_factor", "100"),
  ])
  func settingsThatCannotBeHeld(key: String, value: String) throws {
    let model = try Self.base("gpt2"), before = model.sites.map(\.name)
    let failure = try refusal(model) { config in
      guard var settings = config["config"]?.asObject else { return }
      settings[key] = try JSON.parse(value, name: "test")
      config["config"] = .object(settings)
    }
    let names = [key, key == "architecture" ? "lora" : key, key == "reduction_factor" ? "reduction" : key]
    #expect(names.contains { failure.description.contains($0) }, "\(failure)")
    #expect(model.attachments.isEmpty && model.sites.map(\.name) == before)
    #expect(model.sites.allSatisfy { $0.isPlain(Pass()) })
  }

  @Test func othersBasesAndPickles() throws {
    let model = try Self.base("gpt2")
    #expect(try refusal(model) { $0["model_type"] = "bert" }.what.contains("bert"))
    #expect(try refusal(model) { $0["hidden_size"] = 32 }.what.contains("32"))
    #expect(try refusal(model) { $0["config"] = .object(["mh_adapter": false]) }.description.contains("relu"))
    try withScratch { scratch in
      let from = Path.join(Self.folder, "gpt2-houlsby"), config = AdapterFolder.configName
      let text = try DiskFiles().text(of: Path.join(from, config))
      try DiskFiles().write(Path.join(scratch, config), text: text)
      try DiskFiles().write(Path.join(scratch, "pytorch_adapter.bin"), text: "x")
      let failure = #expect(throws: Failure.self) { _ = try AdapterFiles.read(scratch, onto: model) }
      #expect(failure?.what.contains("pickle") == true)
      #expect(failure?.details.joined().contains("use_safetensors=True") == true)
    }
  }

  /// Norms that moved have no place in the library's files: said, not lost.
  @Test func trainedNormsAreNotLost() throws {
    let model = try Self.base("gpt2")
    let it = try Attachment(Adapter(), to: model, name: "it")
    try withScratch { try AdapterFiles.write(it, of: model, to: $0 + "/out") }
    let norm = try #require(model.parameter("blocks.0.norm1.weight"))
    norm.value = try norm.value.shifted(by: 0.1)
    try withScratch { scratch in
      let failure = #expect(throws: Failure.self) {
        try AdapterFiles.write(it, of: model, to: scratch + "/out")
      }
      #expect(failure?.what.contains("blocks.0.norm1.weight") == true)
      #expect(failure?.cure.contains("like=adapters") == true && failure?.cure.contains("own") == true)
    }
    // Graft's own files hold them.
    try withScratch { scratch in
      let written = try AdapterFiles.write(it, of: model, to: scratch + "/out", isOwn: true)
      #expect(written.tensors.count == 16 + 1)
      let other = try Self.base("gpt2"), bits = other.parameters.map { $0.value.hash() }
      let read = try AdapterFiles.read(scratch + "/out", onto: other, name: "mine").attachment
      #expect(try logits(other, Self.ids()).hash() == logits(model, Self.ids()).hash())
      try read.detach(from: other)
      #expect(other.parameters.map { $0.value.hash() } == bits)
    }
    let lopsided = try Self.base("gpt2")
    var placement = Attachment.Placement()
    placement.on = ["blocks.0.attn.add", "mlp.add"]
    let other = try Attachment(Adapter(), to: lopsided, name: "it", placement: placement)
    #expect(throws: Failure.self) { try AdapterFiles.write(other, of: lopsided, to: "/nowhere") }
  }

  /// What no library has a form for goes to files of our own, and comes back under any name.
  @Test func ssfHasFilesOfItsOwn() throws {
    let model = try Self.base("gpt2")
    var method = SSF(), placement = Attachment.Placement()
    method.`init` = .identity
    (placement.on, placement.layers) = (["mlp.up", "norm1"], [1])
    let ssf = try Attachment(method, to: model, name: "ssf", placement: placement)
    for parameter in ssf.parameters { parameter.value = try parameter.value.shifted(by: 0.3) }
    try withScratch { scratch in
      let path = scratch + "/out"
      let written = try AdapterFiles.write(ssf, of: model, to: path)
      #expect(written.tensors.map(\.key).contains("blocks.1.mlp.up.scale"))
      #expect(written.notes.joined().contains("no form for ssf"))
      let other = try Self.base("gpt2"), loaded = try AdapterFiles.read(path, onto: other, name: "again")
      #expect(loaded.report.matched.count == 4 && loaded.report.unexpected.isEmpty)
      #expect(loaded.attachment.placement == placement)
      #expect(try logits(other, Self.ids()).hash() == logits(model, Self.ids()).hash())
      // Changed files: each is refused by name, and nothing stays attached.
      for (from, to) in [
        ("\"ssf\"", "\"sff\""), ("mlp.up", "mlp.upp"), ("form 1", "form 9"), ("gpt2", "bert"),
      ] {
        let model = try Self.base("gpt2"), config = Path.join(path, OwnFiles.configName)
        let text = try DiskFiles().text(of: config)
        try DiskFiles().write(config, text: text.replacing(from, with: to))
        #expect(throws: Failure.self, "\(from)") { _ = try AdapterFiles.read(path, onto: model) }
        #expect(model.attachments.isEmpty)
        try DiskFiles().write(config, text: text)
      }
    }
    try ssf.fold(model)
    #expect(throws: Failure.self) { try AdapterFiles.write(ssf, of: model, to: "/nowhere") }
  }

  /// A folder like the golden one, with its configuration changed; the error of reading it.
  private func refusal(_ model: Model, _ change: (inout JSON.Object) throws -> Void) throws -> Failure {
    let from = Path.join(Self.folder, "gpt2-houlsby"),
      names = [AdapterFolder.configName, LibraryFiles.weightsName]
    var found = Failure("nothing was thrown")
    try withScratch { scratch in
      let read = try JSON.read(Path.join(from, names[0]), files: .disk).asObject
      var config = try #require(read)
      try change(&config)
      let tensors = try Safetensors(Path.join(from, names[1]))
      let parts = try tensors.entries.map { Safetensors.Part($0.name, try tensors.tensor($0)) }
      try DiskFiles().write(Path.join(scratch, names[0]), text: JSON.object(config).text())
      try Safetensors.write(parts, to: Path.join(scratch, names[1]))
      do { _ = try AdapterFiles.read(scratch, onto: model) } catch let failure as Failure { found = failure }
    }
    return found
  }

  // MARK: For Python

  /// Writes what Scripts/adapters_parity.py opens in Python; does nothing unless that script asks for it.
  @Test func writesForPython() throws {
    guard let variable = getenv("GRAFT_ADAPTERS_DIR") else { return }
    let folder = String(cString: variable), ids = try Self.ids()
    var results: [Safetensors.Part] = []
    for kind in ["gpt2", "bert", "vit"] {
      let base = try Self.base(kind)
      try BaseFolder.write(base, to: Path.join(folder, kind))
      results.append(.init(kind, try Self.answer(base)))
      for name in Adapter.Kind.allCases {
        for (label, like) in [("", Adapter.Like.adapters), ("-paper", .paper)] {
          let model = try Self.base(kind)
          var method = Adapter()
          (method.kind, method.like) = (name, like)
          if like == .paper { (method.width, method.scale) = (7, 2) }
          var placement = Attachment.Placement()
          if like == .paper { placement.layers = [1] }
          let it = try Attachment(method, to: model, name: "it.\(name)", placement: placement)
          for parameter in it.parameters + it.head {
            let noise = Engine.Chance(seed: 4).normal(
              parameter.shape, deviation: 0.4, purpose: parameter.name)
            parameter.value = try parameter.value + noise
          }
          try AdapterFiles.write(it, of: model, to: Path.join(folder, "\(kind)-\(name)\(label)"))
          results.append(.init("\(kind)-\(name)\(label)", try Self.answer(model)))
        }
      }
    }
    try Safetensors.write(results, to: Path.join(folder, "logits.safetensors"))
    let rows = JSON.array(ids.map { .array($0.map { .integer($0) }) })
    try DiskFiles().write(Path.join(folder, "record.json"), text: JSON.object(["ids": rows]).text())
  }
}
