internal import Glibc

/// Says on the standard error what is done next; the standard output holds the table only.
func progress(_ text: String) {
    let line = Array("\(text)\n".utf8)
    _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
}
