import CLibuv

/// Something that owns libuv handles of one loop.
///
/// Every handle's `data` points at its resource, so that the loop can close what is still open
/// when it ends, and so that one C callback per kind of handle serves all resources.
package class LoopResource {
    /// The handle reported something. Called on the loop.
    func handleFired(status: Int32, events: Int32) {}

    /// Closes every handle of this resource that is not closing yet.
    func closeHandles() {}
}

/// One libuv handle on the heap, kept from its init until libuv's close callback.
///
/// While the handle is open it holds one reference to its resource, so a resource that nobody
/// else mentions lives until it is closed.
struct HandleMemory<Handle> {
    let pointer: UnsafeMutablePointer<Handle>

    init() {
        pointer = .allocate(capacity: 1)
    }

    /// Names a handle that lives already.
    init(_ pointer: UnsafeMutablePointer<Handle>) {
        self.pointer = pointer
    }

    var base: UnsafeMutablePointer<uv_handle_t> {
        UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: uv_handle_t.self)
    }

    /// To be called once, after the handle's own init succeeded.
    func retain(_ resource: LoopResource) {
        base.pointee.data = Unmanaged.passRetained(resource).toOpaque()
    }

    /// Gives back the memory of a handle whose own init failed.
    func discard() {
        pointer.deallocate()
    }

    /// Closes the handle; its memory and its reference go in the close callback.
    func close() {
        guard uv_is_closing(base) == 0 else { return }
        uv_close(base, releaseHandle)
    }
}

private nonisolated func releaseHandle(_ handle: UnsafeMutablePointer<uv_handle_t>?) {
    guard let handle, let data = handle.pointee.data else { return }
    Unmanaged<LoopResource>.fromOpaque(data).release()
    UnsafeMutableRawPointer(handle).deallocate()
}

nonisolated func fire(
    _ data: UnsafeMutableRawPointer?, status: Int32 = 0, events: Int32 = 0
) {
    guard let data else { return }
    // The open handle holds the reference (HandleMemory.retain) for the length of the call:
    // a close() inside it only takes effect in the close callback of a later phase.
    Unmanaged<LoopResource>.fromOpaque(data)._withUnsafeGuaranteedRef {
        $0.handleFired(status: status, events: events)
    }
}
