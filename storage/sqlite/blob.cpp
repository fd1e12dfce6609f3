#include "storage/sqlite/blob.h"

#include <sqlite3.h>

#include <utility>

#include "storage/sqlite/connection.h"

namespace sotto::storage {

Result<Blob> Blob::open(Connection& connection, const BlobPlace& place, Mode mode) {
    sqlite3_blob* handle = nullptr;
    const int resultCode =
        sqlite3_blob_open(connection.handle(), "main", place.table.c_str(), place.column.c_str(),
                          place.rowId, mode == Mode::ReadWrite ? 1 : 0, &handle);
    if (resultCode == SQLITE_OK) return Blob(connection, handle);
    // SQLite's general error: no such row, or a value that is a number or NULL.
    if (resultCode == SQLITE_ERROR) {
        return fail(ErrorCode::NotFound, "This value does not exist any more.",
                    place.table + "." + place.column);
    }
    return fail(connection.error(resultCode));
}

Blob::Blob(Blob&& other) noexcept
    : m_connection(other.m_connection), m_blob(std::exchange(other.m_blob, nullptr)) {}

Blob& Blob::operator=(Blob&& other) noexcept {
    std::swap(m_connection, other.m_connection);
    std::swap(m_blob, other.m_blob);
    return *this;
}

Blob::~Blob() { sqlite3_blob_close(m_blob); }

std::int64_t Blob::size() const { return sqlite3_blob_bytes(m_blob); }

Status Blob::checkRange(std::int64_t offset, std::size_t nBytes) const {
    const auto end = static_cast<std::uint64_t>(offset) + nBytes;
    if (offset >= 0 && end <= static_cast<std::uint64_t>(size())) return {};
    return fail(ErrorCode::InvalidArgument, "A part beyond the end of a value was asked for.");
}

Status Blob::read(std::int64_t offset, std::span<std::byte> into) {
    SOTTO_TRY(checkRange(offset, into.size()));
    return outcome(sqlite3_blob_read(m_blob, into.data(), static_cast<int>(into.size()),
                                     static_cast<int>(offset)));
}

Status Blob::write(std::int64_t offset, std::span<const std::byte> bytes) {
    SOTTO_TRY(checkRange(offset, bytes.size()));
    return outcome(sqlite3_blob_write(m_blob, bytes.data(), static_cast<int>(bytes.size()),
                                      static_cast<int>(offset)));
}

Status Blob::outcome(int resultCode) const {
    if (resultCode == SQLITE_OK) return {};
    return fail(m_connection->error(resultCode));
}

}  // namespace sotto::storage
