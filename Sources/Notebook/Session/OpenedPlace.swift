import Data
import FileSystem
import Formats
import Options

/// What was typed after `open`, as a path: a folder or file, a model that `get` fetches, or one in the cache of
/// Hugging Face's libraries.
struct OpenedPlace {
  /// Where it is.
  let path: String
  /// A word on how it was found, where that is not plain.
  var note: String?

  /// Finds it; throws with what to do where there is none.
  init(_ typed: String, _ session: Session) throws {
    let surroundings = session.surroundings, files = surroundings.files
    let plain = session.path(typed)
    if try files.exists(plain) {
      path = plain
      return
    }
    if let model = ModelPackage.named(typed) {
      guard model.isThere(surroundings.places) else {
        throw Failure("\(typed) is not here yet: \(model.what).", cure: "Type: get \(typed)")
      }
      path = model.home(surroundings.places)
      return
    }
    guard HuggingFaceCache.isName(typed),
      let cache = HuggingFaceCache(files: files, environment: surroundings.environment)
    else {
      let failure = files.missing(plain), near = nearest(to: typed, among: ModelPackage.all.map(\.name))
      throw near.map { Failure(failure.what, cure: "Did you mean “\($0)”?") } ?? failure
    }
    guard let found = try cache.folder(of: typed) else {
      let near = nearest(to: typed, among: cache.names)
      throw Failure(
        "there is no \(shown(typed)), as a folder or in \(cache.hub).",
        cure: near.map { "Did you mean “\($0)”?" }
          ?? "Graft does not download it: fetch it first, or name its folder.")
    }
    path = found
    note = "from the cache, \(found)"
  }
}
