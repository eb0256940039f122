import Engine

/// A named tensor of a model or of an attachment, which training may move.
///
/// Its value is replaced, never written into: whoever kept the old value keeps an exact copy.
public final class Parameter {
  /// The full name: `blocks.0.attn.qkv.weight`, or `blocks.0.attn.q.lora.A` for an attachment's own.
  public let name: String
  /// The last part of the name: `weight`, `bias`, `A`.
  public let leaf: String
  /// The present value.
  public var value: Tensor
  /// Whether training moves it. Kept right by the model; `freeze` and `thaw` pin it.
  public internal(set) var isTrainable = true
  /// What `freeze` (false) or `thaw` (true) said; nil: nobody said anything.
  public var pin: Bool?
  /// Whether it is kept with its method but never trained: what a change is measured from.
  public let isFixed: Bool
  /// Where its first numbers can be read again; nil: in no file.
  public var source: Source?
  /// What packing took the place of; nil: nothing packed it here.
  public internal(set) var packing: Packing?
  /// Whether it is a bias that folding gave to a layer that has none.
  public let isGrown: Bool
  /// Who changes the value in place, oldest first. Kept by attachments.
  var claims: [Claim] = []

  /// A parameter with its first value.
  public convenience init(_ name: String, _ value: Tensor, isFixed: Bool = false) {
    self.init(name, value, isFixed: isFixed, isGrown: false)
  }

  init(_ name: String, _ value: Tensor, isFixed: Bool = false, isGrown: Bool) {
    (self.name, self.value, self.isFixed, self.isGrown) = (name, value, isFixed, isGrown)
    leaf = String(name.split(separator: ".").last ?? "")
  }

  /// What an attachment that trains or folds into a parameter leaves there, so that it can be taken out again.
  struct Claim {
    unowned let owner: Attachment
    /// The value before it came.
    var before: Tensor
    /// What folding wrote; nil: the attachment trains it.
    let folded: Tensor?
  }

  /// Its value without any attachment, where an attachment trains or folds it; nil: the present value.
  public var base: Tensor? { claims.first?.before }

  /// Whether the last to change it is switched off, so that an earlier value is read.
  var isHidden: Bool { claims.last?.owner.isOn == false }

  /// The value that counts: the one before the last of its owners were switched off, else the present one.
  var visible: Tensor {
    guard isHidden else { return value }
    let off = claims.reversed().prefix { !$0.owner.isOn }
    return off.last?.before ?? value
  }

  /// Sizes by axis.
  public var shape: [Int] { value.shape }
  /// How many numbers it holds.
  public var count: Int { value.count }
}
