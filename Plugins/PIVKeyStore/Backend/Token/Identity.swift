import KeyStoreCore

/// What a token is known by, and what it is.
struct Identity: Hashable {
    /// Nil for a card of other makers, which has none that this backend reads.
    let serial: Applet.SerialNumber?
    let firmware: Firmware?
    /// Where it is. Readers are numbered anew when devices come and go.
    var reader: String

    /// Selects the token; one without a serial number by its reader.
    func uri(_ slot: Slot? = nil) throws(KeyStoreError) -> KeyStoreURI {
        try PIVURI(serial: serial, slot: slot, reader: serial == nil ? reader : nil).normalForm()
    }

    /// The name that ykcs11 has for it too.
    var label: String { serial.map { "YubiKey PIV #\($0)" } ?? "PIV card" }

    /// Whether both are the same device, as far as can be told.
    func isSameDevice(as other: Identity) -> Bool {
        serial == other.serial && (serial != nil || reader == other.reader)
    }

    /// Whether the firmware is at least this one. Cards of other makers have nothing of Yubico's.
    func has(_ version: Firmware) -> Bool { firmware.map { $0 >= version } ?? false }
}
