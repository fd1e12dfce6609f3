#include "tests/support/failing_vfs.h"

namespace {

// SQLite allocates this and, behind it, the file of the wrapped VFS.
struct ShimFile {
    sqlite3_file base;
    FailingVfs* owner;
    sqlite3_file* real;
};

ShimFile* shim(sqlite3_file* file) { return reinterpret_cast<ShimFile*>(file); }
sqlite3_file* real(sqlite3_file* file) { return shim(file)->real; }
FailingVfs* owner(sqlite3_file* file) { return shim(file)->owner; }

int closeFile(sqlite3_file* file) {
    sqlite3_file* wrapped = real(file);
    return wrapped->pMethods ? wrapped->pMethods->xClose(wrapped) : SQLITE_OK;
}
int readFile(sqlite3_file* file, void* bytes, int size, sqlite3_int64 offset) {
    return real(file)->pMethods->xRead(real(file), bytes, size, offset);
}
int writeFile(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
    const int resultCode = owner(file)->nextOperation();
    if (resultCode == SQLITE_OK) {
        return real(file)->pMethods->xWrite(real(file), bytes, size, offset);
    }
    if (owner(file)->isTorn()) real(file)->pMethods->xWrite(real(file), bytes, size / 2, offset);
    return resultCode;
}
int truncateFile(sqlite3_file* file, sqlite3_int64 size) {
    const int resultCode = owner(file)->nextOperation();
    if (resultCode != SQLITE_OK) return SQLITE_IOERR_TRUNCATE;
    return real(file)->pMethods->xTruncate(real(file), size);
}
int syncFile(sqlite3_file* file, int) {
    return owner(file)->nextOperation() == SQLITE_OK ? SQLITE_OK : SQLITE_IOERR_FSYNC;
}
int fileSize(sqlite3_file* file, sqlite3_int64* size) {
    return real(file)->pMethods->xFileSize(real(file), size);
}
int lockFile(sqlite3_file* file, int level) {
    return real(file)->pMethods->xLock(real(file), level);
}
int unlockFile(sqlite3_file* file, int level) {
    return real(file)->pMethods->xUnlock(real(file), level);
}
int checkReservedLock(sqlite3_file* file, int* isReserved) {
    return real(file)->pMethods->xCheckReservedLock(real(file), isReserved);
}
int fileControl(sqlite3_file* file, int operation, void* argument) {
    return real(file)->pMethods->xFileControl(real(file), operation, argument);
}
int sectorSize(sqlite3_file* file) { return real(file)->pMethods->xSectorSize(real(file)); }
int deviceCharacteristics(sqlite3_file* file) {
    return real(file)->pMethods->xDeviceCharacteristics(real(file));
}
int shmMap(sqlite3_file* file, int region, int size, int isExtending, void volatile** bytes) {
    if (isExtending && owner(file)->isSharedMemoryFull()) return SQLITE_IOERR_SHMSIZE;
    return real(file)->pMethods->xShmMap(real(file), region, size, isExtending, bytes);
}
int shmLock(sqlite3_file* file, int offset, int count, int flags) {
    return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}
void shmBarrier(sqlite3_file* file) { real(file)->pMethods->xShmBarrier(real(file)); }
int shmUnmap(sqlite3_file* file, int isDeleting) {
    return real(file)->pMethods->xShmUnmap(real(file), isDeleting);
}

// Version 2: shared memory for the WAL, no memory-mapped reads.
constexpr sqlite3_io_methods kMethods{.iVersion = 2,
                                      .xClose = closeFile,
                                      .xRead = readFile,
                                      .xWrite = writeFile,
                                      .xTruncate = truncateFile,
                                      .xSync = syncFile,
                                      .xFileSize = fileSize,
                                      .xLock = lockFile,
                                      .xUnlock = unlockFile,
                                      .xCheckReservedLock = checkReservedLock,
                                      .xFileControl = fileControl,
                                      .xSectorSize = sectorSize,
                                      .xDeviceCharacteristics = deviceCharacteristics,
                                      .xShmMap = shmMap,
                                      .xShmLock = shmLock,
                                      .xShmBarrier = shmBarrier,
                                      .xShmUnmap = shmUnmap,
                                      .xFetch = nullptr,
                                      .xUnfetch = nullptr};

int openFile(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* file, int flags,
             int* outFlags) {
    auto* self = static_cast<FailingVfs*>(vfs->pAppData);
    ShimFile* opened = shim(file);
    opened->owner = self;
    opened->real = reinterpret_cast<sqlite3_file*>(opened + 1);
    opened->real->pMethods = nullptr;
    const int resultCode = self->base()->xOpen(self->base(), name, opened->real, flags, outFlags);
    // SQLite closes exactly the files that have methods.
    opened->base.pMethods = opened->real->pMethods ? &kMethods : nullptr;
    return resultCode;
}

}  // namespace

FailingVfs::FailingVfs(std::string name)
    : m_name(std::move(name)), m_base(sqlite3_vfs_find(nullptr)) {
    m_vfs = *m_base;
    m_vfs.szOsFile = static_cast<int>(sizeof(ShimFile)) + m_base->szOsFile;
    m_vfs.pNext = nullptr;
    m_vfs.zName = m_name.c_str();
    m_vfs.pAppData = this;
    m_vfs.xOpen = openFile;
    // The other methods get the wrapper as their VFS; the system's own use nothing of it but
    // mxPathname, which is the same.
    sqlite3_vfs_register(&m_vfs, 0);
}

FailingVfs::~FailingVfs() { sqlite3_vfs_unregister(&m_vfs); }

void FailingVfs::failFrom(int nthOperation, Kind kind) {
    m_operations = 0;
    m_kind = kind;
    m_failFrom = nthOperation;
}

void FailingVfs::heal() {
    m_operations = 0;
    m_failFrom = 0;
}

int FailingVfs::nextOperation() {
    const int operation = ++m_operations;
    const int failFrom = m_failFrom;
    if (failFrom == 0 || operation < failFrom) return SQLITE_OK;
    switch (m_kind.load()) {
        case Kind::DiskFull:
        case Kind::FullShared: return SQLITE_FULL;
        case Kind::IoError: return SQLITE_IOERR_WRITE;
        case Kind::TornOnce: return operation == failFrom ? SQLITE_IOERR_WRITE : SQLITE_OK;
    }
    return SQLITE_OK;
}

bool FailingVfs::isSharedMemoryFull() const {
    const int failFrom = m_failFrom;
    return m_kind == Kind::FullShared && failFrom != 0 && m_operations + 1 >= failFrom;
}
