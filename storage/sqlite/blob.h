// Blob: the bytes of one column of one row, read and written in pieces, without the rest of the
// row.
//
// For values that are too long to be held at once, and for what can still be read of a damaged one.
// Its size is fixed: reserve it with a Zeroes in Statement::bind. Move-only; the connection's
// thread; the row must not be changed meanwhile (then reading fails with Internal).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"

struct sqlite3_blob;

namespace sotto::storage {

class Connection;

struct BlobPlace {
    std::string table;
    std::string column;
    std::int64_t rowId = 0;
};

class Blob {
public:
    enum class Mode : std::uint8_t { Read, ReadWrite };

    // Errors: NotFound (no such row, or the value has no bytes), DatabaseDamaged, Io.
    static Result<Blob> open(Connection& connection, const BlobPlace& place, Mode mode);

    Blob(Blob&& other) noexcept;
    Blob& operator=(Blob&& other) noexcept;
    Blob(const Blob&) = delete;
    Blob& operator=(const Blob&) = delete;
    ~Blob();

    std::int64_t size() const;  // bytes
    // Errors: InvalidArgument (beyond the end), DatabaseDamaged, Io.
    Status read(std::int64_t offset, std::span<std::byte> into);
    Status write(std::int64_t offset, std::span<const std::byte> bytes);

private:
    Blob(Connection& connection, sqlite3_blob* blob) : m_connection(&connection), m_blob(blob) {}
    Status outcome(int resultCode) const;
    Status checkRange(std::int64_t offset, std::size_t size) const;

    Connection* m_connection;
    sqlite3_blob* m_blob = nullptr;
};

}  // namespace sotto::storage
