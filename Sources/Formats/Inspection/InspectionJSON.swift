import FileSystem

extension AdapterInspection {
  /// Everything, for programs.
  public var json: JSON {
    var object: JSON.Object = [
      "path": .string(path), "type": .string(type), "library": .string(library),
      "targets": .array(targets.map { .string($0) }), "tensors": .integer(tensors), "count": .integer(count),
      "bytes": .integer(bytes),
    ]
    if let base { object["base"] = .string(base) }
    if let task { object["task"] = .string(task) }
    object["findings"] = .array(
      findings.map { ["level": .string($0.level.rawValue), "text": .string($0.text)] })
    object["modules"] = .array(modules.map(\.json))
    object["settings"] = .object(JSON.Object(settings.map { ($0.key, $0.value) }))
    return .object(object)
  }
}

extension InspectedModule {
  var json: JSON {
    var object: JSON.Object = ["module": .string(name)]
    if let rank { object["rank"] = .integer(rank) }
    if let scale { object["scale"] = JSON(finite: scale) }
    if let change { object["change"] = JSON(finite: change) }
    if rank != nil { object["is_zero"] = .bool(isZero) }
    if dead > 0 { object["dead"] = .integer(dead) }
    object["singular_values"] = .array(singularValues.map { JSON(finite: $0) })
    object["tensors"] = .array(
      items.map { item in
        [
          "key": .string(item.key.key), "shape": .array(item.key.shape.map { .integer($0) }),
          "format": .string(item.format), "norm": item.norm.map { JSON(finite: $0) } ?? .null,
          "finite": .bool(item.isFinite),
        ]
      })
    return .object(object)
  }
}

extension AdapterDifference {
  /// Everything, for programs.
  public var json: JSON {
    [
      "settings": .array(
        settings.map { ["key": .string($0.key), "first": $0.first ?? .null, "second": $0.second ?? .null] }),
      "modules": .array(
        modules.map { module in
          [
            "module": .string(module.name), "first": module.first.map { JSON(finite: $0) } ?? .null,
            "second": module.second.map { JSON(finite: $0) } ?? .null,
            "difference": module.difference.map { JSON(finite: $0) } ?? .null,
            "cosine": module.cosine.map { JSON(finite: $0) } ?? .null,
          ]
        }),
    ]
  }
}

extension JSON {
  /// A number, or null for NaN and infinity, which JSON does not have.
  init(finite x: Double) { self = x.isFinite ? .number(x) : .null }
}
