package import Resume
package import RoomContract

/// What one loop needs of storage. All of it is confined to that loop.
package struct HubStorage {
    /// The life of the database that positions refer to.
    package let epoch: Epoch
    package let log: any MessageLog
    package let directory: any AccessDirectory
    package let cursors: any CursorStore

    package init(
        epoch: Epoch, log: any MessageLog, directory: any AccessDirectory,
        cursors: any CursorStore
    ) {
        self.epoch = epoch
        self.log = log
        self.directory = directory
        self.cursors = cursors
    }
}
