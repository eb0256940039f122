import Data
import Engine
import Networks
import Options

/// What a frozen vision model says of pictures in a few tokens each, for a language model that learns to see.
///
///     token = mean of norm(blocks(x)) over the patches of one cell of a grid        [pictures, grid·grid, width]
public enum ImageTokens {
  /// Runs pictures through a vision model, a hundred at a time; an interrupt, raised once, ends it with
  /// `EngineError.interrupted`. `grid` must divide the patches of a side.
  public static func features(
    of pictures: LabelledPictures, by model: Model, grid: Int = 2, interrupt: Interrupt? = nil
  ) throws -> Features {
    var values: [Float] = [], width = 0
    for start in stride(from: 0, to: pictures.count, by: 100) {
      if interrupt?.isRaised == true { throw EngineError.interrupted }
      let places = Array(start..<min(start + 100, pictures.count))
      let shape = [places.count, 1, pictures.height, pictures.width]
      let pixels = try Tensor(shape, pictures.values(places))
      let states = try model.network.hidden(Input(pixels: pixels), Pass(isBase: true)).states
      let count = states.shape[1] - 1  // without the class token
      let side = (1...max(1, count)).first { $0 * $0 >= count } ?? 1
      guard side * side == count, side % grid == 0 else {
        throw Failure("\(count) patches make no grid of \(grid)×\(grid).")
      }
      width = states.width
      let cells = try states.slice(axis: 1, 1..<count + 1)
        .reshaped([places.count, grid, side / grid, grid, side / grid, width]).mean(axes: [2, 4])
      values += cells.scalars
    }
    return Features(tokens: grid * grid, width: width, values: values)
  }
}
