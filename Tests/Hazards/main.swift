// Does with a store what the test process cannot do to itself, and says on standard output what came of it. Exits with 0
// where everything was as the first argument's name says.
//
//   hazards forked TOKEN KEY               forks with a store open; the child must be refused everything
//   hazards forked-session TOKEN KEY       forks with a session open; the child must be refused it, and sign with its own
//   hazards forked-after-close TOKEN KEY   forks when no store is open; the child must sign
//   hazards broken-pipe TOKEN KEY          reads a line while the module's server is ended; must survive
//
// TOKEN and KEY are references; a P-256 key that is not there is made. The PIN is the environment variable HAZARDS_PIN.
import Glibc
import KeyStoreCore
import KeyStorePlugin

let arguments = CommandLine.arguments
guard arguments.count == 4 else {
    Complaint.write("usage: hazards MODE TOKEN KEY")
    exit(64)
}

do {
    let hazards = Hazards(token: try KeyStoreURI(arguments[2]), key: try KeyStoreURI(arguments[3]))
    switch arguments[1] {
    case "forked": try hazards.fork()
    case "forked-session": try hazards.forkWithSession()
    case "forked-after-close": try hazards.forkAfterClosing()
    case "broken-pipe": try hazards.breakPipe()
    default: exit(64)
    }
} catch {
    Complaint.write("\(error)")
    exit(1)
}
