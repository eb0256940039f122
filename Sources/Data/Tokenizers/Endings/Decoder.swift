import FileSystem
import Options

/// Turns tokens back into text: one step of a tokenizer's file.
protocol Decoder: Sendable {
  /// The word under `type`.
  static var type: String { get }
  /// Reads its fields.
  init(_ part: JSONPlace) throws
  /// The changed tokens, as bytes; after the last step they are put together.
  func decode(_ tokens: [[UInt8]]) throws -> [[UInt8]]
}

/// The catalog of decoders.
enum Decoders {
  static var all: [any Decoder.Type] {
    [
      DecoderSequence.self, ByteLevelDecoder.self, WordPieceDecoder.self, MetaspaceDecoder.self,
      ByteFallbackDecoder.self, FuseDecoder.self, StripDecoder.self, ReplaceDecoder.self, SuffixDecoder.self,
    ]
  }

  /// The decoder of a part; nil where the part is null.
  static func read(_ part: JSONPlace) throws -> (any Decoder)? {
    if part.isNull { return nil }
    return try TokenizerPart.choose(part, "decoder", all.map { ($0.type, $0) }).init(part)
  }
}

/// Several decoders in turn.
struct DecoderSequence: Decoder {
  static let type = "Sequence"
  private let steps: [any Decoder]

  init(_ part: JSONPlace) throws {
    guard let list = part["decoders"].list else { throw part["decoders"].failure("a list") }
    steps = try list.compactMap(Decoders.read)
  }

  func decode(_ tokens: [[UInt8]]) throws -> [[UInt8]] { try steps.reduce(tokens) { try $1.decode($0) } }
}

/// Letters of the byte alphabet back to bytes, over all tokens together.
struct ByteLevelDecoder: Decoder {
  static let type = "ByteLevel"
  init(_ part: JSONPlace) {}
  func decode(_ tokens: [[UInt8]]) -> [[UInt8]] {
    let bytes = tokens.flatMap { ByteAlphabet.bytesOrNil(of: String(decoding: $0, as: UTF8.self)) ?? $0 }
    return [Array(String(decoding: bytes, as: UTF8.self).utf8)]
  }
}

/// `<0xE2>` back to its byte; runs of them that are no UTF-8 become U+FFFD, one a byte.
struct ByteFallbackDecoder: Decoder {
  static let type = "ByteFallback"
  init(_ part: JSONPlace) {}

  func decode(_ tokens: [[UInt8]]) -> [[UInt8]] {
    var out: [[UInt8]] = [], held: [UInt8] = []
    func flush() {
      guard !held.isEmpty else { return }
      let isText = String(validating: held, as: UTF8.self) != nil
      if isText { out.append(held) } else { for _ in held { out.append([0xEF, 0xBF, 0xBD]) } }
      held = []
    }
    for token in tokens {
      if let byte = Self.byte(token) {
        held.append(byte)
      } else {
        flush()
        out.append(token)
      }
    }
    flush()
    return out
  }

  private static func byte(_ token: [UInt8]) -> UInt8? {
    guard token.count == 6, token.starts(with: Array("<0x".utf8)), token[5] == UInt8(ascii: ">") else {
      return nil
    }
    return UInt8(String(decoding: token[3..<5], as: UTF8.self), radix: 16)
  }
}

/// All tokens as one.
struct FuseDecoder: Decoder {
  static let type = "Fuse"
  init(_ part: JSONPlace) {}
  func decode(_ tokens: [[UInt8]]) -> [[UInt8]] { [Array(tokens.joined())] }
}
