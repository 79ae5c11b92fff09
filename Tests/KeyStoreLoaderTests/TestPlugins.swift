import Foundation
import KeyStoreCore
import KeyStoreLoader

/// The sample and the broken plugin under the names that the loader looks for. The build gives them others, so that nobody
/// meets them who uses the programs beside them.
enum TestPlugins {
    /// A folder with both. Removed when the process ends.
    static let directory: String = {
        let folder = FileManager.default.temporaryDirectory.appending(path: "keystore-plugins-\(UUID())").path
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
            let build = BackendLoader().pluginDirectories[0]
            for (name, file) in [("sample", "libSamplePlugin.so"), ("broken", "libBrokenPlugin.so")] {
                try FileManager.default.copyItem(
                    atPath: "\(build)/\(file)", toPath: "\(folder)/libkeystore-\(name).so")
            }
        } catch {
            fatalError("the test plugins cannot be put into \(folder): \(error)")
        }
        atexit { try? FileManager.default.removeItem(atPath: TestPlugins.directory) }
        return folder
    }()

    static func loader(onNotice: @escaping @Sendable (Notice) -> Void = { _ in }) -> BackendLoader {
        BackendLoader(pluginDirectories: [directory], onNotice: onNotice)
    }
}
