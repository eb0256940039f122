// Trains the small bases that travel with the program:
//
//     swift run -c release bases [alphabet|reviews|vision] [--data DIR] [--to DIR] [--steps N] [--rate X]
//
// Read Alphabet.swift, then Reviews.swift and Vision.swift, each from top to bottom.
import Options

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

do {
  let call = try Call(Array(CommandLine.arguments.dropFirst()))
  if call.wants("alphabet") { try AlphabetBase(call).make() }
  if call.wants("reviews") { try ReviewsBase(call).make() }
  if call.wants("vision") { try VisionBase(call).make() }
} catch let failure as Failure {
  print(failure)
  exit(1)
}
