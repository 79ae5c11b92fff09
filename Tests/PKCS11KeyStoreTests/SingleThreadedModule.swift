import CP11Kit
import Glibc
import SoftHSMTokens
import Synchronization

@testable import PKCS11KeyStore

/// A function list that takes no more than one thread, as a module that answers `CKR_CANT_LOCK` does: it notes the calls that
/// came while another was being made. Everything but its beginning and its information is SoftHSM's.
enum SingleThreadedModule {
    struct Record: Sendable {
        /// The flags of each initialisation; nil for one without arguments.
        var initialisations: [CK_FLAGS?] = []
        var callCount = 0
        var isBusy = false
        var overlapCount = 0
    }

    // C functions capture nothing.
    static let record = Mutex(Record())

    static func make() throws -> Module {
        record.withLock { $0 = Record() }
        // Lives as long as the process, as a module does.
        let list = UnsafeMutablePointer<CK_FUNCTION_LIST>.allocate(capacity: 1)
        list.initialize(to: try ModuleLibrary.load(SoftHSM.modulePath).pointee)
        list.pointee.C_Initialize = { arguments in
            let flags = arguments.map { $0.assumingMemoryBound(to: CK_C_INITIALIZE_ARGS.self).pointee.flags }
            SingleThreadedModule.record.withLock { $0.initialisations.append(flags) }
            return flags == nil ? CKR_OK : CKR_CANT_LOCK
        }
        list.pointee.C_Finalize = { _ in 0 }
        list.pointee.C_GetInfo = { info in
            SingleThreadedModule.record.withLock { record in
                if record.isBusy { record.overlapCount += 1 }
                record.isBusy = true
                record.callCount += 1
            }
            for _ in 0..<10 { sched_yield() }
            info!.pointee = CK_INFO()
            SingleThreadedModule.record.withLock { $0.isBusy = false }
            return 0
        }
        return try Module(list, path: "/single.so", name: "single", isConfigured: true, manager: .own)
    }
}
