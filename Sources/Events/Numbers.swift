/// A number in few digits: `0.0996`, `12346`, `1.23e-05`; exact zero is `0`, and nothing else is.
///
/// Trailing zeros mean that the number was rounded: `0.5` is a half, `0.500` is near it. Numbers below 0.001
/// and from ten million on have an exponent; whole digits before the point are never rounded away.
public func formatted(_ x: Double, digits: Int = 3) -> String { decimal("\(x)", digits: digits) }

/// A number in few digits, as for `Double`; the digits are those of the `Float`, so `0.1` stays `0.1`.
public func formatted(_ x: Float, digits: Int = 3) -> String { decimal("\(x)", digits: digits) }

/// A whole number in groups of three: `39,648`.
public func grouped(_ n: Int) -> String {
  let digits = String(n.magnitude)
  var out = ""
  for (i, digit) in digits.enumerated() {
    if i > 0, (digits.count - i) % 3 == 0 { out += "," }
    out.append(digit)
  }
  return (n < 0 ? "-" : "") + out
}

/// A fraction in per cent: `3.73 %`; only 1 itself is `100 %`.
public func percentage(_ fraction: Double, digits: Int = 3) -> String {
  var text = decimal("\(fraction)", digits: digits, shift: 2), more = digits
  while fraction.magnitude < 1, text.hasPrefix("100") || text.hasPrefix("-100"), more < 17 {
    more += 1
    text = decimal("\(fraction)", digits: more, shift: 2)
  }
  return text + " %"
}

/// A size in memory or on disk, 1024 bytes to a KB: `512 B`, `154.9 KB`, `3.2 MB`.
public func bytes(_ count: Int) -> String {
  guard count.magnitude >= 1024 else { return "\(count) B" }
  var size = Double(count) / 1024
  for unit in ["KB", "MB", "GB"] {
    if size.magnitude < 1023.95 { return "\(tenths(size)) \(unit)" }
    size /= 1024
  }
  return "\(tenths(size)) TB"
}

/// A time in seconds as `0.4 ms`, `340 ms`, `1.3 s`, `2 min 05 s`, `1 h 04 min`.
public func duration(_ seconds: Double) -> String {
  guard seconds.isFinite, seconds.magnitude < 1e9 else { return formatted(seconds) + " s" }
  if seconds < 0 { return "-" + duration(-seconds) }
  if seconds == 0 { return "0 s" }
  if seconds < 0.00995 { return formatted(seconds * 1000, digits: 2) + " ms" }
  if seconds < 0.9995 { return "\(Int(seconds * 1000 + 0.5)) ms" }
  if seconds < 59.95 { return tenths(seconds) + " s" }
  let whole = Int(seconds + 0.5)
  func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }
  if whole < 3600 { return "\(whole / 60) min \(two(whole % 60)) s" }
  return "\(whole / 3600) h \(two(whole % 3600 / 60)) min"
}

/// One decimal place, without the locale's comma.
private func tenths(_ x: Double) -> String {
  let n = Int((x * 10 + (x < 0 ? -0.5 : 0.5)))
  return "\(n < 0 ? "-" : "")\(n.magnitude / 10).\(n.magnitude % 10)"
}

/// Sets the shortest exact digits of a number, which Swift prints, in at most `count` significant ones.
/// Works on text and so rounds what a person would see, needs no mathematical library, and knows no locale.
/// `shift` moves the point to the right, for per cent.
private func decimal(_ shortest: String, digits count: Int, shift: Int = 0) -> String {
  var text = shortest[...]
  let sign = text.hasPrefix("-") ? "-" : ""
  if !sign.isEmpty { text = text.dropFirst() }
  guard let first = text.first, first.isNumber else {
    let word = text.lowercased()  // inf, nan; a NaN has no sign
    return word == "nan" ? word : sign + word
  }
  let parts = text.split(separator: "e")
  let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
  var digits = mantissa.joined().utf8.map { Int($0) - 48 }
  var exponent = (parts.count > 1 ? Int(parts[1]) ?? 0 : 0) + mantissa[0].count - 1 + shift
  while digits.first == 0 {
    digits.removeFirst()
    exponent -= 1
  }
  while digits.last == 0 { digits.removeLast() }
  if digits.isEmpty { return "0" }
  let significant = max(1, count, exponent < 7 ? exponent + 1 : 0)
  if digits.count > significant, rounds(&digits, to: significant) {
    exponent += 1
    if exponent == 7 { digits = Array(digits.prefix(max(1, count))) }  // has an exponent now
  }
  if exponent >= 7 || exponent < -3 { return sign + scientific(digits, exponent) }
  return sign + positional(digits, exponent)
}

/// Rounds half up; true where a carry has made the number ten times larger.
private func rounds(_ digits: inout [Int], to count: Int) -> Bool {
  let up = digits[count] >= 5
  digits.removeLast(digits.count - count)
  guard up else { return false }
  for i in digits.indices.reversed() {
    digits[i] += 1
    if digits[i] < 10 { return false }
    digits[i] = 0
  }
  digits.insert(1, at: 0)
  digits.removeLast()
  return true
}

private func scientific(_ digits: [Int], _ exponent: Int) -> String {
  let fraction = digits.dropFirst().map(String.init).joined()
  let power = exponent.magnitude < 10 ? "0\(exponent.magnitude)" : "\(exponent.magnitude)"
  return "\(digits[0])\(fraction.isEmpty ? "" : ".")\(fraction)e\(exponent < 0 ? "-" : "+")\(power)"
}

private func positional(_ digits: [Int], _ exponent: Int) -> String {
  if exponent < 0 {
    return "0." + String(repeating: "0", count: -exponent - 1) + digits.map(String.init).joined()
  }
  let padded = digits + Array(repeating: 0, count: max(0, exponent + 1 - digits.count))
  let whole = padded[...exponent].map(String.init).joined()
  let fraction = padded[(exponent + 1)...].map(String.init).joined()
  return fraction.isEmpty ? whole : whole + "." + fraction
}
