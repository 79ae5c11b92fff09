import KeyStoreCore

/// What a reference's `x-quirks` says: names to switch on, and behind a minus names to switch off.
struct QuirkSwitches {
    private var on: Quirks = []
    private var off: Quirks = []

    /// Reads a list with commas; none where there is no attribute. Throws `invalidURI` for a name that is not known, or that
    /// is switched both ways.
    init(_ text: String?) throws(KeyStoreError) {
        for word in (text ?? "").split(separator: ",") {
            let isOff = word.hasPrefix("-")
            let name = isOff ? word.dropFirst() : word
            guard let quirk = Quirks(name: name) else {
                throw PKCS11URI.invalid("there is no quirk '\(name)' in this version")
            }
            if isOff { off.insert(quirk) } else { on.insert(quirk) }
        }
        guard on.isDisjoint(with: off) else {
            throw PKCS11URI.invalid("the quirk '\(on.intersection(off).names[0])' is switched on and off")
        }
    }

    /// A module's quirks as the reference wants them.
    func applied(to known: Quirks) -> Quirks { known.union(on).subtracting(off) }
}
