import Data

extension GGUF {
  /// The tokenizer inside; nil where there is none.
  public func tokenizer() throws -> PipelineTokenizer? {
    guard let model = facts["tokenizer.ggml.model"]?.asText else { return nil }
    func fact(_ key: String) -> GGUFValue? { facts["tokenizer.ggml." + key] }
    var parts = GGMLTokenizer()
    parts.model = model
    parts.pre = fact("pre")?.asText ?? ""
    parts.tokens = fact("tokens")?.asTexts ?? []
    parts.scores = fact("scores")?.asNumbers ?? []
    parts.kinds = fact("token_type")?.asIntegers ?? []
    parts.merges = fact("merges")?.asTexts ?? []
    parts.begin = fact("bos_token_id")?.asInteger
    parts.end = fact("eos_token_id")?.asInteger
    parts.unknown = fact("unknown_token_id")?.asInteger
    parts.pad = fact("padding_token_id")?.asInteger
    parts.addsBegin = fact("add_bos_token")?.asBool
    parts.addsEnd = fact("add_eos_token")?.asBool
    parts.addsSpace = fact("add_space_prefix")?.asBool ?? true
    parts.removesSpaces = fact("remove_extra_whitespaces")?.asBool ?? false
    parts.charsmap = (fact("precompiled_charsmap")?.asIntegers ?? []).map { UInt8(truncatingIfNeeded: $0) }
    parts.chat = facts["tokenizer.chat_template"]?.asText
    return try parts.tokenizer()
  }
}
