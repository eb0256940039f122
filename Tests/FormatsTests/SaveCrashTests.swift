import FileSystem
import TestSupport
import Testing

@testable import Formats

/// A crash at any change leaves the session and the adapter that were there, or the new ones.
@Suite struct SaveCrashTests {
  @Test(arguments: [true, false])
  func aSessionAndAnAdapter(exchanges: Bool) throws {
    func save(_ files: any Files, _ x: Float) throws {
      let part = Safetensors.Part("base_model.model.l.lora_A.weight", [2], floats: [x, x])
      try SessionFile.write(text: "\(x)", tensors: [part], to: "/d/s", files: files)
      try AdapterFolder.write(
        config: ["peft_type": "LORA", "r": .number(Double(x))], [part], to: "/d/a", files: files)
    }
    _ = try everyCrash(
      {
        let files = try memory(["/d/z": []], exchanges: exchanges)
        try save(files, 1)
        return files
      }, { try save($0, 2) },
      { files, note in
        let session = try SessionFile("/d/s", files: files), adapter = try AdapterFolder("/d/a", files: files)
        let x = try session.withBytes(of: session.names[0]) { $0.load(as: Float.self) }
        #expect(session.text == "\(x)" && (x == 1 || x == 2), note)
        let y = try adapter.withBytes(of: adapter.tensors[0]) { $0.load(as: Float.self) }
        #expect(adapter.config["r"]?.asNumber == Double(y), note)
      })
  }
}
