import Events
import Testing

struct NumbersTests {
  @Test(
    arguments: [
      (0, "0"), (-0.0, "0"), (1, "1"), (-2, "-2"), (0.5, "0.5"), (0.0996, "0.0996"), (0.09963, "0.0996"),
      (0.49999, "0.500"), (0.99951, "1.00"), (0.9995, "1.00"), (-0.33333, "-0.333"), (2.0 / 3, "0.667"),
      (12345.6, "12346"),
      (99999.6, "100000"), (1536, "1536"), (0.001, "0.001"), (0.00099996, "0.00100"), (0.00025, "2.5e-04"),
      (1.23456e-5, "1.23e-05"), (9.999e-6, "1.00e-05"), (1e-5, "1e-05"), (8.1e-15, "8.1e-15"),
      (1.5e7, "1.5e+07"),
      (9_999_999, "9999999"), (9_999_999.9, "1.00e+07"), (12_345_678, "1.23e+07"), (999_999.9, "1000000"),
      (1e300, "1e+300"), (.leastNonzeroMagnitude, "5e-324"), (123.456, "123"),
      (.infinity, "inf"), (-.infinity, "-inf"), (.nan, "nan"),
    ] as [(Double, String)])
  func threeDigits(x: Double, text: String) { #expect(formatted(x) == text) }

  @Test func otherDigits() {
    #expect(formatted(2.0 / 3, digits: 1) == "0.7")
    #expect(formatted(2.0 / 3, digits: 6) == "0.666667")
    #expect(formatted(0.1 + 0.2, digits: 17) == "0.30000000000000004")
    #expect(formatted(3.7, digits: 0) == "4")
  }

  @Test func floatsHaveTheirOwnDigits() {
    #expect(formatted(Float(0.1), digits: 9) == "0.1")
    #expect(formatted(Float(1) / 3) == "0.333")
    #expect(formatted(-Float.zero) == "0")
    #expect(formatted(Float.leastNonzeroMagnitude) == "1e-45")
    #expect(Double(shortest: Float(0.1)) == 0.1)
  }

  /// Zero is the only number that is printed as zero, and every text reads back near the number.
  @Test func onlyZeroIsZero() throws {
    var x = Double.leastNonzeroMagnitude * 1e7
    while x < 1e300 {
      for y in [x, -x] {
        let text = formatted(y)
        let back = try #require(Double(text), "\(text)")
        #expect(back != 0 && abs(back / y - 1) <= 0.005001, "\(y) \(text)")
      }
      x *= 37.3
    }
  }

  @Test func wholeNumbers() {
    #expect(
      [0, 7, 999, 1000, 39_648, -1_234_567, 100_000].map(grouped)
        == ["0", "7", "999", "1,000", "39,648", "-1,234,567", "100,000"])
    #expect(grouped(.min) == "-9,223,372,036,854,775,808")
  }

  @Test func perCent() {
    #expect(
      [0, 1, 0.5, 0.0373, 0.07, 0.99999, 2].map { percentage($0) } == [
        "0 %", "100 %", "50 %", "3.73 %", "7 %", "99.999 %", "200 %",
      ])
  }

  @Test func sizes() {
    #expect(
      [0, 512, 1024, 158_592, 1 << 20, 268_435_456, 1_048_575].map(bytes)
        == ["0 B", "512 B", "1.0 KB", "154.9 KB", "1.0 MB", "256.0 MB", "1.0 MB"])
    #expect(bytes(.max).hasSuffix(" TB"))
  }

  @Test(
    arguments: [
      (0, "0 s"), (0.0004, "0.4 ms"), (0.34, "340 ms"), (0.9999, "1.0 s"), (1.3, "1.3 s"),
      (59.96, "1 min 00 s"),
      (125, "2 min 05 s"), (3599.6, "1 h 00 min"), (3840, "1 h 04 min"), (.nan, "nan s"), (-1.5, "-1.5 s"),
    ] as [(Double, String)])
  func times(seconds: Double, text: String) { #expect(duration(seconds) == text) }
}
