import Foundation
import KeyStoreCore
import KeyStoreTesting
import VirtualYubiKey

/// A YubiKey in a reader of this run's pcscd, with the keys that the conformance suite is given: modules sign with what is on
/// it, and make nothing for its user.
///
/// The YubiKey is a stand-in (`YubiKey` says for what); pcscd, its driver and the modules are real.
enum VirtualYubiKeyToken {
    /// The types of the keys on it.
    static let types = [KeyType.ecP256, .ecP384, .rsa(bits: 2048)]

    /// Starts pcscd and puts the key in. The machine takes both away again.
    static func insert(on machine: Machine) throws -> YubiKey {
        try FileManager.default.createDirectory(atPath: "/run/pcscd", withIntermediateDirectories: true)
        try machine.mountEmpty(over: "/run/pcscd")
        machine.setEnvironment("KEYSTORE_PCSC_NAMESPACE", "1")
        let daemon = try PCSCDaemon()
        let key = try YubiKey()
        key.setPIN(TestToken.pin)
        key.putCHUID()
        // OpenSC lets 9A, 9C and 9E sign, and 9D and the retired slots decrypt and derive.
        let slots: [(Slot, KeyAlgorithm)] = [
            (.authentication, .p256), (.signature, .rsa2048), (.keyManagement, .rsa2048), (.cardAuthentication, .p256),
            (0x82, .p256), (0x83, .p384),
        ]
        for (slot, algorithm) in slots {
            try key.generate(algorithm, in: slot)
            // OpenSC shows no private key without its certificate.
            try key.putCertificate(in: slot, commonName: "slot \(slot)")
        }
        // How many of the retired slots OpenSC looks at (SP 800-73-4, key history object).
        key.setObject(0x5FC10C, [0xC1, 0x01, 0x02, 0xC2, 0x01, 0x00, 0xFE, 0x00])
        try key.plug(intoPort: daemon.ports[0])
        machine.atEnd {
            key.unplug()
            daemon.stop()
        }
        return key
    }

    /// The reference of the key that stands for a label of the suite's. Both modules count the slots alike up to this one.
    static func attributes(_ label: String) -> String {
        func isOne(of endings: [String]) -> Bool { endings.contains { label.hasSuffix("-\($0)") } }
        if isOne(of: KeyStoreConformance.Subject.missing) { return "id=%07" }
        if isOne(of: ["make-EC-P-384", "agree-EC-P-384"]) { return "id=%06" }
        if isOne(of: ["agree-EC-P-256", "wrong-peer", "only-derive"]) { return "id=%05" }
        if isOne(of: ["make-RSA-2048", "signs-rsa"]) { return "id=%02" }
        if isOne(of: ["decrypt", "wrong-ciphertext", "only-decrypt"]) { return "id=%03" }
        // The second of two keys in one check.
        return label.hasSuffix("-2") ? "id=%04" : "id=%01"
    }
}
