// swift-tools-version: 6.0
import PackageDescription

// The module list is the architecture: targets stand in dependency order, and nothing imports upward
// (Tests/ArchitectureTests holds it). System libraries come from Debian; `make deps` installs them.

/// Number loops are 100 to 300 times slower without optimisation, so these targets have it in debug builds too.
let fastC: [CSetting] = [.unsafeFlags(["-O2"])]
let fastSwift: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]

let package = Package(
  name: "graft",
  products: [.executable(name: "graft", targets: ["graft"])],
  targets: [
    // 1. C: BLAS, vector kernels chosen at run time, readline's callbacks.
    .systemLibrary(name: "COpenBLAS", providers: [.apt(["libopenblas-dev"]), .brew(["openblas"])]),
    .target(name: "CKernels", exclude: ["README.md"], cSettings: fastC),
    .systemLibrary(name: "CReadline", providers: [.apt(["libreadline-dev"]), .brew(["readline"])]),
    .target(
      name: "CLine", dependencies: ["CReadline"], exclude: ["README.md"], cSettings: fastC,
      linkerSettings: [.linkedLibrary("readline")]),

    // 2–6. What the notebook stands on.
    .target(name: "Options", exclude: ["README.md"], linkerSettings: [.linkedLibrary("m")]),
    .target(name: "CTexts", exclude: ["README.md"]),
    .target(name: "Texts", dependencies: ["CTexts"], exclude: ["README.md"]),
    .target(
      name: "FileSystem", dependencies: ["Options"], exclude: ["README.md"], swiftSettings: fastSwift),
    .target(
      name: "Engine", dependencies: ["COpenBLAS", "CKernels"], exclude: ["README.md"],
      swiftSettings: fastSwift),
    .target(name: "Networks", dependencies: ["Engine", "Options"], exclude: ["README.md"]),
    .target(name: "Methods", dependencies: ["Engine", "Networks", "Options"], exclude: ["README.md"]),
    .target(
      name: "Data", dependencies: ["FileSystem", "Options"], exclude: ["README.md"], swiftSettings: fastSwift),

    // 7–8. Training, and files.
    .target(
      name: "Training", dependencies: ["Engine", "Networks", "Data", "Options"], exclude: ["README.md"]),
    .target(
      name: "Formats",
      dependencies: ["Engine", "Networks", "Methods", "Data", "Training", "FileSystem", "Options", "Texts"],
      exclude: ["README.md"]),

    // 9–13. What a person sees.
    .target(name: "Events", dependencies: ["FileSystem", "Options"], exclude: ["README.md"]),
    .target(
      name: "Notebook",
      dependencies: [
        "Options", "FileSystem", "Engine", "Networks", "Methods", "Data", "Training", "Formats", "Events",
        "Texts",
      ],
      exclude: ["README.md"]),
    .target(
      name: "Lessons", dependencies: ["Notebook", "Events", "Formats", "FileSystem", "Options"],
      exclude: ["README.md"]),
    .target(name: "Terminal", dependencies: ["Events", "CLine"], exclude: ["README.md"]),
    .executableTarget(
      name: "graft", dependencies: ["Notebook", "Events", "Lessons", "Terminal"], exclude: ["README.md"]),

    // Beside them.
    .executableTarget(
      name: "Benchmarks",
      dependencies: [
        "Engine", "Networks", "Methods", "Data", "Training", "Formats", "FileSystem", "Options", "COpenBLAS",
        "Events", "Notebook",
      ],
      path: "Benchmarks", exclude: ["README.md", "peers", "results"]),
    .executableTarget(
      name: "bases",
      dependencies: ["Formats", "FileSystem", "Training", "Networks", "Engine", "Data", "Options"],
      path: "lessons/models",
      exclude: ["README.md", "alphabet", "reviews", "vision"]),
    .target(name: "CPTY", path: "Tests/CPTY", cSettings: fastC),
    .target(
      name: "TestSupport", dependencies: ["CPTY", "FileSystem", "Options"], path: "Tests/TestSupport",
      swiftSettings: fastSwift),
    .executableTarget(name: "EchoTerminal", dependencies: ["Terminal"], path: "Tests/EchoTerminal"),

    .testTarget(name: "CKernelsTests", dependencies: ["CKernels"]),
    .testTarget(name: "OptionsTests", dependencies: ["Options", "TestSupport"]),
    .testTarget(name: "FileSystemTests", dependencies: ["FileSystem", "TestSupport"], exclude: ["Golden"]),
    .testTarget(name: "EngineTests", dependencies: ["Engine", "CKernels", "TestSupport"]),
    .testTarget(name: "NetworksTests", dependencies: ["Networks", "Engine", "TestSupport"]),
    .testTarget(
      name: "MethodsTests",
      dependencies: ["Methods", "Networks", "Engine", "Training", "Formats", "Data", "TestSupport"]),
    .testTarget(name: "DataTests", dependencies: ["Data", "FileSystem", "TestSupport"], exclude: ["Golden"]),
    .testTarget(
      name: "TrainingTests",
      dependencies: ["Training", "Networks", "Methods", "Engine", "Data", "TestSupport"]),
    .testTarget(
      name: "FormatsTests",
      dependencies: [
        "Formats", "FileSystem", "Methods", "Networks", "Engine", "Data", "Training", "Texts", "TestSupport",
      ],
      exclude: ["Golden"]),
    .testTarget(name: "EventsTests", dependencies: ["Events", "FileSystem", "TestSupport"]),
    .testTarget(name: "NotebookTests", dependencies: ["Notebook", "Events", "FileSystem", "TestSupport"]),
    .testTarget(
      name: "LessonsTests",
      dependencies: ["Lessons", "Notebook", "Events", "Formats", "FileSystem", "TestSupport"]),
    .testTarget(
      name: "TerminalTests", dependencies: ["Terminal", "EchoTerminal", "graft", "Events", "TestSupport"]),
    .testTarget(name: "ArchitectureTests", dependencies: ["Texts", "TestSupport"]),
  ],
  swiftLanguageModes: [.v6]
)
