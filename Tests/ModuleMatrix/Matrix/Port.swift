import Glibc

/// Free ports on the loopback interface.
enum Port {
    /// The lower of two free ports in a row, found by binding them. Somebody else may take them before they are used.
    static func freePair() throws -> UInt16 {
        for _ in 0..<64 {
            guard let first = bound(to: 0) else { continue }
            defer { close(first.descriptor) }
            guard first.port < .max, let second = bound(to: first.port + 1) else { continue }
            close(second.descriptor)
            return first.port
        }
        throw BringupError("no two ports in a row are free on 127.0.0.1")
    }

    /// A socket that is bound to the port, or to any for 0; nil where it is in use.
    private static func bound(to port: UInt16) -> (descriptor: Int32, port: UInt16)? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 ? getsockname(descriptor, address, &length) : -1
            }
        }
        guard status == 0 else {
            close(descriptor)
            return nil
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }
}
