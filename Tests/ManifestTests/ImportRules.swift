/// Who may import whom, as CONTRIBUTING says it: one entry for each target that ships, and rules for those of backends,
/// which no entry names because adding a backend edits no list.
struct ImportRules {
    /// What each shared target may import of ours.
    static let allowed: [String: Set<String>] = [
        "CKeyStore": [], "KeyStoreCore": [],
        "KeyStoreBridge": ["CKeyStore", "KeyStoreCore"],
        "KeyStorePlugin": ["CKeyStore", "KeyStoreBridge", "KeyStoreCore"],
        "KeyStoreLoader": ["CKeyStore", "KeyStoreBridge", "KeyStoreCore"],
        "KeyStoreVerification": ["KeyStoreCore"],
        "KeyStoreTLS": ["KeyStoreCore", "KeyStoreVerification"],
        "KeyStoreAttestation": ["KeyStoreCore"],
        "KeyStoreTesting": ["KeyStoreCore", "KeyStorePlugin", "KeyStoreVerification"],
        "ZitiEnrollment": ["KeyStoreCore", "KeyStoreTLS", "KeyStoreVerification"],
        "ZitiHTTP": ["KeyStoreCore", "KeyStoreTLS", "ZitiEnrollment"],
        "ziti-example": ["KeyStoreCore", "KeyStoreLoader", "ZitiEnrollment", "ZitiHTTP"],
        "ziti-keystore": [
            "KeyStoreAttestation", "KeyStoreCore", "KeyStoreLoader", "KeyStoreTesting", "KeyStoreTLS",
            "KeyStoreVerification", "ZitiEnrollment",
        ],
    ]
    /// What a target in a backend's folder may import, beside the targets of that same folder.
    static let allowedToPlugins: Set<String> = ["CKeyStore", "KeyStoreCore", "KeyStorePlugin", "LibCrypto"]
    /// Targets that import nothing but the standard library, the system's and ours.
    static let withoutPackages: Set<String> = [
        "CKeyStore", "KeyStoreCore", "KeyStoreBridge", "KeyStorePlugin", "KeyStoreLoader",
    ]

    let targets: [Manifest.Target]

    private func target(_ name: String) -> Manifest.Target? {
        // A program's module has a name that Swift can spell.
        targets.first { $0.name == name || $0.name.replacing("-", with: "_") == name }
    }

    /// Why a target must not use another target, product or module; nil if it may.
    func objection(to used: String, by user: Manifest.Target) -> String? {
        guard user.ships else {
            return user.name == "DevelopmentController" && used == "Foundation"
                ? "\(user.name) imports Foundation" : nil
        }
        if used == "Foundation" { return "\(user.name) ships and imports Foundation" }
        guard let used = target(used) else {
            let isOfTheSystem = ["Glibc", "Synchronization", "Swift"].contains(used)
            return Self.withoutPackages.contains(user.name) && !isOfTheSystem
                ? "\(user.name) imports \(used), which is of another package" : nil
        }
        guard used.ships else { return "\(user.name) ships and imports \(used.name), which is for tests" }
        if used.name == user.name { return nil }
        if let allowed = Self.allowed[user.name] {
            return allowed.contains(used.name) ? nil : "\(user.name) must not import \(used.name)"
        }
        guard user.folder.hasPrefix("Plugins/") else { return "no rule says what \(user.name) may import" }
        // System libraries belong to no backend.
        let isShared = used.type == "system" || Self.allowedToPlugins.contains(used.name)
        let isOwn = used.folder.hasPrefix("Plugins/") && Self.top(used.folder) == Self.top(user.folder)
        return isShared || isOwn ? nil : "the backend target \(user.name) must not import \(used.name)"
    }

    /// "Plugins/File" of "Plugins/File/Backend".
    private static func top(_ folder: String) -> String {
        folder.split(separator: "/").prefix(2).joined(separator: "/")
    }

    /// The forbidden edges of the manifest.
    func objectionsToManifest() -> [String] {
        targets.flatMap { target in
            target.dependencies.compactMap { dependency in
                dependency.package == nil
                    ? objection(to: dependency.name, by: target)
                    : ImportRules.withoutPackages.contains(target.name)
                        ? "\(target.name) depends on \(dependency.name) of \(dependency.package!)" : nil
            }
        }
    }

    /// The forbidden imports of one source file.
    func objections(toSource text: String, of target: Manifest.Target) -> [String] {
        Source(text).imports.compactMap { objection(to: $0, by: target) }
    }
}
