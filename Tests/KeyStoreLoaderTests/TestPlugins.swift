import TemporaryFiles
import Foundation
import KeyStoreCore
import KeyStoreLoader

/// The sample, the in-memory and the broken plugin under the names that the loader looks for. The build gives them others, so that nobody
/// meets them who uses the programs beside them.
enum TestPlugins {
    /// A folder with all of them. Removed when the process ends.
    private static let folder: TemporaryFolder = {
        let folder = TemporaryFolder()
        do {
            // As an installed folder of plugins: others may read it.
            try folder.setMode(".", 0o755)
            let build = BackendLoader().pluginDirectories[0]
            for (name, file) in [
                ("sample", "libSamplePlugin.so"), ("broken", "libBrokenPlugin.so"), ("memory", "libMemoryPlugin.so"),
            ] {
                try FileManager.default.copyItem(
                    atPath: "\(build)/\(file)", toPath: folder.path("libkeystore-\(name).so"))
            }
        } catch {
            fatalError("the test plugins cannot be put into \(folder.path): \(error)")
        }
        atexit { TestPlugins.folder.remove() }
        return folder
    }()

    static var directory: String { folder.path }

    static func loader(onNotice: @escaping @Sendable (Notice) -> Void = { _ in }) -> BackendLoader {
        BackendLoader(pluginDirectories: [directory], onNotice: onNotice)
    }
}
