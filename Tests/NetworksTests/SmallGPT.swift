import Engine
import Options

@testable import Networks

/// A small GPT with random numbers everywhere, and rows that it can read.
enum SmallGPT {
  static var form: GPT.Form {
    var form = GPT.Form()
    (form.vocabulary, form.context, form.width, form.heads, form.layers) = (29, 24, 32, 4, 2)
    return form
  }

  static func model(_ form: GPT.Form = form, seed: UInt64 = 1) throws -> Model {
    Threads.shared.count = 1
    let chance = Chance(seed: seed)
    return try GPT.model(form, chance: chance) { name, shape in
      let drawn = chance.normal(shape, deviation: 0.2, purpose: "random " + name)
      return name.contains("norm") && name.hasSuffix("weight") ? try? drawn.shifted(by: 1) : drawn
    }
  }

  static let rows = [[3, 14, 15, 9, 26, 5], [27, 18, 28, 1, 8, 2]]
}

/// Somebody who looks into a model or changes it.
final class Hook: EditOwner {
  var isOn = true
  private var sites: [Site] = []

  /// Places an edit at a site of a model.
  func place(_ model: Model, _ name: String, _ fill: (inout Edit) throws -> Void) throws {
    guard let site = model.site(name) else { throw Failure("no site \(name)") }
    var edit = Edit()
    try fill(&edit)
    site.place(edit, by: self)
    sites.append(site)
  }

  func remove() { for site in sites { site.remove(self) } }
}

extension Model {
  func logits(_ rows: [[Int]], _ mask: [[UInt8]]? = nil, _ pass: Pass = Pass()) throws -> Tensor {
    try logits(Input(rows, mask: mask), pass)
  }
}

extension Tensor {
  /// The largest magnitude.
  var most: Float { scalars.reduce(0) { max($0, abs($1)) } }

  /// Row and column of a batch: [width] numbers.
  func at(_ row: Int, _ column: Int) throws -> Tensor {
    try slice(axis: 0, row..<row + 1).slice(axis: 1, column..<column + 1).reshaped([width])
  }
}

func random(_ shape: [Int], _ purpose: String, deviation: Float = 0.3) -> Tensor {
  Chance(seed: 9).normal(shape, deviation: deviation, purpose: purpose)
}
