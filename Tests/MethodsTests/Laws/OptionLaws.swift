import Foundation
import Methods
import Options
import Testing

@testable import Networks

/// Options are whole and honest, and the count of numbers follows from them.
struct OptionLaws {
  @Test(arguments: Methods.names) func rowsReadBackWhatTheyWrite(name: String) throws {
    func check<M: TuningMethod>(_ type: M.Type) throws {
      #expect(Set(M.options.map(\.name)).count == M.options.count)
      for row in M.options {
        #expect(!row.help.isEmpty)
        let start = row.read(M())
        let others = row.others(than: start).filter { value in
          var method = M()
          return (try? row.write(&method, value)) != nil
        }
        #expect(!others.isEmpty, "no other value than \(start) can be written to \(row.name)")
        for value in others + [start] {
          var method = M()
          try row.write(&method, value)
          #expect(row.read(method) == value, "\(row.name)=\(value) reads back as \(row.read(method))")
        }
        var method = M()
        let failure = #expect(throws: Failure.self) { try row.write(&method, row.rubbish) }
        #expect(failure?.what.contains(row.name) == true)
      }
    }
    try check(Methods.named(name))
  }

  /// Every stored property but the private ones is moved by some row.
  @Test(arguments: Methods.names) func everyPropertyHasARow(name: String) throws {
    func check<M: TuningMethod>(_ type: M.Type) throws {
      let source = try String(
        contentsOf: CatalogTests.folder.appendingPathComponent("\(type).swift"), encoding: .utf8)
      let start = properties(M())
      var moved: Set<String> = []
      for row in M.options {
        for value in row.others(than: row.read(M())) {
          var method = M()
          guard (try? row.write(&method, value)) != nil else { continue }
          let after = properties(method)
          moved.formUnion(start.keys.filter { after[$0] != start[$0] })
        }
      }
      for property in start.keys.sorted() where !moved.contains(property) {
        let isPrivate =
          source.contains("private var \(property)") || source.contains("private let \(property)")
        #expect(isPrivate, "\(type).\(property) has no row in options")
      }
    }
    try check(Methods.named(name))
  }

  private func properties(_ method: some TuningMethod) -> [String: String] {
    let children = Mirror(reflecting: method).children
    return Dictionary(uniqueKeysWithValues: children.map { ($0.label ?? "", String(describing: $0.value)) })
  }

  /// The count from widths and options alone is the count of the attachment's numbers, whatever the options.
  @Test(arguments: Tried.all) func countsFromWidthsAlone(_ tried: Tried) throws {
    func check<M: TuningMethod>(_ type: M.Type) throws {
      try compare(M.self, tried.model, nil)
      for row in M.options {
        for value in row.others(than: row.read(M())) {
          try compare(M.self, tried.model, (row.name, value))
        }
      }
    }
    try check(Methods.named(tried.method))
  }

  private func compare<M: TuningMethod>(
    _ type: M.Type, _ tiny: TinyModel, _ change: (name: String, value: OptionValue)?
  ) throws {
    let model = try tiny.random()
    var method = M()
    guard (try? M.options.write(change.map { [$0] } ?? [], into: &method, of: M.card.name)) != nil else {
      return
    }
    // An option may not fit this model; what is attached is counted.
    guard let attachment = try? Attachment(method, to: model, name: "it") else {
      return #expect(change != nil, "default options do not fit")
    }
    let sites = try Attachment.sites(for: attachment.method, attachment.placement, in: model)
    let count = attachment.method.count(at: sites)
    let added = attachment.parameters.reduce(0) { $0 + $1.count }
    // What is kept to measure from is added too, and never trains.
    let own = attachment.parameters.filter { !$0.isFixed }.reduce(0) { $0 + $1.count }
    #expect(count == own, "\(change.map { "\($0.name)=\($0.value)" } ?? "defaults")")
    let declared = model.directory.parameters.filter { attachment.claims($0) }.reduce(own) { $0 + $1.count }
    #expect(model.trainableCount == (attachment.method.isFixed ? declared - own : declared))
    #expect(model.count == model.baseCount + added)
  }

  /// The tensors that `peft`'s form speaks of are there.
  @Test(arguments: Tried.all) func foreignTensorsExist(_ tried: Tried) throws {
    func check<M: TuningMethod>(_ type: M.Type) throws {
      guard let form = M.foreign else { return }
      let model = try tried.model.random(), attachment = try model.attach(tried.method)
      // A file holds results: what is left of a method with an encoder.
      let leaves = Set(try (attachment.settled(of: model) ?? attachment).parameters.map(\.leaf))
      for tensor in form.tensors {
        #expect(leaves.isSuperset(of: tensor.leaves), "\(tensor.leaves) → \(tensor.key)")
      }
      guard !form.isPerSite, form.refuses(try #require(attachment.method as? M)) == nil else { return }
      let method = try #require(attachment.method as? M), live = attachment.foreignTensors(form.live(method))
      let named = Set(live.flatMap(\.parameters).map(\.name))
      #expect(named == Set(attachment.parameters.map(\.name)), "what trains has a name in Python")
      #expect(Set(live.map(\.key)).count == live.count)
      #expect(Set(form.keys.map(\.key)).count == form.keys.count)
    }
    try check(Methods.named(tried.method))
  }
}

extension Option {
  /// Values worth trying, other than the present one; not all need be allowed.
  func others(than value: OptionValue) -> [OptionValue] {
    let tries: [OptionValue]
    switch kind {
    case .integer: tries = [1, 2, 3, 5].map { .integer($0) }
    case .number: tries = [0, 0.25, 0.5, 2].map { .number($0) }
    case .flag: tries = [.flag(true), .flag(false)]
    case .word(let words): tries = words.map { .text($0) }
    case .text: tries = [.text("abc")]
    case .path: tries = [.text("some/file")]
    case .integers: tries = [.list([.integer(0)]), .list([.integer(0), .integer(1)])]
    case .siteNumbers:
      tries = [.list([.text("attn.qkv:3")]), .list([.text("blocks.1.attn.qkv:2"), .text("attn.qkv:6")])]
    case .texts, .sites: tries = [.list([.text("attn.q")]), .list([.text("attn.q"), .text("mlp.up")])]
    }
    return tries.filter { $0 != value }
  }

  /// A value that no row of this kind can take.
  var rubbish: OptionValue {
    switch kind {
    case .texts, .sites, .siteNumbers: .list([.list([.integer(1)])])
    case .text, .path, .word: .list([.text("a"), .text("b")])
    case .integer, .number, .flag, .integers: .text("rubbish")
    }
  }
}
