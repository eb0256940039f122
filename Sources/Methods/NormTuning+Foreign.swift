import Networks
import Options

extension NormTuning {
  /// `peft`'s LN_TUNING: the norms' own tensors under `ln_tuning_layers`.
  public static var foreign: ForeignForm<NormTuning>? {
    var form = ForeignForm<NormTuning>(type: "LN_TUNING", isPerSite: true, tensors: [], keys: [])
    form.trained = .init(targeted: "ln_tuning_layers.", live: "ln_tuning_layers.default.")
    return form
  }
}
