/// Common English words of praise and blame, for a reward or a judge that needs no model.
public enum Lexicon {
  /// Words of praise.
  public static let good: Set<String> = [
    "amazing", "awesome", "beautiful", "best", "brilliant", "charming", "cool", "delightful", "easy", "enjoy",
    "enjoyed", "excellent", "excited", "fantastic", "favorite", "fine", "fun", "funny", "glad", "good",
    "great",
    "happy", "hope", "impressive", "interesting", "laugh", "like", "lol", "love", "loved", "lovely", "moving",
    "nice", "perfect", "pleasant", "pretty", "recommend", "smart", "smile", "strong", "super", "sweet",
    "thank",
    "thanks", "touching", "well", "win", "wonderful", "worth", "wow", "yay",
  ]
  /// Words of blame.
  public static let bad: Set<String> = [
    "angry", "annoying", "awful", "bad", "bored", "boring", "broken", "cheap", "crap", "cry", "dead",
    "difficult",
    "disappointed", "disappointing", "dull", "fail", "failed", "fails", "hate", "hated", "horrible", "hurt",
    "lame", "lost", "mad", "mess", "miss", "no", "not", "pain", "poor", "problem", "problems", "sad", "sick",
    "slow", "sorry", "stupid", "suck", "sucks", "terrible", "tired", "ugly", "upset", "weak", "worse",
    "worst",
    "wrong",
  ]
  /// Praise less blame.
  public static var reward: any Reward { LexiconReward() }
}

/// Praise less blame by the lexicon.
struct LexiconReward: Reward, Sendable {
  private let words = WordReward(good: Lexicon.good, bad: Lexicon.bad)
  let line = "reward lexicon"
  func scores(_ answers: [Answer]) throws -> [Float] { try words.scores(answers) }
}
