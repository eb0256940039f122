import Engine
import Options

/// A way of packing a frozen weight into fewer bits.
public protocol Codec: Sendable {
  /// What it is, in a word or two: `nf4`.
  var name: String { get }
  /// The weight packed; throws the reason where it cannot be.
  func packed(_ value: Tensor) throws -> Tensor
}

extension FourBit.Form: Codec {
  /// The code's name.
  public var name: String { code.rawValue }

  /// Four bits a number, with a scale a block.
  public func packed(_ value: Tensor) throws -> Tensor {
    guard Self.blocks.contains(block) else {
      let near = Self.blocks.first { $0 >= block } ?? 4096
      throw Failure("block=\(block) is not a power of two from 8 to 4096.", cure: "For example block=\(near)")
    }
    guard block <= value.count else {
      throw Failure(
        "block=\(block) is more than the \(value.count) numbers of the weight \(value.shape).",
        cure: "For example block=\(Self.blocks.last { $0 <= value.count } ?? 8)")
    }
    guard value.isFinite else {
      throw Failure(
        "the weight holds NaN or infinity, which no code has.", cure: "undo the steps that led there")
    }
    return try value.packed(as: self)
  }
}

/// A place from which a parameter's first numbers can be read again: a file. It costs no memory.
public struct Source {
  /// Where, for messages.
  public let place: String
  /// Reads the numbers, in the parameter's shape.
  public let read: () throws -> Tensor

  /// A place and how it is read.
  public init(_ place: String, read: @escaping () throws -> Tensor) {
    (self.place, self.read) = (place, read)
  }
}

/// What packing took the place of: a parameter's exact numbers, kept, to be read again, or let go.
public struct Packing {
  /// The numbers that were packed.
  public enum Original {
    /// Kept in memory.
    case kept(Tensor)
    /// In a file, where they had this hash.
    case filed(Source, hash: UInt64)
    /// Let go: what is packed is all there is.
    case gone
  }

  /// The attachment that packed it; nil: a command did.
  weak var owner: Attachment?
  /// The numbers that were packed.
  public let original: Original

  /// The attachment's name.
  public var ownerName: String? { owner?.name }

  /// The tensor that is kept in memory; nil: none is.
  public var kept: Tensor? {
    if case .kept(let tensor) = original { return tensor }
    return nil
  }
}

extension Packing.Original {
  /// The numbers, bit for bit; throws where they cannot be had any more.
  public func tensor(_ name: String) throws -> Tensor {
    switch self {
    case .kept(let tensor): return tensor
    case .filed(let source, let hash):
      let tensor = try source.read()
      guard tensor.hash() == hash else {
        throw Failure(
          "\(source.place) has changed since \(name) was read from it.",
          cure: "Put the file back as it was; what is packed still works")
      }
      return tensor
    case .gone:
      throw Failure(
        "the float32 numbers of \(name) were let go when it was packed: they did not fit the undo memory.",
        cure: "undo goes back to before, by doing it again from the start")
    }
  }
}
