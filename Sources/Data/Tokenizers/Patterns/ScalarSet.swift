/// A set of scalars, as a class of a regular expression names it.
indirect enum ScalarSet: Sendable {
  case range(UInt32, UInt32)
  case category(Set<UInt8>)
  case white, alphabetic, word
  case any(of: [ScalarSet])
  case all(of: [ScalarSet])
  case not(ScalarSet)

  /// Whether a scalar is in it.
  func contains(_ value: UInt32) -> Bool {
    switch self {
    case .range(let low, let high): return low <= value && value <= high
    case .category(let set): return set.contains(ScalarSet.isKnown(value) ? ScalarSet.category(value) : 29)
    case .white: return Unicode.Scalar(value)?.properties.isWhitespace ?? false
    case .alphabetic:
      return ScalarSet.isKnown(value) && Unicode.Scalar(value)?.properties.isAlphabetic ?? false
    case .word: return ScalarSet.isKnown(value) && ScalarSet.word(value)
    case .any(let sets): return sets.contains { $0.contains(value) }
    case .all(let sets): return sets.allSatisfy { $0.contains(value) }
    case .not(let set): return !set.contains(value)
    }
  }

  /// The version of Unicode whose letters patterns know, as Hugging Face's library of expressions does.
  static let unicode = 16

  static func isKnown(_ value: UInt32) -> Bool {
    // Asking for the age is slow; in these ranges nothing has come since.
    if value < 0x88F || (0x2C00..<0xA7C0).contains(value) || (0xA800..<0xFBC0).contains(value) { return true }
    return Unicode.Scalar(value)?.properties.age?.major ?? 99 <= unicode
  }

  /// `\w` outside a class: there the library counts the fractions and superscripts of Latin-1 too.
  static let bareWord = ScalarSet.any(of: [
    .word, .range(0xB2, 0xB3), .range(0xB9, 0xB9), .range(0xBC, 0xBE),
  ])

  /// Whether a scalar is alphabetic, a mark, a decimal digit or a connector.
  static func word(_ value: UInt32) -> Bool {
    guard let scalar = Unicode.Scalar(value) else { return false }
    return scalar.properties.isAlphabetic || wordMarks.contains(category(value))
  }

  private static let wordMarks = categories(["Mn", "Mc", "Me", "Nd", "Pc"])

  /// Categories by their two letters, in the order of their numbers here.
  static let names = [
    "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf",
    "Po", "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Cn",
  ]

  /// The numbers of categories whose names begin with one of some texts.
  static func categories(_ wanted: [String]) -> Set<UInt8> {
    Set(names.indices.filter { i in wanted.contains { names[i].hasPrefix($0) } }.map { UInt8($0) })
  }

  private static func category(_ value: UInt32) -> UInt8 {
    guard let scalar = Unicode.Scalar(value) else { return 27 }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter: return 0
    case .lowercaseLetter: return 1
    case .titlecaseLetter: return 2
    case .modifierLetter: return 3
    case .otherLetter: return 4
    case .nonspacingMark: return 5
    case .spacingMark: return 6
    case .enclosingMark: return 7
    case .decimalNumber: return 8
    case .letterNumber: return 9
    case .otherNumber: return 10
    case .connectorPunctuation: return 11
    case .dashPunctuation: return 12
    case .openPunctuation: return 13
    case .closePunctuation: return 14
    case .initialPunctuation: return 15
    case .finalPunctuation: return 16
    case .otherPunctuation: return 17
    case .mathSymbol: return 18
    case .currencySymbol: return 19
    case .modifierSymbol: return 20
    case .otherSymbol: return 21
    case .spaceSeparator: return 22
    case .lineSeparator: return 23
    case .paragraphSeparator: return 24
    case .control: return 25
    case .format: return 26
    case .surrogate: return 27
    case .privateUse: return 28
    default: return 29
    }
  }

  /// A set named as `\p{…}`; nil: not known here.
  static func property(_ name: String) -> ScalarSet? {
    let plain = name.filter { $0 != "_" && $0 != " " && $0 != "-" }.lowercased()
    switch plain {
    case "any": return .range(0, 0x10FFFF)
    case "alphabetic", "alpha": return .alphabetic
    case "whitespace", "space": return .white
    case "word": return .word
    case "letter": return .category(categories(["L"]))
    case "number": return .category(categories(["N"]))
    case "digit": return .category(categories(["Nd"]))
    case "punctuation": return .category(categories(["P"]))
    case "punct": return .category(categories(["P", "S"]))
    case "mark": return .category(categories(["M"]))
    case "symbol": return .category(categories(["S"]))
    case "han", "scripthan": return .any(of: han.map { .range($0, $1) })
    default:
      guard plain.count <= 2, !plain.isEmpty else { return nil }
      let set = categories([plain.prefix(1).uppercased() + plain.dropFirst()])
      return set.isEmpty ? nil : .category(set)
    }
  }

  private static let han: [(UInt32, UInt32)] = [
    (0x2E80, 0x2E99), (0x2E9B, 0x2EF3), (0x2F00, 0x2FD5), (0x3005, 0x3005), (0x3007, 0x3007),
    (0x3021, 0x3029), (0x3038, 0x303B), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFA6D),
    (0xFA70, 0xFAD9), (0x16FE2, 0x16FE3), (0x16FF0, 0x16FF1), (0x20000, 0x2A6DF), (0x2A700, 0x2B739),
    (0x2B740, 0x2B81D),
    (0x2B820, 0x2CEA1), (0x2CEB0, 0x2EBE0), (0x2EBF0, 0x2EE5D), (0x2F800, 0x2FA1D), (0x30000, 0x3134A),
    (0x31350, 0x323AF),
  ]
}

/// A set ready for matching: its ASCII part as bits.
struct ScalarTest: Sendable {
  private let low: UInt64, high: UInt64
  private let set: ScalarSet
  private let foldsCase: Bool

  init(_ set: ScalarSet, foldsCase: Bool = false) {
    self.set = set
    self.foldsCase = foldsCase
    var bits: (UInt64, UInt64) = (0, 0)
    for value in UInt32(0)..<128 where Self.contains(set, value, foldsCase) {
      if value < 64 { bits.0 |= 1 << UInt64(value) } else { bits.1 |= 1 << UInt64(value - 64) }
    }
    (low, high) = bits
  }

  @inline(__always)
  func contains(_ value: UInt32) -> Bool {
    if value < 64 { return low >> UInt64(value) & 1 != 0 }
    if value < 128 { return high >> UInt64(value - 64) & 1 != 0 }
    return Self.contains(set, value, foldsCase)
  }

  private static func contains(_ set: ScalarSet, _ value: UInt32, _ foldsCase: Bool) -> Bool {
    if set.contains(value) { return true }
    guard foldsCase else { return false }
    let lower = single(value) { $0.properties.lowercaseMapping }
    let upper = single(value) { $0.properties.uppercaseMapping }
    return set.contains(lower) || set.contains(upper)
      || set.contains(single(upper) { $0.properties.lowercaseMapping })
  }

  /// The one scalar that a mapping gives, or the scalar itself.
  private static func single(_ value: UInt32, _ map: (Unicode.Scalar) -> String) -> UInt32 {
    guard let scalar = Unicode.Scalar(value) else { return value }
    let mapped = map(scalar).unicodeScalars
    return mapped.count == 1 ? mapped.first?.value ?? value : value
  }
}
