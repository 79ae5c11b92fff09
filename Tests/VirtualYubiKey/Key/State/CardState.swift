internal import Foundation

/// What a key keeps without power.
struct CardState: Codable {
    /// A key in a slot.
    struct StoredKey: Codable {
        var pkcs8: Data
        var pinPolicy: PINPolicy
        var touchPolicy: TouchPolicy
        var isImported: Bool
    }

    /// A PIN or PUK with its counter.
    struct Reference: Codable {
        /// Padded with FF to 8 bytes.
        var value: [UInt8]
        var triesTotal: Int
        var triesLeft: Int

        init(_ text: String, tries: Int = 3) {
            value = Self.padded(text)
            triesTotal = tries
            triesLeft = tries
        }

        static func padded(_ text: String) -> [UInt8] {
            Array((Array(text.utf8) + [UInt8](repeating: 0xFF, count: 8)).prefix(8))
        }
    }

    static let factoryPIN = "123456"
    static let factoryPUK = "12345678"

    var firmware: FirmwareVersion
    var serial: UInt32
    var pin = Reference(factoryPIN)
    var puk = Reference(factoryPUK)
    var managementKey: ManagementKey
    var keys: [UInt8: StoredKey] = [:]
    var objects: [UInt32: Data] = [:]
    /// The root over the key in F9, once that was made.
    var rootCertificate: Data?

    init(firmware: FirmwareVersion, serial: UInt32) {
        self.firmware = firmware
        self.serial = serial
        managementKey = .factoryDefault(firmware)
    }

    /// Everything is as from the factory, but for the attestation key and its certificate.
    mutating func reset() {
        let old = self
        self = CardState(firmware: firmware, serial: serial)
        rootCertificate = old.rootCertificate
        keys[Slot.attestation.number] = old.keys[Slot.attestation.number]
        objects[Slot.attestation.certificateObject] = old.objects[Slot.attestation.certificateObject]
    }
}
