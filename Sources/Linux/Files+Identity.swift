import CLinux
import Glibc
public import SystemPackage

extension Files {
    /// Everything in the file at `path`, and what tells the file from every other: its device and
    /// number, which bind mounts and links of it share.
    ///
    /// - SeeAlso: stat(2)
    public static func readIdentified(_ path: FilePath, limit: Int) throws(SystemCallError)
        -> (contents: [UInt8], identity: String)
    {
        let file = unsafe OwnedDescriptor(
            adopting: try checked(codetainer_open(path.string, O_RDONLY, 0), "open", path.string))
        var status = stat()
        try checked(unsafe fstat(file.raw, &status), "fstat", path.string)
        let contents = try read(file, subject: path.string, limit: limit)
        return (contents, "\(status.st_dev):\(status.st_ino)")
    }
}
