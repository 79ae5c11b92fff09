import KeyStoreCore

/// Where the issuers of a slot's certificate stand, for which the standard has no place: in data objects with tags of this
/// project's own, one for each, in the form of certificate objects: 5F5Axx for the first issuer of slot xx, 5F5Bxx for the
/// second and so on. Yubico's MSROOTS objects (5FFF11 to 5FFF15) are left alone: Windows keeps roots there, for all slots
/// together.
enum IssuerObjects {
    /// How many issuers are kept at most.
    static let maximumCount = 7

    static func object(_ index: Int, of slot: Slot) -> DataObject {
        DataObject(0x5F5A00 + UInt32(index) << 8 | UInt32(slot.number))
    }
}

extension Applet {
    /// The issuers' certificates of a slot's, DER, in their order.
    func issuers(of slot: Slot) throws(KeyStoreError) -> [[UInt8]] {
        var certificates: [[UInt8]] = []
        for index in 0..<IssuerObjects.maximumCount {
            guard let contents = try read(IssuerObjects.object(index, of: slot)) else { break }
            certificates.append(try CertificateObject.decode(contents))
        }
        return certificates
    }

    /// Stores a slot's certificate with its issuers in place of those that are there: the issuers first, as a chain that breaks
    /// off must not be the one that is found.
    func write(_ chain: [[UInt8]], to slot: Slot) throws(KeyStoreError) {
        let old = try issuers(of: slot).count
        for (index, issuer) in chain.dropFirst().enumerated() {
            try write(CertificateObject.encode(issuer), to: IssuerObjects.object(index, of: slot))
        }
        if let own = chain.first { try write(CertificateObject.encode(own), to: slot.certificateObject) }
        // From the end, so that what is left after a failure is a shorter chain and no gap.
        for index in stride(from: old - 1, through: max(0, chain.count - 1), by: -1) {
            try write(nil, to: IssuerObjects.object(index, of: slot))
        }
    }

    /// Takes a slot's certificate and its issuers away. False if there was none.
    func removeCertificates(of slot: Slot) throws(KeyStoreError) -> Bool {
        let isThere = try read(slot.certificateObject) != nil
        if isThere { try write(nil, to: slot.certificateObject) }
        try write([], to: slot)
        return isThere
    }
}
