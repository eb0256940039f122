import Testing

@testable import Notebook

/// `optimizer compute=bf16`: only where it was asked for, in steps only, undone and saved as any other setting.
@Suite struct HalfProductsTests {
  @Test func onlyStepsAndOnlyWhenAsked() throws {
    let plain = try TimeBench.small("attach lora r=2"), half = try TimeBench.small("attach lora r=2")
    let start = half.hash
    #expect(try !half.run("optimizer").contains("bf16"))
    #expect(try half.run("optimizer compute=bf16").contains("frozen weights multiply in bf16"))
    #expect(half.hash != start)
    for _ in 0..<2 { try plain.run("optimizer") }  // as many cells, so that answers have the same number
    #expect(try half.run("loss()") == plain.run("loss()"), "evaluation stays float32")
    for bench in [plain, half] { try bench.run("step 20") }
    #expect(plain.losses != half.losses)
    for (a, b) in zip(plain.losses, half.losses) { #expect(abs(a - b) < 0.02 * a) }
    try half.run("undo 2")
    #expect(half.hash == start)
    try half.run("step 20")
    #expect(half.losses == plain.losses)
    try half.run("optimizer compute=bf16")
    #expect(try !half.run("optimizer compute=f32").contains("bf16"))
  }

  @Test func itIsSavedAndGoesOnTheSame() throws {
    let bench = try TimeBench.small("attach lora r=2", "optimizer compute=bf16", "step 4", "save work")
    let again = try TimeBench(Session(surroundings: bench.session.surroundings) { _ in })
    try again.run("load work")
    #expect(again.hash == bench.hash)
    for bench in [bench, again] { try bench.run("step 3") }
    #expect(again.losses == bench.losses && again.hash == bench.hash)
  }
}
