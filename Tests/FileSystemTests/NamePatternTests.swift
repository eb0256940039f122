import FileSystem
import Options
import TestSupport
import Testing

/// Regular expressions over module names, as Python's `re.fullmatch` takes them.
@Suite struct NamePatternTests {
  @Test(arguments: [
    (#".*\.(q|v)_proj"#, "model.layers.0.self_attn.q_proj", true),
    (#".*\.(q|v)_proj"#, "model.layers.0.self_attn.k_proj", false),
    (#".*\.(q|v)_proj"#, "q_proj", false),
    (#"(.*\.)?(q_proj)$"#, "q_proj", true),
    (#"^h\.[0-3]\.attn"#, "h.2.attn", true), (#"^h\.[0-3]\.attn"#, "h.4.attn", false),
    (#"(?:.*?(?:text|language).*?(?:attn|mlp).*?(?:q_proj|up_proj).*?)"#, "m.language.0.attn.q_proj", true),
    (#"layers\.\d{1,2}\.\w+"#, "layers.31.mlp", true), (#"layers\.\d{1,2}\.\w+"#, "layers.310.mlp", false),
    ("[^.]+", "abc", true), ("[^.]+", "a.c", false), ("a{2,}", "aaa", true), ("a{2,}", "a", false),
    ("[]a]+", "]a", true), ("x{", "x{", true), ("(|a)b", "b", true), ("(a*)*", "aaa", true), ("", "", true),
    (".", "\n", false), ("a|b|c", "b", true), (#"a\-b"#, "a-b", true), ("[a-c-]+", "a-b", true),
  ])
  func matchesAsPythonDoes(_ pattern: String, _ name: String, _ wanted: Bool) throws {
    #expect(try NamePattern(pattern).matches(name) == wanted)
  }

  @Test(arguments: [
    "(a", "a)", "*a", "[a", #"a\"#, "(?=a)", #"(a)\1"#, "[z-a]", "((((a{1000}){1000}){1000}){1000})",
  ])
  func whatIsNotFollowedIsTold(_ pattern: String) {
    #expect(failure { _ = try NamePattern(pattern) }.what.contains("pattern"))
  }

  /// What makes a matcher that tries one way after the other run for ages.
  @Test func noPatternRunsForLong() throws {
    let name = String(repeating: "a", count: 900)
    #expect(try !NamePattern("(a+)+b").matches(name))
    #expect(try !NamePattern("(a|a)*(a|aa)*b").matches(name))
    var damage = Damage(seed: 2)
    for _ in 0..<300 {
      let bytes = damage.mutate(Array(#"(?:.*\.(q|v)_proj|h\.[0-9]{1,3}\.x)+$"#.utf8))
      do { _ = try NamePattern(String(decoding: bytes, as: UTF8.self)).matches("h.12.x") } catch is Failure {}
    }
  }
}
