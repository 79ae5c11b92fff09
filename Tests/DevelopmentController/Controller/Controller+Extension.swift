internal import FoundationEssentials

extension Controller {
    /// Asks an identity to renew its certificate, as an administrator does; with a new key, if the key is to roll.
    ///
    /// The identity's clients are told when they authenticate, and until they have done so.
    public func requestExtension(identityID: String, rollsKey: Bool = false) throws {
        try Controller.requestExtension(identityID, rollsKey, state, now())
    }

    /// Asks an identity to renew its certificate in the folder of a controller, which may be running or not.
    ///
    /// The identity is found by its id or its name. Throws a `ControllerError` if there is none, or if several have
    /// that name. Returns the id.
    @discardableResult
    public static func requestExtension(nameOrID: String, rollsKey: Bool = false, inFolder path: String) throws
        -> String
    {
        let state = try State(Folder(path))
        let found = state.identities(nameOrID: nameOrID)
        guard let identity = found.first else { throw ControllerError("\(path) has no identity \(nameOrID)") }
        guard found.count == 1 else {
            let ids = found.map(\.id).sorted().joined(separator: ", ")
            throw ControllerError("\(found.count) identities have the name \(nameOrID): \(ids); say which by its id")
        }
        try requestExtension(identity.id, rollsKey, state, Date())
        return identity.id
    }

    private static func requestExtension(_ identityID: String, _ rollsKey: Bool, _ state: State, _ now: Date) throws {
        guard try state.identity(identityID) != nil else { throw ControllerError("there is no identity \(identityID)") }
        guard !state.authenticators(identityID: identityID).isEmpty else {
            throw ControllerError("the identity \(identityID) has not enrolled with a certificate")
        }
        try state.requestExtension(
            ExtensionRequest(identityID: identityID, rollsKey: rollsKey, requestedAt: now))
    }
}
