/// Small dialogues about opposites, made by rule: something to try the mask on without a file.
public enum ExampleDialogues {
  private static let opposites = [
    ("good", "bad"), ("happy", "sad"), ("hot", "cold"), ("big", "small"), ("fast", "slow"), ("new", "old"),
    ("long", "short"), ("high", "low"), ("early", "late"), ("easy", "hard"), ("light", "dark"),
    ("full", "empty"),
    ("rich", "poor"), ("strong", "weak"), ("young", "old"), ("clean", "dirty"), ("love", "hate"),
    ("right", "wrong"),
    ("first", "last"), ("open", "closed"),
  ]

  /// Forty dialogues of one question and twenty of two.
  public static var all: [Dialogue] {
    let words = opposites + opposites.map { ($1, $0) }
    func ask(_ word: String) -> Turn { Turn("user", "What is the opposite of \(word)?") }
    let single = words.map { Dialogue([ask($0.0), Turn("assistant", "It is \($0.1).")]) }
    let double = (0..<20).map { i -> Dialogue in
      let (a, b) = (words[i], words[(i * 7 + 3) % words.count])
      return Dialogue([
        ask(a.0), Turn("assistant", "It is \(a.1)."), Turn("user", "And of \(b.0)?"),
        Turn("assistant", "It is \(b.1)."),
      ])
    }
    return single + double
  }
}
