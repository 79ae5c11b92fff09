// Does with a PKCS#11 store what the test process cannot do to itself, and says on standard output what came of it. Exits with 0
// where everything was as the first argument's name says.
//
//   pkcs11-hazards forked MODULE TOKEN            forks with a store open; the child must be refused everything
//   pkcs11-hazards forked-after-close MODULE TOKEN   forks when no store is open; the child must sign
//   pkcs11-hazards broken-pipe MODULE TOKEN       reads a line while the module's server is ended; must survive
//
// MODULE is a path, TOKEN a label. The PIN is the environment variable PKCS11_HAZARDS_PIN.
import Glibc
import KeyStoreCore
import KeyStorePlugin

let arguments = CommandLine.arguments
guard arguments.count == 4 else {
    Complaint.write("usage: pkcs11-hazards MODE MODULE TOKEN")
    exit(64)
}

do {
    let hazards = Hazards(module: arguments[2], token: arguments[3])
    switch arguments[1] {
    case "forked": try hazards.fork()
    case "forked-after-close": try hazards.forkAfterClosing()
    case "broken-pipe": try hazards.breakPipe()
    default: exit(64)
    }
} catch {
    Complaint.write("\(error)")
    exit(1)
}
