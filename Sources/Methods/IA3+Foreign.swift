import Engine
import Networks
import Options

extension IA3 {
  /// `peft`'s IA3: `ia3_l` by module, [out, 1] or, for modules of feedforward_modules, [1, in].
  public static var foreign: ForeignForm<IA3>? {
    var form = ForeignForm<IA3>(
      type: "IA3", isPerSite: true,
      tensors: [.init("l", "ia3_l", parts: .rows { Tensor.filled([$0.shape[0], 1], 1) })],
      keys: [
        .init(
          "feedforward_modules", .modules { $0.isInput($1) },
          read: { $0.inputs = $1.elements.compactMap(\.asText) })
      ])
    form.table = "ia3"
    return form
  }
}
