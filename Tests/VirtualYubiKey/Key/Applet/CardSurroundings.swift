/// What an applet needs of the world around it.
protocol CardSurroundings: AnyObject {
    /// Whether a touch comes while the key waits for one. Blocks.
    func awaitTouch() -> Bool
    /// Takes the time that a private-key operation is to take. Blocks.
    func work()
    /// Keeps the state. Returns when it is safe.
    func save(_ state: CardState)
    /// The root over attestation keys.
    var root: AttestationRoot { get }
}
