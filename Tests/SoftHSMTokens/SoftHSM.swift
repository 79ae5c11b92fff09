import TemporaryFiles
import CP11Kit
import Glibc

/// SoftHSM2 with a folder of tokens of its own, for tests that need a real PKCS#11 module.
///
/// SoftHSM reads its configuration once for each process, when it is initialised, and then sees no token that another process
/// makes. So there is one folder for the whole test process, and a supply of initialised tokens in it, made before anything
/// else uses the module; a test takes one and gives it its own label. The module stays initialised until the process ends,
/// which is when the folder is removed. Child processes see the same tokens, for `SOFTHSM2_CONF` is set for them too.
///
/// What it does not imitate: a token that tells how many PIN tries are left or locks itself, that is unplugged, or that is
/// slow; keys that cannot be copied out by whoever owns the folder.
public final class SoftHSM: Sendable {
    /// The one of this process. Everything that uses SoftHSM in a test process must come through here first.
    public static let shared = SoftHSM()

    /// The module's file, as Debian's softhsm2 package installs it.
    public static let modulePath = "/usr/lib/softhsm/libsofthsm2.so"
    /// The security officer's PIN of every token.
    public static let securityOfficerPIN = "87654321"

    /// The folder of this process, which also takes a test's own files. Removed when the process ends.
    public var folder: String { files.path }
    private let files: TemporaryFolder
    private let module: SoftHSMModule
    private let supply: SlotSupply

    private init() {
        files = Self.makeFolder()
        do {
            let tokens = try files.makeFolder("tokens")
            let configuration = "directories.tokendir = \(tokens)\nobjectstore.backend = file\nlog.level = ERROR\n"
            setenv("SOFTHSM2_CONF", try files.write("softhsm2.conf", configuration), 1)
            // Where all configured modules are searched, this one would leave its database in the home folder.
            setenv("TPM2_PKCS11_STORE", try files.makeFolder("tpm2-pkcs11"), 1)
        } catch {
            fatalError("SoftHSM cannot be configured in \(files.path): \(error)")
        }
        module = SoftHSMModule(Self.modulePath)
        var slots: [UInt] = []
        for number in 0..<Self.supplySize {
            // All at once, because a module that makes a token changes its list of slots, which is not safe while others use it.
            slots.append(module.makeToken(label: "unused \(number)", securityOfficerPIN: Self.securityOfficerPIN))
        }
        supply = SlotSupply(slots)
    }

    /// A token with a user PIN, empty, which no other test uses until the last copy of the answer is gone. Labels need not be
    /// unique: two tokens may be asked for that have the same one. Waits while all tokens are in use. Safe from any thread.
    public func makeToken(label: String = "test token", pin: String = "123456") -> SoftHSMToken {
        lend(label, pin)
    }

    /// A token without a user PIN, as one is after its initialisation.
    public func makeTokenWithoutPIN(label: String) -> SoftHSMToken {
        lend(label, nil)
    }

    private func lend(_ label: String, _ pin: String?) -> SoftHSMToken {
        let slot = supply.take()
        let serial = module.initialise(slot, label: label, securityOfficerPIN: Self.securityOfficerPIN, pin: pin)
        return SoftHSMToken(label: label, serial: serial, pin: pin ?? "", slot: slot) { self.supply.giveBack(slot) }
    }

    /// GnuTLS's tools see no token at all where there are more than 48 slots.
    private static let supplySize = 40

    private static func makeFolder() -> TemporaryFolder {
        // In memory where that can be: SoftHSM writes several files for each token and key.
        let folder = TemporaryFolder(in: access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : "/tmp")
        atexit { SoftHSM.shared.files.remove() }
        return folder
    }
}
