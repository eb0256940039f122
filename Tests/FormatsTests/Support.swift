import FileSystem

/// The folder of files that Python wrote (Scripts/golden_formats.py).
let golden = Path.join(Path.parent(of: #filePath), "Golden")

/// A safetensors file from a header and the tensors' bytes.
func safetensors(_ header: String, _ data: [UInt8] = []) -> [UInt8] {
  withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) } + Array(header.utf8) + data
}
