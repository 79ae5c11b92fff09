import CP11Kit
import KeyStoreCore
import KeyStorePlugin
import Synchronization

/// A module's functions, as methods of the same names. Every call into a module goes through here.
///
/// Modules leave out what they do not have. What nothing works without is demanded when the module is loaded; the rest
/// answers `CKR_FUNCTION_NOT_SUPPORTED`.
///
/// Most modules need no more than the call. What some need besides, and what a trace writes down, costs the others one look
/// at a number.
final class Cryptoki: @unchecked Sendable {
    /// What a call needs besides being made.
    private struct Care: OptionSet {
        let rawValue: UInt8
        static let serialising = Care(rawValue: 1)
        static let tracing = Care(rawValue: 2)
        static let holdingBrokenPipes = Care(rawValue: 4)
    }

    // Never changed after init, and lives as long as the process, because modules are never unloaded.
    let list: UnsafeMutablePointer<CK_FUNCTION_LIST>
    /// The functions that every module must have.
    let required: RequiredFunctions
    /// What a trace calls the module.
    private let name: String
    private let care = Atomic<UInt8>(0)
    private let mark = ForkGuard.mark
    private let oneAtATime = Mutex(())
    private let traces = Mutex<[CallTrace]>([])

    /// Throws `incompatibleBackend`, naming what is missing.
    init(_ list: UnsafeMutablePointer<CK_FUNCTION_LIST>, of module: String) throws(KeyStoreError) {
        required = try RequiredFunctions(list.pointee, of: module)
        self.list = list
        name = module
    }

    /// From now on, makes one call at a time, for a module that cannot have more. A call that never comes back then holds up
    /// all others.
    func serialiseCalls() { add(.serialising) }

    /// From now on, no call ends the program because the server or process behind the module is gone.
    func holdBrokenPipes() { add(.holdingBrokenPipes) }

    /// Tells of every call from now on. Paired with `detach(_:)`.
    func attach(_ trace: CallTrace) {
        traces.withLock { $0.append(trace) }
        add(.tracing)
    }

    /// Tells no more.
    func detach(_ trace: CallTrace) {
        traces.withLock { traces in
            if let index = traces.firstIndex(where: { $0 === trace }) { traces.remove(at: index) }
            if traces.isEmpty { care.bitwiseAnd(~Care.tracing.rawValue, ordering: .relaxed) }
        }
    }

    private func add(_ need: Care) { care.bitwiseOr(need.rawValue, ordering: .relaxed) }

    // MARK: Calling

    /// Makes a call of the module's function `function`. `arguments` and `results` describe it to a trace, before and after;
    /// `hasResults` says what the function returns when there are any.
    @inline(__always)
    func call(
        _ function: StaticString, _ body: () -> CK_RV, arguments: (inout CallDescription) -> Void = { _ in },
        results: (inout CallDescription) -> Void = { _ in }, hasResults: (CK_RV) -> Bool = { $0 == CKR_OK }
    ) -> CK_RV {
        if _fastPath(care.load(ordering: .relaxed) == 0 && mark.isOfThisProcess) { return body() }
        return callWithCare(function, body, arguments, results, hasResults)
    }

    @inline(never)
    private func callWithCare(
        _ function: StaticString, _ body: () -> CK_RV, _ arguments: (inout CallDescription) -> Void,
        _ results: (inout CallDescription) -> Void, _ hasResults: (CK_RV) -> Bool
    ) -> CK_RV {
        // Who comes here has overlooked the guard. The state behind the module belongs to another process.
        guard !ForkGuard.isForked else { return CKR_CRYPTOKI_NOT_INITIALIZED }
        let care = Care(rawValue: care.load(ordering: .relaxed))
        func made() -> CK_RV { care.contains(.holdingBrokenPipes) ? BrokenPipe.held(body) : body() }
        func traced() -> CK_RV {
            care.contains(.tracing) ? callTraced(function, made, arguments, results, hasResults) : made()
        }
        return care.contains(.serialising) ? oneAtATime.withLock { _ in traced() } : traced()
    }

    private func callTraced(
        _ function: StaticString, _ body: () -> CK_RV, _ arguments: (inout CallDescription) -> Void,
        _ results: (inout CallDescription) -> Void, _ hasResults: (CK_RV) -> Bool
    ) -> CK_RV {
        let readers = traces.withLock { $0 }
        var description = CallDescription(of: function, in: name)
        arguments(&description)
        // Before the call too, as it may never come back.
        for reader in readers { reader.write(description.beginning) }
        let start = ContinuousClock.now
        let result = body()
        let duration = ContinuousClock.now - start
        description.finish(result, after: duration)
        if hasResults(result) { results(&description) }
        for reader in readers { reader.write(description.end) }
        return result
    }

    /// Throws what a function returned, unless it succeeded.
    @inline(__always)
    static func check(_ value: CK_RV, _ function: StaticString, during operation: String) throws(KeyStoreError) {
        if value != CKR_OK { throw KeyStoreError.pkcs11(value, function, during: operation) }
    }
}
