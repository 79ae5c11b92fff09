/// A command as it comes from the reader, short or extended (ISO/IEC 7816-4 §5.1).
struct CommandAPDU {
    var cla: UInt8
    var ins: UInt8
    var p1: UInt8
    var p2: UInt8
    var data: [UInt8]
    /// How much may be answered at most; nil if the command does not say.
    var le: Int?
    /// Whether lengths have two bytes.
    var isExtended: Bool

    /// Throws `wrongLength` for anything that is no command.
    init(_ bytes: [UInt8]) throws(StatusWord) {
        guard bytes.count >= 4 else { throw .wrongLength }
        (cla, ins, p1, p2) = (bytes[0], bytes[1], bytes[2], bytes[3])
        data = []
        le = nil
        isExtended = false
        let body = bytes[4...]
        guard body.count > 1 else {
            le = body.first.map { $0 == 0 ? 256 : Int($0) }
            return
        }
        isExtended = body[4] == 0
        guard isExtended else {
            let count = Int(body[4])
            data = Array(body.dropFirst().prefix(count))
            switch body.count - 1 - count {
            case 0: break
            case 1: le = bytes[bytes.count - 1] == 0 ? 256 : Int(bytes[bytes.count - 1])
            default: throw .wrongLength
            }
            return
        }
        guard body.count >= 3 else { throw .wrongLength }
        let first = Int(body[5]) << 8 | Int(body[6])
        guard body.count > 3 else {
            le = first == 0 ? 65536 : first
            return
        }
        data = Array(body.dropFirst(3).prefix(first))
        switch body.count - 3 - first {
        case 0: break
        case 2:
            let last = Int(bytes[bytes.count - 2]) << 8 | Int(bytes[bytes.count - 1])
            le = last == 0 ? 65536 : last
        default: throw .wrongLength
        }
    }

    /// Whether more of the same command follows.
    var isChained: Bool { cla & 0x10 != 0 }
}
