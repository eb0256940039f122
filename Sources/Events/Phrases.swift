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
    "picture sentence": [
      .en: "{1}: a picture of {2}, mean brightness {3}", .zhHans: "{1}：{2} 的图片，平均亮度 {3}",
    ],
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

    "help title": [.en: "What can be typed", .zhHans: "可以输入的命令"],
    "help more": [
      .en: "?topic tells more, such as ?attach or ?lora", .zhHans: "?主题 了解更多，例如 ?attach 或 ?lora",
    ],
    "help deeper": [.en: "??{1} tells more, with the source", .zhHans: "??{1} 了解更多，并附源代码"],
    "build and adapt": [.en: "build and adapt", .zhHans: "构建与适配"],
    "train": [.en: "train", .zhHans: "训练"],
    "look": [.en: "look", .zhHans: "观察"],
    "time": [.en: "time", .zhHans: "时间"],
    "files": [.en: "files", .zhHans: "文件"],
    "lessons": [.en: "lessons", .zhHans: "课程"],
    "help and settings": [.en: "help and settings", .zhHans: "帮助与设置"],
    "and": [.en: "and", .zhHans: "还有"],
    "options": [.en: "options", .zhHans: "选项"],
    "examples": [.en: "examples", .zhHans: "示例"],
    "source": [.en: "source", .zhHans: "源代码"],

    "greeting": [
      .en: "build a small model, graft a fine-tuning method onto it, step, look inside.",
      .zhHans: "构建一个小模型，嫁接一种微调方法，逐步训练，观察内部。",
    ],
    "a tour": [.en: "a tour", .zhHans: "导览"],
    "all commands": [.en: "all commands", .zhHans: "所有命令"],
    "about one thing": [.en: "about one thing", .zhHans: "了解其中之一"],
    "begins at once": [.en: "begins at once", .zhHans: "立即开始"],
    "leaves": [.en: "{1} leaves", .zhHans: "{1} 退出"],
    "help": [.en: "help", .zhHans: "帮助"],
    "continues": [.en: "continues", .zhHans: "继续上次"],
    "kept": [.en: "what you did is kept; next time", .zhHans: "已保留所做的一切；下次输入"],
    "recalls": [.en: "{1} recalls the corrected line", .zhHans: "按 {1} 取回更正后的一行"],
    "rest not run": [
      .en: "stopped: the rest of the cell did not run", .zhHans: "已停止：此单元的其余部分没有运行",
    ],
  ]
}
