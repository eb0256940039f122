import Options

/// One file of a folder that is written as a whole.
public struct FolderPart {
  /// Its plain name.
  public let name: String
  /// Writes its contents.
  public let fill: FileFill

  /// A file from its name and what writes it.
  public init(_ name: String, _ fill: @escaping FileFill) {
    self.name = name
    self.fill = fill
  }

  /// A file from its name and text.
  public init(_ name: String, text: String) {
    self.init(name) { sink in try Array(text.utf8).withUnsafeBytes(sink) }
  }
}

// A crash at any moment leaves the old or the new, never half: contents are written aside and brought to the
// disk, then one rename or exchange makes them visible, then the folder that holds the name is brought to the
// disk.
extension Files {
  /// Replaces or creates one file, all or nothing; a link at the path is replaced, not followed.
  public func write(_ path: String, _ fill: FileFill) throws {
    switch try kind(at: path) {
    case .folder: throw Failure("\(shown(path)) is a folder.", cure: "Name a file to write.")
    case .other(let what): throw Path.refusal(path, is: what)
    case .file, nil: try requireParent(of: path)
    }
    let aside = path + ".graft-new"
    do {
      try create(aside, fill)
      try rename(aside, to: path)
    } catch {
      try? remove(aside)  // the first error is the one to report
      throw error
    }
    try sync(folder: Path.parent(of: path))
  }

  /// Replaces or creates one file by some bytes, all or nothing.
  public func write(_ path: String, bytes: [UInt8]) throws {
    try write(path) { sink in try bytes.withUnsafeBytes(sink) }
  }

  /// Replaces or creates one file by a text in UTF-8, all or nothing.
  public func write(_ path: String, text: String) throws { try write(path, bytes: Array(text.utf8)) }

  /// Replaces or creates a folder, all or nothing: written as `PATH.new`, then exchanged with what was there.
  ///
  /// Other regular files in the old folder (a model card, notes) are kept. A folder that holds none of these
  /// names, or that holds folders, is not ours to replace and is refused.
  public func writeFolder(_ path: String, _ parts: [FolderPart]) throws {
    let path = Path.trimmed(path)
    try Path.check(path)
    guard Path.isPlainName(Path.last(of: path)) else {
      throw Failure(
        "\(shown(path)) cannot be replaced as a whole.", cure: "Name a new folder, such as adapters/one.")
    }
    try recoverFolder(path)
    let names = parts.map(\.name), kept = try namesToKeep(in: path, beside: names)
    let new = path + ".new", old = path + ".graft-old"
    for stale in [new, old] { try removeRest(stale, knowing: names + kept) }
    do {
      try makeFolder(new)
      for part in parts { try create(Path.join(new, part.name), part.fill) }
      for name in kept {
        let bytes = try bytes(of: Path.join(path, name))
        try create(Path.join(new, name)) { sink in try bytes.withBytes(sink) }
      }
      try sync(folder: new)
      try putInPlace(new, as: path, old: old)
    } catch {
      try? removeRest(new, knowing: names + kept)
      throw error
    }
    try sync(folder: Path.parent(of: path))
    // The new folder stands. If the old one cannot be removed, the next writing will.
    for rest in [new, old] { try? removeRest(rest, knowing: names + kept) }
  }

  /// Completes a replacement that was cut off between two renames, on systems that cannot exchange two names.
  public func recoverFolder(_ path: String) throws {
    let path = Path.trimmed(path), old = path + ".graft-old"
    if try kind(at: path) == nil, try kind(at: old) == .folder { try rename(old, to: path) }
  }

  private func requireParent(of path: String) throws {
    let parent = Path.parent(of: path)
    if try kind(at: parent) == .folder { return }
    throw Failure(
      "there is no folder \(shown(parent)) to write \(shown(Path.last(of: path))) in.", cure: "Make it first."
    )
  }

  /// Gives a finished folder its name; what had the name comes under one of the other two.
  func putInPlace(_ new: String, as path: String, old: String) throws {
    if try !exists(path) { return try rename(new, to: path) }
    if try exchange(new, path) { return }
    try rename(path, to: old)
    do { try rename(new, to: path) } catch {
      try? rename(old, to: path)
      throw error
    }
  }

  /// The names in a folder that stay when it is replaced; throws where the folder is not ours to replace.
  private func namesToKeep(in path: String, beside new: [String]) throws -> [String] {
    switch try kind(at: path) {
    case nil:
      try requireParent(of: path)
      return []
    case .file, .other:
      throw Failure("\(shown(path)) is there and is not a folder.", cure: "Name another folder.")
    case .folder: break
    }
    let present = try names(in: path)
    for name in present {
      guard case .file = try kind(at: Path.join(path, name)) else {
        throw Failure(
          "\(shown(path)) holds \(shown(name)), which is not a regular file, so it is not replaced.",
          cure: "Name another folder.")
      }
    }
    if !present.isEmpty, !present.contains(where: new.contains) {
      throw Failure(
        "\(shown(path)) holds other things, such as \(shown(present[0])), so it is not replaced.",
        cure: "Name a new folder.")
    }
    return present.filter { !new.contains($0) }
  }

  /// Removes what an interrupted writing left; a folder with anything else in it is somebody's own and
  /// refused.
  private func removeRest(_ path: String, knowing known: [String]) throws {
    guard let kind = try kind(at: path) else { return }
    let rest = kind == .folder ? try names(in: path) : []
    if kind != .folder || !rest.allSatisfy(known.contains) {
      throw Failure("\(shown(path)) is in the way: it is needed for writing aside.", cure: "Move it away.")
    }
    for name in rest { try remove(Path.join(path, name)) }
    try remove(path)
  }
}
