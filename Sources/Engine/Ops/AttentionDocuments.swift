/// Where the documents of packed rows lie: each is read by itself, as if it had a row of its own.
struct DocumentLayout {
  /// Row and first column of each document, and its length.
  let pieces: [(row: Int, start: Int, length: Int)]
  let rows: Int, time: Int
  /// The length of the longest.
  var longest: Int { pieces.map(\.length).max() ?? 0 }

  /// From the number of each column's document, by row; columns of filling have one below 0.
  init(_ documents: [[Int]]) {
    rows = documents.count
    time = documents.first?.count ?? 0
    var pieces: [(row: Int, start: Int, length: Int)] = []
    for (row, numbers) in documents.enumerated() {
      var start = 0
      while start < numbers.count {
        var end = start + 1
        while end < numbers.count, numbers[end] == numbers[start] { end += 1 }
        if numbers[start] >= 0 { pieces.append((row, start, end - start)) }
        start = end
      }
    }
    self.pieces = pieces
  }

  /// The place in [rows·time] of each column of [documents, longest]; short documents are filled with their last one.
  var apart: [Int] {
    pieces.flatMap { piece in
      (0..<longest).map { piece.row * time + piece.start + min($0, piece.length - 1) }
    }
  }

  /// The place in [documents·longest] of each column of [rows, time]; filling finds the row behind them all.
  var together: [Int] {
    var back = [Int](repeating: pieces.count * longest, count: rows * time)
    for (number, piece) in pieces.enumerated() {
      for i in 0..<piece.length { back[piece.row * time + piece.start + i] = number * longest + i }
    }
    return back
  }

  /// The mask of the documents' own columns, [documents][longest].
  var mask: [[UInt8]] { pieces.map { piece in (0..<longest).map { $0 < piece.length ? 1 : 0 } } }
}

extension Tensor {
  /// Attention of packed rows: every document reads itself alone. Rows are laid out a document a row, attended, and put
  /// back; the filling of a row gets 0.
  static func attentionByDocument(
    q: HeadColumns, k: HeadColumns, v: HeadColumns, extra: (keys: Tensor, values: Tensor)?,
    bias: Tensor?, _ form: AttentionForm, _ documents: [[Int]], weights: ((Tensor) -> Void)?
  ) throws -> Tensor {
    let layout = DocumentLayout(documents), shape = q.tensor.shape, count = layout.pieces.count
    guard count > 0, shape.count == 3, shape[0] == layout.rows, shape[1] == layout.time,
      k.tensor.shape.prefix(2) == shape.prefix(2), v.tensor.shape.prefix(2) == shape.prefix(2)
    else {
      throw EngineError.shapes(
        op: "attention", "documents of \(layout.rows) rows of \(layout.time) do not fit \(shape)")
    }
    func apart(_ x: Tensor) throws -> Tensor {
      try x.reshaped([layout.rows * layout.time, x.width]).gather(
        layout.apart, shape: [count, layout.longest])
    }
    let own = try apart(q.tensor)
    func columns(_ x: HeadColumns) throws -> HeadColumns {
      // A fused projection is laid out once, so that its parts stay parts of one tensor.
      let isSame = x.tensor.sharesNumbers(with: q.tensor) && x.tensor.origin?.index == q.tensor.origin?.index
      var copy = x
      copy.tensor = isSame ? own : try apart(x.tensor)
      return copy
    }
    func each(_ x: Tensor) throws -> Tensor {
      guard x.shape.count == 3 else { return x }
      let flat = try x.reshaped([x.shape[0], x.shape[1] * x.width]).gather(layout.pieces.map(\.row))
      return try flat.reshaped([count, x.shape[1], x.width])
    }
    var inner = form
    inner.mask = layout.mask.contains { $0.contains(0) } ? KeyMask(layout.mask) : nil
    // A bias goes by distance alone: that of a row's start serves every document.
    let before = extra?.keys.shape.dropLast().last ?? 0
    let near = try bias?.slice(axis: 1, 0..<layout.longest).slice(axis: 2, 0..<before + layout.longest)
    let y = try attention(
      q: columns(q), k: columns(k), v: columns(v),
      extra: extra.map { (try each($0.keys), try each($0.values)) }, bias: near, inner,
      weights: weights.map { show in { show(layout.spread($0)) } })
    let rows = try Tensor.concat(
      [y.reshaped([count * layout.longest, y.width]), Tensor.zeros([1, y.width])], axis: 0)
    return try rows.gather(layout.together, shape: [layout.rows, layout.time])
  }
}

extension DocumentLayout {
  /// Probabilities [documents, heads, longest, extra + longest] as [rows, heads, time, extra + time].
  fileprivate func spread(_ weights: Tensor) -> Tensor {
    let heads = weights.shape[1], extra = weights.width - longest
    let out = Tensor.zeros([rows, heads, time, extra + time])
    let to = out.storage.floats
    weights.read { from in
      for (number, piece) in pieces.enumerated() {
        for h in 0..<heads {
          for i in 0..<piece.length {
            let a = from + ((number * heads + h) * longest + i) * (extra + longest)
            let b = to + ((piece.row * heads + h) * time + piece.start + i) * (extra + time)
            for j in 0..<extra { b[j] = a[j] }
            for j in 0..<piece.length { b[extra + piece.start + j] = a[extra + j] }
          }
        }
      }
    }
    return out
  }
}
