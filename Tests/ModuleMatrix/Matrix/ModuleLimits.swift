import KeyStoreCore
public import KeyStoreTesting

/// What each module cannot do: the one table, which the tests print and assert, and the backend's page shows.
public enum ModuleLimits {
    /// The module's column.
    public static func limits(of module: MatrixModule) -> Set<KeyStoreConformance.Limit> {
        switch module {
        case .softHSM2: []
        case .p11KitClient: [.generating(.ed25519)]
        default: []
        }
    }
}
