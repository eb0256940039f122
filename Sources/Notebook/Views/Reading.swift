import Data
import Engine
import Networks
import Options
import Training

/// What a view runs the model on: the batch of the next step, a text, or a probe where there is no data.
struct Reading {
  /// Tokens and mask.
  let input: Input
  /// Which tokens they are, in words.
  let name: String
  /// The tokens as they are shown, [rows][columns]; padding is `pad`.
  let tokens: [[String]]
  /// What a decoder of its own reads, as it is shown, [rows][columns]; empty: there is none.
  var written: [[String]] = []

  /// Of a batch.
  init(_ batch: Batch, _ tokenizer: any Tokenizer, name: String, of model: Model) {
    input = Input(batch)
    if batch.pictures != nil {
      tokens = Self.patches(of: model, rows: batch.rows)
      self.name = name
      return
    }
    tokens = zip(batch.ids, batch.keep).map { ids, keep in
      zip(ids, keep).map { $1 == 1 ? tokenizer.token($0) : "pad" }
    }
    self.name = name
    written = zip(batch.written?.ids ?? [], batch.written?.keep ?? []).map { ids, keep in
      zip(ids, keep).enumerated().map { i, one in
        one.1 == 0 ? "pad" : i == 0 ? "start" : tokenizer.token(one.0)
      }
    }
  }

  /// Of one row of tokens.
  init(_ ids: [Int], _ tokenizer: any Tokenizer, name: String) {
    input = Input([ids])
    tokens = [ids.map(tokenizer.token)]
    self.name = name
  }

  /// Of an input made up for a model.
  init(_ input: Input, _ tokenizer: any Tokenizer, of model: Model) {
    self.input = input
    let isText = input.pixels == nil
    tokens = isText ? input.ids.map { $0.map(tokenizer.token) } : Self.patches(of: model, rows: 1)
    name =
      isText
      ? "a probe of \(input.ids[0].count) tokens, as there is no task"
      : "a picture drawn by chance, as there is no task"
  }

  /// The positions of a model that reads pictures: the class token, then patches by row and column.
  private static func patches(of model: Model, rows: Int) -> [[String]] {
    let count = (model.site("positions")?.width.in ?? 1) - 1, side = Int(Double(count).squareRoot())
    let names = ["cls"] + (0..<count).map { "\($0 / max(1, side)),\($0 % max(1, side))" }
    return [[String]](repeating: names, count: rows)
  }

  /// What embeddings look up: `16×16 ids`, rows and columns; in a picture, places.
  var indices: String {
    input.pixels == nil ? shapeText([input.ids.count, input.ids.first?.count ?? 0]) + " ids" : "places"
  }
}

/// A run of a model that was looked at.
struct Look {
  /// What was read.
  let reading: Reading
  /// What the sites read and gave.
  let trace: Trace
  /// The column of the reading that each position came from, −1 for positions that a method added; by row.
  let columns: [[Int]]
  /// The same for what an encoder read, where a decoder of its own has the columns.
  var read: [[Int]]?

  /// The positions of a row as they are shown: what a place reads, or what its keys come from.
  func names(_ row: Int, at site: Site, keys: Bool = false) -> [String] {
    let isRead = site.stack == .encoder || keys && site.heads?.isCross == true
    let columns = isRead ? read ?? self.columns : self.columns
    let written = reading.written.isEmpty ? [["start"]] : reading.written
    let tokens = read == nil || isRead ? reading.tokens[row] : written[min(row, written.count - 1)]
    var prompt = -1
    return columns[row].map { column in
      if tokens.indices.contains(column) { return tokens[column] }
      prompt += 1
      return "p\(prompt)"
    }
  }
}

extension Subject {
  /// What views run the model on.
  func reading(_ text: String = "", at place: Range<Int>? = nil) throws -> Reading {
    if !text.isEmpty { return Reading(try tokens(text, at: place), tokenizer, name: "the text “\(text)”") }
    if source != nil {
      return Reading(
        try batch(), tokenizer, name: "the batch of step \(trainer.state.step + 1)", of: model)
    }
    let context = model.size(model.architecture.sizes.context) ?? 16
    return Reading(model.sample(max(1, min(8, context / 2))), tokenizer, of: model)
  }

  /// The ids of a text that the model is to read; throws when there are none, or more than fit.
  func tokens(_ text: String, at place: Range<Int>? = nil) throws -> [Int] {
    do {
      let ids = try tokenizer.encodeWhole(text, isOpen: model.network.answers == .positions)
      guard !ids.isEmpty else {
        throw Failure("there is no text to read.", cure: "Give at least one token: \"e\"")
      }
      let context = model.size(model.architecture.sizes.context) ?? Int.max
      guard ids.count <= context else {
        throw Failure(
          "the text has \(ids.count) tokens; the model's context is \(context).", cure: "Give a shorter text."
        )
      }
      return ids
    } catch let failure as Failure { throw failure.at(place) }
  }

  /// Runs the model on a reading in evaluation mode and keeps what the chosen sites read and gave.
  func look(
    _ reading: Reading, interrupt: Interrupt? = nil, _ wants: @escaping (Site) -> Bool = { _ in true }
  ) throws -> Look {
    let trace = Trace(wants)
    let pass = Pass(trace: trace, interrupt: interrupt)
    let hidden = try model.network.hidden(reading.input, pass)
    switch model.network.answers {
    case .rows: _ = try model.network.logits(model.network.summary(hidden, pass), pass)
    case .positions, .tokens:
      if wants(model.network.head) { _ = try model.network.logits(hidden.states, pass) }
    }
    return Look(reading: reading, trace: trace, columns: hidden.columns, read: pass.memory?.columns)
  }
}
