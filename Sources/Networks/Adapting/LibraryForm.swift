import Options

/// How the `adapters` library (once AdapterHub) writes a method down, as data: its folders are not `peft`'s.
public struct LibraryForm<Method> {
  /// The name of the kind of adapter, for messages.
  public let type: String
  /// The library's module for each of our sites, by `model_type`; `*` stands for the number of a block.
  public let modules: [String: [Architecture.Name]]
  /// Our leaf names with what follows the adapter's name in the file: `adapter_down.0.weight`.
  public let tensors: [(own: String, key: String)]
  /// The library's settings for a method at some places of a block (`mlp.add`), in a model of this width. Null: nil.
  public let write:
    (Method, _ places: Set<String>, _ width: Int) throws -> [(key: String, value: OptionValue?)]
  /// The method for settings, and the places of a block that they name; throws for what it cannot hold, by key.
  public let read: (_ settings: [String: OptionValue]) throws -> (method: Method, places: [String])

  /// A form.
  public init(
    type: String, modules: [String: [Architecture.Name]], tensors: [(own: String, key: String)],
    write: @escaping (Method, Set<String>, Int) throws -> [(key: String, value: OptionValue?)],
    read: @escaping ([String: OptionValue]) throws -> (method: Method, places: [String])
  ) {
    self.type = type
    self.modules = modules
    self.tensors = tensors
    self.write = write
    self.read = read
  }

  /// The library's module of a site in a model; nil: it has none there.
  public func module(of site: Site, in model: Model) -> String? {
    (modules[model.architecture.type] ?? []).lazy.compactMap {
      Architecture.translate(site.name, $0.own, $0.foreign)
    }.first
  }
}
