/// A language of the interface.
public enum Language: String, Sendable, CaseIterable {
  case en
  case zhHans = "zh-Hans"
}

/// The fixed words and sentences that the program itself prints, by key, one line each.
public enum Phrases {
  /// The phrase in a language, in English where a translation is missing, and the key itself where there is
  /// none; `{1}`, `{2}`, … become the values.
  public static func text(_ key: String, _ language: Language, _ values: [String] = []) -> String {
    guard let row = table[key] else { return key }
    let phrase = row[language] ?? row[.en] ?? key
    if values.isEmpty { return phrase }
    var out = "", rest = phrase[...]
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      out += rest[..<open]
      let number = Int(rest[rest.index(after: open)..<close]) ?? 0
      out += values.indices.contains(number - 1) ? values[number - 1] : String(rest[open...close])
      rest = rest[rest.index(after: close)...]
    }
    return out + rest
  }

  /// All phrases.
  public static let table: [String: [Language: String]] = [
    "columns not shown": [.en: "columns not shown: {1}", .zhHans: "未显示的列：{1}"],
    "rows not shown": [.en: "rows not shown: {1}", .zhHans: "未显示的行数：{1}"],
    "empty table": [.en: "(no rows)", .zhHans: "（没有行）"],

    "min": [.en: "min", .zhHans: "最小"],
    "mean": [.en: "mean", .zhHans: "平均"],
    "max": [.en: "max", .zhHans: "最大"],
    "not finite": [.en: "not finite: {1}", .zhHans: "非有限值：{1}"],
    "no values": [.en: "no values", .zhHans: "没有数值"],

    "falls": [.en: "falls from {1} to {2}", .zhHans: "从 {1} 降到 {2}"],
    "rises": [.en: "rises from {1} to {2}", .zhHans: "从 {1} 升到 {2}"],
    "stays": [.en: "stays near {1}", .zhHans: "保持在 {1} 附近"],
    "constant": [.en: "is {1} throughout", .zhHans: "始终为 {1}"],
    "steepest": [.en: ", steepest between {1} and {2}", .zhHans: "，在 {1} 与 {2} 之间最陡"],
    "lowest": [.en: ", lowest {1} at {2}", .zhHans: "，在 {2} 处最低（{1}）"],
    "highest": [.en: ", highest {1} at {2}", .zhHans: "，在 {2} 处最高（{1}）"],

    "histogram sentence": [
      .en: "{1} values from {2} to {3}, most of them ({4}) between {5} and {6}",
      .zhHans: "{1} 个数值，从 {2} 到 {3}，其中最多（{4} 个）在 {5} 与 {6} 之间",
    ],
    "heatmap legend": [.en: "0 is {1}, 9 is {2}, · is exactly 0", .zhHans: "0 为 {1}，9 为 {2}，· 表示恰为 0"],
    "heatmap row": [.en: "{1}: {2}", .zhHans: "{1}：{2}"],
    "at": [.en: "{1} at {2}", .zhHans: "{2} 处 {1}"],
    "level": [.en: "level {1}: {2}", .zhHans: "第 {1} 层：{2}"],

    "step": [.en: "step", .zhHans: "步"],
    "loss": [.en: "loss", .zhHans: "损失"],
    "done": [.en: "done", .zhHans: "完成"],
    "eta": [.en: "{1} left", .zhHans: "剩余 {1}"],
    "rate": [.en: "{1} {2}/s", .zhHans: "每秒 {1} {2}"],
    "of": [.en: "{1} {2} of {3}", .zhHans: "第 {2} {1}，共 {3}"],
    "count": [.en: "{1} {2}", .zhHans: "第 {2} {1}"],
    "stopped": [.en: "stopped after {1} {2} of {3}", .zhHans: "停在第 {2} {1}，共 {3}"],

    "right": [.en: "right", .zhHans: "正确"],
    "wrong": [.en: "wrong", .zhHans: "不对"],
    "passed over": [.en: "passed over", .zhHans: "已略过"],
    "error": [.en: "error", .zhHans: "错误"],
    "note": [.en: "note", .zhHans: "说明"],
    "warning": [.en: "warning", .zhHans: "警告"],
    "place": [.en: "at “{1}”", .zhHans: "位置：“{1}”"],
    "yes": [.en: "yes", .zhHans: "是"],
    "no": [.en: "no", .zhHans: "否"],
    "colon": [.en: "{1}: {2}", .zhHans: "{1}：{2}"],
    "comma": [.en: ", ", .zhHans: "，"],
    "stop": [.en: ".", .zhHans: "。"],
  ]
}
