import CP11Kit
import KeyStoreCore

extension Module {
    /// What the library says of itself, as the attributes `library-…` ask for it.
    struct Library {
        let manufacturer: [UInt8]
        let description: [UInt8]
        let version: [UInt8]
    }

    /// Asks the module, as few references need it.
    func library() throws(KeyStoreError) -> Library {
        let info = try asking { () throws(KeyStoreError) in
            var info = CK_INFO()
            try Cryptoki.check(cryptoki.getInfo(&info), "C_GetInfo", during: "list tokens")
            return info
        }
        return Library(
            manufacturer: PaddedText.bytes(info.manufacturerID),
            description: PaddedText.bytes(info.libraryDescription),
            version: Array("\(info.libraryVersion.major).\(info.libraryVersion.minor)".utf8))
    }
}
