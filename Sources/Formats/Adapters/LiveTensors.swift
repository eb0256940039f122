import Networks
import Options

extension AdapterFiles {
  /// What an attachment trains, under the names that Python's `peft` has for it while the model lives: with the name
  /// `default` inside, and an encoder's weights too.
  ///
  /// `base_model.model.transformer.h.0.attn.c_attn.lora_A.default.weight`, `prompt_encoder.default.embedding.weight`
  public static func live(_ attachment: Attachment) throws -> [ForeignTensor] {
    guard let model = attachment.model else { return [] }
    return try live(attachment.method, attachment, model)
  }

  private static func live<Method: TuningMethod>(_ method: Method, _ attachment: Attachment, _ model: Model)
    throws
    -> [ForeignTensor]
  {
    guard let form = Method.foreign else { return [] }
    let head = attachment.head.compactMap { AdapterHead.live($0, of: model, isPerSite: form.isPerSite) }
    guard form.isPerSite else { return attachment.foreignTensors(form.live(method)) + head }
    let targets = attachment.targets(in: model)
    let trained = try attachment.trainedParts(of: model).map {
      let key = try TrainedKey($0, form, attachment, model, targets: targets).live
      return ForeignTensor("base_model.model.\(key)", [$0])
    }
    let added = try attachment.edits.flatMap { site, _ in
      let module = try TargetModules.name(of: site)
      return form.rows(at: site).compactMap { row in
        attachment.parameter(row.own, at: site).map {
          ForeignTensor("base_model.model.\(module).\(row.live)", [$0])
        }
      }
    }
    return added + trained + head
  }

  /// Attaches the method of an adapter's folder as it is while it trains, encoder and all, with values of chance: for
  /// numbers that were kept under live names.
  public static func attachLive(_ folder: AdapterFolder, to model: Model, name: String? = nil) throws
    -> Attachment
  {
    var settings = AdapterSettings(folder)
    settings.isLive = true
    func attach<Method: TuningMethod>(_ method: Method) throws -> Attachment {
      guard let form = Method.foreign else { throw Failure("peft has no form for \(Method.card.name).") }
      var notes: [String] = []
      var placement = try settings.placement(of: method, in: model, isPerSite: form.isPerSite, &notes)
      placement.head = try settings.bringsHead(for: model)
      try settings.checkBase(model)
      return try Attachment(method, to: model, name: name ?? Method.card.name, placement: placement)
    }
    return try attach(settings.method())
  }
}
