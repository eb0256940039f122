import FileSystem
import Formats
import Options

extension Value {
  /// As it stands in a saved session.
  func saved(_ tensors: inout SavedTensors, _ name: String) -> JSON {
    switch self {
    case .number(let x): return ["number": .exact(x)]
    case .text(let text): return ["text": .string(text)]
    case .flag(let on): return ["flag": .bool(on)]
    case .list(let values):
      var items: [JSON] = []
      for (i, value) in values.enumerated() { items.append(value.saved(&tensors, "\(name).\(i)")) }
      return ["list": .array(items)]
    case .model(let subject, let isBase): return ["model": .string(subject.name), "base": .bool(isBase)]
    case .tensor(let tensor, let place):
      var fields: JSON.Object = ["tensor": tensors.name(tensor.plain, name)]
      if let place {
        fields["of"] = .string(place.subject.name)
        fields["place"] = .string(place.name)
        fields["indices"] = place.indices.map { .array($0.map { .integer($0) }) }
      }
      return .object(fields)
    }
  }

  /// From a saved session whose models are there.
  init(_ fields: SavedFields, _ tensors: LoadedTensors, _ subjects: [Subject], depth: Int = 0) throws {
    func subject(_ field: SavedFields) throws -> Subject {
      let name = try field.text()
      guard let found = subjects.first(where: { $0.name == name }) else {
        throw field.wrong("a model of this session")
      }
      return found
    }
    if let x = fields["number"].orNil {
      self = .number(try x.number())
    } else if let text = fields["text"].orNil {
      self = .text(try text.text())
    } else if let on = fields["flag"].orNil {
      self = .flag(try on.flag())
    } else if let list = fields["list"].orNil {
      guard depth < 50 else { throw fields.wrong("a list that is nested less deeply") }
      self = .list(try list.list().map { try Value($0, tensors, subjects, depth: depth + 1) })
    } else if let model = fields["model"].orNil {
      self = .model(try subject(model), isBase: try fields["base"].flag())
    } else {
      let tensor = try tensors.tensor(fields["tensor"])
      guard let name = fields["place"].orNil else {
        self = .tensor(tensor, nil)
        return
      }
      let indices = try fields["indices"].orNil?.integers()
      self = .tensor(
        tensor, Place(subject: try subject(fields["of"]), name: try name.text(), indices: indices))
    }
  }
}
