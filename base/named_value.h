// The values of an enumeration by the names that are stored and shown to scripts: one table serves
// both ways.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace sotto {

template <typename Value>
struct NamedValue {
    Value value;
    std::string_view name;
};

template <typename Value, std::size_t kCount>
constexpr std::string_view nameIn(const std::array<NamedValue<Value>, kCount>& table, Value value,
                                  std::string_view otherwise) {
    for (const NamedValue<Value>& row : table)
        if (row.value == value) return row.name;
    return otherwise;
}

template <typename Value, std::size_t kCount>
constexpr Value valueIn(const std::array<NamedValue<Value>, kCount>& table, std::string_view name,
                        Value otherwise) {
    for (const NamedValue<Value>& row : table)
        if (row.name == name) return row.value;
    return otherwise;
}

}  // namespace sotto
