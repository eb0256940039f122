import FileSystem
import Options
import TestSupport
import Testing

@testable import Formats

@Suite struct FileSignatureTests {
  @Test(
    arguments: [
      (Array("PK\u{3}\u{4}archive/data.pkl".utf8), "can run"),
      ([0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc], "can run"),
      ([0x80, 4, 0x95, 0, 0, 0, 0, 0, 0, 0], "save_file(torch.load(FILE, weights_only=True)"),
      (Array("PK\u{3}\u{4}".utf8), "save_pretrained"),
      (Array("GGUF\u{3}\u{0}\u{0}\u{0}".utf8), "GGUF"), (Array("<!DOCTYPE html><html>".utf8), "web page"),
      (Array("version https://git-lfs.github.com/spec/v1\noid".utf8), "git lfs pull"),
    ] as [([UInt8], String)])
  func namesWhatLiesInPlaceOfWeights(_ bytes: [UInt8], _ words: String) {
    expectFailure(words) { _ = try Safetensors(FileBytes(bytes), path: "/m/adapter_model.safetensors") }
  }

  @Test func aHeaderWhoseLengthLooksLikeAPickleIsRead() throws {
    // A header of 0x280 bytes begins with 80 02, as pickles do.
    let header = "{}" + String(repeating: " ", count: 0x280 - 2)
    #expect(try Safetensors(FileBytes(safetensors(header)), path: "m").entries.isEmpty)
  }

  @Test func theWayOutFitsTheFile() {
    #expect(Pickle.refusal(of: "/a/adapter_model.bin").description.contains("PeftModel"))
    #expect(Pickle.refusal(of: "/a/pytorch_model.bin").description.contains("AutoModel"))
    #expect(Pickle.isNamed("x.pth"))
    #expect(!Pickle.isNamed("x.safetensors"))
  }
}
