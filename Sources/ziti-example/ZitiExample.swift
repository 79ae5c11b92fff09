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
        guard arguments[2].lowercased().hasPrefix("https://") else {
            return fail("ziti-example: the URL must begin with https://", status: 64)
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
            let status = try await identity.withHTTPClient { client in
                try await withThrowingTaskGroup(of: UInt.self) { group in
                    group.addTask {
                        let request = HTTPClientRequest(url: arguments[2])
                        let response = try await client.execute(request, timeout: .seconds(60))
                        let body = String(buffer: try await response.body.collect(upTo: 1 << 20))
                        try Task.checkCancellation()
                        print("HTTP \(response.status.code)\n\(body)")
                        return response.status.code
                    }
                    // The client's own time limit ends with the head of the answer.
                    group.addTask {
                        try await Task.sleep(for: .seconds(60))
                        throw HTTPClientError.deadlineExceeded
                    }
                    defer { group.cancelAll() }
                    return try await group.next() ?? 0
                }
            }
            await identity.close()
            if status >= 400 { exit(1) }
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
