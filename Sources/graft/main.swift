import Events
import Notebook

let renderer = PlainText(Presentation())
let session = Session { print(renderer.text(of: $0, cell: 1)) }
while let line = readLine() {
  print("graft> " + line)
  session.execute(line)
}
