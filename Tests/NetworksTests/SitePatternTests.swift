import Testing

@testable import Networks

struct SitePatternTests {
  @Test(arguments: [
    ("attn.q", "blocks.0.attn.q", true), ("attn.q", "blocks.0.attn.qkv", false),
    ("q", "blocks.0.attn.q", true),
    ("q", "blocks.0.attn.qkv", false), ("blocks.*.mlp.up", "blocks.11.mlp.up", true),
    ("blocks.*.mlp.up", "blocks.1.attn.o", false), ("blocks.1.*", "blocks.1", false),
    ("blocks.1.*.*", "blocks.1.mlp.up", true), ("blocks.1.*.*", "blocks.11.mlp.up", false),
    ("mlp.*", "blocks.0.mlp.down", true), ("q*", "blocks.0.attn.qkv", true),
    ("*v", "blocks.0.attn.qkv", true),
    ("q*q", "q", false), ("a*b*c", "aXbYc", true), ("a*b*c", "acb", false), ("a**c", "abc", true),
    ("*", "head", true),
    ("**", "head", true), ("norm*", "blocks.0.norm2", true), ("embed", "embed", true),
    ("bed", "embed", false),
    ("attn.q", "q", false), ("", "embed", false), (".", "embed", false), ("Attn.Q", "blocks.0.attn.q", false),
  ])
  func wholePartsFromTheEnd(pattern: String, name: String, isFit: Bool) {
    #expect(SitePattern(pattern).matches(name) == isFit)
  }

  @Test func eitherNameOfASite() throws {
    let model = try SmallGPT.model()
    func names(_ pattern: String) -> [String] {
      model.sites.filter { SitePattern(pattern).matches($0) }.map(\.name)
    }
    #expect(names("c_attn") == ["blocks.0.attn.qkv", "blocks.1.attn.qkv"])
    #expect(names("transformer.h.0.attn.c_attn") == ["blocks.0.attn.qkv"])
    #expect(
      names("c_proj") == ["blocks.0.attn.o", "blocks.0.mlp.down", "blocks.1.attn.o", "blocks.1.mlp.down"])
    #expect(names("attn.c_proj") == ["blocks.0.attn.o", "blocks.1.attn.o"])
    #expect(names("h.1.mlp.c_*") == ["blocks.1.mlp.up", "blocks.1.mlp.down"])
    #expect(names("lm_head") == ["head"] && names("wte") == ["embed"])
    #expect(
      names("ln_*") == ["blocks.0.norm1", "blocks.0.norm2", "blocks.1.norm1", "blocks.1.norm2", "norm"])
  }
}
