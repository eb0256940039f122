import CKernels
import Testing

extension KernelTests {
  @Suite struct ChoiceTests {
    @Test func tableByName() {
      defer { _ = ck_use(nil) }
      for name in tables {
        #expect(ck_use(name) == 1)
        #expect(String(cString: ck_name()) == name)
      }
      #expect(ck_use("abacus") == 0)
      #expect(String(cString: ck_name()) == tables.last, "a refused name changes nothing")
    }
  }
}
