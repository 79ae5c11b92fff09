import Glibc

/// The folders in which distributions install PKCS#11 modules, for finding one by its name.
enum ModuleFolders {
    /// The folders that are there, the likeliest first. Architectures with folders of their own are found by looking.
    static let all: [String] = {
        let roots = ["/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/local/lib64"]
        let architectures = entries(of: "/usr/lib").filter { $0.contains("-linux-") }.sorted().map { "/usr/lib/\($0)" }
        let libraries = architectures + roots
        return (libraries.map { "\($0)/pkcs11" } + libraries.map { "\($0)/softhsm" } + libraries)
            .filter { access($0, R_OK | X_OK) == 0 }
    }()

    /// The file of a module with this name, or nil.
    static func find(_ name: String) -> String? {
        for folder in all {
            for file in ["lib\(name).so", "\(name).so"] where access("\(folder)/\(file)", R_OK) == 0 {
                return "\(folder)/\(file)"
            }
        }
        return nil
    }

    static func entries(of folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            // The name is a fixed array in the struct, and ends with a NUL byte inside it.
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }
}
