import AsyncHTTPClient
import Glibc
import KeyStoreCore
import KeyStoreLoader
import ZitiEnrollment
import ZitiHTTP

/// Opens an HTTPS connection as an enrolled identity, whose key stays where it is, and prints what the server answers.
@main
struct ZitiExample {
    static func main() async {
        let arguments = CommandLine.arguments
        guard (3...4).contains(arguments.count) else {
            return fail("usage: ziti-example IDENTITY.json URL [PIN-FILE]", status: 64)
        }
        do {
            // The file names the key; the loader finds its backend; the PIN is asked for when the token wants it.
            let file = try IdentityFile(path: arguments[1])
            let uri = try file.keyReference()
            let pin: PINSource = arguments.count == 4 ? .file(arguments[3]) : .prompt
            let key = KeySource(uri: uri, pin: pin) { () throws(KeyStoreError) in
                try await BackendLoader().open(OpenRequest(uri: uri, referenceIsRequest: true))
            }
            let identity = try await ZitiIdentity.open(file, key: key)
            try await identity.withHTTPClient { client in
                let response = try await client.execute(HTTPClientRequest(url: arguments[2]), timeout: .seconds(60))
                print("HTTP \(response.status.code)")
                print(String(buffer: try await response.body.collect(upTo: 1 << 20)))
            }
            await identity.close()
        } catch {
            // A key that fails in the handshake is a `KeyStoreError` here, and says who must act.
            fail("ziti-example: \(error)", status: 1)
        }
    }

    private static func fail(_ text: String, status: Int32) {
        let line = Array("\(text)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
        exit(status)
    }
}
