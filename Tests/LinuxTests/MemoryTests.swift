import Linux
import SystemPackage
import TestSupport
import Testing

@Suite struct LockedMemoryTests {
    @Test(arguments: [[], [1], Array(repeating: 7, count: 5000)] as [[UInt8]])
    func lendsWhatWasPutIn(bytes: [UInt8]) throws {
        let memory = try LockedMemory(bytes)
        #expect(memory.byteCount == bytes.count)
        #expect(memory.withBytes { span in span.indices.map { span[$0] } } == bytes)
    }

    /// proc_pid_smaps(5): `lo` is locked, `dd` is left out of a core dump, `wf` is empty in a child.
    @Test func isLockedAndNeverDumped() throws {
        let memory = try LockedMemory(Array("a secret".utf8))
        #expect(memory.isLocked)
        let address = memory.withBytes { span in
            unsafe span.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
        }
        var isInside = false
        var flags: [Substring] = []
        for line in try Files.text("/proc/self/smaps").split(separator: "\n") {
            let words = line.split(separator: " ")
            let ends = words[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            if ends.count == 2 { isInside = ends[0] <= address && address < ends[1] }
            if isInside, words[0] == "VmFlags:" { flags = Array(words.dropFirst()) }
        }
        #expect(flags.contains("lo") && flags.contains("dd") && flags.contains("wf"))
        withExtendedLifetime(memory) {}
    }

    @Test(arguments: [[], [1], Array(repeating: 7, count: 5000)] as [[UInt8]])
    func isFilledFromAMemoryFile(bytes: [UInt8]) throws {
        let file = try MemoryFile.sealed("secret", holding: bytes)
        let memory = try LockedMemory(contentsOf: file.raw)
        #expect(memory.withBytes { span in span.indices.map { span[$0] } } == bytes)
    }
}

@Suite struct MemoryFileTests {
    @Test func sealedFilesNeverChange() throws {
        let file = try MemoryFile.sealed("sealed", holding: [1, 2, 3])
        #expect(try MemoryFile.contents(of: file.raw) == [1, 2, 3])
        #expect(throws: SystemCallError("write", "", .notPermitted)) {
            try file.writeAll([4])
        }
        let open = try MemoryFile.empty("open", byteCount: 3)
        try open.writeAll([4])
        #expect(try MemoryFile.contents(of: open.raw) == [4, 0, 0])
    }

    /// Of a memory file that any descriptor reads, and of one that must be mapped.
    @Test(arguments: [[1], Array(repeating: 7, count: 5000)] as [[UInt8]])
    func secretFilesAreReadByMapping(bytes: [UInt8]) throws {
        let file = try MemoryFile.secret("secret", holding: bytes.span)
        let memory = try LockedMemory(contentsOf: file.raw)
        #expect(memory.withBytes { span in span.indices.map { span[$0] } } == bytes)
        if try Files.target(of: FilePath("/proc/self/fd/\(file.raw)")).hasPrefix("/secretmem") {
            #expect(throws: SystemCallError.self) { try MemoryFile.contents(of: file.raw) }
        }
    }

    @Test func readsNoMoreThanTheLimit() throws {
        let file = try MemoryFile.sealed("long", holding: [1, 2, 3])
        #expect(try MemoryFile.contents(of: file.raw, limit: 3).count == 3)
        #expect(throws: SystemCallError("read", "memory file", .fileTooLarge)) {
            try MemoryFile.contents(of: file.raw, limit: 2)
        }
    }

    @Test func mappingsShareWhatIsWritten() throws {
        let file = try MemoryFile.empty("shared", byteCount: 4096)
        let writer = try SharedMemory(mapping: file.raw, byteCount: 4096)
        let reader = try SharedMemory(mapping: file.raw, byteCount: 4096, writable: false)
        writer.store(0x0102_0304_0506_0708, at: 8)
        writer.store(([9, 10] as [UInt8]).span, at: 4094)
        #expect(reader.load(at: 8) == 0x0102_0304_0506_0708)
        #expect(reader.bytes(at: 4094, count: 2) == [9, 10])
        #expect(throws: SystemCallError("mmap", "shared memory", .invalidArgument)) {
            _ = try SharedMemory(mapping: file.raw, byteCount: 4097)
        }
    }
}
