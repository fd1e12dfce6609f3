// Statement: one prepared SQL statement. Move-only; finalised on destruction.
//
// Life: bindAll, step until false (or run), reset to use it again. A failed bind is reported by the
// next step, so that binding reads as one line. Same thread as its Connection.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

struct sqlite3_stmt;

namespace sotto::storage {

// Binds as that many zero bytes, to be written with Blob.
struct Zeroes {
    std::int64_t nBytes = 0;
};

// Binds as NULL where `id` is 0: how "none" is written in columns that reference rows.
struct OptionalId {
    std::int64_t id = 0;
};

// Hands an object to an SQL function that asks for this type by sqlite3_value_pointer; it must
// outlive the run. `type` is a literal.
struct Pointer {
    void* object = nullptr;
    const char* type = "";
};

class Statement {
public:
    Statement(sqlite3_stmt* statement, std::string file);
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&& other) noexcept;
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    ~Statement();

    template <typename... Values>
    void bindAll(const Values&... values) {
        int index = 0;
        (bind(++index, values), ...);
    }
    void bind(int index, std::int64_t value);
    void bind(int index, int value) { bind(index, static_cast<std::int64_t>(value)); }
    void bind(int index, bool value) { bind(index, static_cast<std::int64_t>(value)); }
    void bind(int index, std::string_view value);
    void bind(int index, const char* value) { bind(index, std::string_view(value)); }
    void bind(int index, OptionalId value);
    void bind(int index, std::span<const std::byte> value);
    void bind(int index, Zeroes value);
    void bind(int index, Pointer value);

    // True: a row is there to be read. False: the end.
    Result<bool> step();
    Status run();
    void reset();

    std::int64_t integer(int column) const;
    std::string text(int column) const;
    std::vector<std::byte> blob(int column) const;
    bool boolean(int column) const { return integer(column) != 0; }

private:
    sqlite3_stmt* m_statement = nullptr;
    std::string m_file;    // for sentences
    int m_bindResult = 0;  // first failure of a bind, else SQLITE_OK
};

}  // namespace sotto::storage
