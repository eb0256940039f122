import FileSystem
import Foundation

/// Unicode's normal forms, by Foundation.
enum NormalForm: Sendable {
  case canonicalComposed, canonicalDecomposed, compatibleComposed, compatibleDecomposed

  /// The text in this form.
  func of(_ text: [UInt8]) -> [UInt8] {
    if text.allSatisfy({ $0 < 0x80 }) { return text }
    let string = String(decoding: text, as: UTF8.self)
    guard self == .compatibleComposed || self == .compatibleDecomposed else { return changed(string) }
    // Hugging Face's library knows Unicode 9: what came later stands for itself, and parts the text around it.
    var out: [UInt8] = [], part = String.UnicodeScalarView()
    for scalar in string.unicodeScalars {
      guard scalar.value > 0x7FF, scalar.properties.age?.major ?? 0 > 9 else { part.append(scalar); continue }
      out += changed(String(part))
      UTF8Walk.append(scalar.value, to: &out)
      part = String.UnicodeScalarView()
    }
    return out + changed(String(part))
  }

  private func changed(_ string: String) -> [UInt8] {
    switch self {
    case .canonicalComposed: return Array(string.precomposedStringWithCanonicalMapping.utf8)
    case .canonicalDecomposed: return Array(string.decomposedStringWithCanonicalMapping.utf8)
    case .compatibleComposed: return Array(string.precomposedStringWithCompatibilityMapping.utf8)
    case .compatibleDecomposed: return Array(string.decomposedStringWithCompatibilityMapping.utf8)
    }
  }
}

/// NFC.
struct CanonicalComposed: Normalizer {
  static let type = "NFC"
  init(_ part: JSONPlace) {}
  func normalize(_ text: [UInt8]) -> [UInt8] { NormalForm.canonicalComposed.of(text) }
}

/// NFD.
struct CanonicalDecomposed: Normalizer {
  static let type = "NFD"
  init(_ part: JSONPlace) {}
  func normalize(_ text: [UInt8]) -> [UInt8] { NormalForm.canonicalDecomposed.of(text) }
}

/// NFKC.
struct CompatibleComposed: Normalizer {
  static let type = "NFKC"
  init(_ part: JSONPlace) {}
  func normalize(_ text: [UInt8]) -> [UInt8] { NormalForm.compatibleComposed.of(text) }
}

/// NFKD.
struct CompatibleDecomposed: Normalizer {
  static let type = "NFKD"
  init(_ part: JSONPlace) {}
  func normalize(_ text: [UInt8]) -> [UInt8] { NormalForm.compatibleDecomposed.of(text) }
}
