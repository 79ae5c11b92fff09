import KeyStoreCore

/// The PIN or the PUK.
enum AccessCode {
    case pin
    case puk

    var name: String { self == .pin ? "PIN" : "PUK" }
    var reference: UInt8 { self == .pin ? Applet.Reference.pin : Applet.Reference.puk }
    var kind: PINRequest.Kind { self == .pin ? .pin : .puk }
    var newKind: PINRequest.Kind { self == .pin ? .newPIN : .newPUK }
}
