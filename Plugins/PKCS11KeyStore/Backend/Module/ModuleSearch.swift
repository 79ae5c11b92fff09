/// The modules that a store searches.
struct ModuleSearch {
    var modules: [Module]
    /// How many configured modules could not be used, so that "not found" is not the whole truth.
    var failedCount: Int
}
