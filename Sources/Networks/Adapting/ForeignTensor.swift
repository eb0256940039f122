import Engine
import Options

/// A tensor as another library has it, and the parameters of an attachment that it is made of.
///
/// The same rule joins values and gradients, and takes a tensor apart again.
public struct ForeignTensor {
  /// Its key there.
  public let key: String
  /// Ours, in the order in which it holds them.
  public let parameters: [Parameter]
  /// The axis along which they are joined; nil: there is one, as it is.
  public let axis: Int?

  /// A tensor that is one parameter, or several joined along an axis.
  public init(_ key: String, _ parameters: [Parameter], along axis: Int? = nil) {
    self.key = key
    self.parameters = parameters
    self.axis = axis
  }

  /// Its sizes by axis.
  public var shape: [Int] {
    var shape = parameters.first?.shape ?? []
    if let axis, shape.indices.contains(axis) { shape[axis] = parameters.reduce(0) { $0 + $1.shape[axis] } }
    return shape
  }

  /// Something of all its parameters (values unless said otherwise; gradients) as one tensor.
  public func joined(_ part: (Parameter) throws -> Tensor = { $0.value }) throws -> Tensor {
    let parts = try parameters.map { try part($0).plain }
    guard let axis else {
      guard let only = parts.first else { throw EngineError.shapes(op: "join", "\(key) holds nothing") }
      return only
    }
    return try Tensor.concat(parts, axis: axis)
  }

  /// A tensor of its shape taken apart, by parameter; throws where the shape is another.
  public func parts(of tensor: Tensor) throws -> [(parameter: Parameter, value: Tensor)] {
    guard tensor.shape == shape else {
      throw Failure(
        "\(key) is \(tensor.shape), but should be \(shape).",
        cure: "It was made for another base, or options.")
    }
    guard let axis else { return parameters.map { ($0, tensor) } }
    var at = 0
    return try parameters.map { parameter in
      let size = parameter.shape[axis]
      defer { at += size }
      // Memory of its own: slices of the first axis share theirs.
      return (parameter, try tensor.slice(axis: axis, at..<at + size).scaled(by: 1))
    }
  }
}

extension Attachment {
  /// The tensors of a form's rows that stand once for the whole model; rows whose parameters it does not have are
  /// left out.
  public func foreignTensors<Method>(_ rows: [ForeignForm<Method>.Tensor]) -> [ForeignTensor] {
    rows.compactMap { row in
      guard row.axis != nil else {
        let found = parameters.filter { $0.leaf == row.own }
        return found.count == 1 ? ForeignTensor(row.key, found) : nil
      }
      let found = edits.flatMap { site, _ in row.leaves.compactMap { parameter($0, at: site) } }
      let isWhole = !found.isEmpty && found.count % row.leaves.count == 0
      return isWhole ? ForeignTensor(row.key, found, along: row.axis) : nil
    }
  }

  /// The parameter that it added at a site under a leaf's name.
  public func parameter(_ leaf: String, at site: Site) -> Parameter? {
    let full = Self.path(of: site, name) + "." + leaf
    return parameters.first { $0.name == full }
  }

  /// Where the parameters of an attachment of that name stand at a site.
  static func path(of site: Site, _ name: String) -> String {
    site.kind == .entry ? name : site.name + "." + name
  }
}
