/// When an operation needs the PIN.
enum LoginNeed {
    case never
    /// Once for as long as the login lasts.
    case once
    /// For each operation, in the command just before it.
    case always
}
