import CP11Kit
import KeyStoreCore

extension Slot {
    /// What a person asks for who writes a bug report: the module, its library, what is done about its deviations, and the
    /// mechanisms of the token. What cannot be had is left out, because a listing goes on without it.
    func properties(_ switches: QuirkSwitches) -> [TokenInfo.Property] {
        var properties = [TokenInfo.Property(name: "module", value: module.path ?? module.name)]
        if let library = try? module.library() {
            let texts = [library.manufacturer, library.description, library.version]
            let words = texts.map { String(decoding: $0, as: UTF8.self) }.filter { !$0.isEmpty }
            properties.append(TokenInfo.Property(name: "library", value: words.joined(separator: " ")))
        }
        let quirks = switches.applied(to: (try? knownQuirks()) ?? [])
        properties.append(
            TokenInfo.Property(name: "quirks", value: quirks.isEmpty ? "none" : quirks.names.joined(separator: ", ")))
        if token != nil, let mechanisms = try? Mechanisms.list(of: self) {
            properties.append(
                TokenInfo.Property(
                    name: "mechanisms", value: mechanisms.map { MechanismName.of($0) }.joined(separator: ", ")))
        }
        return properties
    }
}
