import FileSystem

/// Things within things, each with facts after its label: a model's layers, the branches of a tape.
public struct Tree: Shown, Sendable, Equatable {
  static let kind = "tree"
  /// One thing with what is in it.
  public struct Node: Sendable, Equatable {
    /// What it is called.
    public var label: StyledText
    /// What stands after it, in a column of its own.
    public var facts: String
    /// What is in it.
    public var children: [Node]

    /// A thing with what is in it.
    public init(_ label: StyledText, facts: String = "", _ children: [Node] = []) {
      self.label = label
      self.facts = facts
      self.children = children
    }
  }

  /// The outermost things.
  public var roots: [Node]

  /// A tree from its outermost things.
  public init(_ roots: [Node]) { self.roots = roots }

  func lines(_ p: Presentation, width: Int) -> [StyledText] {
    var rows: [(level: Int, branch: String, node: Node)] = []
    func walk(_ nodes: [Node], _ level: Int, _ margin: String) {
      for (i, node) in nodes.enumerated() {
        let isLast = i == nodes.count - 1
        let branch = level == 0 ? "" : margin + (isLast ? "└─ " : "├─ ")
        rows.append((level, branch, node))
        walk(node.children, level + 1, level == 0 ? "" : margin + (isLast ? "   " : "│  "))
      }
    }
    walk(roots, 0, "")
    if p.reader {
      return rows.map { row in
        let text = row.node.label.plain + (row.node.facts.isEmpty ? "" : p.phrase("comma") + row.node.facts)
        return StyledText(p.phrase("level", "\(row.level + 1)", text))
      }
    }
    let widest = rows.map { columns(of: $0.branch) + $0.node.label.columns }.max() ?? 0
    let facts = rows.map { columns(of: $0.node.facts) }.max() ?? 0
    let start = min(widest, max(width * 2 / 5, width - facts - 2))
    return rows.map { line($0.branch, $0.node, start: start, width: width) }
  }

  /// Branch and label, then the facts in their column; of a branch too deep for the width the end is shown.
  private func line(_ branch: String, _ node: Node, start: Int, width: Int) -> StyledText {
    let margin = StyledText.dim(branch).tail(start / 2)
    let room = (node.facts.isEmpty ? width : start) - margin.columns
    let head = margin + node.label.truncated(to: room)
    if node.facts.isEmpty { return head }
    return head.padded(to: start) + "  " + StyledText.dim(node.facts).truncated(to: width - start - 2)
  }

  var fields: [(String, JSON)] { [("tree", .array(roots.map(Tree.json)))] }

  private static func json(_ node: Node) -> JSON {
    .object([
      ("label", .string(node.label.plain)), ("facts", .string(node.facts)),
      ("children", .array(node.children.map(json))),
    ])
  }
}
