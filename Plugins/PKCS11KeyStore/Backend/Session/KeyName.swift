/// What joins the objects of one key: the id, or the label of an object without one.
struct KeyName: Hashable {
    private let id: [UInt8]
    private let labelWithoutID: [UInt8]

    init(_ record: ObjectRecord) {
        id = record.id
        labelWithoutID = record.id.isEmpty ? record.label : []
    }
}
