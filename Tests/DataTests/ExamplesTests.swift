import Options
import Testing

@testable import Data

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct ExamplesTests {
  @Test func aRowGoesOnByItsSkillAndWrapsAround() {
    let letters = CharacterTokenizer.alphabet
    #expect(letters.decode(AlphabetTask.row(start: 4, skill: 2, length: 16)) == "egikmoqsuwyacegi")
    #expect(letters.decode(AlphabetTask.row(start: 1, skill: -1, length: 4)) == "bazy")
    #expect(letters.decode(AlphabetTask.row(start: 20, skill: 5, length: 4)) == "uzej")
    #expect(AlphabetTask.row(start: .max, skill: .min, length: 3).allSatisfy { (0..<26).contains($0) })
  }

  @Test func everyNextLetterCountsAndTheFirstDoesNot() throws {
    let example = try AlphabetTask().example(7)
    #expect(example.labels[0] == Example.ignored)
    #expect(Array(example.labels.dropFirst()) == Array(example.ids.dropFirst()))
    #expect(example.counted == 15)
  }

  @Test func examplesAreAPureFunctionOfSeedAndIndex() throws {
    let task = try AlphabetTask(seed: 5)
    #expect(task.examples(step: 3, rows: 4) == (12..<16).map { task.example($0) })
    #expect(task.examples(step: 3, rows: 4) == (try AlphabetTask(seed: 5)).examples(step: 3, rows: 4))
    #expect(task.examples(step: 3, rows: 4) != (try AlphabetTask(seed: 6)).examples(step: 3, rows: 4))
    // The numbers themselves are part of the contract: a change would change every trained base.
    #expect(task.examples(step: 0, rows: 4).map { $0.ids[0] } == [16, 16, 7, 13])
  }

  @Test func startsAndSkillsAreEven() throws {
    let task = try AlphabetTask()
    var starts = [Int](repeating: 0, count: 26)
    var skills = [Int](repeating: 0, count: 4)
    for i in 0..<26_000 {
      let example = task.example(i)
      starts[example.ids[0]] += 1
      skills[example.choice ?? 0] += 1
    }
    // Six standard deviations.
    #expect(starts.allSatisfy { abs($0 - 1000) < 190 })
    #expect(skills.allSatisfy { abs($0 - 6500) < 420 })
  }

  @Test func theLossFloorIsTheEntropyOfTheSkills() throws {
    #expect(abs(try AlphabetTask().lossFloor - log(4) / 15) < 1e-12)
    #expect(try AlphabetTask(skills: [2]).lossFloor == 0)
    #expect(try AlphabetTask(skills: [2, 28]).lossFloor == 0)
    #expect(abs(try AlphabetTask(skills: [1, 1, 2], length: 2).lossFloor - 0.6365141682948128) < 1e-12)
    #expect(try AlphabetTask().whole.count == 104)
  }

  @Test func skillsAreReadAsTyped() throws {
    #expect(try AlphabetTask.skill("+2") == 2)
    #expect(try AlphabetTask.skill("−1") == -1)
    #expect(try AlphabetTask(skills: [1, -1]).name == "+1 −1")
    for wrong in ["", "x", "0", "26", "+", "99999999999999999999"] {
      #expect(throws: Failure.self) { try AlphabetTask.skill(wrong) }
    }
    #expect(throws: Failure.self) { try AlphabetTask(skills: []) }
    #expect(throws: Failure.self) { try AlphabetTask(length: 1) }
  }

  @Test func aGuesserOfTheSkillIsRightOnAllButTheFirstLetter() throws {
    let batch = try Batch(try AlphabetTask().examples(step: 0, rows: 64), pad: 0)
    // Guesses +1 first; then goes on as the two letters before.
    let guesses = batch.ids.map { row in
      row.indices.map { i in i == 0 ? (row[0] + 1) % 26 : (2 * row[i] - row[i - 1] + 52) % 26 }
    }
    var accuracy = NextTokenAccuracy()
    accuracy.add(predictions: guesses, targets: batch.targets)
    #expect(accuracy.counted == 64 * 15)
    #expect(accuracy.firstCounted == 64)
    #expect(accuracy.first < 0.5)
    #expect(accuracy.right - accuracy.firstRight == 64 * 14)
    #expect(accuracy.overall == Double(accuracy.right) / 960)
  }

  @Test func batchesFillOnEitherSide() throws {
    let rows = [
      try Example(ids: [5, 6, 7], labels: [-100, -100, 7], choice: 1),
      try Example(ids: [8, 9], labels: [8, 9]),
    ]
    let left = try Batch(rows, pad: 0)
    #expect(left.ids == [[5, 6, 7], [0, 8, 9]])
    #expect(left.keep == [[1, 1, 1], [0, 1, 1]])
    #expect(left.labels == [[-100, -100, 7], [-100, -100, 9]])
    #expect(left.targets == [[-100, 7, -100], [-100, 9, -100]])
    #expect(left.positions == [[0, 1, 2], [0, 0, 1]])
    #expect(left.choices == [1, nil])
    #expect(left.counted == 2)
    let right = try Batch(rows, pad: 3, side: .right, columns: 4)
    #expect(right.ids == [[5, 6, 7, 3], [8, 9, 3, 3]])
    #expect(right.keep == [[1, 1, 1, 0], [1, 1, 0, 0]])
    #expect(right.targets == [[-100, 7, -100, -100], [9, -100, -100, -100]])
    #expect(throws: Failure.self) { try Batch([], pad: 0) }
    #expect(throws: Failure.self) { try Batch(rows, pad: 0, columns: 2) }
    #expect(throws: Failure.self) { try Example(ids: [1], labels: []) }
  }

  @Test func placesShowTokensMaskAndTargets() throws {
    let batch = try Batch([try Example(ids: [0, 1]), try Example(ids: [2, 3, 4])], pad: 25)
    let places = batch.places(row: 0, CharacterTokenizer.alphabet)
    #expect(places.map(\.token) == ["z", "a", "b"])
    #expect(places.map(\.isReal) == [false, true, true])
    #expect(places.map(\.target) == [nil, 1, nil])
    #expect(places.map(\.targetToken) == ["", "b", ""])
    #expect(batch.places(row: 2, CharacterTokenizer.alphabet).isEmpty)
  }

  @Test(arguments: [0, 1, 2, 3, 7, 64, 65, 1000])
  func aPermutationIsOneToOne(_ count: Int) {
    let order = Permutation(count: count, seed: 3)
    #expect(order.all.sorted() == Array(0..<count))
    if count > 7 {
      #expect(order.all != Array(0..<count))
      #expect(order.all != Permutation(count: count, seed: 3, round: 1).all)
      #expect(order.all != Permutation(count: count, seed: 4).all)
    }
  }

  @Test func aPermutationIsEven() {
    // Where each of 10 numbers goes, over 5000 rounds: each place about 500 times.
    var hits = [[Int]](repeating: [Int](repeating: 0, count: 10), count: 10)
    for round in 0..<5000 {
      for (place, number) in Permutation(count: 10, seed: 1, round: round).all.enumerated() {
        hits[place][number] += 1
      }
    }
    #expect(hits.joined().allSatisfy { abs($0 - 500) < 130 })
  }

  @Test func aSamplerTakesEachExampleOnceAnEpoch() {
    let sampler = Sampler(count: 10, rows: 4, seed: 2)
    let taken = (0..<5).flatMap { sampler.indices(step: $0) }
    #expect(Array(taken[..<10]).sorted() == Array(0..<10))
    #expect(Array(taken[10...]).sorted() == Array(0..<10))
    #expect(sampler.indices(step: 3) == Sampler(count: 10, rows: 4, seed: 2).indices(step: 3))
    #expect(Sampler(count: 0, rows: 4, seed: 0).indices(step: 0).isEmpty)
  }
}
