import Events
import FileSystem
import Options

extension Session {
  /// Does what shows something, and writes what it showed as a picture too; without a path it only does it.
  ///
  /// Nothing is written where it fails. A file that is no picture is left alone.
  func drawing(to name: String, _ show: () throws -> Void) throws {
    guard !name.isEmpty else { return try show() }
    let path = path(name), files = surroundings.files
    guard path.lowercased().hasSuffix(".svg") else {
      throw Failure("save=\(name): pictures are written as SVG.", cure: "save=\(name).svg")
    }
    if case .file? = try files.kind(at: path), try !files.text(of: path).hasPrefix("<svg") {
      throw Failure("\(name) is there, and is no picture of ours.", cure: "Choose another name")
    }
    var shown: [Event] = []
    let outer = observer
    observer = { event in
      shown.append(event)
      outer(event)
    }
    defer { observer = outer }
    try show()
    let picture = SVG(digits: presentation.digits, language: presentation.language)
    try files.write(path, text: picture.document(shown))
    observer = outer
    say(.dim("as a picture: ") + .code(name))
  }
}
