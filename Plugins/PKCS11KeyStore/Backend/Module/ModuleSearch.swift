/// The modules that a store searches.
struct ModuleSearch {
    var modules: [Module]
    /// How many configured modules could not be used, so that "not found" is not the whole truth.
    var failedCount: Int
    /// Where the store's trace goes; nil where nobody reads it.
    var trace: CallTrace?

    /// Releases the modules, and tells no more of them.
    func release() {
        for module in modules { module.release(trace) }
        trace?.end()
    }
}
